/// What a rehearsal is at.
package enum RehearsalStage: String, Sendable, Hashable, CaseIterable {
  /// OLD is made and filled, the service starts.
  case prepare
  /// The service in phase 1.
  case old
  case toDualRead
  case dualRead
  /// From phase 2 to 3: the dangerous step.
  case toDualTable
  /// Phase 3, beside the traffic; killed and taken up again.
  case backfill
  case verify
  /// From phase 3 to 4; the dead are buried on the way.
  case toTombstones
  case newWithTombstones
  case toNew
  case new
  case sweep
  /// The way back begins: a fresh table of the old format, and a version of the service for it.
  case turn
  /// What everybody saw is judged.
  case judge
}

/// What a rehearsal tells while it runs.
package enum RehearsalProgress: Sendable {
  /// Where a stage stands: in virtual time since the beginning.
  case at(RehearsalStage, virtual: Duration, detail: String)
  case ended(RehearsalStep)
}

/// A stage that is over.
package struct RehearsalStep: Sendable, Hashable {
  package let stage: RehearsalStage
  /// When it began and ended, in virtual time since the beginning.
  package let began: Duration
  package let ended: Duration
  /// Operations of the service's clients meanwhile.
  package let operations: Int
  /// One line that tells it.
  package let sentence: String
}
