internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Scans segments of the new table and spills the ids found there: keys and tombstone marks only, or whole items with their contents.
struct NewScanWorker: ~Copyable {
  private let configuration: Verification.Configuration
  private let store: SpillStore
  private let digester: IDDigester
  private let keys: KeyReader
  private let mark: [UInt8]
  private let projection: [String]?
  private var sizing: PageSizing
  private var tape = ItemTape()
  private var ids: SpillPage
  /// A canonical key, then a canonical item.
  private var key = ByteBuffer(capacity: 256)

  init(_ configuration: Verification.Configuration, _ store: SpillStore, _ digester: IDDigester, partitions: Int) {
    self.configuration = configuration
    self.store = store
    self.digester = digester
    let mapping = configuration.mapping
    keys = KeyReader(mapping.newSchema)
    mark = Array(mapping.reservedAttribute.utf8)
    projection = configuration.comparesContent ? nil : mapping.newSchema.attributes.map(\.name) + [mapping.reservedAttribute]
    sizing = PageSizing(openSegments: configuration.openSegments)
    ids = SpillPage(partitions: partitions)
  }

  mutating func scan(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome {
    let new = configuration.new
    // The page goes as soon as it is read: many are in flight, and memory is bounded.
    let outcome = try read(
      try await new.client.scanPage(
        ScanPageInput(
          table: new.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey,
          limit: projection == nil ? sizing.limit : nil, consistent: false, projection: projection),
        options: CallOptions(retry: .bulk(deadline: configuration.patience))))
    sizing.learned(items: outcome.counts[.scanned], bytes: outcome.counts[.bytes])
    if ids.count > 0 { try await store.spill(&ids) }
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
    var reader = try ScanPageReader(bytes)
    while try reader.next(&tape, bytes) {
      key.removeAll()
      try keys.appendCanonicalKey(tape, bytes, to: &key)
      let id = digester.digest(key.span)
      let isTombstone = tape.child(named: mark.span, bytes) != nil
      if isTombstone { counts[.tombstones] += 1 }
      ids.add(id, content: configuration.comparesContent ? isTombstone ? .tombstone : content(bytes) : nil)
    }
    counts.add(reader, bytes)
    counts[.ids] = ids.count
    return PassCheckpoint.Outcome(lastEvaluatedKey: reader.lastEvaluatedKey.map { range in range.map { bytes[$0] } }, counts: counts)
  }
}
