/// What one call may do otherwise than its client's configuration says.
public struct CallOptions: Sendable, Hashable {
  /// Which requests may be sent again. Default `.always`.
  public var resend: Resend
  /// When to try again, and the deadline over all tries; nil: the client's.
  public var retry: RetryPolicy?

  /// Makes options.
  public init(resend: Resend = .always, retry: RetryPolicy? = nil) {
    self.resend = resend
    self.retry = retry
  }
}
