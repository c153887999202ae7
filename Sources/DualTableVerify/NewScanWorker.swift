internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Scans segments of the new table, keys and tombstone marks only, and spills the ids found there.
struct NewScanWorker: ~Copyable {
  private let configuration: Verification.Configuration
  private let store: VerifyStore
  private let digester: IDDigester
  private let keys: KeyReader
  private let mark: [UInt8]
  private let projection: [String]
  private var tape = ItemTape()
  private var ids: SpillPage
  private var key = ByteBuffer(capacity: 256)

  init(_ configuration: Verification.Configuration, _ store: VerifyStore, _ digester: IDDigester, partitions: Int) {
    self.configuration = configuration
    self.store = store
    self.digester = digester
    let mapping = configuration.mapping
    keys = KeyReader(mapping.newSchema)
    mark = Array(mapping.reservedAttribute.utf8)
    projection = mapping.newSchema.attributes.map(\.name) + [mapping.reservedAttribute]
    ids = SpillPage(partitions: partitions)
  }

  mutating func scan(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome {
    let new = configuration.new
    // The page goes as soon as it is read: many are in flight, and memory is bounded.
    let outcome = try read(
      try await new.client.scanPage(
        ScanPageInput(
          table: new.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey,
          consistent: false, projection: projection),
        options: CallOptions(retry: .bulk(deadline: configuration.patience))))
    if ids.count > 0 { try await store.spill(&ids, .new) }
    return outcome
  }

  private mutating func read(_ page: consuming ScanPage) throws(DynamoDBModelError) -> PassCheckpoint.Outcome {
    let bytes = page.bytes.span.extracting(page.body)
    ids.removeAll()
    var counts = PassCounts()
    var reader = try ScanPageReader(bytes)
    while try reader.next(&tape, bytes) {
      key.removeAll()
      try keys.appendCanonicalKey(tape, bytes, to: &key)
      ids.add(digester.digest(key.span))
      if tape.child(named: mark.span, bytes) != nil { counts[.tombstones] += 1 }
    }
    counts.add(reader, bytes)
    counts[.ids] = ids.count
    return PassCheckpoint.Outcome(lastEvaluatedKey: reader.lastEvaluatedKey.map { range in range.map { bytes[$0] } }, counts: counts)
  }
}
