public import DynamoDBModel
package import HTTPTransport

/// One read of a transaction.
public struct TransactGetItem: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The item's key.
  public var key: Item
  /// Which attributes to return.
  public var projectionExpression: String?
  /// What the `#names` of the expression stand for.
  public var expressionAttributeNames: [String: String]?

  /// Makes a read.
  public init(
    tableName: String, key: Item, projectionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil
  ) {
    self.tableName = tableName
    self.key = key
    self.projectionExpression = projectionExpression
    self.expressionAttributeNames = expressionAttributeNames
  }
}

/// Asks for up to 100 items as they are at one moment.
public struct TransactGetItemsInput: Sendable, Hashable {
  /// The reads.
  public var transactItems: [TransactGetItem]
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?

  /// Makes a request.
  public init(transactItems: [TransactGetItem], returnConsumedCapacity: ReturnConsumedCapacity? = nil) {
    self.transactItems = transactItems
    self.returnConsumedCapacity = returnConsumedCapacity
  }
}

/// The items of a transaction.
public struct TransactGetItemsOutput: Sendable, Hashable {
  /// The items in the reads' order; nil for a key without an item.
  public var responses: [Item?] = []
  /// What the request cost in each table, if it asked.
  public var consumedCapacity: [ConsumedCapacity] = []

  /// Makes an answer, as a test double gives it.
  public init(responses: [Item?] = [], consumedCapacity: [ConsumedCapacity] = []) {
    self.responses = responses
    self.consumedCapacity = consumedCapacity
  }
}

extension TransactGetItemsInput: OperationInput {
  package static var operation: DynamoDBOperation { .transactGetItems }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.list("TransactItems", transactItems, &body) { read, out in
      var action = ObjectWriter(&out)
      action.name("Get", &out)
      var inner = ObjectWriter(&out)
      inner.string("TableName", read.tableName, &out)
      inner.item("Key", read.key, &out)
      inner.string("ProjectionExpression", read.projectionExpression, &out)
      inner.texts("ExpressionAttributeNames", read.expressionAttributeNames, &out)
      inner.close(&out)
      action.close(&out)
    }
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> TransactGetItemsOutput {
    var responses: [Item?]?
    var consumedCapacity: [ConsumedCapacity] = []
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Responses") {
        var items: [Item?] = []
        try members.array(body) { elements throws(DynamoDBModelError) in
          var item: Item?
          try elements.object(body) { member, value throws(DynamoDBModelError) in
            if member == "Item" { item = try value.item(body, &tape) } else { try value.skip(body) }
          }
          items.append(item)
        }
        responses = items
      } else if body.equals(name, "ConsumedCapacity") {
        consumedCapacity = (try members.json(body).array ?? []).map(ConsumedCapacity.init)
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    guard let responses else { throw DynamoDBModelError(.malformed) }
    return TransactGetItemsOutput(responses: responses, consumedCapacity: consumedCapacity)
  }
}

extension DynamoDBClient {
  /// Reads up to 100 items as they are at one moment.
  ///
  /// - Throws: `DynamoDBError`, of code `transactionCanceled` where a write to one of the items is under way; `cancellationReasons` says to
  ///   which.
  public func transactGetItems(
    _ input: TransactGetItemsInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> TransactGetItemsOutput {
    try await send(input, options)
  }
}
