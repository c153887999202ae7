internal import DynamoDBClient
internal import MigrationControl
internal import Synchronization

/// What has become of one write to OLD, which is the service's own code: what of it went out, and whether the phase held it back.
///
/// That code may hide an error, or wrap it in one of its own, so what may be repeated is judged by what its client did.
internal final class OldWrite: Sendable {
  private struct State {
    var mayHaveLanded = false
    var refusal: AttemptRefusal?
  }

  private let state = Mutex(State())

  /// Something of it landed, or may have, or may yet.
  internal var mayHaveLanded: Bool { state.withLock(\.mayHaveLanded) }
  /// Why the phase kept one of its requests from being sent for good; nil if it kept none.
  internal var refusal: AttemptRefusal? { state.withLock(\.refusal) }

  /// The client of OLD that it writes by.
  internal func client(
    of old: DynamoDBClient, _ operation: ParticipantStateMachine.Operation, _ participant: Participant
  ) -> DynamoDBClient {
    old.gated(
      reads: Gate(write: self, gate: participant.gate(.read, of: operation), isWrite: false),
      writes: Gate(write: self, gate: participant.gate(.oldWrite, of: operation), isWrite: true))
  }

  private func note(_ permit: AttemptPermit) {
    state.withLock { state in
      switch permit {
      // A request that waited may be let through in the end; every other refusal is the last word.
      case .granted: if state.refusal == .wait { state.refusal = nil }
      case .refused(let refusal): if state.refusal == nil || refusal != .wait { state.refusal = refusal }
      }
    }
  }

  private struct Gate: AttemptGate {
    let write: OldWrite
    let gate: ParticipantGate
    let isWrite: Bool

    func attempt() -> AttemptPermit {
      let permit = gate.attempt()
      write.note(permit)
      return permit
    }

    func ended(_ number: Int, _ end: AttemptEnd) {
      if isWrite, end != .excluded { write.state.withLock { $0.mayHaveLanded = true } }
      gate.ended(number, end)
    }
  }
}
