internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// One batch of keys on its way through both tables: each key is a read of its own, decided as such.
internal struct BatchRead: Sendable {
  /// The keys whose value is OLD's to tell.
  private var missing: [Item]
  internal private(set) var output = BatchGetItemOutput()

  private let wanted: KeysAndAttributes
  private let projection: ProjectionExpression?
  private let reader: ReadStateMachine
  private let context: OperationContext
  private let repository: DualTableRepository

  internal init(_ wanted: KeysAndAttributes, _ context: OperationContext, _ repository: DualTableRepository) throws(DualTableError) {
    self.wanted = wanted
    self.context = context
    reader = ReadStateMachine(phase: context.phase)
    self.repository = repository
    projection = try CallerExpressions(
      projection: wanted.projectionExpression, names: wanted.expressionAttributeNames, mapping: repository.mapping
    ).projection
    var keys: [Item] = []
    for key in wanted.keys { keys.append(try repository.check(key: key)) }
    missing = keys
    output.responses[repository.newTable] = []
  }

  /// Asks both tables, as the phase has it.
  internal mutating func read(_ capacity: ReturnConsumedCapacity?) async throws(DualTableError) {
    if reader.start() == .readNew { try await readNew(capacity) }
    if !missing.isEmpty { try await readOld(capacity) }
  }

  /// Asks NEW for all keys; what neither came nor is still to come is missing.
  private mutating func readNew(_ capacity: ReturnConsumedCapacity?) async throws(DualTableError) {
    var request = wanted
    (request.projectionExpression, request.expressionAttributeNames) = repository.physical(projection)
    let table = repository.newTable
    let answer = try await send([table: request], to: repository.new, capacity)
    let unprocessed = Set(answer.unprocessedKeys[table]?.keys ?? [])
    var found: [Item: Item] = [:]
    for item in answer.responses[table] ?? [] {
      if let key = repository.mapping.newSchema.key(of: item) { found[key] = item }
    }
    let keys = missing
    missing = []
    for key in keys {
      if unprocessed.contains(key) {
        postpone(key)
      } else {
        take(reader.newRead(PhysicalItem(found[key], reserved: repository.reserved)), for: key)
      }
    }
  }

  /// Asks OLD for what NEW hasn't got; several keys may come from one item.
  private mutating func readOld(_ capacity: ReturnConsumedCapacity?) async throws(DualTableError) {
    var oldKeys: [Item] = []
    var newKeys: [Item: [Item]] = [:]
    for key in missing {
      guard let oldKey = try repository.old.key(for: key) else { continue }
      if newKeys[oldKey] == nil { oldKeys.append(oldKey) }
      newKeys[oldKey, default: []].append(key)
    }
    missing = []
    guard !oldKeys.isEmpty else { return }
    let table = repository.old.name
    let request = KeysAndAttributes(keys: oldKeys, consistentRead: wanted.consistentRead)
    let answer = try await send([table: request], to: repository.old.client, capacity)
    for oldKey in answer.unprocessedKeys[table]?.keys ?? [] {
      for key in newKeys[oldKey] ?? [] { postpone(key) }
    }
    for item in answer.responses[table] ?? [] {
      guard let oldKey = repository.mapping.oldSchema.key(of: item), let keys = newKeys[oldKey] else { continue }
      let converted = try repository.old.convert(item)
      for key in keys {
        take(reader.oldRead(converted.first { repository.mapping.newSchema.key(of: $0) == key }), for: key)
      }
    }
  }

  private mutating func send(
    _ tables: [String: KeysAndAttributes], to client: DynamoDBClient, _ capacity: ReturnConsumedCapacity?
  ) async throws(DualTableError) -> BatchGetItemOutput {
    do {
      let answer = try await client.batchGetItem(
        BatchGetItemInput(requestItems: tables, returnConsumedCapacity: capacity), options: context.options(.read))
      output.consumedCapacity += answer.consumedCapacity
      return answer
    } catch {
      throw .requestFailed(error)
    }
  }

  private mutating func take(_ action: ReadStateMachine.Action, for key: Item) {
    switch action {
    case .readNew, .readOld: missing.append(key)
    case .finish(let item?): output.responses[repository.newTable]?.append(projection?.project(item) ?? item)
    case .finish(nil): break
    }
  }

  private mutating func postpone(_ key: Item) {
    var rest = output.unprocessedKeys[repository.newTable] ?? wanted
    if output.unprocessedKeys.isEmpty { rest.keys = [] }
    rest.keys.append(key)
    output.unprocessedKeys[repository.newTable] = rest
  }
}
