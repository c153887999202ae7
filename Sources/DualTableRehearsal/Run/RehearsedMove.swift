package import DualTableBackfill
package import DualTableMapping
internal import DualTableScan
package import DualTableVerify
package import MigrationControl

/// One migration of a rehearsal: what goes from which table into which, and the clients' part in it.
struct RehearsedMove: Sendable {
  let direction: RehearsalDirection
  let mapping: any TableMapping
  /// What the service works with, as these two tables store it.
  let catalog: Catalog
  /// Where its runs keep what they keep.
  let directory: String
  let control: String
  /// Operations of the clients, about.
  let operations: Int
  let meter = TrafficMeter()

  var old: String { catalog.oldTable }
  var new: String { catalog.newTable }
  /// As sentences name the tables: the way back leaves the new one.
  var oldWords: String { direction == .forth ? "old table" : "new table" }
  var newWords: String { direction == .forth ? "new table" : "fresh table of the old format" }
}

/// Which way a migration goes.
package enum RehearsalDirection: String, Sendable, Hashable {
  /// From the old table to the new one.
  case forth
  /// From the new table through the inverse mapping into a fresh one of the old format.
  case back
}

/// What one migration of a rehearsal came to.
package struct MoveResult: Sendable {
  package let direction: RehearsalDirection
  /// Where a report finds its backfill and its verification.
  package let directory: String
  package let mapping: any TableMapping
  package let backfill: BackfillResult
  package let verify: VerifyResult
  package let sweep: SweepResult
  /// What became of items that no client touched.
  package let untouched: FrozenTables.Findings
  package let traffic: TrafficCounts
  package let steps: [RehearsalStep]
  /// What the control table says in the end: the phase, every step with who acknowledged it, and who takes part.
  package let control: ControlItem
  package let records: [StepRecord]
  package let participants: [ParticipantItem]

  /// True if nothing was lost, missing, or not convertible.
  package var isClean: Bool {
    untouched.lost == 0 && untouched.overwritten == 0 && verify.verdict == .clean && backfill.counts[.failed] == 0 && backfill.addsUp
  }
}
