internal import AWSAuth
internal import DualTableMapping
public import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

extension DualTableRepository {
  /// Writes a whole item, in place of what was there.
  ///
  /// Without a condition it costs one request. What it replaced (`returnValues: .allOld`) comes from the old table where only that has it;
  /// after a lost answer that was sent again it may be the item itself. Capacity is reported of the write that landed.
  ///
  /// - Parameters:
  ///   - input: for the new table.
  ///   - idempotencyToken: makes the write exact for ten minutes, whatever answers are lost, at twice the price: it goes as a transaction of
  ///     one action, which returns no values. Another write takes another token. Default nil: without.
  ///   - options: of each request that it takes.
  /// - Throws: `DualTableError`, `conditionFailed` where the condition is false.
  public func putItem(
    _ input: PutItemInput, idempotencyToken: String? = nil, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> PutItemOutput {
    try check(table: input.tableName)
    let key = try check(item: input.item)
    let expressions = try CallerExpressions(
      condition: input.conditionExpression, names: input.expressionAttributeNames, values: input.expressionAttributeValues,
      mapping: mapping)
    return try await perform(
      .put,
      GuardedRequest(
        table: newTable, key: key, write: .put(input.item), condition: expressions.condition, hash: mapping.newSchema.hash.name,
        reserved: reserved, token: try token(idempotencyToken, input.returnValues), returnValues: input.returnValues,
        returnConsumedCapacity: input.returnConsumedCapacity, returnItemCollectionMetrics: input.returnItemCollectionMetrics),
      tellsItem: input.returnValuesOnConditionCheckFailure == .allOld, options)
  }

  /// Changes attributes of an item, or makes one where there is none.
  ///
  /// An item that only the old table has is first copied as it is. Updates that depend on the item they meet are never sent again when an
  /// answer was lost, but with a token. Capacity is reported of the write that landed.
  ///
  /// - Parameters:
  ///   - input: for the new table.
  ///   - idempotencyToken: as `putItem` has it.
  ///   - options: of each request that it takes.
  /// - Throws: `DualTableError`, `conditionFailed` where the condition is false.
  public func updateItem(
    _ input: UpdateItemInput, idempotencyToken: String? = nil, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> UpdateItemOutput {
    try check(table: input.tableName)
    let key = try check(key: input.key)
    let expressions = try CallerExpressions(
      condition: input.conditionExpression, update: input.updateExpression, names: input.expressionAttributeNames,
      values: input.expressionAttributeValues, mapping: mapping)
    let token = try token(idempotencyToken, input.returnValues)
    guard token == nil || expressions.update != nil else {
      throw .invalidToken("With an idempotency token an update is a transaction's, which takes no update without an `updateExpression`.")
    }
    return try await perform(
      .update,
      GuardedRequest(
        table: newTable, key: key, write: .update(expressions.update), condition: expressions.condition,
        hash: mapping.newSchema.hash.name, reserved: reserved, token: token, returnValues: input.returnValues,
        returnConsumedCapacity: input.returnConsumedCapacity, returnItemCollectionMetrics: input.returnItemCollectionMetrics),
      tellsItem: input.returnValuesOnConditionCheckFailure == .allOld, options)
  }

  /// Deletes an item.
  ///
  /// Before phase 5 a tombstone takes its place, unless the key can have no item in the old table. Capacity is reported of the write that
  /// landed.
  ///
  /// - Parameters:
  ///   - input: for the new table.
  ///   - idempotencyToken: as `putItem` has it.
  ///   - options: of each request that it takes.
  /// - Throws: `DualTableError`, `conditionFailed` where the condition is false.
  public func deleteItem(
    _ input: DeleteItemInput, idempotencyToken: String? = nil, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> DeleteItemOutput {
    try check(table: input.tableName)
    let key = try check(key: input.key)
    let expressions = try CallerExpressions(
      condition: input.conditionExpression, names: input.expressionAttributeNames, values: input.expressionAttributeValues,
      mapping: mapping)
    return try await perform(
      .delete,
      GuardedRequest(
        table: newTable, key: key, write: .delete, condition: expressions.condition,
        hash: mapping.newSchema.hash.name, reserved: reserved, token: try token(idempotencyToken, input.returnValues),
        returnValues: input.returnValues, returnConsumedCapacity: input.returnConsumedCapacity,
        returnItemCollectionMetrics: input.returnItemCollectionMetrics),
      tellsItem: input.returnValuesOnConditionCheckFailure == .allOld, options)
  }

  /// Puts and deletes any number of items, no two of the same key, without conditions.
  ///
  /// Before phase 5 a delete puts a tombstone, unless the key can have no item in the old table. 25 writes go in a request, and again, after
  /// growing pauses, what the service didn't get to. What is left when the time is over comes back as `unprocessedItems`.
  ///
  /// - Parameters:
  ///   - input: for the new table alone.
  ///   - options: its retry policy's deadline covers the whole batch.
  /// - Throws: `DualTableError`: `outcomeUnknown` where some of the batch happened and the rest may not have: send it again.
  public func batchWriteItem(
    _ input: BatchWriteItemInput, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> BatchWriteItemOutput {
    for table in input.requestItems.keys.sorted() { try check(table: table) }
    return try await operate(.newWrite, "BatchWriteItem", options) { context throws(DualTableError) in
      let batch = try BatchWrite(input.requestItems[newTable] ?? [], in: context.phase, self)
      var physical = input
      physical.requestItems = [newTable: batch.physical]
      var output: BatchWriteItemOutput
      do throws(IncompleteBatch<BatchWriteItemOutput>) {
        output = try await new.batchWriteAllItems(physical, options: context.options(.newWrite, resend: resend))
      } catch {
        let isWhole = error.output.unprocessedItems[newTable]?.count == batch.physical.count
        guard error.cause.code == .unprocessed else {
          throw isWhole && !error.cause.outcomeUnknown ? .requestFailed(error.cause) : .batchUnfinished(error.cause)
        }
        output = error.output
      }
      output.unprocessedItems = output.unprocessedItems.mapValues(batch.logical)
      return output
    }
  }

  // MARK: - What writes have in common

  /// Whether a whole item, or what only sets values, goes out again after a lost answer.
  internal var resend: Resend { retryUnknownWrites ? .always : .unlessOutcomeUnknown }

  private func token(_ text: String?, _ returnValues: ReturnValue?) throws(DualTableError) -> IdempotencyToken? {
    guard let text else { return nil }
    guard !text.isEmpty else { throw .invalidToken("An idempotency token has at least one character: make one up for each write.") }
    guard returnValues == nil || returnValues == ReturnValue.none else {
      throw .invalidToken("With an idempotency token a write is a transaction's, which returns no values: read the item afterwards.")
    }
    return IdempotencyToken(text)
  }

  /// How a delete is written: as a tombstone while OLD may still count or come back to count, unless it can't have an item for this key.
  internal func deletion(of key: Item, in phase: MigrationPhase) throws(DualTableError) -> GuardedRequest.Write {
    guard phase <= .newWithTombstones, try old.key(for: key) != nil else { return .delete }
    var tombstone = key
    tombstone[reserved] = .number(DynamoDBNumber(new.wallClock.now()))
    return .put(tombstone)
  }
}
