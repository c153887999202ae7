import DualTable
import Testing

struct OldUser: Codable {
  var id: String
  var profile: Profile
  struct Profile: Codable { var email: String }
}

struct NewUser: Codable {
  var userId: String
  var email: String
}

struct UserMapping: CodableMapping {
  let identity = "users 1"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("userId", .string))

  func convert(_ old: OldUser) -> [NewUser] { [NewUser(userId: old.id, email: old.profile.email)] }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey["userId"].map { ["id": $0] } }
}

extension UserMapping: RevertibleCodableMapping {
  func revert(_ new: NewUser) -> OldUser? { OldUser(id: new.userId, profile: .init(email: new.email)) }

  func newKey(for oldKey: Item) throws(ConversionError) -> Item? { oldKey["id"].map { ["userId": $0] } }
}

struct Renaming: TableMapping {
  let identity = "renaming 1"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("key", .string))

  func convert(_ item: Item) throws(ConversionError) -> [Item] {
    var new = item
    new["key"] = item["id"]
    new["id"] = nil
    return [new]
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey["key"].map { ["id": $0] } }
}

/// The listings of the article on mappings in Swift do what it says.
@Suite struct SwiftMappingsListings {
  @Test func convert() throws {
    let old: Item = ["id": "u1", "profile": ["email": "e"]]
    let new: Item = ["userId": "u1", "email": "e"]
    #expect(try UserMapping().convert(old) == [new])
    #expect(try UserMapping().reverted.convert(new) == [old])
    #expect(try UserMapping().oldKey(for: ["userId": "u1"]) == ["id": "u1"])
    #expect(throws: ConversionError.self) { try UserMapping().convert(["id": "u1", "profile": ["email": "e", "nick": "n"]]) }
    #expect(try Renaming().convert(["id": "u1", "x": 1]) == [["key": "u1", "x": 1]])
  }
}
