internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// Performs what the merges of one operation ask for: requests of both tables, and what they cost.
internal struct PageReader: Sendable {
  internal let repository: DualTableRepository
  internal let context: OperationContext
  internal let request: PageRequest
  /// What NEW's part of the page has cost so far; OLD's where OLD alone counts.
  internal private(set) var consumed: ConsumedCapacity?

  internal init(_ repository: DualTableRepository, _ context: OperationContext, _ request: PageRequest) {
    self.repository = repository
    self.context = context
    self.request = request
  }

  internal var mapping: any TableMapping { repository.mapping }
  internal var options: CallOptions { context.options(.read) }
  internal var defects: ReadDefects { repository.pages.defects }
  internal var isConsistent: Bool { request.isConsistent }

  /// Which tables count in the operation's phase.
  internal var sources: QueryMerge.Sources {
    switch context.phase {
    case .old: .old
    case .dualRead, .dualTable: .both
    case .newWithTombstones, .new: .new
    }
  }

  /// Converts what OLD has where nothing else counts.
  internal var conversion: LateConversion {
    let pages = repository.pages
    return { (old, key) throws(DualTableError) in try pages.convert(old, key) }
  }

  internal mutating func note(_ capacity: ConsumedCapacity?) { consumed = consumed?.adding(capacity) ?? capacity }

  /// The page as its caller gets it.
  internal func output(_ page: PageBuilder, end: Item?) -> ScanOutput {
    var output = ScanOutput()
    output.items = page.items
    output.count = page.count
    output.scannedCount = page.scannedCount
    output.lastEvaluatedKey = end
    output.consumedCapacity = consumed
    return output
  }

  // MARK: - NEW

  internal func query(new input: QueryInput) async throws(DualTableError) -> ScanOutput {
    do { return try await repository.new.query(input, options: options) } catch { throw .requestFailed(error) }
  }

  /// What NEW has at these keys.
  internal mutating func lookUpNew(_ keys: [Item], wanted: KeysAndAttributes) async throws(DualTableError) -> [Item: PhysicalItem] {
    var wanted = wanted
    wanted.keys = Self.distinct(keys)
    wanted.consistentRead = isConsistent
    let table = repository.newTable
    var found: [Item: PhysicalItem] = [:]
    for item in try await batch(wanted, of: table, repository.new) {
      if let key = mapping.newSchema.key(of: item) { found[key] = PhysicalItem(item, reserved: repository.reserved) }
    }
    return found
  }

  private mutating func batch(
    _ wanted: KeysAndAttributes, of table: String, _ client: DynamoDBClient
  ) async throws(DualTableError) -> [Item] {
    guard !wanted.keys.isEmpty else { return [] }
    let isNew = table == repository.newTable
    do {
      let output = try await client.batchGetAllItems(
        BatchGetItemInput(requestItems: [table: wanted], returnConsumedCapacity: isNew ? request.capacity : nil), options: options)
      if isNew { for capacity in output.consumedCapacity { note(capacity) } }
      return output.responses[table] ?? []
    } catch {
      throw .requestFailed(error.cause)
    }
  }

  private static func distinct(_ keys: [Item]) -> [Item] {
    var seen: Set<Item> = []
    return keys.filter { seen.insert($0).inserted }
  }

  // MARK: - OLD

  /// Reads on in a part of OLD. Its items are whole: those of an index that hasn't all of them are fetched.
  internal mutating func query(
    old read: OldRead, _ request: StreamRead, isForward: Bool
  ) async throws(DualTableError) -> ScanOutput {
    let old = repository.old
    var input = read.input(request, table: old.name, isForward: isForward, isConsistent: isConsistent)
    if sources == .old { input.returnConsumedCapacity = self.request.capacity }
    var output: ScanOutput
    do { output = try await old.client.query(input, options: options) } catch { throw .requestFailed(error) }
    if sources == .old { note(output.consumedCapacity) }
    guard let name = input.indexName, !output.items.isEmpty,
      try await repository.pages.catalog.index(name, of: old.name, old.client, options)?.attributes != nil
    else { return output }
    let hits = output.items
    var (items, parts) = ([Item](), LookUpParts(hits.count))
    while let part = parts.next() {
      let keys = hits[part].compactMap { mapping.oldSchema.key(of: $0) }
      let found = try await lookUpOld(keys)
      let whole = zip(keys, hits[part]).compactMap { key, hit in found[key].map { hit.adding($0) } }
      parts.found(whole)
      items += whole
    }
    output.items = items
    if parts.isCut {
      output.scannedCount = parts.end
      output.lastEvaluatedKey = read.start(hits[parts.end - 1], mapping.oldSchema)
    }
    return output
  }

  /// The items of OLD with these keys.
  internal mutating func lookUpOld(_ keys: [Item]) async throws(DualTableError) -> [Item: Item] {
    let wanted = KeysAndAttributes(keys: Self.distinct(keys), consistentRead: isConsistent)
    var found: [Item: Item] = [:]
    for item in try await batch(wanted, of: repository.old.name, repository.old.client) {
      if let key = mapping.oldSchema.key(of: item) { found[key] = item }
    }
    return found
  }

  /// All items of some parts of OLD, to be sorted.
  ///
  /// - Throws: `partitionTooLarge`.
  internal mutating func all(_ reads: [OldRead]) async throws(DualTableError) -> [Item] {
    var items: [Item] = []
    var bytes = 0
    for read in reads {
      var start: Item?
      repeat {
        let page = try await query(old: read, StreamRead(start: start, limit: nil), isForward: true)
        bytes += page.items.reduce(0) { $0 + $1.sizeInBytes }
        guard bytes <= repository.pages.mostSorted else { throw .partitionTooLarge }
        items += page.items
        start = page.lastEvaluatedKey
      } while start != nil
    }
    return items
  }
}

extension DualTableError {
  internal static let partitionTooLarge = DualTableError(
    .partitionTooLarge,
    "The old table's items of this partition have another order than the new one's and over 10 MB, which are too many to sort: query once "
      + "the backfill is done.")
}
