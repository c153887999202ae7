internal import Glibc

/// Nanoseconds on a clock that never goes back; `Int64` holds 292 years of them.
typealias Nanoseconds = Int64

/// The clock that deadlines are measured by.
enum MonotonicClock {
  static func now() -> Nanoseconds {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Nanoseconds(time.tv_sec) * 1_000_000_000 + Nanoseconds(time.tv_nsec)
  }
}

extension Duration {
  /// The whole nanoseconds in it, at most a century's.
  var nanoseconds: Nanoseconds {
    let century: Nanoseconds = 3_155_760_000
    let (seconds, attoseconds) = components
    return min(max(seconds, 0), century) * 1_000_000_000 + (seconds < 0 ? 0 : attoseconds / 1_000_000_000)
  }
}
