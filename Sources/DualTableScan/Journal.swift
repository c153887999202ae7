internal import HTTPTransport

/// The records since the last snapshot, in a file that only grows. Every call blocks.
///
/// A record is in the file's pages as soon as `append` returns, so that SIGKILL loses nothing; `sync` is for power cuts. A process
/// that dies while it appends leaves a torn record at the end, which the next one recognizes by length and checksum and cuts off.
struct Journal: ~Copyable, Sendable {
  private let file: File
  private(set) var length: Int
  private var isDirty = false
  private var scratch = ByteBuffer(capacity: 512)

  private static let mark: StaticString = "dualtable journal 1\n"

  /// Makes an empty journal at `path`, durable before this returns.
  init(creating path: String) throws(StateError) {
    let file = try File(path, .replace)
    var mark = ByteBuffer()
    mark.append(Self.mark)
    try file.append(mark.span)
    try file.sync()
    try File.syncDirectory(of: path)
    self.init(file: file, length: mark.count)
  }

  /// Opens the journal at `path` and hands its records to `apply`, oldest first; a torn end is cut off.
  init(opening path: String, _ apply: (JournalRecord) throws(StateError) -> Void) throws(StateError) {
    let (offset, count) = try Self.read(path, apply)
    let file = try File(path, .append)
    if offset < count { try file.truncate(to: offset) }
    self.init(file: file, length: offset)
  }

  /// Hands the records of the journal at `path` to `apply`, oldest first, and leaves the file as it is.
  ///
  /// - Returns: the bytes that are whole records, and those that are there.
  @discardableResult
  static func read(
    _ path: String, _ apply: (JournalRecord) throws(StateError) -> Void
  ) throws(StateError) -> (whole: Int, all: Int) {
    let bytes = try File.contents(of: path)
    let mark = unsafe UnsafeBufferPointer(start: Self.mark.utf8Start, count: Self.mark.utf8CodeUnitCount)
    var isOurs = bytes.count >= mark.count
    for index in 0..<mark.count where isOurs { isOurs = unsafe bytes[index] == mark[index] }
    guard isOurs else {
      throw StateError(.damaged, "\(path) isn't a journal of this kit's: begin again in another directory.")
    }
    var offset = mark.count
    while let record = JournalRecord(bytes.span, at: &offset) { try apply(record) }
    return (offset, bytes.count)
  }

  private init(file: consuming File, length: Int) {
    self.file = file
    self.length = length
  }

  /// Appends `record`; after a failure the file is as before, as far as the disk lets us.
  mutating func append(_ record: JournalRecord) throws(StateError) {
    scratch.removeAll()
    record.encode(into: &scratch)
    do {
      try file.append(scratch.span)
    } catch {
      try? file.truncate(to: length)
      throw error
    }
    length += scratch.count
    isDirty = true
  }

  /// Returns once every record is on the disk.
  mutating func sync() throws(StateError) {
    guard isDirty else { return }
    try file.sync()
    isDirty = false
  }
}
