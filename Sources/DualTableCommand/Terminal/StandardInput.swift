internal import DualTableScan
internal import Glibc

/// The process's standard input, in pieces.
enum StandardInput {
  /// Waits for the next bytes; none at the end, and once the process is asked to stop.
  static func next(unless stop: StopSignal) throws(CommandError) -> [UInt8] {
    while stop.reason == nil {
      // A read would go on waiting behind a signal, and one that comes right before a wait can't end it: so no wait is long.
      var polled = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&polled, 1, 100) != 0 else { continue }
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count >= 0 { return Array(bytes.prefix(count)) }
      if errno != EINTR { throw CommandError("Standard input can't be read; redirect a file into it, or pipe.") }
    }
    return []
  }
}
