import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import TestSupport
import Testing

@testable import DualTableCommand

/// The commands as users run them, against an embedded engine.
@Suite struct CommandRunTests {
  static func number(_ name: String, in run: ToolRun) throws -> Int {
    let json = try JSONValue(parsing: Array(run.output.utf8).span)
    return try #require(json[name]?.integer, "no \(name) in \(run.output)")
  }

  @Test func `seeds, migrates and verifies`() async throws {
    let place = CommandPlace()
    let seeded = await place.run("seed --items 300 --json")
    #expect(seeded.status == .done, "\(seeded.error)")
    #expect(try Self.number("items", in: seeded) == 300)
    let items = place.engine.items(in: "users")
    #expect(items.count == 300)
    #expect(try Self.number("bytes", in: seeded) == items.reduce(0) { $0 + $1.sizeInBytes })

    let described = try await place.client.describeTable(DescribeTableInput(tableName: "users-v2")).table
    #expect(described.keys == KeySchema(hash: .init("id", .string)))

    let migrated = await place.pass("backfill --offline")
    #expect(migrated.status == .done, "\(migrated.error)")
    #expect(try Self.number("scanned", in: migrated) == 300)
    #expect(try Self.number("migrated", in: migrated) == 300)
    #expect(place.engine.items(in: "users-v2").count == 300)

    let again = await place.pass("backfill --offline")
    #expect(again.status == .done)
    #expect(again.error == "This run was finished before; these are its totals.\n")
    #expect(try Self.number("migrated", in: again) == 300)

    let verified = await place.pass("verify --offline")
    #expect(verified.status == .done, "\(verified.error)")
    #expect(try Self.number("oldIds", in: verified) == 300)
    #expect(try Self.number("missing", in: verified) == 0)
  }

  @Test func `seeding refuses tables that hold items or are keyed otherwise`() async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 3")
    let full = await place.run("seed --items 3")
    #expect(full.status == .failed)
    #expect(full.error == "Error: The old table users holds items, and seed fills only empty tables; name another, or delete it.\n")
    let other = await place.run("seed --old users-v2 --new users-v3 --mapping other.yaml --items 3")
    #expect(other.status == .failed)
    #expect(other.error == "Error: There is no mapping file other.yaml; check its name.\n")
    _ = try await place.client.createTable(CreateTableInput(tableName: "numbers", keys: KeySchema(hash: .init("id", .number))))
    let keyed = await place.run("seed --old numbers --new users-v3 --items 3")
    #expect(
      keyed.error == "Error: The old table numbers is there and keyed otherwise than the mapping says; name another, or delete it.\n")
    let same = await place.run("seed --old users --new users --items 3")
    #expect(same.error == "Error: The old and the new table are both users; a migration needs two tables.\n")
  }

  @Test func `the same seed fills two tables alike`() async throws {
    let places = (CommandPlace(), CommandPlace())
    _ = await places.0.run("seed --items 50 --seed 9")
    _ = await places.1.run("seed --items 50 --seed 9 --connections 1")
    #expect(Set(places.0.engine.items(in: "users")) == Set(places.1.engine.items(in: "users")))
  }

  @Test func `a limit ends a backfill with 3, and the next run goes on`() async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 200")
    var runs = 0
    var run = await place.pass("backfill --offline --max-items 60")
    while run.status == .limit && runs < 20 {
      #expect(run.error == "Stopped at the limit; run the same command again to go on.\n")
      #expect(run.output.contains("\"more\":true"))
      runs += 1
      run = await place.pass("backfill --offline --max-items 60")
    }
    #expect(runs >= 1)
    #expect(run.status == .done, "\(run.error)")
    #expect(try Self.number("scanned", in: run) == 200)
    #expect(place.engine.items(in: "users-v2").count == 200)
  }

  @Test(arguments: ["backfill --offline", "verify --offline"]) func `a signal ends a run with 130 and says how to go on`(_ line: String)
    async throws
  {
    let place = CommandPlace()
    _ = await place.run("seed --items 20")
    let stop = StopSignal()
    stop.request(.interrupted)
    let run = await place.pass(line, stop: stop)
    #expect(run.status == .interrupted)
    #expect(run.error.hasSuffix("Interrupted; run the same command again to go on.\n"))
    #expect(await place.pass("backfill --offline").status == .done)
  }

  @Test func `what can't be converted is a dead letter, and verify finds it`() async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 10")
    _ = try await place.client.putItem(
      PutItemInput(tableName: "users", item: ["id": "odd", "profile": ["age": "not a number"], "secret": "hunter3"]))
    let run = await place.pass("backfill --offline")
    #expect(run.status == .findings)
    #expect(try Self.number("failed", in: run) == 1)
    let letters = "\(place.folder.path)/state/dead-letters.jsonl"
    #expect(run.error == "Warning: 1 item could not be migrated; \(letters) says which and why: mend the mapping, then redrive.\n")
    #expect(!run.error.contains("hunter3") && !run.output.contains("hunter3"))

    let keys = "\(place.folder.path)/keys.jsonl"
    let verified = await place.pass("verify --offline --keys-out \(keys)")
    #expect(verified.status == .findings)
    #expect(try Self.number("unconvertible", in: verified) == 1)
    #expect(verified.error == "Warning: 1 old item can't be converted; \(keys) lists the old keys.\n")
    let lines = try #require(try Surroundings.readFile(keys))
    #expect(String(decoding: lines, as: UTF8.self).hasPrefix(#"{"key":{"id":{"S":"odd"}},"reason":"unconvertible""#))
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let line: String
    var environment: [String: String] = [:]
    let error: String
    var testDescription: String { error }
  }

  static let refusals = [
    Refusal(
      line: "backfill --mapping users.yaml",
      error:
        "A backfill runs in phase dualTable, and no control table is named to ask; give --control TABLE, --assume-phase dualTable if the "
        + "whole service is in it, or --offline if nothing writes to either table."),
    Refusal(
      line: "backfill --mapping users.yaml --offline --assume-phase dualTable",
      error: "--offline says that nothing writes and --assume-phase that a service does; give one of them."),
    Refusal(
      line: "backfill --offline",
      error: "Missing '--mapping <file>'; give it, or set DUALTABLE_MAPPING or 'mapping' in dualtable.yaml."),
    Refusal(
      line: "backfill --mapping users.yaml --offline --endpoint-url ftp://x",
      error: "The endpoint URL begins with neither http:// nor https://; give it as in http://127.0.0.1:8000."),
    Refusal(
      line: "verify --mapping users.yaml",
      error: "A verification runs in phase dualTable or newWithTombstones, and nothing says which this is; give --control with the control "
        + "table, --assume-phase if the whole service is in one of them, or --offline if nothing writes to either table."),
    Refusal(
      line: "verify --mapping users.yaml --offline --assume-phase dualTable",
      error: "--control, --assume-phase and --offline each say which phase this is; give one of them."),
    Refusal(
      line: "verify --mapping users.yaml --offline --written-attribute at",
      error: "--written-attribute is about items that differ, and only --content compares items; give both."),
    Refusal(
      line: "verify --mapping users.yaml --offline", environment: ["AWS_REGION": ""],
      error: "No region is set; pass --region, or set AWS_REGION or the profile's region."),
    Refusal(
      line: "verify --mapping users.yaml --offline --new x",
      error: "'x' isn't a value of --new; give a table's name, of 3 to 255 letters, digits, '_', '-' and '.', or its ARN."),
  ]

  @Test(arguments: refusals) func `refuses what can't work before anything is sent`(_ refusal: Refusal) async throws {
    let place = CommandPlace()
    let run = await place.run(refusal.line, environment: refusal.environment)
    #expect(run.status == .failed)
    #expect(run.error == "Error: \(refusal.error)\n")
    #expect(place.engine.requestCount("DescribeTable") == 0)
  }

  @Test func `a missing table ends each command with 2`() async throws {
    let place = CommandPlace()
    for line in ["backfill --offline", "verify --offline"] {
      let run = await place.pass(line)
      #expect(run.status == .failed)
      #expect(run.error.contains("old table users") && run.error.hasPrefix("Error: "), "\(run.error)")
      #expect(run.error.split(separator: "\n").count == 1)
    }
  }

  @Test func `a mapping in Swift takes the file's place`() async throws {
    struct Renaming: TableMapping {
      let identity = "renaming"
      let oldSchema = KeySchema(hash: .init("id", .string))
      let newSchema = KeySchema(hash: .init("key", .string))

      func convert(_ item: Item) throws(ConversionError) -> [Item] {
        var result = item
        result["key"] = item["id"]
        result["id"] = nil
        return [result]
      }

      func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey["key"].map { ["id": $0] } }
    }
    let place = CommandPlace()
    let seeded = await place.run("seed --items 40", mapping: Renaming())
    #expect(seeded.status == .done, "\(seeded.error)")
    let migrated = await place.run("backfill --offline --segments 2", mapping: Renaming())
    #expect(migrated.status == .done, "\(migrated.error)")
    #expect(place.engine.items(in: "users-v2").allSatisfy { $0["key"] != nil && $0["id"] == nil })
    #expect(place.engine.items(in: "users-v2").count == 40)
    let refused = await place.run("backfill --offline --mapping users.yaml", mapping: Renaming())
    #expect(refused.error == "Error: Unknown option '--mapping'; leave it out. See 'dualtable backfill --help'.\n")
    let named = await place.run("backfill --offline", mapping: Renaming(), environment: ["DUALTABLE_MAPPING": "users.yaml"])
    #expect(named.error == "Error: This executable has its mapping in it; leave the file out (from DUALTABLE_MAPPING).\n")
    let help = await place.run("backfill --help", mapping: Renaming())
    #expect(!help.output.contains("--mapping"))
  }
}
