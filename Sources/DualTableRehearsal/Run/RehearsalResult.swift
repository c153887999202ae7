package import DualTableBackfill
internal import DualTableScan
package import DualTableVerify
package import MigrationControl

/// What a rehearsal came to.
package struct RehearsalResult: Sendable {
  package let seed: UInt64
  /// Lines of the history, what OLD held at first left out.
  package let operations: Int
  package let clients: Int
  package let traffic: TrafficCounts
  package let history: HistoryVerdict
  /// What became of items that no client touched.
  package let untouched: FrozenTables.Findings
  /// What went wrong otherwise.
  package let failures: [String]
  package let backfill: BackfillResult
  package let verify: VerifyResult
  package let sweep: SweepResult
  package let steps: [RehearsalStep]
  /// What the control table says in the end: the phase, every step with who acknowledged it, and who takes part.
  package let control: ControlItem
  package let records: [StepRecord]
  package let participants: [ParticipantItem]
  /// When it ended by its own clock, milliseconds since 1970.
  package let moment: Int64
  /// Virtual time from the first instance's start to the sweep's end.
  package let virtual: Duration
  /// SHA-256 of the history's lines in hexadecimal: one seed, one digest.
  package let digest: String

  package var lost: Int { history.lost + untouched.lost }
  package var resurrected: Int { history.resurrected }
  package var overwritten: Int { history.overwritten + untouched.overwritten }

  /// True if nothing was found: nothing lost, resurrected, overwritten, missing, or not convertible.
  package var isClean: Bool {
    lost == 0 && resurrected == 0 && overwritten == 0 && history.undecided == 0 && failures.isEmpty && verify.verdict == .clean
      && backfill.counts[.failed] == 0 && backfill.addsUp
  }
}
