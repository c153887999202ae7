import DynamoDBModel
import Glibc
import MigrationControl
import Testing

/// Histories of transactions, single operations and a backfill under faults: every one must be strictly serializable.
@Suite("Transactions are serializable") struct TransactionHistoryTests {
  static let fleets: [[MigrationPhase]] = [
    [.dualTable, .dualTable, .dualTable], [.dualRead, .dualTable, .dualTable], [.dualTable, .dualTable, .newWithTombstones],
    [.newWithTombstones, .newWithTombstones, .new], [.new, .new, .new],
  ]

  /// Seeds a fleet; more by `DUALTABLE_SEEDS`.
  static let seeds = unsafe getenv("DUALTABLE_SEEDS").flatMap { unsafe UInt64(String(cString: $0)) } ?? 30

  @Test("Every history under lost answers, late requests, conflicts, throttling and a backfill is strictly serializable", arguments: fleets)
  func histories(_ fleet: [MigrationPhase]) throws {
    var committed = 0
    for seed in 1...Self.seeds {
      let result = try TransactionScene(.init(workers: fleet), seed: seed).run()
      #expect(result.isSerializable, "seed \(seed)")
      #expect(result.complaints.isEmpty, "seed \(seed)")
      committed += result.committed
    }
    #expect(committed > Int(Self.seeds) * 3, "they did something")
  }

  @Test("A transaction keeps its phase to its end: whole migrations from phase 1 to 5 are strictly serializable, in both formats")
  func migrations() throws {
    var reached: Set<MigrationPhase> = []
    for seed in 1...max(Self.seeds / 2, 2) {
      let (result, phase) = try MovingScene(seed: seed).run()
      #expect(result.isSerializable, "seed \(seed)")
      #expect(result.complaints.isEmpty, "seed \(seed)")
      reached.insert(phase)
    }
    #expect(reached == [.newWithTombstones, .new])
  }

  @Test("Every defect is seen", arguments: TransactionDefect.allCases)
  func defects(_ defect: TransactionDefect) throws {
    for seed in 1...600 as ClosedRange<UInt64> {
      let result = try TransactionScene(.init(defect: defect), seed: seed).run()
      if !result.isSerializable || !result.complaints.isEmpty {
        Attachment.record("\(defect): \(seed) seeds", named: "seeds-\(defect).txt")
        return
      }
    }
    Issue.record("600 seeds did not show it")
  }
}
