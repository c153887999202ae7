public import MigrationControl

/// Where a repository learns the migration's phase.
public struct PhaseSource: Sendable {
  private let phase: MigrationPhase

  /// One phase for the repository's whole life: for one process, or for a deployment that stops its writers between phases.
  ///
  /// Nothing asks other instances then. Between the end of every backfill and a deployment in phase 5 must lie 30 minutes.
  public static func fixed(_ phase: MigrationPhase) -> PhaseSource { PhaseSource(phase: phase) }

  /// The phase now. An operation asks once, when it begins, and keeps to the answer.
  internal var current: MigrationPhase { phase }
}
