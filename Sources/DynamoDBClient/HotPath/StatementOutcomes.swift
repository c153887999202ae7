internal import DynamoDBModel
package import HTTPTransport

/// What became of the statements of a batch, as far as a run must know: which ones failed, and what all of them cost.
package struct StatementOutcomes: Sendable, Hashable {
  /// Statements that were answered.
  package private(set) var count = 0
  /// What is wrong with those that failed, in their order.
  package private(set) var failures: [Failure] = []
  /// The capacity units of all together, nil where the answer doesn't say.
  package private(set) var units: Double?

  /// A statement that failed.
  package struct Failure: Sendable, Hashable {
    /// The statement's place in the request.
    package let index: Int
    package let error: ActionError
  }

  /// Reads an answer's body where it lies: a batch that went through costs no memory.
  init(_ body: Span<UInt8>) throws(DynamoDBModelError) {
    var isAnswered = false
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Responses") {
        isAnswered = true
        try members.array(body) { (elements) throws(DynamoDBModelError) in try read(&elements, body) }
      } else if body.equals(name, "ConsumedCapacity") {
        try members.array(body) { (elements) throws(DynamoDBModelError) in
          if let more = try elements.capacityUnits(body) { units = (units ?? 0) + more }
        }
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
    guard isAnswered else { throw DynamoDBModelError(.malformed) }
  }

  private mutating func read(_ outer: inout JSONObjectReader, _ body: Span<UInt8>) throws(DynamoDBModelError) {
    var members = try JSONObjectReader(body, at: outer.offset)
    while let name = try members.next(body) {
      if body.equals(name, "Error") {
        failures.append(Failure(index: count, error: try ActionError(&members, body)))
      } else {
        try members.skip(body)
      }
    }
    outer.offset = members.offset
    count += 1
  }
}

extension HTTPAnswer {
  /// What became of each statement of a batch.
  ///
  /// - Throws: the error that the answer is otherwise: nothing of the batch was done, or nobody knows.
  package borrowing func statementOutcomes() throws(DynamoDBError) -> StatementOutcomes {
    if let plain = try decompressed() { return try plain.statementOutcomes() }
    try requireSuccess()
    do {
      return try StatementOutcomes(bodySpan)
    } catch {
      throw DynamoDBError(unreadable: self, error)
    }
  }
}
