internal import DynamoDBClient
internal import HTTPTransport

/// What stands for an id: 127 bits of its keyed digest.
///
/// Two ids of a hundred million old and as many new ones share a digest with a chance of 1e16 / 2^127, less than 1 in 1e22; only then
/// could one missing id pass unseen. The key is drawn anew for each run, so nobody can make ids that do.
package struct IDDigest: Sendable, Hashable {
  /// Bytes that one takes on disk.
  static let size = 16

  let low: UInt64
  /// Its lowest bit is always clear: the table of digests marks there what it has seen.
  let high: UInt64

  init(low: UInt64, high: UInt64) {
    // All zero stands for an empty place in the table of digests.
    self.low = low | high & ~1 == 0 ? 1 : low
    self.high = high & ~1
  }

  /// Which of `count` spill files the id belongs to.
  package func partition(of count: Int) -> Int { Int(high.multipliedFullWidth(by: UInt64(count)).high) }

  /// Which of `count` parts of its partition it belongs to, where a partition doesn't fit into memory at once.
  func part(of count: Int) -> Int { Int(low.multipliedFullWidth(by: UInt64(count)).high) }

  func append(to bytes: inout ByteBuffer) {
    bytes.append(littleEndian: low)
    bytes.append(littleEndian: high)
  }

  /// Reads the one at `offset`.
  init(_ bytes: Span<UInt8>, at offset: Int) {
    self.init(low: UInt64(littleEndian: bytes, at: offset), high: UInt64(littleEndian: bytes, at: offset + 8))
  }
}

/// What stands for an item's content: 64 bits of the keyed digest of its canonical form.
///
/// Two contents that differ share one with a chance of 2^-64. It is asked only of two items with one id, so that a hundred million
/// differing items would hide one of them with a chance of 1 in 1e11.
package struct ContentDigest: Sendable, Hashable {
  /// Bytes that one takes on disk.
  static let size = 8
  /// A tombstone's: it has no content to compare.
  static let tombstone = ContentDigest(value: 0)

  let value: UInt64
}

/// Makes digests with a key that comes from the run's seed.
package struct IDDigester: Sendable {
  private let hash: SipHash128

  package init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    hash = SipHash128(key0: generator.next(), key1: generator.next())
  }

  /// The digest of a canonical key.
  package func digest(_ canonicalKey: Span<UInt8>) -> IDDigest {
    let (low, high) = hash.digest(canonicalKey)
    return IDDigest(low: low, high: high)
  }

  /// The digest of an item's canonical form; never a tombstone's.
  package func content(_ canonicalItem: Span<UInt8>) -> ContentDigest {
    ContentDigest(value: max(1, hash.digest(canonicalItem).low))
  }
}

extension ByteBuffer {
  mutating func append(littleEndian word: UInt64) {
    unsafe appendUninitialized(8) { room in
      unsafe UnsafeMutableRawBufferPointer(room).storeBytes(of: word.littleEndian, as: UInt64.self)
      return 8
    }
  }
}

extension UInt64 {
  /// The eight bytes at `offset`, low byte first.
  init(littleEndian bytes: Span<UInt8>, at offset: Int) {
    let word = bytes.extracting(offset..<(offset + 8)).bytes
    self = unsafe UInt64(littleEndian: word.unsafeLoadUnaligned(as: UInt64.self))
  }
}
