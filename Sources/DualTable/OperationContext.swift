internal import DynamoDBClient
internal import MigrationControl

/// One operation of a caller's from its beginning to its end: the phase that it keeps, and what its requests are sent with.
internal struct OperationContext: Sendable {
  internal let phase: MigrationPhase
  private let participation: (participant: Participant, operation: ParticipantStateMachine.Operation)?

  /// An operation in a phase that nobody changes.
  internal init(_ phase: MigrationPhase) {
    self.phase = phase
    participation = nil
  }

  /// An operation of a participant's.
  internal init(_ operation: ParticipantStateMachine.Operation, of participant: Participant) {
    phase = operation.phase
    participation = (participant, operation)
  }

  /// What a request of this kind is sent with.
  internal func options(_ kind: RequestKind, resend: Resend = .always) -> CallOptions {
    var options = CallOptions(resend: resend)
    if let (participant, operation) = participation { options.gate = participant.gate(kind, of: operation) }
    return options
  }
}

extension DualTableRepository {
  /// Performs an operation in the phase that holds; begins it anew in the phase that comes if a switch ends it before anything of it may
  /// have landed.
  internal func operate<Output>(
    _ kind: RequestKind, _ body: (OperationContext) async throws(DualTableError) -> Output
  ) async throws(DualTableError) -> Output {
    let participant: Participant
    switch phase {
    case .fixed(let phase):
      guard kind.isAllowed(in: phase) else { throw .wrongPhase(phase) }
      return try await body(OperationContext(phase))
    case .participant(let member): participant = member
    }
    let deadline = participant.elapsed() + new.retry.deadline
    while true {
      let operation: ParticipantStateMachine.Operation
      do throws(ParticipantError) {
        operation = try await participant.begin(kind, deadline: deadline)
      } catch {
        throw DualTableError(error)
      }
      defer { participant.end(operation) }
      do throws(DualTableError) {
        return try await body(OperationContext(operation, of: participant))
      } catch {
        guard error.code == .requestFailed, let cause = error.cause as? DynamoDBError, let refusal = cause.refusal else { throw error }
        // Nothing of it may have landed, or the error were another one.
        guard refusal == .beginAnew else { throw .phaseUnknown(cause) }
      }
    }
  }
}

extension DualTableError {
  internal init(_ error: ParticipantError) {
    switch error {
    case .phaseUnknown: self = .phaseUnknown(nil)
    case .wrongPhase(let phase): self = .wrongPhase(phase)
    case .cancelled: self = .requestFailed(.cancelled)
    }
  }
}
