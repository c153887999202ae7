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
}

extension BatchGetItemInput: OperationInput {
  package static var operation: DynamoDBOperation { .batchGetItem }

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

  package static func decode(_ body: Span<UInt8>) throws(AnswerError) -> BatchGetItemOutput {
    var output = BatchGetItemOutput()
    var members = try JSONCursor(object: body, at: 0)
    while let (name, value) = try members.nextMember(body) {
      if spells(body, name, "Responses") {
        var tables = try JSONCursor(object: body, at: value.lowerBound)
        while let (table, items) = try tables.nextMember(body) {
          output.responses[try readName(body, table)] = try readItems(body, items)
        }
      } else if spells(body, name, "UnprocessedKeys") {
        var tables = try JSONCursor(object: body, at: value.lowerBound)
        while let (table, keys) = try tables.nextMember(body) {
          output.unprocessedKeys[try readName(body, table)] = try KeysAndAttributes(body, keys)
        }
      } else if spells(body, name, "ConsumedCapacity") {
        output.consumedCapacity = try ConsumedCapacity.list(readJSON(body, value))
      }
    }
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

  init(_ body: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) {
    self.init(keys: [])
    var members = try JSONCursor(object: body, at: range.lowerBound)
    while let (name, value) = try members.nextMember(body) {
      if spells(body, name, "Keys") {
        keys = try readItems(body, value)
      } else if spells(body, name, "ConsistentRead") {
        consistentRead = try readJSON(body, value).bool
      } else if spells(body, name, "ProjectionExpression") {
        projectionExpression = try readJSON(body, value).string
      } else if spells(body, name, "ExpressionAttributeNames") {
        expressionAttributeNames = readTexts(try readJSON(body, value))
      }
    }
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
