internal import DynamoDBClient
internal import MigrationControl

/// One operation of a caller's from its beginning to its end: the phase that it keeps, and what its requests are sent with.
internal struct OperationContext: Sendable {
  internal let phase: MigrationPhase
  /// What whoever listens is told of it; nil where nobody does.
  internal let observed: ObservedOperation?
  private let callers: CallOptions
  private let participation: (participant: Participant, operation: ParticipantStateMachine.Operation)?

  /// An operation in a phase that nobody changes.
  internal init(_ phase: MigrationPhase, _ callers: CallOptions, _ observed: ObservedOperation?) {
    self.phase = phase
    self.callers = callers
    self.observed = observed
    participation = nil
  }

  /// An operation of a participant's.
  internal init(
    _ operation: ParticipantStateMachine.Operation, of participant: Participant, _ callers: CallOptions, _ observed: ObservedOperation?
  ) {
    phase = operation.phase
    self.callers = callers
    self.observed = observed
    participation = (participant, operation)
  }

  /// What a request of this kind is sent with: the caller's own options, and sent again no more than both he and `resend` allow.
  internal func options(_ kind: RequestKind, resend: Resend = .always) -> CallOptions {
    var options = callers
    options.resend = options.resend.limited(by: resend)
    if let span = observed?.span { options.parent = span }
    if let (participant, operation) = participation { options.gate = participant.gate(kind, of: operation) }
    return options
  }

  /// OLD was read for a key that NEW lacks, or that only OLD counts for.
  internal func oldWasRead(isFound: Bool) {
    guard phase != .old else {
      observed?.read(.old)
      return
    }
    observed?.fellBack(isFound: isFound)
    if isFound { participation?.participant.fellBack() }
  }
}

extension DualTableRepository {
  /// Performs an operation in the phase that holds; begins it anew in the phase that comes if a switch ends it before anything of it may
  /// have landed.
  ///
  /// - Parameters:
  ///   - name: what whoever listens knows it by: one of few.
  ///   - options: the caller's.
  internal func operate<Output>(
    _ kind: RequestKind, _ name: String, _ options: CallOptions = CallOptions(),
    _ body: (OperationContext) async throws(DualTableError) -> Output
  ) async throws(DualTableError) -> Output {
    guard let observed = observer?.begin(name, parent: options.parent) else { return try await operate(kind, options, nil, body) }
    do {
      let output = try await operate(kind, options, observed, body)
      observed.ended(nil)
      return output
    } catch {
      observed.ended(error)
      throw error
    }
  }

  /// Inlined, as the call below it is: each frame of an operation costs a get that hits.
  @inline(__always)
  private func operate<Output>(
    _ kind: RequestKind, _ options: CallOptions, _ observed: ObservedOperation?,
    _ body: (OperationContext) async throws(DualTableError) -> Output
  ) async throws(DualTableError) -> Output {
    let participant: Participant
    switch phase {
    case .fixed(let phase):
      guard kind.isAllowed(in: phase) else { throw .wrongPhase(phase) }
      let context = OperationContext(phase, options, observed)
      // Nobody need wait for a read, and two changes of a counter that all cores share are a good part of what a hit costs.
      guard kind.isWrite else { return try await body(context) }
      return try await countingInFixedPhase { () async throws(DualTableError) in try await body(context) }
    case .participant(let member): participant = member
    }
    var deadline: Duration?
    while true {
      let operation: ParticipantStateMachine.Operation
      do throws(ParticipantError) {
        operation = try await participant.begin(kind, patience: new.retry.deadline, until: &deadline)
      } catch {
        throw DualTableError(error)
      }
      defer { participant.end(operation) }
      do throws(DualTableError) {
        return try await body(OperationContext(operation, of: participant, options, observed))
      } catch {
        guard error.code == .requestFailed, let cause = error.cause as? DynamoDBError, let refusal = cause.refusal else { throw error }
        // Nothing of it may have landed, or the error were another one.
        guard refusal == .beginAnew else { throw .phaseUnknown(cause) }
        observed?.retries(.phaseSwitch)
      }
    }
  }
}

extension DualTableError {
  internal init(_ error: ParticipantError) {
    switch error {
    case .phaseUnknown: self = .phaseUnknown(nil)
    case .closed:
      self = DualTableError(.phaseUnknown, "The repository's `run()` has ended, and nothing begins after it: let it run longer.")
    case .wrongPhase(let phase): self = .wrongPhase(phase)
    case .cancelled: self = .requestFailed(.cancelled)
    }
  }
}
