public import DynamoDBModel
package import HTTPTransport

/// Changes attributes of an item, or makes one where there is none.
public struct UpdateItemInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The item's key.
  public var key: Item
  /// What to set, remove, add and delete.
  public var updateExpression: String?
  /// What must be true of the item that is there, for the write to happen.
  public var conditionExpression: String?
  /// What the `#names` of expressions stand for.
  public var expressionAttributeNames: [String: String]?
  /// What the `:values` of expressions stand for.
  public var expressionAttributeValues: AttributeMap?
  /// Which attributes to return.
  public var returnValues: ReturnValue?
  /// Whether a refusal carries the item that the condition met (`DynamoDBError.item`).
  public var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure?
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?
  /// Whether to report the size of the item's collection (tables with local indexes).
  public var returnItemCollectionMetrics: ReturnItemCollectionMetrics?

  /// Makes a request.
  public init(
    tableName: String, key: Item, updateExpression: String? = nil, conditionExpression: String? = nil,
    expressionAttributeNames: [String: String]? = nil, expressionAttributeValues: AttributeMap? = nil,
    returnValues: ReturnValue? = nil, returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil,
    returnConsumedCapacity: ReturnConsumedCapacity? = nil, returnItemCollectionMetrics: ReturnItemCollectionMetrics? = nil
  ) {
    self.tableName = tableName
    self.key = key
    self.updateExpression = updateExpression
    self.conditionExpression = conditionExpression
    self.expressionAttributeNames = expressionAttributeNames
    self.expressionAttributeValues = expressionAttributeValues
    self.returnValues = returnValues
    self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
    self.returnConsumedCapacity = returnConsumedCapacity
    self.returnItemCollectionMetrics = returnItemCollectionMetrics
  }
}

/// What an update changed and cost.
public struct UpdateItemOutput: Sendable, Hashable {
  /// The attributes that the request asked for with `returnValues`.
  public var attributes: Item?
  /// What the request cost, if it asked.
  public var consumedCapacity: ConsumedCapacity?
  /// The size of the item's collection, if the request asked and the table has local indexes.
  public var itemCollectionMetrics: ItemCollectionMetrics?

  /// Makes an answer, as a test double gives it.
  public init(attributes: Item? = nil, consumedCapacity: ConsumedCapacity? = nil, itemCollectionMetrics: ItemCollectionMetrics? = nil) {
    self.attributes = attributes
    self.consumedCapacity = consumedCapacity
    self.itemCollectionMetrics = itemCollectionMetrics
  }
}

extension UpdateItemInput: OperationInput {
  package static var operation: DynamoDBOperation { .updateItem }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.item("Key", key, &body)
    object.string("UpdateExpression", updateExpression, &body)
    object.string("ConditionExpression", conditionExpression, &body)
    object.texts("ExpressionAttributeNames", expressionAttributeNames, &body)
    object.item("ExpressionAttributeValues", expressionAttributeValues, &body)
    object.choice("ReturnValues", returnValues, &body)
    object.choice("ReturnValuesOnConditionCheckFailure", returnValuesOnConditionCheckFailure, &body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.choice("ReturnItemCollectionMetrics", returnItemCollectionMetrics, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>) throws(DynamoDBModelError) -> UpdateItemOutput {
    let written = try WriteAnswer(body)
    return UpdateItemOutput(
      attributes: written.attributes, consumedCapacity: written.consumedCapacity, itemCollectionMetrics: written.itemCollectionMetrics)
  }
}

extension DynamoDBClient {
  /// Changes attributes of an item, or makes one where there is none.
  ///
  /// - Throws: `DynamoDBError`, of code `conditionalCheckFailed` where the condition is false; `outcomeUnknown` says whether the write may
  ///   have happened all the same.
  public func updateItem(_ input: UpdateItemInput, options: CallOptions = CallOptions()) async throws(DynamoDBError) -> UpdateItemOutput {
    try await send(input, options)
  }
}
