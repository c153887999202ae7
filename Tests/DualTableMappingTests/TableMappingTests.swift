import DualTableMapping
import DynamoDBModel
import Testing

/// What is checked of every mapping, those in Swift among them.
@Suite struct TableMappingTests {
  /// A mapping in Swift that does what the test says.
  struct SwiftMapping: TableMapping {
    var identity = "test 1"
    var oldSchema = KeySchema(hash: .init("id", .string))
    var newSchema = KeySchema(hash: .init("pk", .string), range: .init("sk", .number))
    var results: [Item] = []
    var back: Item? = ["id": "1"]

    func convert(_ item: Item) throws(ConversionError) -> [Item] {
      if item["fail"] != nil { throw ConversionError(.other, rule: "mine", message: "no such thing") }
      return results
    }
    func oldKey(for newKey: Item) throws(ConversionError) -> Item? { back }
  }

  static let refusals: [([Item], Item?, String?)] = [
    ([], nil, nil),
    ([["pk": "a", "sk": 1, "x": true]], ["id": "1"], nil),
    ([["pk": "a", "sk": 1], ["pk": "a", "sk": 2]], ["id": "1"], nil),
    ([["pk": "a"]], ["id": "1"], "missingKey sk -"),
    ([["pk": "a", "sk": "1"]], ["id": "1"], "wrongKeyType sk S"),
    ([["pk": "", "sk": 1]], ["id": "1"], "emptyKey pk S"),
    ([["pk": .string(String(repeating: "é", count: 1_025)), "sk": 1]], ["id": "1"], "keyTooLong pk S"),
    ([["pk": .string(String(repeating: "é", count: 1_024)), "sk": 1]], ["id": "1"], nil),
    ([["pk": "a", "sk": 1], ["pk": "a", "sk": .number(DynamoDBNumber(1))]], ["id": "1"], "duplicateKey - -"),
    ([["pk": "a", "sk": 1]], ["id": "2"], "keyMismatch - -"),
    ([["pk": "a", "sk": 1]], nil, "keyMismatch - -"),
    ([["pk": "a", "sk": 1, "_dt": 0]], ["id": "1"], "reservedName _dt -"),
    ([["pk": "a", "sk": 1, "x": .binary(Array(repeating: 0, count: 409_600))]], ["id": "1"], "itemTooLarge - -"),
  ]

  @Test(arguments: refusals) func checked(_ results: [Item], _ back: Item?, _ refusal: String?) throws {
    let mapping = SwiftMapping(results: results, back: back)
    do throws(ConversionError) {
      #expect(try mapping.checkedConvert(["id": "1"]) == results)
      #expect(refusal == nil)
    } catch {
      #expect("\(error.code) \(error.rule ?? "-") \(error.found ?? "-")" == refusal)
    }
  }

  @Test func itemsThatAreNone() {
    let mapping = SwiftMapping(results: [])
    #expect(throws: ConversionError(.reservedName, path: "_dt")) { try mapping.checkedConvert(["id": "1", "_dt": 1]) }
    #expect(throws: ConversionError(.invalidItem, path: "id")) { try mapping.checkedConvert(["id": 1]) }
    #expect(throws: ConversionError(.other, rule: "mine", message: "no such thing")) { try mapping.checkedConvert(["id": "1", "fail": 1]) }
  }

  @Test func digestIsOfTheIdentity() {
    // SHA-256 of "abc", by FIPS 180-4.
    #expect(SwiftMapping(identity: "abc").digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func errorsShowNoData() {
    let error = ConversionError(.wrongType, rule: "age", path: "profile.age", found: "NULL")
    #expect(error.description == "wrongType, rule `age`, path `profile.age`, found NULL: the source is not of the type that the rule takes")
  }
}
