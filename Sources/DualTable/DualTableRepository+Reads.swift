internal import DualTableMapping
public import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

extension DualTableRepository {
  /// Reads one item.
  ///
  /// A hit in the new table costs one request. Where the new table has nothing and the phase falls back, the old one is read as
  /// consistently as the new one was. Capacity is reported of the new table.
  ///
  /// - Parameters:
  ///   - input: for the new table, with a key of its.
  ///   - options: of each request that it takes.
  /// - Returns: no item for a key that has none, or that was deleted.
  /// - Throws: `DualTableError`: `unconvertible` where the old table's item can't be converted, `requestFailed`, or what is wrong with the
  ///   request.
  public func getItem(_ input: GetItemInput, options: CallOptions = CallOptions()) async throws(DualTableError) -> GetItemOutput {
    try check(table: input.tableName)
    _ = try check(key: input.key)
    let projection = try projection(input.projectionExpression, names: input.expressionAttributeNames)
    return try await operate(.read, "GetItem", options) { context throws(DualTableError) in try await get(input, projection, context) }
  }

  private func get(
    _ input: GetItemInput, _ projection: ProjectionExpression?, _ context: OperationContext
  ) async throws(DualTableError) -> GetItemOutput {
    let reader = ReadStateMachine(phase: context.phase)
    var output = GetItemOutput()
    var action = reader.start()
    while true {
      switch action {
      case .readNew:
        output = try await readNew(input, projection, context)
        let found = PhysicalItem(output.item, reserved: reserved)
        action = reader.newRead(found)
        context.observed?.newRead(found, action)
      case .readOld: action = reader.oldRead(try await old.item(input.key, consistent: input.consistentRead ?? false, context))
      case .finish(let item):
        output.item = if let projection, let item { projection.project(item) } else { item }
        return output
      }
    }
  }

  /// What NEW has, with what tells a tombstone, and an item from none.
  @inline(__always)
  private func readNew(
    _ input: GetItemInput, _ projection: ProjectionExpression?, _ context: OperationContext
  ) async throws(DualTableError) -> GetItemOutput {
    do throws(DynamoDBError) {
      // Without a projection the request goes on as it came: a copy of it is a good part of what a hit costs.
      guard projection != nil else { return try await new.getItem(input, options: context.options(.read)) }
      var input = input
      (input.projectionExpression, input.expressionAttributeNames) = physical(projection)
      return try await new.getItem(input, options: context.options(.read))
    } catch {
      throw .requestFailed(error)
    }
  }

  private func projection(_ text: String?, names: [String: String]?) throws(DualTableError) -> ProjectionExpression? {
    if text == nil && names == nil { return nil }
    return try CallerExpressions(projection: text, names: names, mapping: mapping).projection
  }

  /// A projection as it goes to NEW: with the attribute that marks tombstones, and with one that every item has, so that an item without
  /// any of the caller's attributes doesn't look like none.
  internal func physical(_ projection: ProjectionExpression?) -> (text: String?, names: [String: String]?) {
    guard let projection else { return (nil, nil) }
    var writer = ExpressionWriter()
    let text = writer.write(projection.including(mapping.newSchema.attributes.map(\.name) + [reserved]))
    return (text, writer.attributeNames)
  }

  /// Reads any number of items by their keys.
  ///
  /// What the new table hasn't got is read from the old one, as `getItem` does. Each table is asked for 100 keys a request, and again,
  /// after growing pauses, for what it didn't get to. What is left when the time is over comes back as `unprocessedKeys`.
  ///
  /// - Parameters:
  ///   - input: for the new table alone.
  ///   - options: its retry policy's deadline covers all requests to one table.
  /// - Throws: `DualTableError`: `unconvertible` where one of the old table's items can't be converted, `requestFailed`, or what is wrong
  ///   with the request.
  public func batchGetItem(
    _ input: BatchGetItemInput, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> BatchGetItemOutput {
    for table in input.requestItems.keys.sorted() { try check(table: table) }
    guard let wanted = input.requestItems[newTable] else { return BatchGetItemOutput() }
    return try await operate(.read, "BatchGetItem", options) { context throws(DualTableError) in
      var batch = try BatchRead(wanted, context, self)
      try await batch.read(input.returnConsumedCapacity)
      return batch.output
    }
  }
}
