import DualTableMapping
import DynamoDBModel

/// OLD's item `a` becomes `n-a`, its nested `p.v` the root attribute `v`; with `twin` it also becomes `t-a`.
///
/// Other keys of NEW have no item in OLD. An item without `p.v` can't be converted, one with `skip` isn't.
struct TestMapping: TableMapping {
  let identity = "test"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("id", .string))

  func convert(_ item: Item) throws(ConversionError) -> [Item] {
    if item["skip"] != nil { return [] }
    guard let id = item["id"]?.stringValue, let value = item["p"]?.mapValue?["v"] else {
      throw ConversionError(.wrongType, rule: "v", path: "p.v")
    }
    let prefixes = item["twin"] == nil ? ["n-"] : ["n-", "t-"]
    return prefixes.map { prefix in
      var converted: Item = ["id": .string(prefix + id), "v": value]
      if let count = item["n"] { converted["n"] = count }
      return converted
    }
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? {
    guard let id = newKey["id"]?.stringValue, id.hasPrefix("n-") || id.hasPrefix("t-") else { return nil }
    return ["id": .string(String(id.dropFirst(2)))]
  }
}
