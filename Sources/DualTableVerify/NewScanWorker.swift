internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Scans segments of the new table for the ids found there, and spills them: keys and tombstone marks only, or whole items with their contents.
struct NewScanWorker: ~Copyable {
  private let configuration: Verification.Configuration
  /// Nil: whoever reads a page takes its ids.
  private let store: SpillStore?
  private let digester: IDDigester
  private let keys: KeyReader
  private let mark: [UInt8]
  private let projection: [String]?
  private var reader: PacedReader
  private var tape = ItemTape()
  /// Of the page that was read last.
  private(set) var ids: SpillPage
  /// A canonical key, then a canonical item.
  private var key = ByteBuffer(capacity: 256)

  init(
    _ configuration: Verification.Configuration, _ store: SpillStore?, _ digester: IDDigester, partitions: Int, index: Int,
    control: PassControl
  ) {
    self.configuration = configuration
    self.store = store
    self.digester = digester
    let mapping = configuration.mapping
    keys = KeyReader(mapping.newSchema)
    mark = Array(mapping.reservedAttribute.utf8)
    projection = configuration.comparesContent ? nil : mapping.newSchema.attributes.map(\.name) + [mapping.reservedAttribute]
    reader = PacedReader(configuration, control, index: index, of: configuration.new)
    ids = SpillPage(partitions: partitions)
  }

  /// Deals with a page; nil if the run was asked to stop before it came.
  mutating func scan(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome? {
    // The page goes as soon as it is read: many are in flight, and memory is bounded.
    // What an eventual read misses here is rechecked.
    guard let page = try await reader.page(next, of: configuration.new, isConsistent: false, projection: projection) else { return nil }
    let outcome = try read(page)
    reader.finished(outcome.counts)
    if let store, ids.count > 0 { try await store.spill(&ids) }
    return outcome
  }

  private mutating func content(_ bytes: Span<UInt8>) -> ContentDigest {
    key.removeAll()
    tape.appendCanonical(bytes, to: &key)
    return digester.content(key.span)
  }

  private mutating func read(_ page: consuming ScanPage) throws(DynamoDBModelError) -> PassCheckpoint.Outcome {
    let bytes = page.bytes.span.extracting(page.body)
    ids.removeAll()
    var counts = PassCounts()
    var items = try ScanPageReader(bytes)
    while try items.next(&tape, bytes) {
      key.removeAll()
      try keys.appendCanonicalKey(tape, bytes, to: &key)
      let id = digester.digest(key.span)
      let isTombstone = tape.child(named: mark.span, bytes) != nil
      if isTombstone { counts[.tombstones] += 1 }
      ids.add(id, content: configuration.comparesContent ? isTombstone ? .tombstone : content(bytes) : nil)
    }
    counts.add(items, bytes)
    counts[.ids] = ids.count
    return PassCheckpoint.Outcome(lastEvaluatedKey: items.lastEvaluatedKey.map { range in range.map { bytes[$0] } }, counts: counts)
  }
}
