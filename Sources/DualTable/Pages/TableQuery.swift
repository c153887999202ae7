internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// A page of a query of the new table itself.
internal struct TableQuery: Sendable {
  private let input: QueryInput
  private let condition: KeyCondition
  private let isForward: Bool
  private let plan: OldPlan
  private let sources: QueryMerge.Sources
  private var reader: PageReader

  internal init(_ input: QueryInput, _ reader: PageReader) throws(DualTableError) {
    self.input = input
    self.reader = reader
    let keys = reader.mapping.newSchema
    condition = try reader.request.condition(of: keys)
    isForward = input.scanIndexForward ?? true
    plan = reader.sources == .new ? .none : try Self.plan(condition, reader)
    sources = plan.isNone && reader.sources == .both ? .new : reader.sources
  }

  private static func plan(_ condition: KeyCondition, _ reader: PageReader) throws(DualTableError) -> OldPlan {
    if let plan = try OldPlan(wholeKeyOf: condition, reader.mapping.newSchema, reader.repository.old) { return plan }
    guard let partitions = reader.mapping.oldPartitions(of: condition.hash, index: nil) else { throw .queryNeedsBackfill }
    let plan = OldPlan(partitions, condition.range)
    if reader.isConsistent, plan.reads.contains(where: { $0.partition.indexName != nil }) { throw .consistentQueryNeedsBackfill }
    return plan
  }

  // MARK: - Cursors

  /// What a cursor is a place in.
  private var place: Item {
    PageCursor.place(of: "query", reader.repository.newTable, nil, condition, isForward)
  }

  private func start() throws(DualTableError) -> QueryMerge.Place {
    guard let key = input.exclusiveStartKey else { return QueryMerge.Place() }
    // Once OLD doesn't count, an ordinary key of NEW's will do: instances in the last phase hand those out.
    if !PageCursor.isCursor(key), reader.sources == .new { return QueryMerge.Place(position: key) }
    let values = try PageCursor.values(of: key, in: place)
    var start = QueryMerge.Place(position: values["n"]?.mapValue, oldStart: values["o"]?.mapValue)
    start.newHasEnded = values["e"] != nil
    return start
  }

  private func cursor(_ end: QueryMerge.Place?) -> Item? {
    guard let end else { return nil }
    // In the last phase NEW is an ordinary table, and so are its keys.
    if reader.context.phase == .new { return end.position }
    var values = Item()
    values["n"] = end.position.map { .map($0) }
    values["o"] = end.oldStart.map { .map($0) }
    values["e"] = end.newHasEnded ? true : nil
    return PageCursor.cursor(values, in: place)
  }

  // MARK: - The page

  internal mutating func page() async throws(DualTableError) -> ScanOutput {
    let keys = reader.mapping.newSchema
    if plan.isNone && sources == .old { return reader.output(PageBuilder(reader.request.shape), end: nil) }
    var merge = QueryMerge(
      reader.request.shape, order: SortOrder(keys.range?.name, isForward: isForward), keys: keys, reserved: reader.repository.reserved,
      sources: sources, start: try start(), defects: reader.defects, view: view)
    var action = try merge.start()
    while case .read(let newRead, let oldRead) = action {
      switch (newRead, oldRead) {
      case (let newRead?, let oldRead?):
        // The two tables don't wait for one another.
        let first = reader
        async let new = Self.result { () throws(DualTableError) in try await self.readNew(newRead, first) }
        let old = try await readOld(oldRead)
        try take(try await new.get(), into: &merge)
        try merge.readOld(old.items, count: old.scannedCount, last: old.lastEvaluatedKey)
      case (let newRead?, nil): try take(try await readNew(newRead, reader), into: &merge)
      case (nil, let oldRead?):
        let old = try await readOld(oldRead)
        try merge.readOld(old.items, count: old.scannedCount, last: old.lastEvaluatedKey)
      case (nil, nil): break
      }
      action = try merge.advance()
    }
    for _ in 0..<merge.passedFromOld { reader.context.oldWasRead(isFound: true) }
    return reader.output(merge.page, end: cursor(merge.end))
  }

  private static func result<Value: Sendable>(
    _ body: () async throws(DualTableError) -> Value
  ) async -> Result<Value, DualTableError> {
    do throws(DualTableError) { return .success(try await body()) } catch { return .failure(error) }
  }

  private mutating func take(_ output: ScanOutput, into merge: inout QueryMerge) throws(DualTableError) {
    reader.note(output.consumedCapacity)
    merge.readNew(output.items, count: output.scannedCount, last: output.lastEvaluatedKey)
  }

  private func readNew(_ read: StreamRead, _ reader: PageReader) async throws(DualTableError) -> ScanOutput {
    var writer = ExpressionWriter()
    let text = reader.request.keyCondition.map { writer.write($0) } ?? ""
    let projection = reader.request.physicalProjection(reader.mapping, &writer)
    return try await reader.query(
      new: QueryInput(
        tableName: reader.repository.newTable, keyConditionExpression: text, exclusiveStartKey: read.start, limit: read.limit,
        scanIndexForward: isForward, consistentRead: reader.isConsistent, projectionExpression: projection,
        expressionAttributeNames: writer.attributeNames, expressionAttributeValues: writer.attributeValues,
        returnConsumedCapacity: reader.request.capacity))
  }

  private mutating func readOld(_ request: StreamRead) async throws(DualTableError) -> ScanOutput {
    if case .ordered(let read) = plan { return try await reader.query(old: read, request, isForward: isForward) }
    var output = ScanOutput()
    output.items = try await reader.all(plan.reads)
    return output
  }

  /// What OLD's items yield of what the query asks for.
  private var view: OldView {
    let (pages, keys, condition) = (reader.repository.pages, reader.mapping.newSchema, condition)
    var view = OldView(start: { $0 }, convert: reader.conversion) { (item) throws(DualTableError) in
      try pages.results(of: item).compactMap { result in
        let sort = keys.range.flatMap { result.key[$0.name] }
        guard result.key[keys.hash.name] == condition.hash, condition.range.map({ test in sort.map(test.holds) ?? false }) ?? true else {
          return nil
        }
        return ReadResult(key: result.key, sort: sort, value: result.value)
      }
    }
    switch plan {
    case .ordered(let read):
      let schema = reader.mapping.oldSchema
      view.start = { read.start($0, schema) }
      if case .prefixed(let prefix) = read.partition.sortKey, let sorted = read.partition.keys.range {
        view.sortKey = OldSortKey(sorted.name, behind: prefix)
      }
    case .sorted: view.isOrdered = false
    case .none: break
    }
    return view
  }
}

extension DualTableError {
  internal static let queryNeedsBackfill = DualTableError(
    .queryNeedsBackfill,
    "The new partition key doesn't say where the old table has the items: give the mapping a `query-index`, or query once the backfill is "
      + "done.")

  internal static let consistentQueryNeedsBackfill = DualTableError(
    .queryNeedsBackfill,
    "The old table has these items in an index only, which can't be read consistently: ask for an eventually consistent query, or query "
      + "once the backfill is done.")
}

extension PageCursor {
  /// What a query's cursor is a place in.
  internal static func place(
    of kind: String, _ table: String, _ index: String?, _ condition: KeyCondition, _ isForward: Bool
  ) -> Item {
    var place: Item = ["kind": .string(kind), "table": .string(table), "forward": .bool(isForward)]
    place["index"] = index.map { .string($0) }
    place["hash"] = canonical(condition.hash)
    switch condition.range {
    case nil: break
    case .comparison(let comparator, let value)?: place["range"] = [.string(comparator.rawValue), canonical(value.value)]
    case .between(let lower, let upper)?: place["range"] = ["BETWEEN", canonical(lower.value), canonical(upper.value)]
    case .beginsWith(let value)?: place["range"] = ["begins_with", canonical(value.value)]
    }
    return place
  }

  /// A number is the same whatever its text.
  private static func canonical(_ value: AttributeValue) -> AttributeValue {
    guard case .number(let number) = value, let same = try? DynamoDBNumber(number.canonicalText) else { return value }
    return .number(same)
  }
}
