/// What one call has been through: counts its tries and decides, after each, whether another may follow.
///
/// A pure value; the driver hands in time, randomness and the client's allowance, and does what it is told.
struct CallProgress: Sendable {
  enum Step: Sendable {
    case retry(after: Duration)
    case fail(DynamoDBError)
  }

  let policy: RetryPolicy
  let resend: Resend
  let isWrite: Bool
  private(set) var attempts = 0
  private var outcomeUnknown = false

  init(policy: RetryPolicy, resend: Resend, isWrite: Bool) {
    self.policy = policy
    self.resend = resend
    self.isWrite = isWrite
  }

  /// True once a try has failed.
  var hasRetried: Bool { attempts > 0 }

  /// Notes a failed try and says what follows.
  mutating func failed(_ failure: DynamoDBError, elapsed: Duration, draw: UInt64, quota: inout RetryQuota) -> Step {
    attempts += 1
    var error = failure
    // A lost write stays unknown whatever later tries are told: a condition refused after it may have been refused by its own doing.
    if isWrite && failure.mayHaveArrived { outcomeUnknown = true }
    error.outcomeUnknown = outcomeUnknown
    error.attempts = attempts
    guard mayResend, case .retry(let wait) = policy.decision(attempt: attempts, error: error, elapsed: elapsed, draw: draw) else {
      return .fail(error)
    }
    if policy.usesQuota && !quota.take() { return .fail(error) }
    return .retry(after: wait)
  }

  /// What the call throws if its task is cancelled while it waits for the next try.
  func cancelled() -> DynamoDBError {
    var error = DynamoDBError.cancelled
    error.outcomeUnknown = outcomeUnknown
    error.attempts = attempts
    return error
  }

  private var mayResend: Bool {
    switch resend {
    case .always: true
    case .unlessOutcomeUnknown: !outcomeUnknown
    case .never: false
    }
  }
}
