import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import TestSupport
import Testing

@testable import CustomMigration
@testable import DualTableCommand

/// The commands of an executable that has its mapping in it, against an embedded engine: there, verified, and back.
@Suite struct SwiftMappingTests {
  static func old(_ number: Int) -> Item {
    [
      "id": .string("u\(number)"), "profile": ["email": .string("u\(number)@example.com")], "created": .number(DynamoDBNumber(number)),
      "tags": .stringSet(["a", "b \(number)"]),
    ]
  }

  /// Items of the type, and two that aren't: one holds more, one is no user at all.
  private func filledPlace() async throws -> CommandPlace {
    let place = CommandPlace()
    let client = try place.client
    for (table, keys) in [("users", UserMapping().oldSchema), ("users-v2", UserMapping().newSchema)] {
      _ = try await client.createTable(CreateTableInput(tableName: table, keys: keys))
    }
    for number in 0..<120 { _ = try await client.putItem(PutItemInput(tableName: "users", item: Self.old(number))) }
    var more = Self.old(998)
    more["nick"] = "secret nick"
    for item in [more, ["id": "u999", "profile": "secret text"]] {
      _ = try await client.putItem(PutItemInput(tableName: "users", item: item))
    }
    return place
  }

  @Test func `migrates, verifies and finds its way back`() async throws {
    let place = try await filledPlace()
    let migrated = await place.run("backfill --offline --segments 3 --json", mapping: UserMapping())
    #expect(migrated.status == .findings, "\(migrated.error)")
    #expect(try CommandRunTests.number("scanned", in: migrated) == 122)
    #expect(try CommandRunTests.number("migrated", in: migrated) == 120)
    #expect(try CommandRunTests.number("failed", in: migrated) == 2)
    let new = place.engine.items(in: "users-v2")
    #expect(new.count == 120)
    #expect(
      new.contains(["userId": "u61", "email": "u61@example.com", "createdAt": "1970-01-01T00:01:01Z", "tags": .stringSet(["b 61", "a"])]))

    let letters = try place.folder.text("state/dead-letters.jsonl")
    #expect(letters.contains("unmappedAttribute"))
    #expect(letters.contains("wrongType"))
    #expect(letters.contains("nick"))
    #expect(!letters.contains("secret"))

    let verified = await place.run("verify --offline --segments 3 --json", mapping: UserMapping())
    #expect(verified.status == .findings, "\(verified.error)")
    #expect(try CommandRunTests.number("newIds", in: verified) == 120)
    #expect(try CommandRunTests.number("unconvertible", in: verified) == 2)
    #expect(try CommandRunTests.number("missing", in: verified) == 0)

    // Back into a third table, as the mapping's own undoing.
    _ = try await place.client.createTable(CreateTableInput(tableName: "users-v1", keys: UserMapping().oldSchema))
    let tables = ["DUALTABLE_OLD": "users-v2", "DUALTABLE_NEW": "users-v1"]
    let state = "--state \(place.folder.path)/back"
    let back = await place.run("backfill --offline --json \(state)", mapping: UserMapping().reverted, environment: tables)
    #expect(back.status == .done, "\(back.error)")
    #expect(Set(place.engine.items(in: "users-v1")) == Set((0..<120).map(Self.old)))
    let clean = await place.run("verify --offline --json \(state)", mapping: UserMapping().reverted, environment: tables)
    #expect(clean.status == .done, "\(clean.output)\(clean.error)")
  }
}
