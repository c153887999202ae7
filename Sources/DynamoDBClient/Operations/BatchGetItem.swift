public import DynamoDBModel
package import HTTPTransport

/// Which items of one table a batch reads.
public struct KeysAndAttributes: Sendable, Hashable {
  /// The items' keys, none twice.
  public var keys: [Item]
  /// True to see every write acknowledged before, at twice the price.
  public var consistentRead: Bool?
  /// Which attributes to return.
  public var projectionExpression: String?
  /// What the `#names` of the expression stand for.
  public var expressionAttributeNames: [String: String]?

  /// Makes a table's part of a batch.
  public init(
    keys: [Item], consistentRead: Bool? = nil, projectionExpression: String? = nil, expressionAttributeNames: [String: String]? = nil
  ) {
    self.keys = keys
    self.consistentRead = consistentRead
    self.projectionExpression = projectionExpression
    self.expressionAttributeNames = expressionAttributeNames
  }
}

/// Asks for up to 100 items of any tables by their keys.
public struct BatchGetItemInput: Sendable, Hashable {
  /// The keys by table.
  public var requestItems: [String: KeysAndAttributes]
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?

  /// Makes a request.
  public init(requestItems: [String: KeysAndAttributes], returnConsumedCapacity: ReturnConsumedCapacity? = nil) {
    self.requestItems = requestItems
    self.returnConsumedCapacity = returnConsumedCapacity
  }
}

/// The items of a batch that the service got to.
public struct BatchGetItemOutput: Sendable, Hashable {
  /// The items by table, in no order; keys without an item yield none.
  public var responses: [String: [Item]] = [:]
  /// What wasn't looked at, as the next request wants it; the service stops at 16 MB or when it is busy.
  public var unprocessedKeys: [String: KeysAndAttributes] = [:]
  /// What the request cost in each table, if it asked.
  public var consumedCapacity: [ConsumedCapacity] = []

  /// Makes an answer, as a test double gives it.
  public init(
    responses: [String: [Item]] = [:], unprocessedKeys: [String: KeysAndAttributes] = [:], consumedCapacity: [ConsumedCapacity] = []
  ) {
    self.responses = responses
    self.unprocessedKeys = unprocessedKeys
    self.consumedCapacity = consumedCapacity
  }
}

extension BatchGetItemInput: OperationInput {
  package static var operation: DynamoDBOperation { .batchGetItem }
  package var onlyTable: String? { requestItems.count == 1 ? requestItems.first?.key : nil }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.name("RequestItems", &body)
    var tables = ObjectWriter(&body)
    for (table, wanted) in requestItems.sorted(by: { $0.key < $1.key }) {
      tables.member(table, &body) { wanted.encode(into: &$0) }
    }
    tables.close(&body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> BatchGetItemOutput {
    var output = BatchGetItemOutput()
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Responses") {
        try members.object(body) { table, values throws(DynamoDBModelError) in output.responses[table] = try values.items(body, &tape) }
      } else if body.equals(name, "UnprocessedKeys") {
        try members.object(body) { table, values throws(DynamoDBModelError) in
          output.unprocessedKeys[table] = try KeysAndAttributes(&values, body, &tape)
        }
      } else if body.equals(name, "ConsumedCapacity") {
        output.consumedCapacity = (try members.json(body).array ?? []).map(ConsumedCapacity.init)
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    return output
  }
}

extension KeysAndAttributes {
  func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.list("Keys", keys, &body) { key, out in key.encode(into: &out) }
    object.bool("ConsistentRead", consistentRead, &body)
    object.string("ProjectionExpression", projectionExpression, &body)
    object.texts("ExpressionAttributeNames", expressionAttributeNames, &body)
    object.close(&body)
  }

  /// Reads the object that `outer` stands on.
  init(_ outer: inout JSONObjectReader, _ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) {
    self.init(keys: [])
    var members = try JSONObjectReader(body, at: outer.offset)
    while let name = try members.next(body) {
      if body.equals(name, "Keys") {
        keys = try members.items(body, &tape)
      } else if body.equals(name, "ConsistentRead") {
        consistentRead = try members.json(body).bool
      } else if body.equals(name, "ProjectionExpression") {
        projectionExpression = try members.json(body).string
      } else if body.equals(name, "ExpressionAttributeNames") {
        expressionAttributeNames = readTexts(try members.json(body))
      } else {
        try members.skip(body)
      }
    }
    outer.offset = members.offset
  }
}

extension DynamoDBClient {
  /// Reads up to 100 items by their keys; what the service didn't get to comes back as `unprocessedKeys`.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table.
  public func batchGetItem(
    _ input: BatchGetItemInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> BatchGetItemOutput {
    try await send(input, options)
  }
}
