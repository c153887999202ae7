internal import Glibc

/// The time of day, handed in: what signatures are dated with.
package struct WallClock: Sendable {
  private let milliseconds: @Sendable () -> Int64

  /// Makes a clock of a function that returns milliseconds since 1970 UTC.
  package init(_ milliseconds: @escaping @Sendable () -> Int64) {
    self.milliseconds = milliseconds
  }

  /// Milliseconds since 1970 UTC.
  package func now() -> Int64 { milliseconds() }

  /// The machine's clock.
  package static let system = WallClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
