internal import Synchronization

/// Asks a pass to end after the pages in flight; the first reason stands.
package final class StopSignal: Sendable {
  /// Why a pass ends before its table does.
  package enum Reason: Int, Sendable, CaseIterable {
    /// An operator's signal or command.
    case interrupted = 1
    case timeLimit
    case itemLimit
  }

  private let value = Atomic<Int>(0)

  package init() {}

  /// Asks; can be called from any thread, and from a signal's handler.
  package func request(_ reason: Reason) {
    _ = value.compareExchange(expected: 0, desired: reason.rawValue, ordering: .relaxed)
  }

  /// Asks once `limit` is over; a task of its own waits for it, and ends without asking when cancelled.
  package func request(_ reason: Reason, after limit: Duration, on clock: some Clock<Duration>) async {
    if (try? await clock.sleep(for: limit)) != nil { request(reason) }
  }

  /// The reason, nil as long as nobody asked.
  package var reason: Reason? { Reason(rawValue: value.load(ordering: .relaxed)) }
}
