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
    var openSegments = 16
    var items = 2_600
    var faults: @Sendable (inout FaultPlan) -> Void = { _ in }
    var testDescription: String { name }
  }

  static let rows = [
    Row(name: "writes", write: 400),
    Row(name: "writes with delays", write: 400) { $0.delay = .milliseconds(1) ... .milliseconds(20) },
    Row(name: "reads with delays", read: 100) { $0.delay = .milliseconds(1) ... .milliseconds(20) },
    Row(name: "both", read: 120, write: 400) { $0.delay = .milliseconds(1) ... .milliseconds(5) },
  ]

  @Test("A budget is held within 3 % over any 10 s and never exceeded by more than 5 % in any second", arguments: rows)
  func held(_ row: Row) throws {
    var faults = FaultPlan(seed: 5)
    row.faults(&faults)
    let migration = try TimedMigration(seed: 5, faults: faults)
    let result = try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<row.items, bytes: 2_000)
      migration.meter.reset()
      return try await migration.backfill { configuration in
        configuration.readBudget = row.read.map { .units($0) }
        configuration.writeBudget = row.write.map { .units($0) }
        configuration.openSegments = row.openSegments
      }
    }
    #expect(result.counts[.migrated] == row.items)
    for (isWrite, budget) in [(true, row.write), (false, row.read)] {
      guard let budget else { continue }
      let readings = migration.meter.all.filter { $0.isWrite == isWrite }.sorted { $0.at < $1.at }
      let (second, tenSeconds) = (readings.extremes(over: .seconds(1)), readings.extremes(over: .seconds(10)))
      #expect(second.most <= budget * 1.05, "\(second)")
      #expect(tenSeconds.most <= budget * 10 * 1.03, "\(tenSeconds)")
      // Where both are limited one of them binds.
      if row.read == nil || row.write == nil { #expect(tenSeconds.least >= budget * 10 * 0.97, "\(tenSeconds)") }
    }
  }
}
