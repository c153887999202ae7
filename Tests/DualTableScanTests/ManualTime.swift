import Synchronization

/// Monotonic time that moves when a test says so.
final class ManualTime: Sendable {
  private let value = Mutex(Duration.zero)

  func advance(_ duration: Duration) { value.withLock { $0 += duration } }

  var now: @Sendable () -> Duration { { [self] in value.withLock { $0 } } }
}
