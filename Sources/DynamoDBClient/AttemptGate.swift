/// Says before each attempt of a request whether it may be signed, and is told what became of it.
///
/// An attempt is one sending of one request; a resend is another. The time of its signature is taken before the gate is asked: a process
/// that is suspended in between meets a gate that knows how late it is, and one that is suspended later sends a dead signature. Asked on
/// the transport's thread, so it never blocks.
package protocol AttemptGate: Sendable {
  /// Whether an attempt may be signed with a time that was taken just before.
  func attempt() -> AttemptPermit

  /// The attempt that was let through under this number has come to an end; told once of each.
  func ended(_ number: Int, _ end: AttemptEnd)
}

/// What a gate says.
package enum AttemptPermit: Sendable, Hashable {
  /// It may; the number is what `ended` is told.
  case granted(Int)
  case refused(AttemptRefusal)
}

/// Why a request may not be signed. Nothing of it was sent.
package enum AttemptRefusal: Error, Sendable, Hashable {
  /// Not now: what is known of the migration's phase is too old. The call waits, to its deadline.
  case wait
  /// A switch of phase forbids it: its operation ends, and may begin anew in the phase that comes.
  case beginAnew
  /// Nobody knows any more in which phase its operation began.
  case phaseUnknown
}

/// What became of an attempt.
package enum AttemptEnd: Sendable, Hashable {
  /// Answered with success.
  case landed
  /// It was refused, or never left: it can't land any more.
  case excluded
  /// It may have landed, or land as long as its signature is good.
  case unknown
}

extension DynamoDBError {
  /// The error of a request that a gate kept from being sent.
  package init(_ refusal: AttemptRefusal) {
    let message =
      switch refusal {
      case .wait: "The migration's phase has not been known for too long: see that the control table can be reached, and try again."
      case .beginAnew: "The migration's phase is being changed: let this error pass, the operation begins anew."
      case .phaseUnknown: "The phase in which the operation began is no longer known: try again."
      }
    self.init(.heldBack, message, cause: refusal)
  }

  /// Why a gate kept the request from being sent; nil for every other error.
  package var refusal: AttemptRefusal? { code == .heldBack ? cause as? AttemptRefusal : nil }

  /// What the failed try's attempt came to.
  package var end: AttemptEnd {
    if let httpStatus, (200...299).contains(httpStatus) { return .landed }
    return mayHaveArrived ? .unknown : .excluded
  }
}
