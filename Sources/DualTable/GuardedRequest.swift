internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel

/// The caller's write, as it goes out under one guard or another.
internal struct GuardedRequest: Sendable {
  /// What is written.
  internal enum Write: Sendable {
    case put(Item)
    case update(UpdateExpression?)
    /// A real delete.
    case delete
  }

  internal let table: String
  internal let key: Item
  internal var write: Write
  internal let condition: Condition?
  /// NEW's partition key attribute: every item has it.
  internal let hash: String
  /// The attribute that marks tombstones.
  internal let reserved: String
  /// The caller's token, if he wants the write exact.
  internal var token: IdempotencyToken?
  internal let returnValues: ReturnValue?
  internal let returnConsumedCapacity: ReturnConsumedCapacity?
  internal let returnItemCollectionMetrics: ReturnItemCollectionMetrics?

  /// Sends the write under a guard: by itself, or with a token as a transaction of one action.
  internal func send(
    _ guarded: GuardedWriteStateMachine.Guard, to client: DynamoDBClient, _ options: CallOptions
  ) async throws(DynamoDBError) -> WriteItemOutput {
    if let token { return try await send(guarded, as: token, to: client, options) }
    var writer = ExpressionWriter()
    let conditionText = guardCondition(guarded).map { writer.write($0) }
    let onRefusal: ReturnValuesOnConditionCheckFailure? = conditionText == nil ? nil : .allOld
    switch write {
    case .put(let item):
      return try await client.putItem(
        PutItemInput(
          tableName: table, item: item, conditionExpression: conditionText, expressionAttributeNames: writer.attributeNames,
          expressionAttributeValues: writer.attributeValues, returnValues: returnValues, returnValuesOnConditionCheckFailure: onRefusal,
          returnConsumedCapacity: returnConsumedCapacity, returnItemCollectionMetrics: returnItemCollectionMetrics), options: options)
    case .update(let update):
      let updateText = (guarded == .tombstone ? (update ?? UpdateExpression()).removing(reserved) : update).map { writer.write($0) }
      return try await client.updateItem(
        UpdateItemInput(
          tableName: table, key: key, updateExpression: updateText, conditionExpression: conditionText,
          expressionAttributeNames: writer.attributeNames, expressionAttributeValues: writer.attributeValues, returnValues: returnValues,
          returnValuesOnConditionCheckFailure: onRefusal, returnConsumedCapacity: returnConsumedCapacity,
          returnItemCollectionMetrics: returnItemCollectionMetrics), options: options)
    case .delete:
      return try await client.deleteItem(
        DeleteItemInput(
          tableName: table, key: key, conditionExpression: conditionText, expressionAttributeNames: writer.attributeNames,
          expressionAttributeValues: writer.attributeValues, returnValues: returnValues, returnValuesOnConditionCheckFailure: onRefusal,
          returnConsumedCapacity: returnConsumedCapacity, returnItemCollectionMetrics: returnItemCollectionMetrics), options: options)
    }
  }

  private func send(
    _ guarded: GuardedWriteStateMachine.Guard, as token: IdempotencyToken, to client: DynamoDBClient, _ options: CallOptions
  ) async throws(DynamoDBError) -> WriteItemOutput {
    var input = TransactWriteItemsInput(
      transactItems: [action(guarded)], returnConsumedCapacity: returnConsumedCapacity,
      returnItemCollectionMetrics: returnItemCollectionMetrics)
    input.clientRequestToken = token.derived(for: input)
    let output = try await client.transactWriteItems(input, options: options)
    return WriteItemOutput(
      consumedCapacity: output.consumedCapacity.first, itemCollectionMetrics: output.itemCollectionMetrics[table]?.first)
  }

  /// The guard as a condition. The caller's own stands only under step 1's guards: under the others it was evaluated here.
  internal func guardCondition(_ guarded: GuardedWriteStateMachine.Guard) -> Condition? {
    let exists = Condition.attributeExists(DocumentPath(root: hash))
    let notTombstone = Condition.attributeNotExists(DocumentPath(root: reserved))
    let callers = condition.map { [$0] } ?? []
    return switch guarded {
    case .none: nil
    case .live: .and([exists, notTombstone] + callers)
    case .notTombstone: .and([notTombstone] + callers)
    case .tombstone: .attributeExists(DocumentPath(root: reserved))
    case .missing: .attributeNotExists(DocumentPath(root: hash))
    }
  }
}
