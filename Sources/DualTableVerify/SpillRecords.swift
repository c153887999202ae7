internal import DualTableScan

/// How ids lie in a spill file's payloads.
package struct SpillRecords: Sendable, Hashable {
  /// True where each id is followed by the digest of its item's content.
  package var hasContents: Bool

  package init(hasContents: Bool) { self.hasContents = hasContents }

  private var contentSize: Int { hasContents ? ContentDigest.size : 0 }
  /// Bytes of a record of the new table.
  var newSize: Int { IDDigest.size + contentSize }

  /// Calls `body` with each record of an old table's payload: a length of two bytes, the canonical key, perhaps its content.
  func forEachKey(
    _ payload: Span<UInt8>, _ body: (_ key: Span<UInt8>, _ content: ContentDigest) throws(StateError) -> Void
  ) throws(StateError) {
    var offset = 0
    while offset < payload.count {
      guard payload.count - offset >= 2 else { throw Self.damaged }
      let size = Int(payload[offset]) | Int(payload[offset + 1]) << 8
      let end = offset + 2 + size
      guard end + contentSize <= payload.count else { throw Self.damaged }
      try body(payload.extracting((offset + 2)..<end), content(payload, at: end))
      offset = end + contentSize
    }
  }

  /// Calls `body` with each record of a new table's payload: the key's digest, perhaps its content.
  func forEachDigest(
    _ payload: Span<UInt8>, _ body: (_ digest: IDDigest, _ content: ContentDigest) throws(StateError) -> Void
  ) throws(StateError) {
    guard payload.count % newSize == 0 else { throw Self.damaged }
    for offset in stride(from: 0, to: payload.count, by: newSize) {
      try body(IDDigest(payload, at: offset), content(payload, at: offset + IDDigest.size))
    }
  }

  private func content(_ payload: Span<UInt8>, at offset: Int) -> ContentDigest {
    hasContents ? ContentDigest(value: UInt64(littleEndian: payload, at: offset)) : .tombstone
  }

  private static var damaged: StateError {
    StateError(.damaged, "A spill file holds half an id: remove its directory and verify again.")
  }
}
