import DualTableScan
import DynamoDBClient
import DynamoDBModel
import Glibc
import MigrationControl
import Testing

@testable import DualTableBackfill
@testable import DynamoDBSimulator

/// What one scanner in hash order meets, and what many segments far from each other don't: one partition after the other takes all the writes.
///
/// `DUALTABLE_SLOWDOWN=1000000` runs the whole table, in release; with fewer items the service's memory is shorter by as much.
@Suite struct SlowdownTests {
  static let items = getenv("DUALTABLE_SLOWDOWN").flatMap { Int(String(cString: $0)) } ?? 5_000

  /// Items a second in each tenth of a run over items of 3 KB, at ten times 100 RCU and 400 WCU.
  private static func tenths(
    isShared: Bool = false, _ change: @escaping @Sendable (inout Backfill.Configuration) -> Void
  ) throws -> [Double] {
    let migration = try TimedMigration(seed: 4, faults: .delayed, hasLimits: true)
    let scale = Double(items) / 1_000_000
    var settings = CapacityModel.Settings()
    settings.burstSeconds *= scale
    settings.heatMilliseconds = Int64(Double(settings.heatMilliseconds) * scale)
    migration.simulator.change { [settings] in $0.capacity = CapacityModel(settings: settings) }
    let result = try migration.run { migration in
      let throughput = ProvisionedThroughput(readCapacityUnits: 1_000, writeCapacityUnits: 4_000)
      try await migration.makeTables(old: throughput, new: throughput)
      _ = try await migration.client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
      migration.seed(0..<items, bytes: 2_900)
      migration.meter.reset()
      return try await migration.backfill { configuration in
        let control = ControlTable(client: migration.client, name: "control", oldTable: "old", newTable: "new")
        if isShared { configuration.shared = .init(table: control, worker: "w") { _ in } }
        change(&configuration)
      }
    }
    #expect(result.counts[.migrated] == items)
    let moments = migration.meter.all.filter(\.isWrite).map { $0.at / .seconds(1) }.sorted()
    #expect(moments.count == items)
    func moment(_ tenth: Int) -> Double { moments[min(items - 1, items * tenth / 10)] }
    return (0..<10).map { Double(items / 10) / (moment($0 + 1) - moment($0)) }
  }

  @Test("Many segments, spread over the table, end as fast as they began, where one scanner in hash order falls")
  func order() throws {
    let full: @Sendable (inout Backfill.Configuration) -> Void = { configuration in
      (configuration.readBudget, configuration.writeBudget) = (.percent(100), .percent(100))
    }
    let (many, shared) = (try Self.tenths(full), try Self.tenths(isShared: true, full))
    let one = try Self.tenths { configuration in
      (configuration.segments, configuration.openSegments) = (1, 1)
    }
    let text =
      "tenths, items a second: \(many.map { Int($0) }), in the control table \(shared.map { Int($0) }), "
      + "one scanner in hash order \(one.map { Int($0) })\n"
    _ = unsafe Glibc.write(2, text, text.utf8.count)
    #expect(shared[9] >= 0.95 * shared[0] && shared[4] >= 0.95 * many[4], "\(shared)")
    #expect(many[9] >= 0.95 * many[0], "\(many)")
    #expect(one[9] <= 0.4 * many[9], "\(one) \(many)")
  }
}

extension FaultPlan {
  /// Nothing goes wrong, and each answer takes a few milliseconds.
  fileprivate static var delayed: FaultPlan {
    var faults = FaultPlan(seed: 4)
    faults.delay = .milliseconds(1) ... .milliseconds(5)
    return faults
  }
}
