import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import TestSupport
import Testing

@testable import DualTableCommand

/// Items that can't be taken across: each a dead letter with its reason, while the run goes on, and status 1.
@Suite struct DeadLetterTests {
  static let yaml = """
    version: 1
    old: {hash: {tenant: S}, range: {id: S}}
    new: {hash: {pk: S}}
    key: {pk: {template: "{tenant}#{id}"}}
    attributes:
      kind: {const: "user"}
      age: {was: string, type: number}
    drop: [tenant, id]
    rest: keep
    """

  /// An item of the old table whose new one has so many bytes.
  static func item(_ id: String, yielding bytes: Int) -> Item {
    // pk and its value, kind and its value, the name text.
    let rest = 2 + 2 + id.utf8.count + 4 + 4 + 4
    return ["tenant": "t", "id": .string(id), "text": .string(String(repeating: "x", count: bytes - rest))]
  }

  /// Key of each dead letter and its reason, in order.
  static func letters(_ place: CommandPlace, _ id: (JSONValue) -> String?) throws -> [String] {
    try place.folder.text("state/dead-letters.jsonl").split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8).span)
      return "\(json["key"].flatMap(id) ?? "?"): \(json["reason"]?.string ?? "?")"
    }.sorted()
  }

  @Test func `a mapping file's`() async throws {
    let place = CommandPlace(mapping: Self.yaml)
    let client = try place.client
    let keys = KeySchema(hash: .init("tenant", .string), range: .init("id", .string))
    _ = try await client.createTable(CreateTableInput(tableName: "users", keys: keys))
    _ = try await client.createTable(CreateTableInput(tableName: "users-v2", keys: KeySchema(hash: .init("pk", .string))))
    let odd: [Item] = [
      Self.item("fits", yielding: 409_600), Self.item("large", yielding: 409_601),
      ["tenant": "t", "id": "old", "age": "hunter3"],
      // Both would be a#b#c, and nothing could say whose that is.
      ["tenant": "a#b", "id": "c"], ["tenant": "a", "id": "b#c"],
      ["tenant": "t", "id": "marked", "_dt": 1],
    ]
    for item in odd { _ = try await client.putItem(PutItemInput(tableName: "users", item: item)) }
    for number in 0..<50 {
      _ = try await client.putItem(
        PutItemInput(tableName: "users", item: ["tenant": "t", "id": .string("u-\(number)"), "age": .string("\(number)")]))
    }

    let run = await place.pass("backfill --offline")
    #expect(run.status == .findings)
    #expect(
      run.error
        == "Warning: 4 items could not be migrated; \(place.folder.path)/state/dead-letters.jsonl says which and why: mend the mapping, then redrive.\n"
    )
    #expect(try CommandRunTests.number("scanned", in: run) == 56 && CommandRunTests.number("migrated", in: run) == 52)
    #expect(
      try Self.letters(place) { $0["id"]?["S"]?.string } == [
        "c: notReversible", "large: itemTooLarge", "marked: reservedName", "old: invalidValue",
      ])
    #expect(!(try place.folder.text("state/dead-letters.jsonl").contains("hunter3")))
    let new = place.engine.items(in: "users-v2")
    #expect(new.count == 52 && new.map(\.sizeInBytes).max() == 409_600)
    #expect(new.contains(["pk": "a#b#c", "kind": "user"]))

    let verified = await place.pass("verify --offline")
    #expect(verified.status == .findings)
    #expect(try CommandRunTests.number("unconvertible", in: verified) == 4 && CommandRunTests.number("missing", in: verified) == 0)
  }

  /// Two old keys that come to one new key: the mapping can find back to one of them at most.
  struct Colliding: TableMapping {
    let identity = "colliding"
    let oldSchema = KeySchema(hash: .init("tenant", .string), range: .init("id", .string))
    let newSchema = KeySchema(hash: .init("pk", .string))

    func convert(_ item: Item) throws(ConversionError) -> [Item] {
      guard case .string(let tenant)? = item["tenant"], case .string(let id)? = item["id"] else { throw ConversionError(.missingKey) }
      return [["pk": .string(tenant + id)]]
    }

    func oldKey(for newKey: Item) throws(ConversionError) -> Item? {
      guard case .string(let text)? = newKey["pk"] else { return nil }
      return ["tenant": .string(String(text.prefix(1))), "id": .string(String(text.dropFirst()))]
    }
  }

  @Test func `a colliding mapping's in Swift`() async throws {
    let place = CommandPlace()
    let client = try place.client
    _ = try await client.createTable(CreateTableInput(tableName: "users", keys: Colliding().oldSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "users-v2", keys: Colliding().newSchema))
    for (tenant, id) in [("a", "bc"), ("ab", "c"), ("x", "y")] {
      _ = try await client.putItem(PutItemInput(tableName: "users", item: ["tenant": .string(tenant), "id": .string(id)]))
    }
    let run = await place.run("backfill --offline --segments 4 --json", mapping: Colliding())
    #expect(run.status == .findings)
    #expect(try CommandRunTests.number("migrated", in: run) == 2 && CommandRunTests.number("failed", in: run) == 1)
    #expect(try Self.letters(place) { $0["tenant"]?["S"]?.string } == ["ab: keyMismatch"])
    #expect(Set(place.engine.items(in: "users-v2")) == [["pk": "abc"], ["pk": "xy"]])
  }
}
