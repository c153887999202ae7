public import DynamoDBModel
package import HTTPTransport

/// Asks for a page of the items with one partition key, in the order of their sort keys.
public struct QueryInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The index to query instead of the table.
  public var indexName: String?
  /// The partition key's value, and what must be true of the sort key.
  public var keyConditionExpression: String
  /// Where the page before ended; nil for the first.
  public var exclusiveStartKey: Item?
  /// How many items to look at, at most; a page also ends at 1 MB.
  public var limit: Int?
  /// False to begin at the largest sort key; the service's default is true.
  public var scanIndexForward: Bool?
  /// True to see every write acknowledged before, at twice the price; global indexes can't.
  public var consistentRead: Bool?
  /// Which of the items looked at to return; it can't name the key's attributes.
  public var filterExpression: String?
  /// Which attributes to return.
  public var projectionExpression: String?
  /// What the `#names` of expressions stand for.
  public var expressionAttributeNames: [String: String]?
  /// What the `:values` of expressions stand for.
  public var expressionAttributeValues: AttributeMap?
  /// What to return: attributes, or the number of items only.
  public var select: Select?
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?

  /// Makes a request.
  public init(
    tableName: String, indexName: String? = nil, keyConditionExpression: String, exclusiveStartKey: Item? = nil, limit: Int? = nil,
    scanIndexForward: Bool? = nil, consistentRead: Bool? = nil, filterExpression: String? = nil, projectionExpression: String? = nil,
    expressionAttributeNames: [String: String]? = nil, expressionAttributeValues: AttributeMap? = nil, select: Select? = nil,
    returnConsumedCapacity: ReturnConsumedCapacity? = nil
  ) {
    self.tableName = tableName
    self.indexName = indexName
    self.keyConditionExpression = keyConditionExpression
    self.exclusiveStartKey = exclusiveStartKey
    self.limit = limit
    self.scanIndexForward = scanIndexForward
    self.consistentRead = consistentRead
    self.filterExpression = filterExpression
    self.projectionExpression = projectionExpression
    self.expressionAttributeNames = expressionAttributeNames
    self.expressionAttributeValues = expressionAttributeValues
    self.select = select
    self.returnConsumedCapacity = returnConsumedCapacity
  }
}

extension QueryInput: OperationInput {
  package static var operation: DynamoDBOperation { .query }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.string("IndexName", indexName, &body)
    object.string("KeyConditionExpression", keyConditionExpression, &body)
    object.item("ExclusiveStartKey", exclusiveStartKey, &body)
    object.integer("Limit", limit, &body)
    object.bool("ScanIndexForward", scanIndexForward, &body)
    object.bool("ConsistentRead", consistentRead, &body)
    object.string("FilterExpression", filterExpression, &body)
    object.string("ProjectionExpression", projectionExpression, &body)
    object.texts("ExpressionAttributeNames", expressionAttributeNames, &body)
    object.item("ExpressionAttributeValues", expressionAttributeValues, &body)
    object.choice("Select", select, &body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.close(&body)
  }

  // The service's two kinds of pages have the same members.
  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> ScanOutput {
    try ScanInput.decode(body, &tape)
  }
}

extension DynamoDBClient {
  /// Reads a page of the items with one partition key.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table.
  public func query(_ input: QueryInput, options: CallOptions = CallOptions()) async throws(DynamoDBError) -> ScanOutput {
    try await send(input, options)
  }
}
