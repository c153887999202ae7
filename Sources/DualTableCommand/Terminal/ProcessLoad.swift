internal import Glibc

/// How much of the machine's processors this process uses, between two looks.
struct ProcessLoad: Sendable {
  private var last: (processor: Double, elapsed: Duration)?

  /// The share since the last look, 0...1; 0 at the first.
  mutating func sample(at elapsed: Duration) -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    let processor = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    defer { last = (processor, elapsed) }
    guard let last, elapsed > last.elapsed else { return 0 }
    let processors = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    return min(1, (processor - last.processor) / ((elapsed - last.elapsed) / .seconds(1)) / processors)
  }
}
