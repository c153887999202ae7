internal import DynamoDBModel

/// A key or a write, with its table.
typealias BatchElement<Value> = (table: String, value: Value)

/// A request on several items that the service may do in part.
protocol BatchInput: OperationInput where Output: BatchOutput {
  associatedtype Value: Sendable
  /// How many keys or writes a request may have.
  static var mostElements: Int { get }
  /// Keys or writes with their tables, in an order that is always the same.
  var elements: [BatchElement<Value>] { get }
  /// The same request for these elements.
  func part(_ elements: some Sequence<BatchElement<Value>>) -> Self
  /// What an answer has left undone.
  static func left(by output: Output) -> [BatchElement<Value>]
  /// Says in an answer that this is left undone.
  func leave(_ elements: some Sequence<BatchElement<Value>>, in output: inout Output)
}

/// What became of such a request.
protocol BatchOutput: Sendable {
  init()
  /// Takes in what a part of the batch answered, but for what it left undone.
  mutating func merge(_ part: Self)
}

extension BatchGetItemInput: BatchInput {
  static var mostElements: Int { 100 }
  var elements: [BatchElement<Item>] { Self.elements(of: requestItems) }

  private static func elements(of items: [String: KeysAndAttributes]) -> [BatchElement<Item>] {
    items.sorted { $0.key < $1.key }.flatMap { table, wanted in wanted.keys.map { (table, $0) } }
  }

  func part(_ elements: some Sequence<BatchElement<Value>>) -> Self {
    var part = self
    part.requestItems = [:]
    for (table, key) in elements {
      if part.requestItems[table] == nil {
        part.requestItems[table] = requestItems[table]
        part.requestItems[table]?.keys = []
      }
      part.requestItems[table]?.keys.append(key)
    }
    return part
  }

  static func left(by output: BatchGetItemOutput) -> [BatchElement<Value>] { elements(of: output.unprocessedKeys) }
  func leave(_ elements: some Sequence<BatchElement<Value>>, in output: inout BatchGetItemOutput) {
    output.unprocessedKeys = part(elements).requestItems
  }
}

extension BatchGetItemOutput: BatchOutput {
  init() { self.init(responses: [:]) }

  mutating func merge(_ part: BatchGetItemOutput) {
    responses.merge(part.responses) { $0 + $1 }
    consumedCapacity += part.consumedCapacity
  }
}

extension BatchWriteItemInput: BatchInput {
  static var mostElements: Int { 25 }
  var elements: [BatchElement<WriteRequest>] { Self.elements(of: requestItems) }

  private static func elements(of items: [String: [WriteRequest]]) -> [BatchElement<WriteRequest>] {
    items.sorted { $0.key < $1.key }.flatMap { table, writes in writes.map { (table, $0) } }
  }

  func part(_ elements: some Sequence<BatchElement<Value>>) -> Self {
    var part = self
    part.requestItems = [:]
    for (table, write) in elements { part.requestItems[table, default: []].append(write) }
    return part
  }

  static func left(by output: BatchWriteItemOutput) -> [BatchElement<Value>] { elements(of: output.unprocessedItems) }
  func leave(_ elements: some Sequence<BatchElement<Value>>, in output: inout BatchWriteItemOutput) {
    output.unprocessedItems = part(elements).requestItems
  }
}

extension BatchWriteItemOutput: BatchOutput {
  init() { self.init(unprocessedItems: [:]) }

  mutating func merge(_ part: BatchWriteItemOutput) {
    consumedCapacity += part.consumedCapacity
    itemCollectionMetrics.merge(part.itemCollectionMetrics) { $0 + $1 }
  }
}

extension DynamoDBClient {
  /// Reads any number of items by their keys, 100 a request, and asks again for what the service didn't get to.
  ///
  /// - Parameter options: its retry policy's deadline covers the whole batch.
  /// - Throws: `IncompleteBatch` with what was read, and the rest in `unprocessedKeys`.
  public func batchGetAllItems(
    _ input: BatchGetItemInput, options: CallOptions = CallOptions()
  ) async throws(IncompleteBatch<BatchGetItemOutput>) -> BatchGetItemOutput {
    try await whole(input, options, on: clock)
  }

  /// Puts and deletes any number of items, no two of the same key, 25 a request, and sends again what the service didn't get to.
  ///
  /// - Parameter options: its retry policy's deadline covers the whole batch.
  /// - Throws: `IncompleteBatch`, with the writes that are left in `unprocessedItems`; all others happened.
  public func batchWriteAllItems(
    _ input: BatchWriteItemInput, options: CallOptions = CallOptions()
  ) async throws(IncompleteBatch<BatchWriteItemOutput>) -> BatchWriteItemOutput {
    try await whole(input, options, on: clock)
  }

  private func whole<Batch: BatchInput, Time: Clock<Duration>>(
    _ batch: Batch, _ options: CallOptions, on clock: Time
  ) async throws(IncompleteBatch<Batch.Output>) -> Batch.Output {
    var progress = BatchProgress(policy: options.retry ?? retry)
    var rest = batch.elements
    var done = Batch.Output()
    let began = clock.now
    do throws(DynamoDBError) {
      while !rest.isEmpty {
        var options = options
        var policy = progress.policy
        policy.deadline -= began.duration(to: clock.now)
        options.retry = policy
        let sent = min(rest.count, Batch.mostElements)
        let answer = try await send(batch.part(rest[..<sent]), options)
        let left = Batch.left(by: answer)
        done.merge(answer)
        rest.replaceSubrange(..<sent, with: left)
        let wait = try progress.answered(sent: sent, left: left.count, elapsed: began.duration(to: clock.now), draw: draw())
        guard wait > .zero else { continue }
        do { try await clock.sleep(for: wait) } catch { throw .cancelled }
      }
    } catch {
      batch.leave(rest, in: &done)
      throw IncompleteBatch(output: done, cause: error)
    }
    return done
  }
}
