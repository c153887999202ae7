/// What one call has been through: counts its tries and decides, after each, whether another may follow.
///
/// A pure value; the driver hands in time, randomness and the client's allowance, and does what it is told.
package struct CallProgress: Sendable {
  package enum Step: Sendable {
    case retry(after: Duration)
    case fail(DynamoDBError)
  }

  /// Why the same request may pass although it was refused for what it was signed with.
  package enum Renewal: Sendable, Hashable {
    /// The clock was corrected.
    case clock
    /// There are other credentials now.
    case credentials
  }

  let policy: RetryPolicy
  let resend: Resend
  let isWrite: Bool
  private(set) var attempts = 0
  private var timesHeldBack = 0
  private var outcomeUnknown = false
  private var hasRenewedClock = false
  private var hasRenewedCredentials = false

  package init(policy: RetryPolicy, resend: Resend, isWrite: Bool) {
    self.policy = policy
    self.resend = resend
    self.isWrite = isWrite
  }

  /// True once a retry has drawn on the client's allowance.
  package private(set) var hasDrawn = false

  /// Notes a failed try and says what follows.
  ///
  /// - Parameter renewal: set where the request would be signed otherwise now; each kind counts once a call, and costs no allowance.
  package mutating func failed(
    _ failure: DynamoDBError, renewal: Renewal? = nil, elapsed: Duration, draw: UInt64, quota: inout RetryQuota
  ) -> Step {
    attempts += 1
    var error = failure
    // A lost write stays unknown whatever later tries are told: a condition refused after it may have been refused by its own doing.
    if isWrite && failure.mayHaveArrived { outcomeUnknown = true }
    error.outcomeUnknown = outcomeUnknown
    error.attempts = attempts
    guard mayResend else { return .fail(error) }
    if let renewal, elapsed < policy.deadline, renew(renewal) { return .retry(after: .zero) }
    guard case .retry(let wait) = policy.decision(attempt: attempts, error: error, elapsed: elapsed, draw: draw) else {
      return .fail(error)
    }
    if policy.usesQuota {
      guard quota.take() else { return .fail(error) }
      hasDrawn = true
    }
    return .retry(after: wait)
  }

  /// Says what follows a try that a gate held back: it was not sent, and doesn't count.
  package mutating func heldBack(_ refusal: AttemptRefusal, elapsed: Duration) -> Step {
    let pause = GatePatience.pause(after: timesHeldBack)
    timesHeldBack += 1
    if refusal == .wait, elapsed + pause < policy.deadline { return .retry(after: pause) }
    var error = DynamoDBError(refusal)
    error.outcomeUnknown = outcomeUnknown
    error.attempts = attempts
    return .fail(error)
  }

  /// What the call throws if its task is cancelled while it waits for the next try.
  package func cancelled() -> DynamoDBError {
    var error = DynamoDBError.cancelled
    error.outcomeUnknown = outcomeUnknown
    error.attempts = attempts
    return error
  }

  private mutating func renew(_ renewal: Renewal) -> Bool {
    switch renewal {
    case .clock:
      defer { hasRenewedClock = true }
      return !hasRenewedClock
    case .credentials:
      defer { hasRenewedCredentials = true }
      return !hasRenewedCredentials
    }
  }

  private var mayResend: Bool {
    switch resend {
    case .always: true
    case .unlessOutcomeUnknown: !outcomeUnknown
    case .never: false
    }
  }
}
