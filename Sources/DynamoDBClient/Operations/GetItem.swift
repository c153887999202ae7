public import DynamoDBModel
package import HTTPTransport

/// Asks for one item by its key.
public struct GetItemInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The item's key.
  public var key: Item
  /// True to see every write acknowledged before, at twice the price.
  public var consistentRead: Bool?
  /// Which attributes to return.
  public var projectionExpression: String?
  /// What the `#names` of the expression stand for.
  public var expressionAttributeNames: [String: String]?
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?

  /// Makes a request.
  public init(
    tableName: String, key: Item, consistentRead: Bool? = nil, projectionExpression: String? = nil,
    expressionAttributeNames: [String: String]? = nil, returnConsumedCapacity: ReturnConsumedCapacity? = nil
  ) {
    self.tableName = tableName
    self.key = key
    self.consistentRead = consistentRead
    self.projectionExpression = projectionExpression
    self.expressionAttributeNames = expressionAttributeNames
    self.returnConsumedCapacity = returnConsumedCapacity
  }
}

/// The item asked for.
public struct GetItemOutput: Sendable, Hashable {
  /// The item; nil where there is none.
  public var item: Item?
  /// What the request cost, if it asked.
  public var consumedCapacity: ConsumedCapacity?

  /// Makes an answer, as a test double gives it.
  public init(item: Item? = nil, consumedCapacity: ConsumedCapacity? = nil) {
    self.item = item
    self.consumedCapacity = consumedCapacity
  }
}

extension GetItemInput: OperationInput {
  package static var operation: DynamoDBOperation { .getItem }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.item("Key", key, &body)
    object.bool("ConsistentRead", consistentRead, &body)
    object.string("ProjectionExpression", projectionExpression, &body)
    object.texts("ExpressionAttributeNames", expressionAttributeNames, &body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> GetItemOutput {
    var output = GetItemOutput()
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Item") {
        output.item = try members.item(body, &tape)
      } else if body.equals(name, "ConsumedCapacity") {
        output.consumedCapacity = ConsumedCapacity(try members.json(body))
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    return output
  }
}

extension DynamoDBClient {
  /// Reads one item.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table.
  public func getItem(_ input: GetItemInput, options: CallOptions = CallOptions()) async throws(DynamoDBError) -> GetItemOutput {
    try await send(input, options)
  }
}
