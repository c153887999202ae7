public import Telemetry

/// What one call may do otherwise than its client's configuration says.
public struct CallOptions: Sendable {
  /// Which requests may be sent again. Default `.always`.
  public var resend: Resend
  /// When to try again, and the deadline over all tries; nil: the client's.
  public var retry: RetryPolicy?
  /// What the call's span is a part of; nil: whatever the span sink holds to be current.
  public var parent: (any TelemetrySpan)?
  /// Who is asked before each attempt; nil: nobody.
  package var gate: (any AttemptGate)?

  /// Makes options.
  public init(resend: Resend = .always, retry: RetryPolicy? = nil, parent: (any TelemetrySpan)? = nil) {
    self.resend = resend
    self.retry = retry
    self.parent = parent
  }
}
