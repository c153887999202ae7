import DualTableMapping
import DynamoDBModel
import Foundation

/// An OLD user as this service knows it.
struct OldUser: Codable {
  var id: String
  var profile: Profile
  var tags: Set<String>
  @EpochSeconds var created: Date

  struct Profile: Codable { var email: String }
}

/// A NEW user.
struct NewUser: Codable {
  var userId: String
  var email: String
  var tags: Set<String>
  var createdAt: Date
}

/// Emails to the root, a key of another name, dates as text.
struct UserMapping: RevertibleCodableMapping {
  let identity = "users 1"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("userId", .string))
  let conversions = DynamoDBConversions()
    .addingTimestamps(Date.self, seconds: \.timeIntervalSince1970, make: Date.init(timeIntervalSince1970:))

  func convert(_ old: OldUser) -> [NewUser] {
    [NewUser(userId: old.id, email: old.profile.email, tags: old.tags, createdAt: old.created)]
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey["userId"].map { ["id": $0] } }

  func revert(_ new: NewUser) -> OldUser? {
    OldUser(id: new.userId, profile: .init(email: new.email), tags: new.tags, created: new.createdAt)
  }

  func newKey(for oldKey: Item) throws(ConversionError) -> Item? { oldKey["id"].map { ["userId": $0] } }
}
