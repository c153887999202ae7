package import DualTableScan
internal import HTTPTransport

/// Compares one partition's ids of both tables: new ids into a table in memory, old ids asked one by one.
///
/// A partition that has more ids than memory was planned for (DescribeTable's count can be six hours old) is gone through in several
/// parts, each of which reads both files again.
package struct PartitionDiff {
  /// What a partition came to.
  package struct Counts: Sendable, Equatable {
    /// Records of the old table's file, ids that were spilled twice counted twice.
    package var oldRecords = 0
    /// Records of the new table's file, likewise.
    package var newRecords = 0
    /// Old ids that the new table doesn't have, or has with another content.
    package var suspects = 0
    /// New ids that the old table doesn't yield.
    package var extra = 0

    package init() {}

    package static func += (left: inout Self, right: Self) {
      left.oldRecords += right.oldRecords
      left.newRecords += right.newRecords
      left.suspects += right.suspects
      left.extra += right.extra
    }
  }

  private let oldPath: String
  private let newPath: String
  private let digester: IDDigester
  private let records: SpillRecords
  /// Digests of one table held at once. Their places take 16 bytes each, and at most four fifths are taken: 16 MB. Twice as many where
  /// no id is in both tables, and half as many again where contents are compared.
  var digestsAtOnce = 800_000

  /// The partition of this number in `directory`.
  package init(_ directory: String, _ partition: Int, digester: IDDigester, records: SpillRecords) {
    oldPath = SpillFiles.path(directory, .old, partition)
    newPath = SpillFiles.path(directory, .new, partition)
    self.digester = digester
    self.records = records
  }

  /// Goes through the partition and hands each suspect to `suspect`, once: its canonical key, and the content seen in the new table.
  package func run(_ suspect: (Span<UInt8>, ContentDigest) throws(StateError) -> Void) throws(StateError) -> Counts {
    let expected = (old: try oldCount(), new: try SpillReader(newPath).length / records.newSize)
    let parts = max(1, (max(expected.old, expected.new) + digestsAtOnce - 1) / digestsAtOnce)
    var counts = Counts()
    for part in 0..<parts { try compare(part, of: parts, expected: expected.new / parts, &counts, suspect) }
    return counts
  }

  private func compare(
    _ part: Int, of parts: Int, expected: Int, _ counts: inout Counts,
    _ suspect: (Span<UInt8>, ContentDigest) throws(StateError) -> Void
  ) throws(StateError) {
    var table = DigestTable(expected: expected, hasContents: records.hasContents)
    var (newRecords, oldRecords, suspects) = (0, 0, 0)
    var digests: [IDDigest] = []
    var warmth: UInt64 = 0
    let new = try SpillReader(newPath)
    while try new.next({ (payload) throws(StateError) in
      digests.removeAll(keepingCapacity: true)
      try records.forEachDigest(payload) { (digest, _) throws(StateError) in digests.append(digest) }
      newRecords += digests.count
      warmth ^= table.warm(digests)
      try records.forEachDigest(payload) { (digest, content) throws(StateError) in
        if parts == 1 || digest.part(of: parts) == part { _ = table.insert(digest, content: content) }
      }
    }) {}
    let old = try SpillReader(oldPath)
    while try old.next({ (payload) throws(StateError) in
      digests.removeAll(keepingCapacity: true)
      try records.forEachKey(payload) { (key, _) throws(StateError) in digests.append(digester.digest(key)) }
      warmth ^= table.warm(digests)
      var index = 0
      try records.forEachKey(payload) { (key, content) throws(StateError) in
        let digest = digests[index]
        index += 1
        guard parts == 1 || digest.part(of: parts) == part else { return }
        switch table.mark(digest) {
        case .again, .first(.tombstone), .first(content): return
        case .first(let found): try suspect(key, found)
        case .absent:
          // Put in as seen, so that the same key, spilled twice, isn't a second suspect.
          _ = table.insert(digest, marked: true)
          try suspect(key, .tombstone)
        }
        suspects += 1
      }
      oldRecords += index
    }) {}
    withExtendedLifetime(warmth) {}
    counts.suspects += suspects
    counts.extra += table.unmarked
    if part == 0 { (counts.newRecords, counts.oldRecords) = (newRecords, oldRecords) }
  }

  /// About how many ids the old table's file holds, by the length of those in its first frame.
  private func oldCount() throws(StateError) -> Int {
    let reader = try SpillReader(oldPath)
    var (bytes, count) = (0, 0)
    _ = try reader.next { (payload) throws(StateError) in
      bytes = payload.count
      try records.forEachKey(payload) { (_, _) throws(StateError) in count += 1 }
    }
    return count == 0 ? 0 : reader.length / (bytes / count)
  }
}
