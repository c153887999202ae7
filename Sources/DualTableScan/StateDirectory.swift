internal import Glibc
internal import HTTPTransport

/// A run's directory, held against every other process from `init` until the value is gone.
package final class StateDirectory: Sendable {
  package let path: String
  private let lock: File

  /// Makes the directory at `path` if need be, for its owner alone, and locks it.
  ///
  /// - Throws: `StateError` with `.locked`, which names the other process if it can, or `.file`.
  package init(_ path: String) throws(StateError) {
    try File.makeDirectory(path)
    self.path = path
    lock = try File("\(path)/lock", .append)
    guard lock.lock() else {
      var bytes = ByteBuffer()
      try lock.read(at: 0, 20, into: &bytes)
      let owner = String(decoding: (0..<bytes.count).map { bytes[$0] }.prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
      throw StateError(
        .locked,
        "\(path) is in use by \(owner.isEmpty ? "another process" : "process \(owner)"): wait for it to end, or choose another directory")
    }
    try lock.truncate(to: 0)
    try lock.append(ByteBuffer("\(getpid())\n".utf8).span)
  }
}
