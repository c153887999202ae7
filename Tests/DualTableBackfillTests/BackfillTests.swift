import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import TestSupport
import Testing

@testable import DualTableBackfill

/// One migration on the embedded engine: an old and a new table, and a mapping between them.
struct Migration {
  let simulator: DynamoDBSimulator
  let client: DynamoDBClient
  let mapping: any TableMapping
  let directory = TemporaryDirectory()

  static let yaml = """
    version: 1
    old: {hash: {id: S}}
    new: {hash: {id: S}}
    key: {id: id}
    attributes:
      email: profile.email
      age: {from: profile.age, was: string, type: number}
    rest: keep
    skip-when: {equals: {kind: test}}
    """

  init(
    _ simulator: DynamoDBSimulator = DynamoDBSimulator(), mapping: (any TableMapping)? = nil,
    wallClock: WallClock = WallClock { 1_700_000_000_000 }
  ) async throws {
    self.simulator = simulator
    var configuration = DynamoDBClient.Configuration(
      endpoint: try .resolve(environment: [:], region: "us-east-1", url: "http://simulated:8000"),
      credentials: try StaticCredentialProvider(AWSCredentials(accessKeyID: "A", secretAccessKey: "S")))
    configuration.retry = .bulk()
    client = DynamoDBClient(
      configuration: configuration, transport: simulator, wallClock: wallClock, clock: SteppedClock(), seed: 1)
    self.mapping = try mapping ?? CompiledMapping(yaml: Array(Self.yaml.utf8), file: "test.yaml")
    for (table, schema) in [("old", self.mapping.oldSchema), ("new", self.mapping.newSchema)] {
      _ = try await client.createTable(CreateTableInput(tableName: table, keys: schema))
    }
  }

  func put(_ item: Item, in table: String) async throws { _ = try await client.putItem(PutItemInput(tableName: table, item: item)) }

  func backfill(_ change: (inout Backfill.Configuration) -> Void = { _ in }, stop: StopSignal = StopSignal()) async throws -> BackfillResult
  {
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: StatePath("\(directory.path)/state"),
      seed: 7)
    configuration.openSegments = 4
    change(&configuration)
    return try await Backfill(configuration).run(stop: stop) { _ in }
  }

  /// The new table's items by id, for mappings that keep the key.
  var newItems: [String: Item] {
    Dictionary(uniqueKeysWithValues: simulator.items(in: "new").map { ($0["id"]?.stringValue ?? "", $0) })
  }

  func deadLetters() throws -> [String] { try directory.text("state/dead-letters.jsonl").split(separator: "\n").map { String($0) } }

  static func oldItem(_ number: Int) -> Item {
    [
      "id": .string("u-\(number)"),
      "profile": .map(["email": .string("\(number)@example.com"), "age": .string("\(number % 90)"), "city": "Rome"]),
    ]
  }

  static func newItem(_ number: Int) throws -> Item {
    [
      "id": .string("u-\(number)"), "email": .string("\(number)@example.com"), "age": .number(DynamoDBNumber(number % 90)),
      "profile": .map(["city": "Rome"]),
    ]
  }
}

@Suite("The backfill")
struct BackfillTests {
  @Test("Each item ends in its outcome, and the outcomes add up")
  func outcomes() async throws {
    let migration = try await Migration()
    for number in 0..<10 { try await migration.put(Migration.oldItem(number), in: "old") }
    try await migration.put(Migration.newItem(1), in: "new")
    try await migration.put(["id": "u-2", "email": "later@example.com"], in: "new")
    try await migration.put(["id": "u-3", "_dt": 1_700_000_000_000], in: "new")
    try await migration.put(["id": "u-4", "kind": "test"], in: "old")
    try await migration.put(["id": "u-5", "profile": .map(["age": "many"])], in: "old")
    let result = try await migration.backfill()
    #expect(result.counts[.scanned] == 10)
    #expect(result.counts[.migrated] == 5)
    #expect(result.counts[.alreadyThere] == 1)
    #expect(result.counts[.superseded] == 1)
    #expect(result.counts[.deleted] == 1)
    #expect(result.counts[.filtered] == 1)
    #expect(result.counts[.failed] == 1)
    #expect(result.addsUp && !result.more)
    #expect(migration.newItems["u-7"] == (try Migration.newItem(7)))
    #expect(migration.newItems["u-2"] == ["id": "u-2", "email": "later@example.com"])
    let letters = try migration.deadLetters()
    #expect(letters.count == 1)
    #expect(letters[0].contains("\"key\":{\"id\":{\"S\":\"u-5\"}}"))
    #expect(!letters[0].contains("many"))
  }

  @Test("A finished run prints its totals again and writes nothing")
  func again() async throws {
    let migration = try await Migration()
    for number in 0..<20 { try await migration.put(Migration.oldItem(number), in: "old") }
    let first = try await migration.backfill()
    let scans = migration.simulator.requestCount("Scan")
    let second = try await migration.backfill()
    #expect(second.counts == first.counts && second.wasComplete)
    #expect(migration.simulator.requestCount("Scan") == scans)
  }

  @Test("A run whose sum doesn't hold says so instead of being done")
  func miscounted() async throws {
    let migration = try await Migration()
    for number in 0..<20 { try await migration.put(Migration.oldItem(number), in: "old") }
    #expect(try await migration.backfill().addsUp)
    let books = try migration.directory.text("state/backfill.json")
    let changed = books.replacing("\"migrated\":20", with: "\"migrated\":19")
    #expect(changed != books)
    try migration.directory.write("state/backfill.json", Array(changed.utf8))
    do {
      _ = try await migration.backfill()
      Issue.record("the sum was not looked at")
    } catch let error as BackfillError {
      #expect(error.code == .miscounted && error.message.contains("20 items scanned"))
    }
  }

  @Test("Under faults every item arrives once and the counts add up", arguments: 1...40 as ClosedRange<UInt64>)
  func faults(_ seed: UInt64) async throws {
    let simulator = DynamoDBSimulator()
    let migration = try await Migration(simulator)
    for number in 0..<200 { try await migration.put(Migration.oldItem(number), in: "old") }
    var faults = FaultPlan(seed: seed)
    faults.throttled = 0.1
    faults.failedBefore = 0.05
    faults.failedAfter = 0.05
    faults.lostRequest = 0.05
    faults.lostAnswer = 0.05
    simulator.setFaults(faults)
    let result = try await migration.backfill()
    simulator.setFaults(FaultPlan(seed: 0))
    #expect(result.counts[.migrated] == 200, "seed \(seed)")
    #expect(result.addsUp)
    let found = migration.newItems
    for number in 0..<200 { #expect(found["u-\(number)"] == (try Migration.newItem(number)), "seed \(seed)") }
  }

  @Test(
    "The last item of a page that must be sent again is the item, not the key that the page ends with",
    arguments: 1...10 as ClosedRange<UInt64>)
  func lastOfPage(_ seed: UInt64) async throws {
    let simulator = DynamoDBSimulator(itemsInPage: 1)
    let migration = try await Migration(simulator)
    for number in 0..<40 { try await migration.put(Migration.oldItem(number), in: "old") }
    var faults = FaultPlan(seed: seed)
    faults.failedBefore = 0.3
    simulator.setFaults(faults)
    let result = try await migration.backfill { $0.segments = 2 }
    simulator.setFaults(FaultPlan(seed: 0))
    #expect(result.counts[.migrated] == 40)
    for number in 0..<40 { #expect(migration.newItems["u-\(number)"] == (try Migration.newItem(number)), "seed \(seed)") }
  }

  @Test("A limit on items stops the run, and the next one goes on")
  func limit() async throws {
    let migration = try await Migration()
    for number in 0..<100 { try await migration.put(Migration.oldItem(number), in: "old") }
    let first = try await migration.backfill { $0.maxItems = 30 }
    #expect(first.stopped == .itemLimit)
    #expect(first.counts[.scanned] >= 30 && first.counts[.scanned] < 100)
    let second = try await migration.backfill()
    #expect(second.counts[.scanned] == 100 && second.counts[.migrated] == 100 && !second.more)
  }

  @Test("A mapping in Swift is checked as a compiled one is")
  func swiftMapping() async throws {
    struct Doubling: TableMapping {
      let identity = "doubling 1"
      let oldSchema = KeySchema(hash: .init("id", .string))
      let newSchema = KeySchema(hash: .init("id", .string))
      func convert(_ item: Item) -> [Item] {
        let id = item["id"]?.stringValue ?? ""
        return id == "twice" ? [item, item] : [item, ["id": .string("copy-\(id)")]]
      }
      func oldKey(for newKey: Item) -> Item? {
        let id = newKey["id"]?.stringValue ?? ""
        return ["id": .string(id.hasPrefix("copy-") ? String(id.dropFirst(5)) : id)]
      }
    }
    let migration = try await Migration(mapping: Doubling())
    for id in ["a", "b", "twice"] { try await migration.put(["id": .string(id)], in: "old") }
    let result = try await migration.backfill()
    #expect(result.counts[.migrated] == 2 && result.counts[.failed] == 1)
    #expect(migration.newItems.keys.sorted() == ["a", "b", "copy-a", "copy-b"])
  }

  @Test("What concerns every item stops the run with the cause, before anything is written")
  func unsuitable() async throws {
    let migration = try await Migration()
    await #expect(throws: BackfillError.self) { try await migration.backfill { $0.new.table = "missing" } }
    await #expect(throws: BackfillError.self) { try await migration.backfill { $0.new = $0.old } }
    let other = KeySchema(hash: .init("pk", .number))
    _ = try await migration.client.createTable(CreateTableInput(tableName: "other", keys: other))
    do {
      _ = try await migration.backfill { $0.new.table = "other" }
      Issue.record("a table with another key was taken")
    } catch let error as BackfillError {
      #expect(error.message.contains("pk (N)") && error.message.contains("id (S)"))
    }
    #expect(migration.simulator.writeCount == 0)
  }
}
