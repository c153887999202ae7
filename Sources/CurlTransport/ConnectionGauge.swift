internal import Synchronization

/// Counts the open connections of all loops, and tells somebody of each change.
final class ConnectionGauge: Sendable {
  private let open = Mutex(0)
  private let report: @Sendable (Int) -> Void

  init(_ report: @escaping @Sendable (Int) -> Void) { self.report = report }

  /// Tells within the lock, so that what was told last is what there is.
  func change(by difference: Int) {
    open.withLock { open in
      open += difference
      report(open)
    }
  }
}
