public import DynamoDBClient
public import DynamoDBModel

extension DualTableItems {
  /// A put of a value as one action of a transaction, for `DualTableRepository.transactWriteItems`.
  ///
  /// Values of several types go into one transaction so. Updates, deletes and checks name keys alone: `TransactWriteItem` makes them.
  ///
  /// - Throws: `DualTableError`: `unencodable`.
  public func putAction(
    _ value: Value, conditionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil,
    expressionAttributeValues: AttributeMap? = nil, returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil
  ) throws(DualTableError) -> TransactWriteItem {
    TransactWriteItem(
      tableName: repository.newTable, action: .put(try encode(value)), conditionExpression: conditionExpression,
      expressionAttributeNames: expressionAttributeNames, expressionAttributeValues: expressionAttributeValues,
      returnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure)
  }

  /// Reads up to 100 values as they are at one moment.
  ///
  /// - Returns: the values in the keys' order; nil for a key that has no item, or whose item was deleted.
  /// - Throws: `DualTableError`: `undecodable` where an item is none of `Value`, else what `DualTableRepository.transactGetItems` throws.
  public func transactGetItems(keys: [Item], options: CallOptions = CallOptions()) async throws(DualTableError) -> [Value?] {
    let reads = keys.map { TransactGetItem(tableName: repository.newTable, key: $0) }
    let output = try await repository.transactGetItems(.init(transactItems: reads), options: options)
    var values: [Value?] = []
    for item in output.responses { values.append(try decode(item)) }
    return values
  }
}
