import DualTableMapping
import DynamoDBModel
import Testing

/// What a mapping between two types does with what it isn't told about, and how it fails.
@Suite struct CodableMappingTests {
  struct Moving: CodableMapping {
    struct Old: Codable {
      var id: String
      var profile: Profile?
      var lines: [Line]?
      struct Profile: Codable { var email: String? }
      struct Line: Codable { var quantity: Int }
    }
    struct New: Codable {
      var id: String
      var email: String?
      var profile: [String: String]?
      var total: Int?
    }
    struct Own: Error, CustomStringConvertible { var description: String { "secret data" } }

    let identity = "moving"
    let oldSchema = KeySchema(hash: .init("id", .string))
    let newSchema = KeySchema(hash: .init("id", .string))
    var rest = CodableRest.error
    var becomes: [New]?

    func convert(_ old: Old) throws -> [New] {
      if old.id == "skip" { return [] }
      if old.id == "fail" { throw Own() }
      if old.id == "refuse" { throw ConversionError(.unmatchedValue, path: "id") }
      return becomes ?? [New(id: old.id, email: old.profile?.email, total: old.lines?.reduce(0) { $0 + $1.quantity })]
    }
    func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
  }

  struct Row: CustomTestStringConvertible, Sendable {
    let rest: CodableRest
    let old: Item
    var becomes: [Moving.New]?
    /// The items, or `code rule path found`.
    let expected: String
    var testDescription: String { "\(rest) \(old)" }
  }

  static let full: Item = ["id": "1", "profile": ["email": "e", "nick": "n"], "extra": [1]]
  static let rows = [
    Row(rest: .error, old: ["id": "1", "profile": ["email": "e"]], expected: #"[{"id":{"S":"1"},"email":{"S":"e"}}]"#),
    Row(rest: .error, old: full, expected: "unmappedAttribute - profile.nick -"),
    Row(rest: .error, old: ["id": "skip", "extra": 1], expected: "[]"),
    Row(rest: .drop, old: full, expected: #"[{"id":{"S":"1"},"email":{"S":"e"}}]"#),
    Row(
      rest: .keep, old: full,
      expected: #"[{"id":{"S":"1"},"email":{"S":"e"},"profile":{"M":{"nick":{"S":"n"}}},"extra":{"L":[{"N":"1"}]}}]"#),
    // Kept attributes go to the first item only, and join a map that is there.
    Row(
      rest: .keep, old: full, becomes: [.init(id: "1", profile: ["x": "y"]), .init(id: "1b")],
      expected: #"[{"id":{"S":"1"},"profile":{"M":{"x":{"S":"y"},"nick":{"S":"n"}}},"extra":{"L":[{"N":"1"}]}},{"id":{"S":"1b"}}]"#),
    Row(rest: .keep, old: ["id": "1", "email": "other", "profile": ["email": "e"]], expected: "occupiedTarget email email S"),
    Row(rest: .keep, old: full, becomes: [.init(id: "1", profile: ["nick": "m"])], expected: "occupiedTarget profile.nick profile.nick S"),
    Row(
      rest: .keep, old: ["id": "1", "lines": [["quantity": 2, "gift": true]]], expected: "unmappedAttribute - lines[0].gift -"),
    Row(rest: .drop, old: ["id": "1", "lines": [["quantity": 2, "gift": true]]], expected: #"[{"id":{"S":"1"},"total":{"N":"2"}}]"#),
    Row(rest: .error, old: ["id": "1", "lines": [["quantity": "2"]]], expected: "wrongType - lines[0].quantity S"),
    Row(rest: .error, old: ["id": "1", "lines": [["quantity": nil]]], expected: "wrongType - lines[0].quantity NULL"),
    Row(rest: .error, old: ["id": "1", "lines": [[:]]], expected: "invalidValue - lines[0].quantity -"),
    Row(rest: .error, old: ["id": "1", "profile": "none"], expected: "wrongType - profile S"),
    Row(rest: .error, old: ["id": "fail"], expected: "other - - -"),
    Row(rest: .error, old: ["id": "refuse"], expected: "unmatchedValue - id -"),
    Row(rest: .error, old: ["id": "1"], becomes: [.init(id: "1", profile: ["": "x"])], expected: "invalidValue profile - -"),
  ]

  @Test(arguments: rows) func converts(_ row: Row) throws {
    let mapping = Moving(rest: row.rest, becomes: row.becomes)
    do throws(ConversionError) {
      let items = try mapping.convert(row.old)
      #expect("[\(items.map(\.description).joined(separator: ","))]" == row.expected)
    } catch {
      #expect("\(error.code) \(error.rule ?? "-") \(error.path ?? "-") \(error.found ?? "-")" == row.expected)
      // Never data of the item, nor words of an error that isn't the kit's.
      #expect(!error.description.contains("secret"))
    }
  }

  @Test func identityOfTheWayBack() {
    #expect(RawUsers().reverted.identity == "users, reverted")
    #expect(RawUsers().reverted.digest != RawUsers().digest)
    #expect(RawUsers().reverted.newSchema == RawUsers().oldSchema)
  }
}
