internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// A page of a query of an index of the new table's.
internal struct IndexQuery: Sendable {
  private let input: QueryInput
  private let name: String
  private let index: IndexShape
  private let condition: KeyCondition
  private let isForward: Bool
  private let order: SortOrder
  private let plan: OldPlan
  private let sources: QueryMerge.Sources
  private let start: IndexMerge.Place
  /// True where a local index is asked for what it hasn't got: the service then fetches whole items.
  private let wantsWholeItems: Bool
  private var reader: PageReader

  internal init(
    _ index: IndexShape, _ input: QueryInput, _ reader: PageReader, allowIncomplete: Bool
  ) throws(DualTableError) {
    self.input = input
    name = input.indexName ?? ""
    self.index = index
    self.reader = reader
    condition = try reader.request.condition(of: index.keys)
    isForward = input.scanIndexForward ?? true
    order = SortOrder(index.keys.range?.name, isForward: isForward)
    wantsWholeItems = try index.mustFetch(for: reader.request, named: name)
    let place = PageCursor.place(of: "query", reader.repository.newTable, name, condition, isForward)
    start = try Self.start(input.exclusiveStartKey, place, reader)
    // A page that was handed out while OLD counted may have passed only some of the items with one sort key: OLD's keys tell which, and
    // supply nothing else.
    let goesOn = reader.sources == .new && (start.oldStart != nil || start.lastOld != nil)
    if goesOn, reader.context.phase == .new { throw .cursorOutlived }
    if reader.sources == .new && !goesOn {
      plan = .none
      sources = .new
      return
    }
    guard let partitions = reader.mapping.oldPartitions(of: condition.hash, index: name) else {
      guard allowIncomplete || goesOn else { throw .indexIncomplete(name) }
      plan = .none
      sources = reader.sources == .old ? .old : .new
      return
    }
    plan = OldPlan(partitions, condition.range)
    let isGlobal = plan.reads.contains { read in
      read.partition.indexName != nil && read.partition.keys.hash != reader.mapping.oldSchema.hash
    }
    if reader.isConsistent, !index.isGlobal, isGlobal { throw .consistentQueryNeedsBackfill }
    sources = plan.isNone && reader.sources != .old ? .new : goesOn ? .both : reader.sources
  }

  // MARK: - Cursors

  private static func start(_ key: Item?, _ place: Item, _ reader: PageReader) throws(DualTableError) -> IndexMerge.Place {
    guard let key else { return IndexMerge.Place() }
    if !PageCursor.isCursor(key), reader.sources == .new { return IndexMerge.Place(newStart: key) }
    let values = try PageCursor.values(of: key, in: place)
    return IndexMerge.Place(
      position: values["s"], newStart: values["n"]?.mapValue, oldStart: values["o"]?.mapValue, lastOld: values["l"]?.mapValue)
  }

  private func cursor(_ end: IndexMerge.Place?) -> Item? {
    guard let end else { return nil }
    if reader.context.phase == .new { return end.newStart }
    var values = Item()
    values["s"] = end.position
    values["n"] = end.newStart.map { .map($0) }
    values["o"] = end.oldStart.map { .map($0) }
    values["l"] = end.lastOld.map { .map($0) }
    return PageCursor.cursor(
      values, in: PageCursor.place(of: "query", reader.repository.newTable, name, condition, isForward))
  }

  // MARK: - The page

  internal mutating func page() async throws(DualTableError) -> ScanOutput {
    if plan.isNone && sources == .old { return reader.output(PageBuilder(reader.request.shape), end: nil) }
    var merge = IndexMerge(
      reader.request.shape, order: order, index: index.keys, keys: reader.mapping.newSchema, reserved: reader.repository.reserved,
      sources: sources, isOldOrdered: plan.isOrdered, start: start, defects: reader.defects)
    var action = try merge.start()
    while true {
      switch action {
      case .readOld(let request):
        let hits = try await readOld(request)
        try merge.readOld(hits.hits, count: hits.count, last: hits.last)
      case .readNew(let request):
        let output = try await readNew(request)
        reader.note(output.consumedCapacity)
        merge.readNew(output.items, count: output.scannedCount, last: output.lastEvaluatedKey)
      case .lookUpOld(let keys, let sort): merge.lookedUpOld(keys, owned: try await owned(keys, sort))
      case .finish: return reader.output(merge.page, end: cursor(merge.end))
      }
      action = try merge.advance()
    }
  }

  private func readNew(_ read: StreamRead) async throws(DualTableError) -> ScanOutput {
    var writer = ExpressionWriter()
    let text = reader.request.keyCondition.map { writer.write($0) } ?? ""
    // An index may not have the mark of tombstones, where none can be in it; so no projection goes out that would have to name it.
    return try await reader.query(
      new: QueryInput(
        tableName: reader.repository.newTable, indexName: name, keyConditionExpression: text, exclusiveStartKey: read.start,
        limit: read.limit, scanIndexForward: isForward, consistentRead: reader.isConsistent,
        expressionAttributeNames: writer.attributeNames, expressionAttributeValues: writer.attributeValues,
        select: wantsWholeItems ? .allAttributes : nil, returnConsumedCapacity: reader.request.capacity))
  }

  // MARK: - OLD's hits

  private mutating func readOld(
    _ request: StreamRead
  ) async throws(DualTableError) -> (hits: [OldHit], count: Int, last: Item?) {
    var (page, read, most) = (ScanOutput(), OldRead?.none, reader.repository.pages.mostSorted)
    if case .ordered(let one) = plan {
      (read, most) = (one, PageBuilder.mostBytes)
      page = try await reader.query(old: one, request, isForward: isForward)
    } else {
      page.items = try await reader.all(plan.reads)
      page.scannedCount = page.items.count
    }
    var (hits, parts) = ([OldHit](), LookUpParts(page.items.count, upTo: most))
    while let part = parts.next() {
      for (item, results) in zip(page.items[part], try await results(of: page.items[part])) {
        let hit = OldHit(start: read?.start(item, reader.mapping.oldSchema), results: results)
        parts.found(hit.items)
        hits.append(hit)
      }
    }
    guard parts.isCut else { return (hits, page.scannedCount, page.lastEvaluatedKey) }
    guard read != nil else { throw .partitionTooLarge }
    return (hits, parts.end, hits.last?.start)
  }

  /// What each item of OLD's yields of what the query asks for, as NEW's table has it now.
  private mutating func results(of items: ArraySlice<Item>) async throws(DualTableError) -> [[ReadResult]] {
    var results: [[ReadResult]] = []
    var failures: [(error: DualTableError, keys: [Item])] = []
    for item in items {
      do throws(DualTableError) {
        results.append(try converted(item))
      } catch {
        // Which index key it would have can't be told; what NEW has in its place has its own.
        failures.append((error, try reader.repository.pages.results(of: item).map(\.key)))
        results.append([])
      }
    }
    guard sources != .old, !reader.defects.contains(.indexLag) else {
      if let failure = failures.first { throw failure.error }
      return results
    }
    let now = try await reader.lookUpNew(
      results.flatMap { $0.map(\.key) } + failures.flatMap(\.keys), wanted: KeysAndAttributes(keys: []))
    if fallsBack, let failure = failures.first(where: { $0.keys.contains { now[$0] == nil } }) { throw failure.error }
    for hit in results.indices {
      for place in results[hit].indices { judge(&results[hit][place], now) }
    }
    return results
  }

  private var fallsBack: Bool { reader.sources != .new }

  /// What becomes of a hit of OLD's by what NEW's table has at its key: there with the hit's index key, it is handed out; there with
  /// another, NEW's own stream has it; deleted, nothing; not there, OLD's is the value.
  private func judge(_ result: inout ReadResult, _ now: [Item: PhysicalItem]) {
    guard case .item(let converted) = result.value else { return }
    switch now[result.key] ?? .missing {
    case .missing: if fallsBack { reader.context.oldWasRead(isFound: true) } else { result.value = .hidden }
    case .tombstone: result.value = .hidden
    case .live(let item):
      let isSame = index.keys.key(of: item) == index.keys.key(of: converted)
      result.value = isSame ? .item(shown(item)) : .hidden
    }
  }

  private func converted(_ item: Item) throws(DualTableError) -> [ReadResult] {
    try reader.repository.old.convert(item).compactMap { converted in
      guard let key = reader.mapping.newSchema.key(of: converted), let indexKey = index.keys.key(of: converted),
        indexKey[index.keys.hash.name] == condition.hash
      else { return nil }
      let sort = order.value(of: indexKey)
      guard condition.range.map({ test in sort.map(test.holds) ?? false }) ?? true else { return nil }
      return ReadResult(key: key, sort: sort, value: .item(shown(converted)))
    }
  }

  /// As much of an item as the index would hand out.
  private func shown(_ item: Item) -> Item { wantsWholeItems ? item : index.cut(item) }

  /// Those of the keys that OLD yields with this sort key.
  private mutating func owned(_ keys: [Item], _ sort: AttributeValue?) async throws(DualTableError) -> Set<Item> {
    var oldKeys: [Item] = []
    for key in keys { if let oldKey = try reader.repository.old.key(for: key) { oldKeys.append(oldKey) } }
    var owned: Set<Item> = []
    for (_, item) in try await reader.lookUpOld(oldKeys) {
      // What can't be converted has no index key: its hit was left to NEW's stream.
      guard let results = try? converted(item) else { continue }
      for result in results where order.compare(result.sort, sort) == 0 { owned.insert(result.key) }
    }
    return owned
  }
}

extension DualTableRepository {
  /// What the service says of an index of NEW's; nil where none is named.
  internal func index(_ name: String?, _ options: CallOptions) async throws(DualTableError) -> IndexShape? {
    guard let name else { return nil }
    guard let index = try await pages.catalog.index(name, of: newTable, new, options) else {
      throw .invalid("The table does not have the specified index: \(name)")
    }
    return index
  }
}

extension DualTableError {
  internal static func indexIncomplete(_ name: String) -> DualTableError {
    DualTableError(
      .indexIncomplete,
      "The index \(name) lacks what only the old table has: query it once the backfill is done, or pass allowIncomplete to take it as it is."
    )
  }

  internal static let cursorOutlived = DualTableError(
    .invalidCursor, "This page was begun while the old table counted, and needs that table's keys: begin again without exclusiveStartKey.")
}
