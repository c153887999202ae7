public import DynamoDBModel
package import HTTPTransport

/// One PartiQL statement of a batch.
public struct BatchStatement: Sendable, Hashable {
  /// The statement, on one item that it names by its whole key.
  public var statement: String
  /// What the statement's `?` stand for, in order; none makes no member, since the service refuses an empty list.
  public var parameters: [AttributeValue]
  /// True for a read to see every write acknowledged before, at twice the price.
  public var consistentRead: Bool?
  /// Whether a refusal carries the item that the condition met (`ActionError.item`).
  public var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure?

  /// Makes a statement.
  public init(
    statement: String, parameters: [AttributeValue] = [], consistentRead: Bool? = nil,
    returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure? = nil
  ) {
    self.statement = statement
    self.parameters = parameters
    self.consistentRead = consistentRead
    self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
  }
}

/// Runs up to 25 PartiQL statements, all reads or all writes, each for itself.
public struct BatchExecuteStatementInput: Sendable, Hashable {
  /// The statements, no two on the same item.
  public var statements: [BatchStatement]
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?

  /// Makes a request.
  public init(statements: [BatchStatement], returnConsumedCapacity: ReturnConsumedCapacity? = nil) {
    self.statements = statements
    self.returnConsumedCapacity = returnConsumedCapacity
  }
}

/// What became of one statement.
public struct BatchStatementResponse: Sendable, Hashable {
  /// Why it did not happen; nil if it did.
  public var error: ActionError?
  /// The table's name.
  public var tableName: String?
  /// The item that was read.
  public var item: Item?

  /// Makes a response, as a test double gives it.
  public init(error: ActionError? = nil, tableName: String? = nil, item: Item? = nil) {
    self.error = error
    self.tableName = tableName
    self.item = item
  }
}

/// What became of a batch of statements.
public struct BatchExecuteStatementOutput: Sendable, Hashable {
  /// What became of each statement, in the request's order.
  public var responses: [BatchStatementResponse] = []
  /// What the request cost in each table, if it asked.
  public var consumedCapacity: [ConsumedCapacity] = []

  /// Makes an answer, as a test double gives it.
  public init(responses: [BatchStatementResponse] = [], consumedCapacity: [ConsumedCapacity] = []) {
    self.responses = responses
    self.consumedCapacity = consumedCapacity
  }
}

extension BatchExecuteStatementInput: OperationInput {
  package static var operation: DynamoDBOperation { .batchExecuteStatement }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.list("Statements", statements, &body) { statement, out in
      var inner = ObjectWriter(&out)
      inner.string("Statement", statement.statement, &out)
      inner.list("Parameters", statement.parameters.isEmpty ? nil : statement.parameters, &out) { $0.encode(into: &$1) }
      inner.bool("ConsistentRead", statement.consistentRead, &out)
      inner.choice("ReturnValuesOnConditionCheckFailure", statement.returnValuesOnConditionCheckFailure, &out)
      inner.close(&out)
    }
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> BatchExecuteStatementOutput {
    var responses: [BatchStatementResponse]?
    var consumedCapacity: [ConsumedCapacity] = []
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Responses") {
        var read: [BatchStatementResponse] = []
        try members.array(body) { elements throws(DynamoDBModelError) in read.append(try BatchStatementResponse(&elements, body, &tape)) }
        responses = read
      } else if body.equals(name, "ConsumedCapacity") {
        consumedCapacity = (try members.json(body).array ?? []).map(ConsumedCapacity.init)
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    guard let responses else { throw DynamoDBModelError(.malformed) }
    return BatchExecuteStatementOutput(responses: responses, consumedCapacity: consumedCapacity)
  }
}

extension BatchStatementResponse {
  /// Reads the object that `outer` stands on.
  init(_ outer: inout JSONObjectReader, _ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) {
    self.init()
    var members = try JSONObjectReader(body, at: outer.offset)
    while let name = try members.next(body) {
      if body.equals(name, "Error") {
        error = try ActionError(&members, body)
      } else if body.equals(name, "TableName") {
        tableName = try members.json(body).string
      } else if body.equals(name, "Item") {
        item = try members.item(body, &tape)
      } else {
        try members.skip(body)
      }
    }
    outer.offset = members.offset
  }
}

extension DynamoDBClient {
  /// Runs up to 25 PartiQL statements, each for itself: look at every response's `error`.
  ///
  /// - Throws: `DynamoDBError` where no statement was run; `outcomeUnknown` says whether some may have been all the same.
  public func batchExecuteStatement(
    _ input: BatchExecuteStatementInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> BatchExecuteStatementOutput {
    try await send(input, options)
  }
}
