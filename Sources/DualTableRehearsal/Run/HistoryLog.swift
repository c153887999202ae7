internal import AWSAuth
internal import DualTableScan
internal import HTTPTransport
internal import Synchronization

/// A history as it grows: its digest, and its file if it is to have one. Holds no more than what one write takes.
final class HistoryLog: Sendable {
  fileprivate struct State: ~Copyable {
    var file: File?
    var pending = ByteBuffer()
    var digest = SHA256()
    var failure: StateError?
    var events = 0
  }

  private static let chunk = 1 << 16

  private let state: Mutex<State>

  init(_ path: String?) throws(StateError) {
    var initial = State()
    if let path { initial.file = try File(path, .replace) }
    state = Mutex(initial)
  }

  /// Operations so far, those of `initial` left out.
  var operations: Int { state.withLock { $0.events } }

  func add(_ event: HistoryEvent) {
    let line = event.line
    state.withLock { state in
      if event.operation != .initial { state.events += 1 }
      state.pending.append(line.utf8.span)
      state.pending.append(UInt8(ascii: "\n"))
      if state.pending.count >= Self.chunk { state.flush() }
    }
  }

  /// Writes what is left; the digest of all lines.
  func finish() throws(StateError) -> String {
    let (digest, failure) = state.withLock { state in
      state.flush()
      return (state.digest.finish(), state.failure)
    }
    if let failure { throw failure }
    return HexDigits(digest).string
  }
}

extension HistoryLog.State {
  fileprivate mutating func flush() {
    var lines = ByteBuffer()
    swap(&lines, &pending)
    digest.update(lines.span)
    guard failure == nil else { return }
    do throws(StateError) { try file?.append(lines.span) } catch { failure = error }
  }
}
