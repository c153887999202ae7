import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Testing

@Suite("Results in the control table")
struct RunRecordTests {
  private let time = SimulatedTime(seed: 1)

  private func table(_ engine: DynamoDBSimulator, old: String = "old", new: String = "new") async throws -> ControlTable {
    let client = engine.client(on: time)
    if (try? await client.describeTable(DescribeTableInput(tableName: "control"))) == nil {
      _ = try await client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
      while try await client.describeTable(DescribeTableInput(tableName: "control")).table.tableStatus != .active {
        try await time.sleep(for: .seconds(1))
      }
    }
    return ControlTable(client: client, name: "control", oldTable: old, newTable: new)
  }

  private func record(_ command: RunRecord.Command, _ finished: Int64 = 5, clean: Bool = true) -> RunRecord {
    RunRecord(
      command: command, mapping: "m", finished: finished, isClean: clean, counts: [.init("scanned", 3), .init("failed", clean ? 0 : 1)])
  }

  @Test("The last result and mapping digest of backfill and verify stand there, each command's own")
  func lastResult() throws {
    let engine = DynamoDBSimulator(time: time)
    let (none, all) = try time.run {
      let table = try await table(engine)
      let none = try await table.records()
      try await table.record(record(.verify, 9))
      try await table.record(record(.backfill, 7, clean: false))
      // An earlier date is no older result: clocks differ.
      try await table.record(record(.backfill, 3))
      return (none, try await table.records())
    }
    #expect(none.isEmpty)
    #expect(all == [record(.backfill, 3), record(.verify, 9)])
    #expect(all[0]["scanned"] == 3 && all[0]["missing"] == nil)
  }

  @Test("Two migrations in one table don't meet; a name and an ARN of one table do")
  func migrations() throws {
    let engine = DynamoDBSimulator(time: time)
    let (other, same) = try time.run {
      try await table(engine).record(record(.verify))
      let arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/old"
      return (try await table(engine, new: "new-3").records(), try await table(engine, old: arn).records())
    }
    #expect(other.isEmpty)
    #expect(same == [record(.verify)])
  }

  @Test("A write that comes late changes nothing that stands there since", arguments: 1...20 as ClosedRange<UInt64>)
  func lateWrites(seed: UInt64) throws {
    var plan = FaultPlan(seed: seed)
    plan.delay = .milliseconds(1) ... .milliseconds(20)
    (plan.lostAnswer, plan.late, plan.failedAfter) = (0.2, 0.3, 0.1)
    let (engine, faults) = (DynamoDBSimulator(time: time), plan)
    let last = try time.run {
      let table = try await table(engine)
      engine.setFaults(faults)
      var kept: Int64 = 0
      for finished in 1...20 as ClosedRange<Int64> {
        // What a run could not keep it tells; the next one's stands.
        do { try await table.record(record(.verify, finished)) } catch { continue }
        kept = finished
        let read = try await reading { try await table.records().first?.finished }
        #expect(read == finished, "seed \(seed)")
      }
      engine.setFaults(FaultPlan(seed: seed))
      try await time.sleep(for: .seconds(3_600))
      return (try await table.records().first?.finished, kept)
    }
    #expect(last.0 == last.1 && last.1 > 0, "seed \(seed): \(last)")
  }

  private func reading<Value>(_ read: () async throws -> Value) async throws -> Value {
    while true {
      do { return try await read() } catch { try await time.sleep(for: .seconds(1)) }
    }
  }

  @Test("Whoever is beaten to it each time says so")
  func contention() throws {
    let engine = DynamoDBSimulator(time: time)
    let code = try time.run { () -> MigrationControlError.Code? in
      let table = try await table(engine)
      let rounds = Mutex(0)
      engine.follow { arrival, _ in
        guard arrival.operation == "PutItem" else { return nil }
        // One that went on for ever would be let through in the end, and fail below.
        guard
          rounds.withLock({
            $0 += 1; return $0
          }) <= 100
        else { return nil }
        return .service("ConditionalCheckFailedException", "The conditional request failed")
      }
      do throws(MigrationControlError) {
        try await table.record(record(.verify))
        return nil
      } catch {
        #expect(rounds.withLock { $0 } == 8)
        return error.code
      }
    }
    #expect(code == .contention)
  }
}
