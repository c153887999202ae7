import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import MigrationControl
import TestSupport
import Testing

@testable import DualTableCommand

@Suite struct SweepTests {
  /// Tombstones, and live items among them.
  private func fill(_ place: CommandPlace, tombstones: Int, live: Int) async throws {
    _ = await place.run("seed --items 0")
    for number in 0..<tombstones {
      _ = try await place.client.putItem(PutItemInput(tableName: "users-v2", item: ["id": .string("t\(number)"), "_dt": 1]))
    }
    for number in 0..<live {
      _ = try await place.client.putItem(PutItemInput(tableName: "users-v2", item: ["id": .string("l\(number)"), "a": 1]))
    }
  }

  private func sweep(_ place: CommandPlace, _ more: String = "", stop: StopSignal = StopSignal()) async -> ToolRun {
    await place.pass("sweep --assume-phase new --yes \(more)", stop: stop)
  }

  @Test func `every tombstone goes, every live item stays, and a second sweep finds none`() async throws {
    let place = CommandPlace()
    try await fill(place, tombstones: 40, live: 25)
    let run = await sweep(place)
    #expect(run.status == .done, "\(run.error)")
    let counts = ["scanned", "tombstones", "swept"].map { try? CommandRunTests.number($0, in: run) }
    #expect(counts == [65, 40, 40])
    let items = place.engine.items(in: "users-v2")
    #expect(items.count == 25 && items.allSatisfy { $0["_dt"] == nil })
    let again = await sweep(place)
    #expect(try again.status == .done && CommandRunTests.number("tombstones", in: again) == 0)
  }

  @Test func `delete with condition tomb: an item put in a tombstone's place meanwhile stays`() async throws {
    let place = CommandPlace()
    try await fill(place, tombstones: 10, live: 0)
    // Right after the scan has seen it, the service puts an item there.
    let client = try place.client
    let transport = InterveningTransport(place.engine, before: "DeleteItem") {
      _ = try? await client.putItem(PutItemInput(tableName: "users-v2", item: ["id": "t3", "back": 1]))
    }
    let run = await place.run(
      "sweep --assume-phase new --yes --mapping users.yaml --segments 1 --open-segments 1 --json", transport: transport)
    #expect(run.status == .done, "\(run.error)")
    #expect(try CommandRunTests.number("tombstones", in: run) == 10 && CommandRunTests.number("swept", in: run) == 9)
    #expect(place.engine.items(in: "users-v2") == [["id": "t3", "back": 1]])
  }

  @Test func `stopped, it goes on where it was, and counts every tombstone once`() async throws {
    let place = CommandPlace()
    try await fill(place, tombstones: 60, live: 0)
    let stop = StopSignal()
    let transport = InterveningTransport(place.engine, before: "DeleteItem", after: 20) { stop.request(.interrupted) }
    let line = "sweep --assume-phase new --yes --mapping users.yaml --segments 8 --open-segments 1 --json"
    let first = await place.run(line, stop: stop, transport: transport)
    #expect(first.status == .interrupted && first.error.hasSuffix("Interrupted; run the same command again to go on.\n"), "\(first.error)")
    let left = place.engine.items(in: "users-v2").count
    #expect(left > 0 && left < 60)
    let second = await place.run(line)
    #expect(second.status == .done && place.engine.items(in: "users-v2").isEmpty)
    // Pages that were cut short count when they are done, and find fewer then.
    let swept = try CommandRunTests.number("swept", in: second)
    #expect(swept >= left && swept <= 60)
  }

  @Test func `budgets are numbers or percentages, as the backfill's`() async throws {
    let place = CommandPlace()
    try await fill(place, tombstones: 30, live: 0)
    let refused = await sweep(place, "--write-wcu 50%")
    #expect(refused.status == .failed && place.engine.items(in: "users-v2").count == 30)
    #expect(refused.error.contains("users-v2 is on demand, so nothing is provisioned to take 50% of"), "\(refused.error)")
    let client = try place.client
    _ = try await client.updateTable(
      UpdateTableInput(
        tableName: "users-v2", billingMode: .provisioned,
        provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 40_000, writeCapacityUnits: 40_000)))
    while try await client.describeTable(DescribeTableInput(tableName: "users-v2")).table.tableStatus != .active {
      try await ContinuousClock().sleep(for: .milliseconds(10))
    }
    let run = await sweep(place, "--read-rcu 12.5 --write-wcu 50%")
    #expect(run.status == .done && place.engine.items(in: "users-v2").isEmpty, "\(run.error)")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let line: String
    var phase: MigrationPhase?
    let error: String
    var testDescription: String { error }
  }

  static let refusals = [
    Refusal(line: "sweep --yes --control nowhere", error: "There is no control table nowhere"),
    Refusal(line: "sweep --control control", phase: .new, error: "What is swept can't be told from what never was; give --yes"),
    Refusal(line: "sweep --yes --control control --assume-phase new", phase: .new, error: "A sweep runs in phase new, and --control or"),
    Refusal(
      line: "sweep --yes --control control", phase: .newWithTombstones,
      error: "The migration is in phase newWithTombstones, in which tombstones keep deleted items from coming back; sweep in phase new."),
  ]

  @Test(arguments: refusals) func `tombstones go only in phase 5`(_ refusal: Refusal) throws {
    let place = ControlPlace()
    let run = try place.time.run {
      try await place.makeTables()
      _ = await place.run("phase init")
      if let phase = refusal.phase { try await place.set { $0.phase = phase } }
      _ = try await place.client.putItem(PutItemInput(tableName: "users-v2", item: ["id": "t", "_dt": 1]))
      return await place.run(refusal.line, more: ["DUALTABLE_CONTROL": ""])
    }
    #expect(run.status == .failed && run.error.hasPrefix("Error: \(refusal.error)"), "\(run.error)")
    #expect(place.engine.items(in: "users-v2").count == 1)
  }

  @Test func `a sweep waits until every participant has acknowledged phase 5`() throws {
    let place = ControlPlace()
    let (early, late) = try place.time.run {
      try await place.makeTables()
      _ = await place.run("phase init")
      try await place.participant("behind").beat()
      try await place.set { $0.phase = .new }
      _ = try await place.client.putItem(PutItemInput(tableName: "users-v2", item: ["id": "t", "_dt": 1]))
      let early = await place.run("sweep --yes --segments 4")
      #expect(place.engine.items(in: "users-v2").count == 1)
      if let behind = try await place.control.participants().first { _ = try await place.control.remove(behind) }
      return (early, await place.run("sweep --yes --segments 4"))
    }
    #expect(early.status == .findings)
    #expect(early.error == "Warning: Not every participant has acknowledged phase new yet: behind; run it again then.\n")
    #expect(late.status == .done && place.engine.items(in: "users-v2").isEmpty, "\(late.error)")
  }
}
