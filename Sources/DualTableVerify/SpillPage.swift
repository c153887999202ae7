internal import DualTableScan
package import HTTPTransport

/// The ids of one scan page, sorted into the frames that go to the spill files.
///
/// Of the old table's ids the canonical new key itself goes to disk, for a suspect has to be found again, by its new key and through
/// the mapping by its old one; the digest is made again from it when it is read. It is about as long as the id, so 100 million UUIDs
/// take 4.5 GB. Of the new table's ids the digest is enough: nothing is ever looked up by them. Where contents are compared, the digest
/// of the content follows either.
package struct SpillPage: ~Copyable, Sendable {
  private let partitions: Int
  private var records = ByteBuffer(capacity: 65_536)
  /// By id: where its record ends, and its partition.
  private var ends: [UInt32] = []
  private var places: [UInt16] = []
  /// Each partition's ids as a list.
  private var heads: [Int32] = []
  private var nexts: [Int32] = []
  /// One partition's frame at a time.
  private var frame = ByteBuffer(capacity: 8_192)

  package init(partitions: Int) {
    precondition(partitions >= 1 && partitions <= Int(UInt16.max))
    self.partitions = partitions
  }

  /// Ids added.
  package var count: Int { ends.count }

  /// Bytes of their records.
  var bytes: Int { records.count }

  /// The ids one behind the other, as `SpillRecords` reads them.
  var payload: Span<UInt8> { @_lifetime(borrow self) borrowing get { records.span } }

  /// Forgets the ids, keeps the memory.
  package mutating func removeAll() { truncate(to: 0) }

  /// Forgets all but the first `count` ids.
  mutating func truncate(to count: Int) {
    ends.removeLast(ends.count - count)
    places.removeLast(places.count - count)
    records.truncate(to: Int(ends.last ?? 0))
  }

  /// Adds an id of the old table by its canonical key.
  package mutating func add(_ digest: IDDigest, canonicalKey: borrowing ByteBuffer, content: ContentDigest? = nil) {
    precondition(canonicalKey.count <= Int(UInt16.max))
    records.append(UInt8(truncatingIfNeeded: canonicalKey.count))
    records.append(UInt8(truncatingIfNeeded: canonicalKey.count >> 8))
    records.append(canonicalKey.span)
    close(digest, content)
  }

  /// Adds an id of the new table.
  package mutating func add(_ digest: IDDigest, content: ContentDigest? = nil) {
    digest.append(to: &records)
    close(digest, content)
  }

  private mutating func close(_ digest: IDDigest, _ content: ContentDigest?) {
    if let content { records.append(littleEndian: content.value) }
    ends.append(UInt32(records.count))
    places.append(UInt16(digest.partition(of: partitions)))
  }

  /// Hands out the frames, in the order of partitions; a partition without an id has none.
  mutating func forEachFrame<Failure>(_ body: (_ partition: Int, _ frame: Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    // Lists, so that the records are gone through once whatever the number of partitions.
    heads.removeAll(keepingCapacity: true)
    heads.append(contentsOf: repeatElement(-1, count: partitions))
    nexts.removeAll(keepingCapacity: true)
    nexts.append(contentsOf: repeatElement(-1, count: ends.count))
    for index in ends.indices.reversed() {
      nexts[index] = heads[Int(places[index])]
      heads[Int(places[index])] = Int32(index)
    }
    for partition in 0..<partitions where heads[partition] >= 0 {
      frame.removeAll()
      Self.appendFrame(to: &frame, records, ends, from: heads[partition], nexts)
      try body(partition, frame.span)
    }
  }

  private static func appendFrame(
    to frame: inout ByteBuffer, _ records: borrowing ByteBuffer, _ ends: [UInt32], from head: Int32, _ nexts: [Int32]
  ) {
    Frame.append(to: &frame) { bytes in
      var index = Int(head)
      while index >= 0 {
        bytes.append(records.span.extracting((index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])))
        index = Int(nexts[index])
      }
    }
  }
}
