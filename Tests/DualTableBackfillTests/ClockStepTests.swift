import AWSAuth
import DualTableBackfill
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Synchronization
import Testing

@Suite struct ClockStepTests {
  /// Right for so many readings, and an hour early from then on.
  private final class SteppingClock: Sendable {
    private let left: Atomic<Int>
    init(readings: Int) { left = Atomic(readings) }

    var wallClock: WallClock {
      WallClock { [self] in 1_700_000_000_000 - (left.wrappingSubtract(1, ordering: .relaxed).newValue < 0 ? 3_600_000 : 0) }
    }
  }

  /// A machine's clock steps while puts are under way: those signed with it are refused, and go out again with the service's time.
  @Test(arguments: [230, 300, 330]) func theRunGoesOn(readings: Int) async throws {
    let simulator = DynamoDBSimulator(itemsInPage: 40, wallClock: WallClock { 1_700_000_000_000 })
    simulator.add(try AccessKey(AWSCredentials(accessKeyID: "A", secretAccessKey: "S")))
    let migration = try await Migration(simulator, wallClock: SteppingClock(readings: readings).wallClock)
    for number in 0..<200 { try await migration.put(Migration.oldItem(number), in: "old") }
    #expect(migration.client.serviceClock.corrections == 0)
    let result = try await migration.backfill()
    #expect(result.counts[.migrated] == 200 && result.addsUp && migration.newItems.count == 200)
    #expect(migration.client.serviceClock.corrections == 1 && migration.client.serviceClock.milliseconds == 3_600_000)
  }
}
