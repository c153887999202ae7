internal import DynamoDBModel
internal import Glibc
internal import HTTPTransport

/// A run's directory, held against every other process from `init` until the value is gone.
///
/// In it lie `lock`, `manifest.json`, and for each pass a snapshot (`<name>.json`), its journal (`<name>.<generation>.journal`) and
/// what the pass writes besides. All of it is its owner's alone. Subdirectories are other runs' business.
package final class StateDirectory: Sendable {
  package let path: String
  private let lock: File

  /// Makes the directory at `place` if need be and locks it.
  ///
  /// - Throws: `StateError` with `.locked`, which names the other process if it can, or `.file`.
  package init(_ place: StatePath) throws(StateError) {
    // From the outermost on: once nobody else can write to one, nobody can put anything else into the next one's place.
    for level in place.levels { try File.makeDirectory(level) }
    path = place.path
    lock = try File("\(path)/lock", .append)
    guard lock.lock() else {
      var bytes = ByteBuffer()
      try lock.read(at: 0, 20, into: &bytes)
      let owner = String(decoding: (0..<bytes.count).map { bytes[$0] }.prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
      throw StateError(
        .locked,
        "The state directory \(path) is in use by \(owner.isEmpty ? "another process" : "process \(owner)"): wait for it to end, or choose another directory."
      )
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
    guard let found = try manifest() else {
      var bytes = ByteBuffer()
      proposed.encode(into: &bytes)
      try File.replace("\(path)/manifest.json", with: bytes.span)
      return proposed
    }
    if let (what, ours, theirs) = found.difference(from: proposed, segmentsAsked: segmentsAsked) {
      throw StateError(
        .mismatch,
        "The state directory \(path) belongs to another run: its \(what) is \(Self.quoted(ours)) and this one's \(Self.quoted(theirs)); choose another directory."
      )
    }
    return found
  }

  /// The manifest of the run that is under way here; nil if none is.
  package func manifest() throws(StateError) -> RunManifest? { try Self.manifest(at: path) }

  /// The manifest in the directory at `path`, which may be in use; nil if there is none.
  package static func manifest(at path: String) throws(StateError) -> RunManifest? {
    let file = "\(path)/manifest.json"
    return File.exists(file) ? try RunManifest(file) : nil
  }

  /// Ends the run that is under way here: removes its manifest, and then what else the run has written. What somebody else has put here
  /// stays.
  ///
  /// - Parameters:
  ///   - passes: the names of the run's passes.
  ///   - isOurs: true for the names of other files that the run has written. Default none.
  package func clear(passes: [String], _ isOurs: (String) -> Bool = { _ in false }) throws(StateError) {
    // The manifest first: without it what is left belongs to nobody, whenever the process dies.
    try File.remove("\(path)/manifest.json")
    for name in try File.names(in: path) {
      // As it is called while it is written.
      let plain = name.hasSuffix(".new") ? String(name.dropLast(4)) : name
      let isPass = passes.contains { PassCheckpoint.isFile(plain, of: $0) }
      if isPass || plain == "manifest.json" || isOurs(plain) { try File.remove("\(path)/\(name)") }
    }
  }

  /// Bytes of all files in the directory; what else has a name there has none.
  package func length() throws(StateError) -> Int {
    var length = 0
    for name in try File.names(in: path) { length += try File.length(of: "\(path)/\(name)") }
    return length
  }

  static func quoted(_ text: String) -> String { text.isEmpty ? "none" : text }
}

extension StateDirectory {
  /// Names the machine's run since it was last switched on; what was written in another one may be incomplete where it wasn't synced.
  package static func bootID() throws(StateError) -> String {
    let file = try File("/proc/sys/kernel/random/boot_id", .read)
    var bytes = ByteBuffer()
    try file.read(at: 0, 36, into: &bytes)
    return String(copying: bytes.span)
  }
}
