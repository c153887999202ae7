import DualTableMapping
import DynamoDBModel

/// `u-1` becomes `USER#u-1`, and `TWIN#u-1` too where it has `twin`; `skip` skips it, `bad` makes its last result fail.
struct TestMapping: TableMapping {
  let identity = "test"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("pk", .string), range: .init("n", .number))

  func convert(_ item: Item) throws(ConversionError) -> [Item] {
    guard case .string(let id)? = item["id"] else { throw ConversionError(.missingKey) }
    if item["skip"] != nil { return [] }
    if item["bad"] != nil { throw ConversionError(.wrongType, rule: "r", path: "bad", found: "S") }
    var results: [Item] = [["pk": .string("USER#\(id)"), "n": .number(DynamoDBNumber(7)), "v": item["v"] ?? .null]]
    if item["twin"] != nil { results.append(["pk": .string("TWIN#\(id)"), "n": .number(DynamoDBNumber(8))]) }
    return results
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? {
    guard case .string(let pk)? = newKey["pk"], pk.hasPrefix("USER#") || pk.hasPrefix("TWIN#") else { return nil }
    return ["id": .string(String(pk.dropFirst(5)))]
  }
}
