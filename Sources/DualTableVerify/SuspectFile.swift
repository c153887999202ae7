internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport

/// An id that the new table seems to lack, or to have with another content.
struct Suspect: Sendable, Equatable {
  let newKey: Item
  /// The content that the scan saw in the new table; a tombstone's where it saw none, or none was asked for.
  var seen = ContentDigest.tombstone
  /// The content that the old item yields; nil where only a look at the old item tells.
  var expected: ContentDigest?
}

/// One partition's suspects on disk, in frames of as many as one request rechecks. Every call blocks.
struct SuspectFile: ~Copyable {
  /// Keys that BatchGetItem takes.
  static let batchSize = 100

  private let file: File
  private let records = SpillRecords(hasContents: true)
  private var batch = ByteBuffer()
  private var count = 0

  /// An empty file in place of what an earlier comparison left.
  init(_ directory: String, _ partition: Int) throws(StateError) {
    file = try File(Self.path(directory, partition), .replace)
  }

  mutating func append(_ key: Span<UInt8>, _ seen: ContentDigest) throws(StateError) {
    batch.append(UInt8(truncatingIfNeeded: key.count))
    batch.append(UInt8(truncatingIfNeeded: key.count >> 8))
    batch.append(key)
    batch.append(littleEndian: seen.value)
    count += 1
    if count == Self.batchSize { try flush() }
  }

  mutating func flush() throws(StateError) {
    guard count > 0 else { return }
    var frame = ByteBuffer(capacity: batch.count + Frame.headSize)
    Frame.append(to: &frame) { $0.append(batch.span) }
    try file.append(frame.span)
    batch.removeAll()
    count = 0
  }

  /// The next frame's suspects; none at the file's end.
  static func next(_ reader: SpillReader, _ schema: KeySchema) throws(StateError) -> [Suspect] {
    var suspects: [Suspect] = []
    _ = try reader.next { (payload) throws(StateError) in
      try SpillRecords(hasContents: true).forEachKey(payload) { (canonical, seen) throws(StateError) in
        guard let key = schema.key(canonical: canonical) else {
          throw StateError(.damaged, "A suspects' file holds what is no key: remove its directory and verify again.")
        }
        suspects.append(Suspect(newKey: key, seen: seen))
      }
    }
    return suspects
  }

  static func path(_ directory: String, _ partition: Int) -> String { "\(directory)/suspects.\(partition).ids" }
}
