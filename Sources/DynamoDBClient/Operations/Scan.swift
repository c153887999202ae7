public import DynamoDBModel
package import HTTPTransport

/// Asks for a page of a table's or an index's items.
public struct ScanInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The index to scan instead of the table.
  public var indexName: String?
  /// Where the page before ended; nil for the first.
  public var exclusiveStartKey: Item?
  /// How many items to look at, at most; a page also ends at 1 MB.
  public var limit: Int?
  /// Which part of the table, from 0; needs `totalSegments`.
  public var segment: Int?
  /// How many parts the table is scanned in, 1 to 1,000,000.
  public var totalSegments: Int?
  /// True to see every write acknowledged before, at twice the price.
  public var consistentRead: Bool?
  /// Which of the items looked at to return.
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
    tableName: String, indexName: String? = nil, exclusiveStartKey: Item? = nil, limit: Int? = nil, segment: Int? = nil,
    totalSegments: Int? = nil, consistentRead: Bool? = nil, filterExpression: String? = nil, projectionExpression: String? = nil,
    expressionAttributeNames: [String: String]? = nil, expressionAttributeValues: AttributeMap? = nil, select: Select? = nil,
    returnConsumedCapacity: ReturnConsumedCapacity? = nil
  ) {
    self.tableName = tableName
    self.indexName = indexName
    self.exclusiveStartKey = exclusiveStartKey
    self.limit = limit
    self.segment = segment
    self.totalSegments = totalSegments
    self.consistentRead = consistentRead
    self.filterExpression = filterExpression
    self.projectionExpression = projectionExpression
    self.expressionAttributeNames = expressionAttributeNames
    self.expressionAttributeValues = expressionAttributeValues
    self.select = select
    self.returnConsumedCapacity = returnConsumedCapacity
  }
}

/// A page of a scan or a query.
public struct ScanOutput: Sendable, Hashable {
  /// The items; an empty page isn't the end.
  public var items: [Item] = []
  /// How many items passed the filter.
  public var count = 0
  /// How many items were looked at.
  public var scannedCount = 0
  /// Where the next page begins; nil at the end, and nowhere else.
  public var lastEvaluatedKey: Item?
  /// What the request cost, if it asked.
  public var consumedCapacity: ConsumedCapacity?

  /// Makes an empty page.
  public init() {}
}

extension ScanInput: OperationInput {
  package static var operation: DynamoDBOperation { .scan }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.string("IndexName", indexName, &body)
    object.item("ExclusiveStartKey", exclusiveStartKey, &body)
    object.integer("Limit", limit, &body)
    object.integer("Segment", segment, &body)
    object.integer("TotalSegments", totalSegments, &body)
    object.bool("ConsistentRead", consistentRead, &body)
    object.string("FilterExpression", filterExpression, &body)
    object.string("ProjectionExpression", projectionExpression, &body)
    object.texts("ExpressionAttributeNames", expressionAttributeNames, &body)
    object.item("ExpressionAttributeValues", expressionAttributeValues, &body)
    object.choice("Select", select, &body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> ScanOutput {
    var output = ScanOutput()
    var count: Int?
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Items") {
        output.items = try members.items(body, &tape)
      } else if body.equals(name, "Count") {
        count = try members.json(body).count
      } else if body.equals(name, "ScannedCount") {
        output.scannedCount = try members.json(body).count ?? 0
      } else if body.equals(name, "LastEvaluatedKey") {
        output.lastEvaluatedKey = try members.item(body, &tape)
      } else if body.equals(name, "ConsumedCapacity") {
        output.consumedCapacity = ConsumedCapacity(try members.json(body))
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    // What isn't a page at all must not pass for the empty last page of a segment.
    guard let count else { throw DynamoDBModelError(.malformed) }
    output.count = count
    return output
  }
}

extension DynamoDBClient {
  /// Reads a page of a table's or an index's items.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table or index.
  public func scan(_ input: ScanInput, options: CallOptions = CallOptions()) async throws(DynamoDBError) -> ScanOutput {
    try await send(input, options)
  }
}
