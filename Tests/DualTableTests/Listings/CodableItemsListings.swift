import DualTable
import Foundation
import Testing

struct User: Codable {
  var id: String
  var email: String?
  var balance: DynamoDBNumber
  var tags: Set<String>
  var seen: Date
  @EpochSeconds var expires: Date?
}

let conversions = DynamoDBConversions()
  .addingTimestamps(Date.self, as: .iso8601, seconds: \.timeIntervalSince1970, make: Date.init(timeIntervalSince1970:))
let (encoder, decoder) = (DynamoDBEncoder(conversions: conversions), DynamoDBDecoder(conversions: conversions))

let all =
  conversions
  .adding(Data.self, encode: { .binary(Array($0)) }, decode: { $0.binaryValue.map { Data($0) } })
  .adding(URL.self, encode: { .string($0.absoluteString) }, decode: { $0.stringValue.flatMap { URL(string: $0) } })
  .adding(
    Decimal.self, encode: { .number(try DynamoDBNumber("\($0)")) }, decode: { $0.numberValue.flatMap { Decimal(string: $0.text) } })

/// The listings of the article on Codable items do what it says.
@Suite struct CodableItemsListings {
  func listing(_ client: DynamoDBClient, _ user: User) async throws -> User? {
    _ = try await client.putItem(PutItemInput(tableName: "users", item: try encoder.encode(user)))
    let item = try await client.getItem(GetItemInput(tableName: "users", key: ["id": "u1"])).item
    let found = try item.map { try decoder.decode(User.self, from: $0) }
    return found
  }

  func listing(_ repository: DualTableRepository, _ user: User) async throws -> (User?, [User]) {
    let users = repository.items(of: User.self, encoder: encoder, decoder: decoder)
    try await users.putItem(user, conditionExpression: "attribute_not_exists(id)")
    let seen = try await users.updateItem(
      key: ["id": "u1"], updateExpression: "SET seen = :now", expressionAttributeValues: [":now": "2026-01-01T00:00:00Z"],
      returnValues: .allNew)
    let several = try await users.batchGetItem(keys: [["id": "u1"], ["id": "u2"]])
    return (seen, several)
  }

  @Test func servesValues() async throws {
    let bench = Bench(old: [], new: [])
    let user = User(id: "u1", balance: 7, tags: ["a"], seen: Date(timeIntervalSince1970: 0))
    let (seen, several) = try await listing(try bench.repository(), user)
    #expect(seen?.seen == Date(timeIntervalSince1970: 1_767_225_600))
    #expect(several.map(\.id) == ["u1"])
  }

  @Test func stored() throws {
    let user = User(
      id: "u1", balance: 7, tags: ["b", "a"], seen: Date(timeIntervalSince1970: 0.5), expires: Date(timeIntervalSince1970: 60))
    let item = try encoder.encode(user)
    #expect(
      item == ["id": "u1", "balance": 7, "tags": .stringSet(["a", "b"]), "seen": "1970-01-01T00:00:00.5Z", "expires": 60])
    #expect(try decoder.decode(User.self, from: item).expires == user.expires)
    let values = try DynamoDBEncoder(conversions: all).encodeValue([Data([1])])
    #expect(values == [.binary([1])])
  }
}
