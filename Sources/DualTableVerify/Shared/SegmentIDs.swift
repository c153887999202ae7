internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport

/// The ids of one segment of the new table, as many of them as memory allows.
///
/// What isn't held, or lies in another segment, is no finding: an old id that isn't met here is looked up by its key.
struct SegmentIDs: Sendable {
  let segment: Int
  private var table: DigestTable
  /// Ids held, at most.
  private let most: Int

  /// - Parameter bytes: that the ids may take.
  init(segment: Int, bytes: Int, hasContents: Bool) {
    self.segment = segment
    // Places are doubled when four fifths are taken, so that an id takes up to 40 bytes, or 60 with its content.
    most = max(1_000, bytes / (hasContents ? 60 : 40))
    table = DigestTable(expected: 0, hasContents: hasContents)
  }

  /// Takes in the ids of a page of the new table.
  mutating func add(_ page: borrowing SpillPage, _ records: SpillRecords) throws(StateError) {
    try records.forEachDigest(page.payload) { (digest, content) throws(StateError) in
      if table.count < most { _ = table.insert(digest, content: content) }
    }
  }

  /// The old table's ids of a page that aren't here, or have another content here.
  static func suspects(
    _ page: borrowing SpillPage, _ records: SpillRecords, _ digester: IDDigester, in ids: inout SegmentIDs?, _ schema: KeySchema
  ) throws(StateError) -> [Suspect] {
    var suspects: [Suspect] = []
    try records.forEachKey(page.payload) { (canonical, content) throws(StateError) in
      var seen = ContentDigest.tombstone
      if ids != nil {
        switch ids?.table.mark(digester.digest(canonical)) {
        case .first(.tombstone), .first(content): return
        case .first(let found): seen = found
        // One that a page done twice brings again is looked up once more.
        case .absent, .again, nil: break
        }
      }
      guard let key = schema.key(canonical: canonical) else {
        throw StateError(.damaged, "A new item's key can't be read back: please report this with the mapping.")
      }
      suspects.append(Suspect(newKey: key, seen: seen, expected: records.hasContents ? content : nil))
    }
    return suspects
  }
}
