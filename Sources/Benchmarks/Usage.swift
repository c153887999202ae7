internal import Glibc

/// What this process has used so far.
struct Usage {
  /// Seconds on any core, in the program and in the kernel for it.
  let seconds: Double
  /// The most memory it ever had resident, in bytes.
  let peakBytes: Int

  /// As of now.
  static func current() throws(Failure) -> Usage {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { throw Failure("can't read this process's usage") }
    let times = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) * 1e-6 }
    return Usage(seconds: times[0] + times[1], peakBytes: try peakBytes())
  }

  /// From the kernel's account of this process's own memory. `ru_maxrss` won't do: a child starts with its parent's.
  private static func peakBytes() throws(Failure) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { throw Failure("can't open /proc/self/status") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split { " \t\n".contains($0) }
      if words.count >= 2, words[0] == "VmHWM:", let kilobytes = Int(words[1]) { return kilobytes * 1_024 }
    }
    throw Failure("/proc/self/status doesn't tell the peak of memory")
  }
}

/// The monotonic clock, in seconds.
func monotonicSeconds() -> Double { seconds(of: CLOCK_MONOTONIC) }

/// What the calling thread has had of a core, in seconds.
func threadSeconds() -> Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

private func seconds(of clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
