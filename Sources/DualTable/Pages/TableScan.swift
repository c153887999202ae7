internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// A page of a scan of the new table, or of one of its indexes.
internal struct TableScan: Sendable {
  private let input: ScanInput
  private let start: ScanMerge.Place
  /// Of the index, where one is scanned.
  private let index: IndexShape?
  /// True where a local index is asked for what it hasn't got.
  private let wantsWholeItems: Bool
  private var reader: PageReader

  internal init(_ input: ScanInput, _ index: IndexShape?, _ reader: PageReader, allowIncomplete: Bool) throws(DualTableError) {
    self.input = input
    self.index = index
    self.reader = reader
    wantsWholeItems =
      try index.map { (index) throws(DualTableError) in
        try index.mustFetch(for: reader.request, named: input.indexName ?? "")
      } ?? false
    var sources = reader.sources
    if let name = input.indexName, sources != .new {
      guard allowIncomplete else { throw .indexIncomplete(name) }
      sources = .new
    }
    var start = ScanMerge.Place(sources)
    if let key = input.exclusiveStartKey {
      if !PageCursor.isCursor(key), reader.sources == .new {
        start.newStart = key
      } else {
        start = try Self.place(try PageCursor.values(of: key, in: Self.place(input)))
        // What was handed out of OLD first can only be told by OLD, which may be gone.
        if start.isMerged, reader.context.phase == .new { throw .cursorOutlived }
      }
    }
    self.start = start
  }

  // MARK: - Cursors

  /// What a cursor is a place in.
  private static func place(_ input: ScanInput) -> Item {
    var place: Item = ["kind": "scan", "table": .string(input.tableName)]
    place["index"] = input.indexName.map { .string($0) }
    place["segment"] = input.segment.map { .number(DynamoDBNumber($0)) }
    place["segments"] = input.totalSegments.map { .number(DynamoDBNumber($0)) }
    return place
  }

  private static func place(_ values: Item) throws(DualTableError) -> ScanMerge.Place {
    var place = ScanMerge.Place(values["m"] == nil ? .new : .both)
    place.isInNew = values["w"] != nil
    place.oldStart = values["o"]?.mapValue
    for entry in values["p"]?.listValue ?? [] {
      // The seal is no secret, so whoever was handed a cursor can make one up.
      guard let fields = entry.listValue, fields.count == 2, let count = fields[1].numberValue.flatMap({ Int(exactly: $0) }),
        (0...1 << 40).contains(count)
      else { throw .invalidCursor }
      place.partial.append(ScanMerge.Partial(key: fields[0].mapValue, count: count))
    }
    place.newStart = values["n"]?.mapValue
    return place
  }

  private func cursor(_ end: ScanMerge.Place?) -> Item? {
    guard let end else { return nil }
    if reader.context.phase == .new { return end.newStart }
    var values = Item()
    values["m"] = end.isMerged ? true : nil
    values["w"] = end.isInNew ? true : nil
    values["o"] = end.oldStart.map { .map($0) }
    if !end.partial.isEmpty {
      values["p"] = .list(end.partial.map { .list([$0.key.map { .map($0) } ?? .null, .number(DynamoDBNumber($0.count))]) })
    }
    values["n"] = end.newStart.map { .map($0) }
    return PageCursor.cursor(values, in: Self.place(input))
  }

  // MARK: - The page

  internal mutating func page() async throws(DualTableError) -> ScanOutput {
    var merge = ScanMerge(
      reader.request.shape, readsNew: reader.sources != .old, start: start, defects: reader.defects, convert: reader.conversion)
    var action = try merge.start()
    while true {
      switch action {
      case .readOld(let request):
        let old = try await readOld(request)
        merge.readOld(old.hits, count: old.count, last: old.last)
      case .readNew(let request):
        let output = try await scanNew(request)
        merge.readNew(try await results(output.items), count: output.scannedCount, last: output.lastEvaluatedKey)
      case .finish: return reader.output(merge.page, end: cursor(merge.end))
      }
      action = try merge.advance()
    }
  }

  // MARK: - OLD

  private mutating func readOld(_ read: StreamRead) async throws(DualTableError) -> (hits: [OldHit], count: Int, last: Item?) {
    let output = try await scanOld(read)
    var (hits, parts) = ([OldHit](), LookUpParts(output.items.count))
    while let part = parts.next() {
      let more = try await self.hits(output.items[part])
      for hit in more { parts.found(hit.items) }
      hits += more
    }
    return parts.isCut ? (hits, parts.end, hits.last?.start) : (hits, output.scannedCount, output.lastEvaluatedKey)
  }

  private mutating func scanOld(_ read: StreamRead) async throws(DualTableError) -> ScanOutput {
    let old = reader.repository.old
    let isAlone = reader.sources == .old
    do {
      let output = try await old.client.scan(
        ScanInput(
          tableName: old.name, exclusiveStartKey: read.start, limit: read.limit, segment: input.segment, totalSegments: input.totalSegments,
          consistentRead: reader.isConsistent, returnConsumedCapacity: isAlone ? reader.request.capacity : nil), options: reader.options)
      if isAlone { reader.note(output.consumedCapacity) }
      return output
    } catch {
      throw .requestFailed(error)
    }
  }

  /// What the items of OLD yield, as NEW has it now.
  private mutating func hits(_ items: ArraySlice<Item>) async throws(DualTableError) -> [OldHit] {
    var hits: [OldHit] = []
    for item in items {
      hits.append(OldHit(start: reader.mapping.oldSchema.key(of: item), results: try reader.repository.pages.results(of: item)))
    }
    guard reader.sources != .old else { return hits }
    let now = try await reader.lookUpNew(hits.flatMap { $0.results.map(\.key) }, wanted: wanted)
    // Once the fallback is gone OLD supplies nothing but keys.
    let fallsBack = reader.sources == .both
    for hit in hits.indices {
      for place in hits[hit].results.indices {
        switch now[hits[hit].results[place].key] ?? .missing {
        case .missing:
          if fallsBack { reader.context.oldWasRead(isFound: true) } else { hits[hit].results[place].value = .hidden }
        case .tombstone: hits[hit].results[place].value = .hidden
        case .live(let item): hits[hit].results[place].value = .item(item)
        }
      }
    }
    return hits
  }

  private var wanted: KeysAndAttributes {
    var writer = ExpressionWriter()
    let projection = reader.request.physicalProjection(reader.mapping, &writer)
    return KeysAndAttributes(keys: [], projectionExpression: projection, expressionAttributeNames: writer.attributeNames)
  }

  // MARK: - NEW

  private mutating func scanNew(_ read: StreamRead) async throws(DualTableError) -> ScanOutput {
    var writer = ExpressionWriter()
    // An index may not have the mark of tombstones, where none can be in it; so no projection goes out that would have to name it.
    let projection = input.indexName == nil ? reader.request.physicalProjection(reader.mapping, &writer) : nil
    do {
      let output = try await reader.repository.new.scan(
        ScanInput(
          tableName: reader.repository.newTable, indexName: input.indexName, exclusiveStartKey: read.start, limit: read.limit,
          segment: input.segment, totalSegments: input.totalSegments, consistentRead: reader.isConsistent, projectionExpression: projection,
          expressionAttributeNames: writer.attributeNames, select: wantsWholeItems ? .allAttributes : nil,
          returnConsumedCapacity: reader.request.capacity), options: reader.options)
      reader.note(output.consumedCapacity)
      return output
    } catch {
      throw .requestFailed(error)
    }
  }

  /// NEW's items; hidden are tombstones, and what OLD yields: that was handed out, or was found deleted, when OLD was scanned.
  private mutating func results(_ items: [Item]) async throws(DualTableError) -> [ReadResult] {
    let reserved = reader.repository.reserved
    var results: [ReadResult] = []
    for item in items {
      guard let key = reader.mapping.newSchema.key(of: item) else { continue }
      results.append(ReadResult(key: key.adding(index?.keys.key(of: item)), value: item[reserved] == nil ? .item(item) : .hidden))
    }
    guard start.isMerged else { return results }
    var oldKeys: [Item] = []
    for case .item(let item) in results.map(\.value) {
      if let key = reader.mapping.newSchema.key(of: item), let oldKey = try reader.repository.old.key(for: key) { oldKeys.append(oldKey) }
    }
    var (yielded, parts) = (Set<Item>(), LookUpParts(oldKeys.count))
    while let part = parts.next() {
      for (_, item) in try await reader.lookUpOld(Array(oldKeys[part])) {
        for result in try reader.repository.pages.results(of: item) { yielded.insert(result.key) }
      }
    }
    for place in results.indices where yielded.contains(results[place].key) { results[place].value = .hidden }
    return results
  }
}
