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
  func partition(of count: Int) -> Int { Int(high.multipliedFullWidth(by: UInt64(count)).high) }

  /// Which of `count` parts of its partition it belongs to, where a partition doesn't fit into memory at once.
  func part(of count: Int) -> Int { Int(low.multipliedFullWidth(by: UInt64(count)).high) }

  func append(to bytes: inout ByteBuffer) {
    for word in [low, high] {
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift))) }
    }
  }

  /// Reads the one at `offset`.
  init(_ bytes: Span<UInt8>, at offset: Int) {
    let words = bytes.extracting(offset..<(offset + Self.size)).bytes
    self.init(
      low: unsafe UInt64(littleEndian: words.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)),
      high: unsafe UInt64(littleEndian: words.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }
}

/// Makes digests of canonical keys, with a key that comes from the run's seed.
package struct IDDigester: Sendable {
  private let hash: SipHash128

  package init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    hash = SipHash128(key0: generator.next(), key1: generator.next())
  }

  package func digest(_ canonicalKey: Span<UInt8>) -> IDDigest {
    let (low, high) = hash.digest(canonicalKey)
    return IDDigest(low: low, high: high)
  }
}
