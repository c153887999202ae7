internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// One TransactGetItems on its way through both tables: each key is a read of its own, decided as such, and all values are of one moment.
///
/// From phase 3 on that moment is NEW's: what was missing then had the value that OLD has still. Before, it is OLD's.
internal struct TransactRead: Sendable {
  /// One of the caller's reads of NEW.
  private struct Wanted {
    let key: Item
    let projection: ProjectionExpression?
  }

  /// One read of a request, and which of the caller's reads it is for.
  private struct Part {
    let read: TransactGetItem
    let callers: [Int]
  }

  private let input: TransactGetItemsInput
  private let repository: DualTableRepository
  private let context: OperationContext
  private let reader: ReadStateMachine
  /// The caller's reads by their places; nil for one of another table.
  private let wanted: [Wanted?]
  /// The caller's reads whose value is OLD's to tell.
  private var missing: [Int] = []
  private var output = TransactGetItemsOutput()

  internal init(
    _ input: TransactGetItemsInput, _ context: OperationContext, _ repository: DualTableRepository
  ) throws(DualTableError) {
    self.input = input
    self.context = context
    self.repository = repository
    reader = ReadStateMachine(phase: context.phase)
    try TransactionLimits.check(count: input.transactItems.count)
    var wanted: [Wanted?] = []
    for read in input.transactItems {
      guard try repository.owns(read.tableName) else {
        wanted.append(nil)
        continue
      }
      let expressions = try CallerExpressions(
        projection: read.projectionExpression, names: read.expressionAttributeNames, mapping: repository.mapping)
      wanted.append(Wanted(key: try repository.check(key: read.key), projection: expressions.projection))
    }
    try TransactionLimits.check(distinct: wanted.compactMap { $0?.key })
    self.wanted = wanted
    output.responses = wanted.map { _ in nil }
  }

  internal mutating func perform() async throws(DualTableError) -> TransactGetItemsOutput {
    let own = wanted.indices.filter { wanted[$0] != nil }
    let others = wanted.indices.filter { wanted[$0] == nil }
    switch context.phase {
    case .old: try await askOld(own, with: others)
    // Two requests are of two moments, which only items that can't change don't mind. One client can ask both tables at once.
    case .dualRead where !others.isEmpty: try await askBoth(own, with: others)
    case .dualRead:
      try await askNew(own)
      if !missing.isEmpty { try await askOld(missing, with: []) }
    case .dualTable:
      try await askNew(Array(wanted.indices))
      if !missing.isEmpty { try await readOld() }
    case .newWithTombstones, .new: try await askNew(Array(wanted.indices))
    }
    return output
  }

  // MARK: - Requests

  private mutating func askNew(_ reads: [Int]) async throws(DualTableError) {
    let parts = reads.map { newPart($0) }
    take(new: zip(reads, try await send(parts, to: repository.new)).map { ($0, $1) })
  }

  private mutating func askOld(_ reads: [Int], with others: [Int]) async throws(DualTableError) {
    if !others.isEmpty { try requireOneClient() }
    let keys = try OldKeys(reads.map { wanted[$0]?.key ?? [:] }, of: repository.old)
    let parts = oldParts(keys, for: reads) + others.map { newPart($0) }
    guard !parts.isEmpty else { return }
    let items = try await send(parts, to: repository.old.client)
    take(new: zip(others, items.dropFirst(keys.keys.count)).map { ($0, $1) })
    take(old: zip(reads, try keys.values(from: Array(items.prefix(keys.keys.count)))).map { ($0, $1) })
  }

  private mutating func askBoth(_ own: [Int], with others: [Int]) async throws(DualTableError) {
    try requireOneClient()
    let keys = try OldKeys(own.map { wanted[$0]?.key ?? [:] }, of: repository.old)
    let parts = wanted.indices.map { newPart($0) } + oldParts(keys, for: own)
    guard parts.count <= TransactionLimits.mostActions else {
      throw DualTableError(
        .invalidTransaction,
        "In phase \(context.phase) a transaction that reads other tables too reads both tables at once, so that each of its items counts "
          + "twice: more than \(TransactionLimits.mostActions) altogether.")
    }
    let items = try await send(parts, to: repository.new)
    take(new: zip(wanted.indices, items).map { ($0, $1) })
    let values = try keys.values(from: Array(items.dropFirst(wanted.count)))
    take(old: zip(own, values).filter { missing.contains($0.0) }.map { ($0, $1) })
  }

  /// What NEW hasn't got; OLD can't change any more, so it needs no transaction.
  private mutating func readOld() async throws(DualTableError) {
    let reads = missing
    let keys = try OldKeys(reads.map { wanted[$0]?.key ?? [:] }, of: repository.old)
    let (values, consumed) = try await keys.read(input.returnConsumedCapacity, options: context.options(.read))
    output.consumedCapacity += consumed
    take(old: zip(reads, values).map { ($0, $1) })
  }

  private func newPart(_ read: Int) -> Part {
    var part = input.transactItems[read]
    if let wanted = wanted[read] {
      (part.projectionExpression, part.expressionAttributeNames) = repository.physical(wanted.projection)
    }
    return Part(read: part, callers: [read])
  }

  private func oldParts(_ keys: OldKeys, for reads: [Int]) -> [Part] {
    keys.keys.indices.map { place in
      Part(
        read: TransactGetItem(tableName: repository.old.name, key: keys.keys[place]),
        callers: reads.indices.filter { keys.place(of: $0) == place }.map { reads[$0] })
    }
  }

  private func requireOneClient() throws(DualTableError) {
    guard repository.old.client !== repository.new else { return }
    throw DualTableError(
      .wrongTable,
      "In phase \(context.phase) a transaction reads other tables too only if one client serves the old and the new table: a transaction "
        + "can't span accounts or Regions.")
  }

  private mutating func send(_ parts: [Part], to client: DynamoDBClient) async throws(DualTableError) -> [Item?] {
    let request = TransactGetItemsInput(
      transactItems: parts.map(\.read), returnConsumedCapacity: input.returnConsumedCapacity)
    do throws(DynamoDBError) {
      let answer = try await client.transactGetItems(request, options: context.options(.read))
      guard answer.responses.count == parts.count else {
        throw DynamoDBError(.unexpectedAnswer, "A transaction of \(parts.count) reads was answered with \(answer.responses.count) items.")
      }
      output.consumedCapacity += answer.consumedCapacity
      return answer.responses
    } catch {
      var reasons: [ActionError?] = error.cancellationReasons.isEmpty ? [] : wanted.map { _ in nil }
      for (part, reason) in zip(parts, error.cancellationReasons) {
        for caller in part.callers { reasons[caller] = reason ?? reasons[caller] }
      }
      throw .requestFailed(error, cancellationReasons: reasons)
    }
  }

  // MARK: - Answers

  private mutating func take(new items: [(read: Int, item: Item?)]) {
    for (read, item) in items {
      guard wanted[read] != nil else {
        output.responses[read] = item
        continue
      }
      let found = PhysicalItem(item, reserved: repository.reserved)
      let action = reader.newRead(found)
      context.observed?.newRead(found, action)
      take(action, for: read)
    }
  }

  private mutating func take(old items: [(read: Int, item: Item?)]) {
    missing = []
    for (read, item) in items {
      context.oldWasRead(isFound: item != nil)
      take(reader.oldRead(item), for: read)
    }
  }

  private mutating func take(_ action: ReadStateMachine.Action, for read: Int) {
    switch action {
    case .readNew, .readOld: missing.append(read)
    case .finish(let item): output.responses[read] = item.map { wanted[read]?.projection?.project($0) ?? $0 }
    }
  }
}
