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
    missing = try repository.check(keys: wanted.keys)
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
        let physical = PhysicalItem(found[key], reserved: repository.reserved)
        let action = reader.newRead(physical)
        context.observed?.newRead(physical, action)
        take(action, for: key)
      }
    }
  }

  /// Asks OLD for what NEW hasn't got.
  private mutating func readOld(_ capacity: ReturnConsumedCapacity?) async throws(DualTableError) {
    let newKeys = missing
    missing = []
    let old = try OldKeys(newKeys, of: repository.old)
    var answer = BatchGetItemOutput()
    let table = repository.old.name
    if !old.keys.isEmpty {
      let request = KeysAndAttributes(keys: old.keys, consistentRead: wanted.consistentRead)
      answer = try await send([table: request], to: repository.old.client, capacity)
    }
    let unprocessed = Set(answer.unprocessedKeys[table]?.keys ?? [])
    var found: [Item: Item] = [:]
    for item in answer.responses[table] ?? [] {
      if let key = repository.mapping.oldSchema.key(of: item) { found[key] = item }
    }
    let values = try old.values(from: old.keys.map { found[$0] })
    for (place, key) in newKeys.enumerated() {
      if let oldKey = old.place(of: place).map({ old.keys[$0] }) {
        guard !unprocessed.contains(oldKey) else {
          postpone(key)
          continue
        }
        context.oldWasRead(isFound: values[place] != nil)
      } else {
        context.observed?.read(.absent)
      }
      take(reader.oldRead(values[place]), for: key)
    }
  }

  /// Asks for all keys, and again for those that the table didn't get to, until the deadline.
  private mutating func send(
    _ tables: [String: KeysAndAttributes], to client: DynamoDBClient, _ capacity: ReturnConsumedCapacity?
  ) async throws(DualTableError) -> BatchGetItemOutput {
    let answer: BatchGetItemOutput
    do {
      answer = try await client.batchGetAllItems(
        BatchGetItemInput(requestItems: tables, returnConsumedCapacity: capacity), options: context.options(.read))
    } catch {
      guard error.cause.code == .unprocessed else { throw .requestFailed(error.cause) }
      answer = error.output
    }
    output.consumedCapacity += answer.consumedCapacity
    return answer
  }

  private mutating func take(_ action: ReadStateMachine.Action, for key: Item) {
    switch action {
    case .readNew, .readOld: missing.append(key)
    case .finish(let item?):
      let item = projection?.project(item) ?? item
      output.responses[repository.newTable]?.append(item)
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
