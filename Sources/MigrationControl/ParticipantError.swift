/// Why a participant lets an operation not begin, or not go on.
package enum ParticipantError: Error, Sendable, Hashable {
  /// The phase isn't known well enough, and no beat told it in time.
  case phaseUnknown
  /// The phase that holds has no such operation.
  case wrongPhase(MigrationPhase)
  /// The participant takes its leave, and lets nothing begin any more.
  case closed
  /// The task was cancelled.
  case cancelled
}
