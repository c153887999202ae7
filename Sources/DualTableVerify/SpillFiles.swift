package import DualTableScan
internal import HTTPTransport

/// One table's spill files, one a partition, for appending. Every call blocks.
///
/// Files only grow by whole frames. A page that is scanned again after a kill is spilled again: ids that stand twice count once when
/// the partitions are compared.
package struct SpillFiles: ~Copyable, Sendable {
  private var files: [Appender]

  private final class Appender: @unchecked Sendable {
    // Sound: only the files' one owner, which can't be copied, holds it.
    let file: File
    var length: Int

    init(_ path: String) throws(StateError) {
      file = try File(path, .append)
      length = try SpillReader.wholeLength(path)
      if length < (try file.length()) { try file.truncate(to: length) }
    }

    func append(_ bytes: Span<UInt8>) throws(StateError) {
      do {
        try file.append(bytes)
      } catch {
        try? file.truncate(to: length)
        throw error
      }
      length += bytes.count
    }
  }

  /// Opens or makes the files; a frame that a process left half-written is cut off.
  package init(_ directory: String, _ role: Verification.Role, partitions: Int) throws(StateError) {
    files = []
    for partition in 0..<partitions { files.append(try Appender(Self.path(directory, role, partition))) }
  }

  /// Appends a page's frames.
  package mutating func append(_ page: inout SpillPage) throws(StateError) {
    try page.forEachFrame { (partition, frame) throws(StateError) in try files[partition].append(frame) }
  }

  static func path(_ directory: String, _ role: Verification.Role, _ partition: Int) -> String {
    "\(directory)/\(role.rawValue).\(partition).ids"
  }

  /// True for the names of such files, and of those of suspects.
  static func isFile(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && ["old", "new", "suspects"].contains(parts[0]) && Int(parts[1]) != nil && parts[2] == "ids"
  }
}
