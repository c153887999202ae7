import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Synchronization
import Testing

@testable import DualTableBackfill

/// Budgets in virtual time, on an engine that throttles like the service.
@Suite struct PacingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var read: Double?
    var write: Double?
    /// Whether the budgets are given as percentages of twice as much.
    var isPercentage = false
    var items = 2_600
    var faults: @Sendable (inout FaultPlan) -> Void = { _ in }
    var testDescription: String { name }
  }

  static let rows = [
    Row(name: "writes", write: 400),
    Row(name: "reads", read: 100),
    Row(name: "writes by percentage", write: 400, isPercentage: true),
    Row(name: "reads by percentage", read: 100, isPercentage: true),
    Row(name: "writes with delays", write: 400) { $0.delay = .milliseconds(1) ... .milliseconds(20) },
    Row(name: "reads with delays", read: 100) { $0.delay = .milliseconds(1) ... .milliseconds(20) },
    Row(name: "both, of which writes bind", read: 120, write: 400) { $0.delay = .milliseconds(1) ... .milliseconds(5) },
    Row(name: "both, of which reads bind", read: 100, write: 800) { $0.delay = .milliseconds(1) ... .milliseconds(5) },
  ]

  @Test("A budget is held within 3 % over any 10 s and never exceeded by more than 5 % in any second", arguments: rows)
  func held(_ row: Row) throws {
    var faults = FaultPlan(seed: 5)
    row.faults(&faults)
    let migration = try TimedMigration(seed: 5, faults: faults)
    let result = try migration.run { migration in
      let throughput: ProvisionedThroughput? =
        row.isPercentage
        ? .init(readCapacityUnits: Int(row.read ?? 1) * 2, writeCapacityUnits: Int(row.write ?? 1) * 2) : nil
      try await migration.makeTables(old: throughput, new: throughput)
      migration.seed(0..<row.items, bytes: 2_000)
      migration.meter.reset()
      return try await migration.backfill { configuration in
        configuration.readBudget = row.read.map { row.isPercentage ? .percent(50) : .units($0) }
        configuration.writeBudget = row.write.map { row.isPercentage ? .percent(50) : .units($0) }
      }
    }
    #expect(result.counts[.migrated] == row.items)
    var binds = false
    for (isWrite, budget) in [(true, row.write), (false, row.read)] {
      guard let budget else { continue }
      let readings = migration.meter.all.filter { $0.isWrite == isWrite }.sorted { $0.at < $1.at }
      let tenSeconds = readings.check(budget: budget)
      // Where both are limited one of them binds.
      if tenSeconds >= budget * 10 * 0.97 { binds = true }
    }
    #expect(binds)
  }

  @Test("A changed budget is held as well as the first one, from the change on")
  func changed() throws {
    let migration = try TimedMigration(seed: 5)
    let changedAt = Mutex<Duration?>(nil)
    let result = try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<7_000, bytes: 900)
      migration.meter.reset()
      return try await migration.backfill { configuration in
        configuration.writeBudget = .units(200)
        configuration.describe = { _ in "" }
      } progress: { progress in
        guard progress.pass.elapsed > .seconds(12), changedAt.withLock({ $0 == nil }) else { return }
        let answer = try? ControlSocket.send(
          ControlRequest.change(read: nil, write: .units(350), openSegments: nil).line, to: migration.state)
        #expect(answer == #"{"done":true}"#)
        changedAt.withLock { $0 = .nanoseconds(migration.time.now.nanoseconds) }
      }
    }
    #expect(result.counts[.migrated] == 7_000)
    let moment = try #require(changedAt.withLock { $0 })
    let writes = migration.meter.all.filter(\.isWrite).sorted { $0.at < $1.at }
    let (before, after) = (writes.filter { $0.at < moment }, writes.filter { $0.at >= moment })
    #expect(before.check(budget: 200) >= 200 * 10 * 0.97)
    #expect(after.check(budget: 350) >= 350 * 10 * 0.97)
  }

  /// The units that each request cost, by the moment that it came, whatever was answered.
  private static func arrivals(
    _ faults: FaultPlan, budget: Double, items: Int, bytes: Int = 100, before: @escaping @Sendable (TimedMigration) -> Void = { _ in },
    cost: Double
  ) throws -> (BackfillResult, [MeteringTransport.Reading]) {
    let migration = try TimedMigration(seed: 6, faults: faults)
    let arrivals = Mutex<[MeteringTransport.Reading]>([])
    let result = try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<items, bytes: bytes)
      before(migration)
      migration.simulator.follow { arrival, _ in
        guard arrival.operation == "PutItem" else { return nil }
        let now = Duration.nanoseconds(migration.time.now.nanoseconds)
        arrivals.withLock { $0.append(.init(at: now, isWrite: true, units: cost)) }
        return nil
      }
      return try await migration.backfill { $0.writeBudget = .units(budget) }
    }
    return (result, arrivals.withLock { $0 })
  }

  @Test("A refused put is charged with the size of what is in its way, and reported so")
  func refusals() throws {
    let (result, arrivals) = try Self.arrivals(
      FaultPlan(seed: 6), budget: 100, items: 300,
      before: { migration in
        migration.simulator.change { service in
          for number in 0..<300 {
            service.put(["id": .string("u-\(number)"), "later": .string(String(repeating: "x", count: 9_500))], in: "new")
          }
        }
      }, cost: 10)
    #expect(result.counts[.superseded] == 300 && result.counts[.writeMilliunits] == 3_000_000)
    // The first sixteen find out what is in the way; a put is a single request of ten units.
    let later = arrivals.filter { $0.at > .seconds(5) }
    #expect(later.check(budget: 100, largest: 10) >= 100 * 10 * 0.97)
  }

  @Test("Tries whose answers are lost are charged like others, so that retries stay within the budget")
  func retries() throws {
    var faults = FaultPlan(seed: 6)
    (faults.failedAfter, faults.lostAnswer) = (0.2, 0.1)
    let (result, arrivals) = try Self.arrivals(faults, budget: 100, items: 1_500, cost: 1)
    #expect(result.counts[.migrated] == 1_500 && arrivals.count > 1_900)
    #expect(arrivals.check(budget: 100) > 0)
    #expect(result.counts[.writeMilliunits] == arrivals.count * 1_000)
  }
}

extension [MeteringTransport.Reading] {
  /// Sees to it that no second has more than 105 % of the budget, but for one request of `largest` units, and no ten seconds more than
  /// 103 %; returns the least that ten seconds have.
  fileprivate func check(budget: Double, largest: Double = 0) -> Double {
    let (second, tenSeconds) = (extremes(over: .seconds(1)), extremes(over: .seconds(10)))
    #expect(second.most <= Swift.max(budget * 1.05, budget + largest), "\(second)")
    #expect(tenSeconds.most <= budget * 10 * 1.03, "\(tenSeconds)")
    return tenSeconds.least
  }
}
