internal import Glibc
internal import HTTPTransport

/// A run's directory, held against every other process from `init` until the value is gone.
///
/// In it lie `lock`, `manifest.json`, and for each pass a snapshot (`<name>.json`), its journal (`<name>.<generation>.journal`) and
/// what the pass writes besides. All of it is its owner's alone.
package final class StateDirectory: Sendable {
  package let path: String
  private let lock: File

  /// Makes the directory at `path` if need be and locks it.
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

  /// The directory's manifest: the one that its run began with, or `proposed` where it is the first.
  ///
  /// - Parameters:
  ///   - proposed: what this process would do; its segments and seed count only where no run has begun.
  ///   - segmentsAsked: the user named the number of segments, so that another one is refused.
  /// - Throws: `StateError` with `.mismatch`, which names the difference, `.damaged` or `.file`.
  package func manifest(proposed: RunManifest, segmentsAsked: Bool = false) throws(StateError) -> RunManifest {
    let file = "\(path)/manifest.json"
    guard File.exists(file) else {
      var bytes = ByteBuffer()
      proposed.encode(into: &bytes)
      try File.replace(file, with: bytes.span)
      return proposed
    }
    let found = try RunManifest(file)
    if let (what, ours, theirs) = found.difference(from: proposed, segmentsAsked: segmentsAsked) {
      throw StateError(
        .mismatch,
        "\(path) belongs to another run: its \(what) is \(Self.quoted(ours)) and this one's \(Self.quoted(theirs)); choose another directory"
      )
    }
    return found
  }

  private static func quoted(_ text: String) -> String { text.isEmpty ? "none" : text }
}
