internal import DualTableScan
internal import Glibc

/// Turns the first Ctrl-C or SIGTERM into a request to stop, and the second into the end.
enum InterruptSignals {
  /// What the first one asks. A constant of the process, because a handler can reach nothing else.
  static let stop = StopSignal()

  /// Installs the handlers; a broken pipe becomes an error of the write.
  static func install() -> StopSignal {
    let stop = stop
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        // Only what is safe in a handler: an atomic, and the call that ends a process without running anything of it. Whatever is in
        // flight then is as if the machine had failed, which every run survives.
        if InterruptSignals.stop.reason == .interrupted { _exit(ToolStatus.interrupted.rawValue) }
        InterruptSignals.stop.request(.interrupted)
      }
    }
    return stop
  }
}
