internal import DynamoDBClient
internal import MigrationControl

/// The operation that a page's requests belong to, where the migration's phase stands in a control table: it keeps its phase to the page's
/// end, and each attempt is signed within its lease, so that no worker that slept wakes up in a phase without tombstones.
struct PagePhase: ~Copyable {
  private let participant: Participant?
  private let allowed: [MigrationPhase]
  private let patience: Duration
  private var operation: ParticipantStateMachine.Operation?

  init(_ configuration: Backfill.Configuration) {
    participant = configuration.participant
    // Dead letters may be taken up again after the reads have moved on; the rest of the table not.
    allowed = configuration.source.isRedrive ? [.dualTable, .newWithTombstones] : [.dualTable]
    patience = configuration.patience
  }

  deinit { if let operation { participant?.end(operation) } }

  /// Begins the page's operation, or begins it anew; waits for the phase to be known and for a switch to end.
  ///
  /// - Throws: `BackfillError` where the phase that holds has no backfill.
  mutating func begin() async throws {
    end()
    guard let participant else { return }
    var deadline: Duration?
    let begun: ParticipantStateMachine.Operation
    do throws(ParticipantError) {
      begun = try await participant.begin(.copy, patience: patience, until: &deadline)
    } catch {
      switch error {
      case .wrongPhase(let phase): throw wrong(phase)
      case .phaseUnknown:
        throw BackfillError(
          .service, "The migration's phase has not been known for too long; see that the control table can be reached, and run it again.")
      case .closed, .cancelled: throw CancellationError()
      }
    }
    operation = begun
    if !allowed.contains(begun.phase) { throw wrong(begun.phase) }
  }

  /// Ends the page's operation.
  mutating func end() {
    if let operation { participant?.end(operation) }
    operation = nil
  }

  /// Who is asked before each attempt of this kind; nil: nobody is.
  func gate(_ kind: RequestKind) -> (any AttemptGate)? { operation.flatMap { participant?.gate(kind, of: $0) } }

  private func wrong(_ phase: MigrationPhase) -> BackfillError {
    let when = allowed.map { "\($0.rawValue) (\($0))" }.joined(separator: " or ")
    return BackfillError(
      .wrongPhase,
      "The migration is in phase \(phase.rawValue) (\(phase)), and this runs in phase \(when): what was done so far is kept.")
  }
}
