internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Scans segments of the old table and spills the ids that the mapping yields.
struct OldScanWorker: ~Copyable {
  private let configuration: Verification.Configuration
  private let store: VerifyStore
  private let digester: IDDigester
  private let oldKeys: KeyReader
  private let newSchema: KeySchema
  private var tape = ItemTape()
  private var ids: SpillPage
  private var key = ByteBuffer(capacity: 256)

  init(_ configuration: Verification.Configuration, _ store: VerifyStore, _ digester: IDDigester, partitions: Int) {
    self.configuration = configuration
    self.store = store
    self.digester = digester
    oldKeys = KeyReader(configuration.mapping.oldSchema)
    newSchema = configuration.mapping.newSchema
    ids = SpillPage(partitions: partitions)
  }

  mutating func scan(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome {
    let old = configuration.old
    let page = try await old.client.scanPage(
      ScanPageInput(
        table: old.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey,
        consistent: configuration.isConsistent),
      options: CallOptions(retry: .bulk(deadline: configuration.patience)))
    let outcome = try read(page.bytes.span.extracting(page.body))
    if ids.count > 0 { try await store.spill(&ids, .old) }
    return outcome
  }

  private mutating func read(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> PassCheckpoint.Outcome {
    ids.removeAll()
    var counts = PassCounts()
    var lines = ByteBuffer()
    var reader = try ScanPageReader(bytes)
    while try reader.next(&tape, bytes) {
      let before = ids.count
      do throws(ConversionError) {
        try addIDs(bytes)
        if ids.count == before { counts[.filtered] += 1 }
      } catch {
        // What one of the item's results yielded before another one failed doesn't count either.
        ids.truncate(to: before)
        counts[.unconvertible] += 1
        Finding.unconvertible(error).append(key: Item(tape, bytes), schema: oldKeys.schema, to: &lines)
      }
    }
    counts.add(reader, bytes)
    counts[.ids] = ids.count
    return PassCheckpoint.Outcome(
      lastEvaluatedKey: reader.lastEvaluatedKey.map { range in range.map { bytes[$0] } }, counts: counts,
      lines: (0..<lines.count).map { lines[$0] })
  }

  private mutating func addIDs(_ bytes: Span<UInt8>) throws(ConversionError) {
    for result in try configuration.mapping.checkedConvert(Item(tape, bytes)) {
      key.removeAll()
      let isWhole = newSchema.appendCanonicalKey(of: result, to: &key)
      precondition(isWhole, "a checked conversion gives whole keys")
      ids.add(digester.digest(key.span), canonicalKey: key)
    }
  }
}

extension PassCounts {
  /// Adds what a page's answer says of itself.
  mutating func add(_ reader: borrowing ScanPageReader, _ bytes: Span<UInt8>) {
    self[.pages] += 1
    self[.scanned] += reader.itemsRead
    self[.bytes] += bytes.count
    self[.readMilliunits] += Int(((reader.capacityUnits ?? 0) * 1_000).rounded())
  }
}
