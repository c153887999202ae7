internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel

extension GuardedRequest {
  /// The write under a guard, as one action of a transaction.
  internal func action(_ guarded: GuardedWriteStateMachine.Guard) -> TransactWriteItem {
    var writer = ExpressionWriter()
    let conditionText = guardCondition(guarded).map { writer.write($0) }
    let action: TransactWriteItem.Action =
      switch write {
      case .put(let item): .put(item)
      case .update(let update):
        .update(
          key: key, updateExpression: writer.write(guarded == .tombstone ? (update ?? .init()).removing(reserved) : update ?? .init()))
      case .delete: .delete(key: key)
      }
    return TransactWriteItem(
      tableName: table, action: action, conditionExpression: conditionText, expressionAttributeNames: writer.attributeNames,
      expressionAttributeValues: writer.attributeValues,
      returnValuesOnConditionCheckFailure: conditionText == nil ? nil : .allOld)
  }
}
