public import DynamoDBModel
package import HTTPTransport

/// One action of a transaction: a write, or a condition alone.
public struct TransactWriteItem: Sendable, Hashable {
  /// What to do.
  public enum Action: Sendable, Hashable {
    /// Puts an item, in place of what is there.
    case put(Item)
    /// Changes attributes of the item of this key, or makes one where there is none.
    case update(key: Item, updateExpression: String)
    /// Deletes the item of this key.
    case delete(key: Item)
    /// Writes nothing: the condition must be true of the item of this key.
    case conditionCheck(key: Item)
  }

  /// The table's name.
  public var tableName: String
  /// What to do.
  public var action: Action
  /// What must be true of the item that is there, for the transaction to happen.
  public var conditionExpression: String?
  /// What the `#names` of expressions stand for.
  public var expressionAttributeNames: [String: String]?
  /// What the `:values` of expressions stand for.
  public var expressionAttributeValues: AttributeMap?
  /// Whether a refusal carries the item that the condition met (`ActionError.item`).
  public var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure?

  /// Makes an action.
  public init(
    tableName: String, action: Action, conditionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil,
    expressionAttributeValues: AttributeMap? = nil, returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil
  ) {
    self.tableName = tableName
    self.action = action
    self.conditionExpression = conditionExpression
    self.expressionAttributeNames = expressionAttributeNames
    self.expressionAttributeValues = expressionAttributeValues
    self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
  }
}

/// Does up to 100 actions, all or none.
public struct TransactWriteItemsInput: Sendable, Hashable {
  /// The actions, no two on the same item.
  public var transactItems: [TransactWriteItem]
  /// Up to 36 characters that make requests with the same token one transaction, for ten minutes; nil: the client makes one for each call,
  /// so that the tries of a call are one transaction.
  public var clientRequestToken: String?
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?
  /// Whether to report the sizes of the items' collections (tables with local indexes).
  public var returnItemCollectionMetrics: ReturnItemCollectionMetrics?

  /// Makes a request.
  public init(
    transactItems: [TransactWriteItem], clientRequestToken: String? = nil, returnConsumedCapacity: ReturnConsumedCapacity? = nil,
    returnItemCollectionMetrics: ReturnItemCollectionMetrics? = nil
  ) {
    self.transactItems = transactItems
    self.clientRequestToken = clientRequestToken
    self.returnConsumedCapacity = returnConsumedCapacity
    self.returnItemCollectionMetrics = returnItemCollectionMetrics
  }
}

/// What a transaction cost.
public struct TransactWriteItemsOutput: Sendable, Hashable {
  /// What the request cost in each table, if it asked.
  public var consumedCapacity: [ConsumedCapacity] = []
  /// The sizes of the items' collections by table, if the request asked.
  public var itemCollectionMetrics: [String: [ItemCollectionMetrics]] = [:]

  /// Makes an answer, as a test double gives it.
  public init(consumedCapacity: [ConsumedCapacity] = [], itemCollectionMetrics: [String: [ItemCollectionMetrics]] = [:]) {
    self.consumedCapacity = consumedCapacity
    self.itemCollectionMetrics = itemCollectionMetrics
  }
}

extension TransactWriteItemsInput: OperationInput {
  package static var operation: DynamoDBOperation { .transactWriteItems }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.list("TransactItems", transactItems, &body) { $0.encode(into: &$1) }
    object.string("ClientRequestToken", clientRequestToken, &body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.choice("ReturnItemCollectionMetrics", returnItemCollectionMetrics, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> TransactWriteItemsOutput {
    var output = TransactWriteItemsOutput()
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "ConsumedCapacity") {
        output.consumedCapacity = (try members.json(body).array ?? []).map(ConsumedCapacity.init)
      } else if body.equals(name, "ItemCollectionMetrics") {
        output.itemCollectionMetrics = try ItemCollectionMetrics.byTable(&members, body, &tape)
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    return output
  }
}

extension TransactWriteItem {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    switch action {
    case .put: object.name("Put", &out)
    case .update: object.name("Update", &out)
    case .delete: object.name("Delete", &out)
    case .conditionCheck: object.name("ConditionCheck", &out)
    }
    var inner = ObjectWriter(&out)
    inner.string("TableName", tableName, &out)
    switch action {
    case .put(let item): inner.item("Item", item, &out)
    case .update(let key, let expression):
      inner.item("Key", key, &out)
      inner.string("UpdateExpression", expression, &out)
    case .delete(let key), .conditionCheck(let key): inner.item("Key", key, &out)
    }
    inner.string("ConditionExpression", conditionExpression, &out)
    inner.texts("ExpressionAttributeNames", expressionAttributeNames, &out)
    inner.item("ExpressionAttributeValues", expressionAttributeValues, &out)
    inner.choice("ReturnValuesOnConditionCheckFailure", returnValuesOnConditionCheckFailure, &out)
    inner.close(&out)
    object.close(&out)
  }
}

extension DynamoDBClient {
  /// Does up to 100 actions, all or none.
  ///
  /// - Throws: `DynamoDBError`, of code `transactionCanceled` where a condition is false or another transaction is in the way;
  ///   `cancellationReasons` says which, and `outcomeUnknown` whether the transaction may have happened all the same.
  public func transactWriteItems(
    _ input: TransactWriteItemsInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> TransactWriteItemsOutput {
    var input = input
    if input.clientRequestToken == nil { input.clientRequestToken = String(draw(), radix: 16) + String(draw(), radix: 16) }
    return try await send(input, options)
  }
}
