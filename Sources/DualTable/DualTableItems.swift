public import DynamoDBClient
public import DynamoDBModel

/// A repository's items as values of one type: what `DualTableRepository` does, with a struct in place of each item.
///
///     let users = repository.items(of: User.self)
///     let user = try await users.getItem(key: ["userId": "u1"], consistentRead: true)
///
/// Each operation takes what the service's does, but for the table; conditions and updates are the service's expressions.
public struct DualTableItems<Value: Codable>: Sendable {
  internal let repository: DualTableRepository
  internal let encoder: DynamoDBEncoder
  internal let decoder: DynamoDBDecoder

  internal init(_ repository: DualTableRepository, _ encoder: DynamoDBEncoder, _ decoder: DynamoDBDecoder) {
    self.repository = repository
    self.encoder = encoder
    self.decoder = decoder
  }

  /// Reads one value.
  ///
  /// - Parameters:
  ///   - key: the item's key in the new table.
  ///   - consistentRead: true to see every write acknowledged before, at twice the price.
  ///   - options: deadline, retries, telemetry of this call.
  /// - Returns: nil for a key that has no item, or whose item was deleted.
  /// - Throws: `DualTableError`: `undecodable` where the item is none of `Value`, else what `DualTableRepository.getItem` throws.
  public func getItem(
    key: Item, consistentRead: Bool? = nil, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> Value? {
    let input = GetItemInput(tableName: repository.newTable, key: key, consistentRead: consistentRead)
    return try decode(try await repository.getItem(input, options: options).item)
  }

  /// Reads any number of values by their keys.
  ///
  /// - Returns: the values that are there, in no order.
  /// - Throws: `DualTableError`: `undecodable`; `requestFailed` also where the service was too busy for all of them to the deadline.
  public func batchGetItem(
    keys: [Item], consistentRead: Bool? = nil, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> [Value] {
    let table = repository.newTable
    let output = try await repository.batchGetItem(
      .init(requestItems: [table: .init(keys: keys, consistentRead: consistentRead)]), options: options)
    guard output.unprocessedKeys.isEmpty else { throw .unprocessed }
    var values: [Value] = []
    for item in output.responses[table] ?? [] { values.append(try decode(item)) }
    return values
  }

  /// Writes a value, in place of what was there.
  ///
  /// - Parameters:
  ///   - value: what is there afterwards.
  ///   - conditionExpression: what must be true of the item for it to happen.
  ///   - expressionAttributeNames: what the expressions' `#names` stand for.
  ///   - expressionAttributeValues: what their `:values` stand for.
  ///   - returnValues: `.allOld` for the value that was there.
  ///   - returnValuesOnConditionCheckFailure: `.allOld` for the item in the error of a false condition.
  ///   - idempotencyToken: makes the write exact, at twice the price; see `DualTableRepository.putItem`.
  ///   - options: deadline, retries, telemetry of this call.
  /// - Returns: the value that was there, if `returnValues` asks for it.
  /// - Throws: `DualTableError`: `unencodable` before anything was sent; `undecodable` where the value was put and the one that was there
  ///   is none of `Value`; else what `DualTableRepository.putItem` throws.
  @discardableResult
  public func putItem(
    _ value: Value, conditionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil,
    expressionAttributeValues: AttributeMap? = nil, returnValues: ReturnValue? = nil,
    returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil, idempotencyToken: String? = nil,
    options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> Value? {
    let output = try await repository.putItem(
      PutItemInput(
        tableName: repository.newTable, item: try encode(value), conditionExpression: conditionExpression,
        expressionAttributeNames: expressionAttributeNames, expressionAttributeValues: expressionAttributeValues,
        returnValues: returnValues, returnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure),
      idempotencyToken: idempotencyToken, options: options)
    return try decode(output.attributes)
  }

  /// Changes attributes of an item, or makes one where there is none.
  ///
  /// - Parameters:
  ///   - key: the item's key in the new table.
  ///   - updateExpression: what to change.
  ///   - conditionExpression: what must be true of the item for it to happen.
  ///   - expressionAttributeNames: what the expressions' `#names` stand for.
  ///   - expressionAttributeValues: what their `:values` stand for.
  ///   - returnValues: `.allOld` or `.allNew` for the value before or after. What the other two return is a part of an item, which
  ///     `Value` can only take if all of its properties are optional.
  ///   - returnValuesOnConditionCheckFailure: `.allOld` for the item in the error of a false condition.
  ///   - idempotencyToken: makes the write exact, at twice the price; see `DualTableRepository.putItem`.
  ///   - options: deadline, retries, telemetry of this call.
  /// - Returns: the value that `returnValues` asks for.
  /// - Throws: `DualTableError`: `undecodable` where the update happened and what it returns is none of `Value`; else what
  ///   `DualTableRepository.updateItem` throws.
  @discardableResult
  public func updateItem(
    key: Item, updateExpression: String, conditionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil,
    expressionAttributeValues: AttributeMap? = nil, returnValues: ReturnValue? = nil,
    returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil, idempotencyToken: String? = nil,
    options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> Value? {
    let output = try await repository.updateItem(
      UpdateItemInput(
        tableName: repository.newTable, key: key, updateExpression: updateExpression, conditionExpression: conditionExpression,
        expressionAttributeNames: expressionAttributeNames, expressionAttributeValues: expressionAttributeValues,
        returnValues: returnValues, returnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure),
      idempotencyToken: idempotencyToken, options: options)
    return try decode(output.attributes)
  }

  /// Deletes an item.
  ///
  /// - Parameters:
  ///   - key: the item's key in the new table.
  ///   - conditionExpression: what must be true of the item for it to happen.
  ///   - expressionAttributeNames: what the expressions' `#names` stand for.
  ///   - expressionAttributeValues: what their `:values` stand for.
  ///   - returnValues: `.allOld` for the value that was there.
  ///   - returnValuesOnConditionCheckFailure: `.allOld` for the item in the error of a false condition.
  ///   - idempotencyToken: makes the write exact, at twice the price; see `DualTableRepository.putItem`.
  ///   - options: deadline, retries, telemetry of this call.
  /// - Returns: the value that was there, if `returnValues` asks for it.
  /// - Throws: `DualTableError`: `undecodable` where the item was deleted and is none of `Value`; else what
  ///   `DualTableRepository.deleteItem` throws.
  @discardableResult
  public func deleteItem(
    key: Item, conditionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil,
    expressionAttributeValues: AttributeMap? = nil, returnValues: ReturnValue? = nil,
    returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil, idempotencyToken: String? = nil,
    options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> Value? {
    let output = try await repository.deleteItem(
      DeleteItemInput(
        tableName: repository.newTable, key: key, conditionExpression: conditionExpression,
        expressionAttributeNames: expressionAttributeNames, expressionAttributeValues: expressionAttributeValues,
        returnValues: returnValues, returnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure),
      idempotencyToken: idempotencyToken, options: options)
    return try decode(output.attributes)
  }

  /// Puts and deletes any number of items, no two of the same key.
  ///
  /// - Throws: `DualTableError`: `unencodable` before anything was sent; `outcomeUnknown` where some of the batch may have happened, also
  ///   where the service was too busy for all of it to the deadline: send it again.
  public func batchWriteItem(
    puts: [Value] = [], deletes: [Item] = [], options: CallOptions = CallOptions()
  ) async throws(DualTableError) {
    var writes: [WriteRequest] = []
    for value in puts { writes.append(.put(try encode(value))) }
    writes += deletes.map { .delete(key: $0) }
    let output = try await repository.batchWriteItem(.init(requestItems: [repository.newTable: writes]), options: options)
    guard output.unprocessedItems.isEmpty else { throw .batchUnfinished(nil) }
  }

  // MARK: - Values and items

  internal func encode(_ value: Value) throws(DualTableError) -> Item {
    do { return try encoder.encode(value) } catch { throw .unencodable(Value.self, error) }
  }

  internal func decode(_ item: Item) throws(DualTableError) -> Value {
    do { return try decoder.decode(Value.self, from: item) } catch { throw .undecodable(Value.self, error) }
  }

  internal func decode(_ item: Item?) throws(DualTableError) -> Value? {
    guard let item else { return nil }
    return try decode(item) as Value
  }
}

extension DualTableRepository {
  /// The repository's items as values of `type`.
  ///
  /// - Parameters:
  ///   - type: what an item of the new table is to the service.
  ///   - encoder: how values become items. Default: without conversions.
  ///   - decoder: how items become values. Default: without conversions.
  public func items<Value: Codable>(
    of type: Value.Type, encoder: DynamoDBEncoder = DynamoDBEncoder(), decoder: DynamoDBDecoder = DynamoDBDecoder()
  ) -> DualTableItems<Value> {
    DualTableItems(self, encoder, decoder)
  }
}
