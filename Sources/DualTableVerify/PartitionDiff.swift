internal import DualTableScan
internal import HTTPTransport

/// Compares one partition's ids of both tables: new ids into a table in memory, old ids asked one by one.
///
/// A partition that has more ids than memory was planned for (DescribeTable's count can be six hours old) is gone through in several
/// parts, each of which reads both files again.
struct PartitionDiff {
  /// What a partition came to.
  struct Counts: Equatable {
    /// Records of the old table's file, ids that were spilled twice counted twice.
    var oldRecords = 0
    /// Records of the new table's file, likewise.
    var newRecords = 0
    /// Old ids that the new table doesn't have.
    var suspects = 0
    /// New ids that the old table doesn't yield.
    var extra = 0

    static func += (left: inout Self, right: Self) {
      left.oldRecords += right.oldRecords
      left.newRecords += right.newRecords
      left.suspects += right.suspects
      left.extra += right.extra
    }
  }

  let oldPath: String
  let newPath: String
  let digester: IDDigester
  /// Digests of one table held at once. Their places take 16 bytes each, at most 0.7 of them are taken, and in the worst case, where no
  /// id is in both tables, twice as many are held: 32 MB.
  var digestsAtOnce = 700_000

  /// Goes through the partition and hands each suspect's canonical key to `suspect`, once.
  func run(_ suspect: (Span<UInt8>) throws(StateError) -> Void) throws(StateError) -> Counts {
    let oldRecords = try records(oldPath) { (payload) throws(StateError) in
      var count = 0
      try payload.forEachKey { (_) throws(StateError) in count += 1 }
      return count
    }
    let newRecords = try records(newPath) { (payload) throws(StateError) in payload.count / IDDigest.size }
    var counts = Counts(oldRecords: oldRecords, newRecords: newRecords)
    let parts = max(1, (max(oldRecords, newRecords) + digestsAtOnce - 1) / digestsAtOnce)
    for part in 0..<parts { try compare(part, of: parts, expected: newRecords / parts, &counts, suspect) }
    return counts
  }

  private func compare(
    _ part: Int, of parts: Int, expected: Int, _ counts: inout Counts, _ suspect: (Span<UInt8>) throws(StateError) -> Void
  ) throws(StateError) {
    var table = DigestTable(expected: expected)
    let new = try SpillReader(newPath)
    while try new.next({ (payload) throws(StateError) in
      guard payload.count % IDDigest.size == 0 else {
        throw StateError(.damaged, "\(newPath) holds half a digest: remove its directory and verify again.")
      }
      for offset in stride(from: 0, to: payload.count, by: IDDigest.size) {
        let digest = IDDigest(payload, at: offset)
        if parts == 1 || digest.part(of: parts) == part { _ = table.insert(digest) }
      }
    }) {}
    var found = 0
    let old = try SpillReader(oldPath)
    while try old.next({ (payload) throws(StateError) in
      try payload.forEachKey { (key) throws(StateError) in
        let digest = digester.digest(key)
        guard parts == 1 || digest.part(of: parts) == part, !table.mark(digest) else { return }
        // Put in as seen, so that the same key, spilled twice, isn't a second suspect.
        _ = table.insert(digest, marked: true)
        found += 1
        try suspect(key)
      }
    }) {}
    counts.suspects += found
    counts.extra += table.unmarked
  }

  private func records(_ path: String, _ count: (Span<UInt8>) throws(StateError) -> Int) throws(StateError) -> Int {
    var total = 0
    let reader = try SpillReader(path)
    while try reader.next({ (payload) throws(StateError) in total += try count(payload) }) {}
    return total
  }
}
