internal import HTTPTransport

/// A file of JSON objects, one a line, that only grows: dead letters, and the keys that a verification reports.
///
/// Every call blocks. A process that dies while it writes can leave half a line at the end; `init` cuts that off.
package struct JSONLinesFile: ~Copyable, Sendable {
  private let file: File
  /// Bytes in the file; all of them whole lines.
  package private(set) var length: Int

  /// Opens the file at `path`, or makes it, for its owner alone.
  ///
  /// - Parameter checkpointed: the length that the last checkpoint knew; what lies behind it belongs to pages that will be done
  ///   again and is cut off. Nil keeps every whole line.
  package init(_ path: String, checkpointed: Int? = nil) throws(StateError) {
    let file = try File(path, .append)
    let found = try file.length()
    let length: Int
    if let checkpointed {
      guard found >= checkpointed else {
        throw StateError(
          .damaged, "\(path) is shorter than its run's checkpoint says: put the file back, or begin again in another directory.")
      }
      length = checkpointed
    } else {
      length = try Self.endOfLastLine(file, found)
    }
    if length < found { try file.truncate(to: length) }
    self.init(file: file, length: length)
  }

  private init(file: consuming File, length: Int) {
    self.file = file
    self.length = length
  }

  /// Appends whole lines, each with its line feed; after a failure the file is as before.
  package mutating func append(_ lines: Span<UInt8>) throws(StateError) {
    guard !lines.isEmpty else { return }
    precondition(lines[lines.count - 1] == 0x0A, "lines end with a line feed")
    do {
      try file.append(lines)
    } catch {
      try? file.truncate(to: length)
      throw error
    }
    length += lines.count
  }

  /// Bytes that a reason has, and how many different ones there are, at most: the file may be anything.
  private static let (longestReason, mostReasons) = (256, 1_000)

  /// How many lines have which `reason`, in the first `length` bytes of the file at `path`.
  package static func reasons(_ path: String, _ length: Int) throws(StateError) -> [String: Int] {
    let file = try File(path, .read)
    var counts: [String: Int] = [:]
    // Quotes within a value are escaped, so that these bytes stand for the member alone.
    let mark = Array(",\"reason\":\"".utf8)
    var (matched, reason): (Int, [UInt8]) = (0, [])
    var offset = 0
    while offset < length {
      var bytes = ByteBuffer(capacity: 65_536)
      guard try file.read(at: offset, min(65_536, length - offset), into: &bytes) > 0 else { break }
      for index in 0..<bytes.count {
        let byte = bytes[index]
        if matched < mark.count {
          matched = byte == mark[matched] ? matched + 1 : byte == mark[0] ? 1 : 0
        } else if byte == UInt8(ascii: "\"") {
          let name = String(decoding: reason, as: UTF8.self)
          if counts[name] != nil || counts.count < mostReasons { counts[name, default: 0] += 1 }
          (matched, reason) = (0, [])
        } else if reason.count < longestReason {
          reason.append(byte)
        } else {
          // No reason of this kit's: a line that something else has written.
          (matched, reason) = (0, [])
        }
      }
      offset += bytes.count
    }
    return counts
  }

  /// Returns once every line is on the disk.
  package func sync() throws(StateError) { try file.sync() }

  private static func endOfLastLine(_ file: borrowing File, _ length: Int) throws(StateError) -> Int {
    var end = length
    while end > 0 {
      let start = max(0, end - 4_096)
      var bytes = ByteBuffer(capacity: end - start)
      try file.read(at: start, end - start, into: &bytes)
      for index in stride(from: bytes.count - 1, through: 0, by: -1) where bytes[index] == 0x0A { return start + index + 1 }
      end = start
    }
    return 0
  }
}
