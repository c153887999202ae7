internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Scans segments of the old table for the ids that the mapping yields, and spills them.
///
/// Unless contents are compared, only what decides the keys of a compiled mapping is read and converted. Where another attribute of an
/// item can't be converted, the item's id is missing in the new table, if the service hasn't put it there, and the recheck finds out why.
struct OldScanWorker: ~Copyable {
  private let configuration: Verification.Configuration
  /// Nil: whoever reads a page takes its ids.
  private let store: SpillStore?
  private let digester: IDDigester
  private let oldKeys: KeyReader
  private let newKeys: KeyReader
  private let projection: [String]?
  private var reader: PacedReader
  private var converter: ItemConverter
  private var tape = ItemTape()
  /// The new item that is looked at, its tape, and its key.
  private var result = ByteBuffer(capacity: 4_096)
  private var resultTape = ItemTape()
  private var key = ByteBuffer(capacity: 256)
  private var canonical = ByteBuffer()
  /// Of the page that was read last.
  private(set) var ids: SpillPage

  init(
    _ configuration: Verification.Configuration, _ store: SpillStore?, _ digester: IDDigester, partitions: Int, index: Int,
    control: PassControl
  ) {
    self.configuration = configuration
    self.store = store
    self.digester = digester
    oldKeys = KeyReader(configuration.mapping.oldSchema)
    newKeys = KeyReader(configuration.mapping.newSchema)
    let keysOnly = configuration.comparesContent ? nil : (configuration.mapping as? CompiledMapping)?.keysOnly
    projection = keysOnly?.attributes
    converter = ItemConverter(keysOnly?.mapping ?? configuration.mapping)
    ids = SpillPage(partitions: partitions)
    reader = PacedReader(configuration, control, index: index, of: configuration.old)
  }

  /// Reads the table's first items and says how much of the disk what they yield takes; nothing is spilled.
  mutating func sample() async throws -> SpillEstimate.Sample {
    let old = configuration.old
    let outcome = try read(
      try await old.client.scanPage(
        ScanPageInput(table: old.table, limit: SpillEstimate.sampleSize, consistent: false, projection: projection),
        options: CallOptions(retry: .bulk(deadline: configuration.patience))))
    return SpillEstimate.Sample(items: outcome.counts[.scanned], ids: ids.count, bytes: ids.bytes)
  }

  /// Deals with a page; nil if the run was asked to stop before it came.
  mutating func scan(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome? {
    // The page goes as soon as it is read: many are in flight, and memory is bounded.
    guard
      let page = try await reader.page(next, of: configuration.old, isConsistent: configuration.isConsistent, projection: projection)
    else { return nil }
    let outcome = try read(page)
    reader.finished(outcome.counts)
    if let store, ids.count > 0 { try await store.spill(&ids) }
    return outcome
  }

  private mutating func read(_ page: consuming ScanPage) throws(DynamoDBModelError) -> PassCheckpoint.Outcome {
    let bytes = page.bytes.span.extracting(page.body)
    ids.removeAll()
    var counts = PassCounts()
    var lines = ByteBuffer()
    var items = try ScanPageReader(bytes)
    while try items.next(&tape, bytes) {
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
    counts.add(items, bytes)
    counts[.ids] = ids.count
    return PassCheckpoint.Outcome(
      lastEvaluatedKey: items.lastEvaluatedKey.map { range in range.map { bytes[$0] } }, counts: counts,
      lines: (0..<lines.count).map { lines[$0] })
  }

  private mutating func addIDs(_ bytes: Span<UInt8>) throws(ConversionError) {
    for number in 0..<(try converter.begin(tape, bytes)) {
      result.removeAll()
      guard try converter.write(number, of: tape, bytes, to: &result) else { continue }
      do throws(DynamoDBModelError) {
        try Self.readKey(of: result, with: newKeys, on: &resultTape, to: &key)
      } catch {
        throw ConversionError(.other, message: "the new item isn't one: \(error)")
      }
      var content: ContentDigest?
      if configuration.comparesContent {
        Self.readContent(of: result, resultTape, to: &canonical)
        content = digester.content(canonical.span)
      }
      ids.add(digester.digest(key.span), canonicalKey: key, content: content)
    }
  }

  private static func readContent(of item: borrowing ByteBuffer, _ tape: borrowing ItemTape, to canonical: inout ByteBuffer) {
    canonical.removeAll()
    tape.appendCanonical(item.span, to: &canonical)
  }

  private static func readKey(
    of item: borrowing ByteBuffer, with keys: KeyReader, on tape: inout ItemTape, to key: inout ByteBuffer
  ) throws(DynamoDBModelError) {
    key.removeAll()
    _ = try tape.read(item.span, at: 0)
    try keys.appendCanonicalKey(tape, item.span, to: &key)
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
