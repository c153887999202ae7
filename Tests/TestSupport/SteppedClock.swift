internal import Synchronization

/// A clock that stands still until somebody sleeps: the sleep ends at once, and the clock shows its end.
package final class SteppedClock: Clock {
  package struct Instant: InstantProtocol {
    fileprivate var offset: Duration
    package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    package func duration(to other: Instant) -> Duration { other.offset - offset }
    package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct State {
    var now = Instant(offset: .zero)
    var sleeps: [Duration] = []
  }

  private let state = Mutex(State())

  package init() {}

  package var now: Instant { state.withLock { $0.now } }
  package var minimumResolution: Duration { .nanoseconds(1) }
  /// How long each sleep was to be, in order; of the first thousand.
  package var sleeps: [Duration] { state.withLock { $0.sleeps } }

  package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    state.withLock { state in
      if state.sleeps.count < 1_000 { state.sleeps.append(state.now.duration(to: deadline)) }
      state.now = max(state.now, deadline)
    }
    // Who sleeps in a loop must not keep others from their turn.
    await Task.yield()
  }

  package func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }
}
