import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import Testing

@testable import DualTableBackfill

/// Inserts 25 at a time: the same outcomes and books as of single puts.
@Suite struct BatchModeTests {
  @Test("Batched inserts have the same outcomes, and a DuplicateItem is classified by a consistent BatchGet")
  func outcomes() async throws {
    let migration = try await Migration()
    for number in 0..<60 { try await migration.put(Migration.oldItem(number), in: "old") }
    try await migration.put(Migration.newItem(1), in: "new")
    try await migration.put(["id": "u-2", "email": "later@example.com"], in: "new")
    try await migration.put(["id": "u-3", "_dt": 1_700_000_000_000], in: "new")
    try await migration.put(["id": "u-4", "kind": "test"], in: "old")
    try await migration.put(["id": "u-5", "profile": .map(["age": "many"])], in: "old")
    let puts = migration.simulator.requestCount("PutItem")
    let result = try await migration.backfill { $0.writeMode = .batch }
    let expected: [(PassCounter, Int)] = [
      (.scanned, 60), (.migrated, 55), (.alreadyThere, 1), (.superseded, 1), (.deleted, 1), (.filtered, 1), (.failed, 1),
    ]
    for (counter, count) in expected { #expect(result.counts[counter] == count, "\(counter)") }
    #expect(result.addsUp && result.reasons == ["invalidValue": 1])
    #expect(migration.simulator.requestCount("PutItem") == puts)
    #expect(migration.simulator.requestCount("BatchExecuteStatement") < 25)
    #expect(migration.newItems["u-7"] == (try Migration.newItem(7)))
    #expect(migration.newItems["u-2"] == ["id": "u-2", "email": "later@example.com"])
    #expect(result.writeUnits >= 55)
  }

  @Test("Under faults every item arrives once and the counts add up, in batches too", arguments: 1...20 as ClosedRange<UInt64>)
  func faults(_ seed: UInt64) async throws {
    let simulator = DynamoDBSimulator()
    let migration = try await Migration(simulator)
    for number in 0..<200 { try await migration.put(Migration.oldItem(number), in: "old") }
    var faults = FaultPlan(seed: seed)
    (faults.throttled, faults.failedBefore, faults.failedAfter, faults.lostRequest, faults.lostAnswer) = (0.1, 0.05, 0.05, 0.05, 0.05)
    simulator.setFaults(faults)
    let result = try await migration.backfill { $0.writeMode = .batch }
    simulator.setFaults(FaultPlan(seed: 0))
    #expect(result.counts[.migrated] == 200 && result.addsUp, "seed \(seed)")
    let found = migration.newItems
    for number in 0..<200 { #expect(found["u-\(number)"] == (try Migration.newItem(number)), "seed \(seed)") }
  }

  @Test("What the service says of a statement may quote the item, and is repeated nowhere")
  func quotedItem() throws {
    let body = #"{"Responses":[{"Error":{"Code":"CODE","Message":"the value SECRET is wrong"}}]}"#
    for code in ["ValidationError", "NeverHeardOf", "ConditionalCheckFailed"] {
      let text = body.replacing("CODE", with: code).utf8
      let answer = HTTPAnswer(status: 200, bytes: ByteBuffer(text), fields: 0..<0, body: 0..<text.count)
      let failure = try #require(try answer.statementOutcomes().failures.first)
      let error = DynamoDBError(statement: failure.error)
      #expect(error.message.contains("SECRET") && !error.description.contains("SECRET") && !error.description.isEmpty, "\(code)")
    }
  }

  @Test("Odd names and values go through a statement as they are")
  func oddNames() async throws {
    let mapping = try CompiledMapping(
      yaml: Array("version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nrest: keep\n".utf8), file: "identity.yaml")
    let migration = try await Migration(mapping: mapping)
    let odd: Item = [
      "id": "it's \"odd\"\n\u{1F600}", "it's": "a quote", "\"q\"": 1, "back\\slash": .null, "tab\tname": .bool(true), "e\u{301}'": "x",
      "nested": .map(["a'b": .list([1, .binary([0, 255]), .stringSet(["x", "y"])])]), "empty": "", "none": .map([:]), "?": "mark",
    ]
    try await migration.put(odd, in: "old")
    let result = try await migration.backfill { $0.writeMode = .batch }
    #expect(result.counts[.migrated] == 1)
    #expect(migration.simulator.items(in: "new") == [odd])
    #expect(migration.simulator.requestCount("BatchExecuteStatement") == 1)
  }

  @Test("An item whose names are longer than a statement, and one that a batch refuses, go by themselves")
  func alone() async throws {
    let mapping = try CompiledMapping(
      yaml: Array("version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nrest: keep\n".utf8), file: "identity.yaml")
    let migration = try await Migration(mapping: mapping)
    var wide: Item = ["id": "wide"]
    for number in 0..<300 { wide["\(String(repeating: "n", count: 40))\(number)"] = 1 }
    try await migration.put(wide, in: "old")
    for number in 0..<30 { try await migration.put(["id": .string("u-\(number)")], in: "old") }
    migration.simulator.follow { arrival, _ in
      // An engine that refuses a batch as a whole.
      arrival.operation == "BatchExecuteStatement" && arrival.index == 0 ? .service("ValidationException", "one of them") : nil
    }
    let puts = migration.simulator.requestCount("PutItem")
    let result = try await migration.backfill {
      $0.writeMode = .batch
      $0.segments = 1
    }
    #expect(result.counts[.migrated] == 31 && result.addsUp)
    #expect(migration.simulator.requestCount("PutItem") - puts >= 2)
    #expect(Set(migration.simulator.items(in: "new")) == Set(migration.simulator.items(in: "old")))
  }

  @Test("A dry run converts everything and puts nothing")
  func dryRun() async throws {
    let migration = try await Migration()
    for number in 0..<60 { try await migration.put(Migration.oldItem(number), in: "old") }
    try await migration.put(["id": "u-5", "profile": .map(["age": "many"])], in: "old")
    try await migration.put(["id": "u-6", "kind": "test"], in: "old")
    let writes = migration.simulator.writeCount
    let result = try await migration.backfill { $0.isDryRun = true }
    #expect(result.counts[.migrated] == 58 && result.counts[.failed] == 1 && result.counts[.filtered] == 1 && result.addsUp)
    #expect(migration.simulator.writeCount == writes)
    await #expect(throws: BackfillError.self) { try await migration.backfill() }
  }
}
