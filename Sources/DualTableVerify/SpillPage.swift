internal import DualTableScan
internal import HTTPTransport

/// The ids of one scan page, sorted into the frames that go to the spill files.
///
/// Of the old table's ids the canonical new key itself goes to disk, for a suspect has to be found again, by its new key and through
/// the mapping by its old one; the digest is made again from it when it is read. It is about as long as the id, so 100 million UUIDs
/// take 4.5 GB. Of the new table's ids the digest is enough: nothing is ever looked up by them.
struct SpillPage: ~Copyable, Sendable {
  /// One partition's frame.
  struct Part: Sendable {
    let partition: Int
    let range: Range<Int>
  }

  private let partitions: Int
  private var records = ByteBuffer(capacity: 65_536)
  private var entries: [(partition: Int32, end: Int)] = []
  private var frames = ByteBuffer(capacity: 65_536)
  private var parts: [Part] = []

  init(partitions: Int) { self.partitions = partitions }

  /// Ids added.
  var count: Int { entries.count }

  /// Forgets the ids, keeps the memory.
  mutating func removeAll() {
    records.removeAll()
    entries.removeAll(keepingCapacity: true)
  }

  /// Forgets all but the first `count` ids.
  mutating func truncate(to count: Int) {
    records.truncate(to: count == 0 ? 0 : entries[count - 1].end)
    entries.removeLast(entries.count - count)
  }

  /// Adds an id of the old table by its canonical key.
  mutating func add(_ digest: IDDigest, canonicalKey: borrowing ByteBuffer) {
    precondition(canonicalKey.count <= Int(UInt16.max))
    records.append(UInt8(truncatingIfNeeded: canonicalKey.count))
    records.append(UInt8(truncatingIfNeeded: canonicalKey.count >> 8))
    records.append(canonicalKey.span)
    entries.append((Int32(digest.partition(of: partitions)), records.count))
  }

  /// Adds an id of the new table.
  mutating func add(_ digest: IDDigest) {
    digest.append(to: &records)
    entries.append((Int32(digest.partition(of: partitions)), records.count))
  }

  /// Hands out the frames, in the order of partitions; a partition without an id has none.
  mutating func withFrames<Result, Failure>(
    _ body: (Span<UInt8>, [Part]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    frames.removeAll()
    parts.removeAll(keepingCapacity: true)
    var heads = Array(repeating: -1, count: partitions)
    var nexts = Array(repeating: -1, count: entries.count)
    for index in entries.indices.reversed() {
      let partition = Int(entries[index].partition)
      nexts[index] = heads[partition]
      heads[partition] = index
    }
    for partition in 0..<partitions where heads[partition] >= 0 {
      let start = frames.count
      Self.appendFrame(to: &frames, records, entries, from: heads[partition], nexts)
      parts.append(Part(partition: partition, range: start..<frames.count))
    }
    return try body(frames.span, parts)
  }

  private static func appendFrame(
    to frames: inout ByteBuffer, _ records: borrowing ByteBuffer, _ entries: [(partition: Int32, end: Int)], from head: Int, _ nexts: [Int]
  ) {
    Frame.append(to: &frames) { bytes in
      var index = head
      while index >= 0 {
        bytes.append(records.span.extracting((index == 0 ? 0 : entries[index - 1].end)..<entries[index].end))
        index = nexts[index]
      }
    }
  }
}
