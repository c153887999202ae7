package import DynamoDBClient

/// The gate of one operation's requests of one kind.
package struct ParticipantGate: AttemptGate {
  private let participant: Participant
  private let operation: ParticipantStateMachine.Operation
  private let kind: RequestKind

  internal init(_ participant: Participant, _ operation: ParticipantStateMachine.Operation, _ kind: RequestKind) {
    self.participant = participant
    self.operation = operation
    self.kind = kind
  }

  package func attempt() -> AttemptPermit {
    switch participant.sign(kind, of: operation) {
    case .sign(let attempt): .granted(attempt.number)
    case .wait: .refused(.wait)
    case .beginAnew: .refused(.beginAnew)
    case .phaseUnknown: .refused(.phaseUnknown)
    }
  }

  package func ended(_ number: Int, _ end: AttemptEnd) {
    // Reads are let through and forgotten.
    if kind.isWrite { participant.end(attempt: number, isResolved: end != .unknown) }
  }
}

extension Participant {
  /// The gate of an operation's requests of one kind.
  package func gate(_ kind: RequestKind, of operation: ParticipantStateMachine.Operation) -> ParticipantGate {
    ParticipantGate(self, operation, kind)
  }
}
