/// When a failed call is tried again, and how long to wait before: a value without clock or randomness of its own.
///
/// Backoff is exponential with full jitter, as the AWS SDKs have it. The deadline covers all tries of a call and the waits between.
public struct RetryPolicy: Sendable, Hashable {
  /// What to do after a failed try.
  package enum Decision: Sendable, Equatable {
    case retry(after: Duration)
    case giveUp
  }

  /// How many tries a call has, the first one included; nil: as many as the deadline allows.
  public var maximumAttempts: Int?
  /// How long a call may take with all its tries and the waits between.
  public var deadline: Duration
  /// The longest first wait after a lost connection or an error of the service's. Default 25 ms.
  public var transientBase: Duration
  /// The longest first wait after throttling. Default 1 s.
  public var throttleBase: Duration
  /// The longest wait. Default 20 s.
  public var cap: Duration
  /// True if retries draw on the client's allowance (500 tokens, 5 a retry), so that an outage isn't met with a storm of them.
  public var usesQuota: Bool

  /// Makes a policy; the defaults are those of `requestPath`.
  public init(
    maximumAttempts: Int? = 4, deadline: Duration = .seconds(30), transientBase: Duration = .milliseconds(25),
    throttleBase: Duration = .seconds(1), cap: Duration = .seconds(20), usesQuota: Bool = true
  ) {
    self.maximumAttempts = maximumAttempts
    self.deadline = deadline
    self.transientBase = transientBase
    self.throttleBase = throttleBase
    self.cap = cap
    self.usesQuota = usesQuota
  }

  /// For a service's request path: 4 tries within 30 s, on the client's allowance.
  public static let requestPath = RetryPolicy()

  /// For bulk work, which paces itself: as many tries as fit before `deadline`, without the allowance, which bulk load would run dry.
  public static func bulk(deadline: Duration = .seconds(120)) -> RetryPolicy {
    RetryPolicy(maximumAttempts: nil, deadline: deadline, usesQuota: false)
  }

  /// Decides what follows a failed try.
  ///
  /// - Parameters:
  ///   - attempt: the number of the try that failed, from 1.
  ///   - error: how it failed.
  ///   - elapsed: since the call began.
  ///   - draw: 64 random bits.
  package func decision(attempt: Int, error: DynamoDBError, elapsed: Duration, draw: UInt64) -> Decision {
    guard error.isRetryable, attempt < maximumAttempts ?? Int.max else { return .giveUp }
    // A new access key takes seconds to be known everywhere; one that is still unknown after two more tries is wrong.
    if error.code == .unrecognizedClient && attempt > 2 { return .giveUp }
    var wait = backoff(attempt, base: error.isThrottling ? throttleBase : transientBase, draw: draw)
    if let asked = error.retryAfter { wait = max(wait, min(asked, cap)) }
    return elapsed + wait < deadline ? .retry(after: wait) : .giveUp
  }

  /// The wait after `attempt` tries, from 1: up to `base`, doubled with each, drawn evenly.
  func backoff(_ attempt: Int, base: Duration, draw: UInt64) -> Duration {
    min(cap, base * (1 << min(attempt - 1, 30))) * (Double(draw >> 11) / Double(1 << 53))
  }
}
