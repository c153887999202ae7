public import DynamoDBModel
package import HTTPTransport

/// One write of a batch.
public enum WriteRequest: Sendable, Hashable {
  /// Puts an item, in place of what is there.
  case put(Item)
  /// Deletes the item of this key.
  case delete(key: Item)
}

/// Puts and deletes up to 25 items of any tables, without conditions.
public struct BatchWriteItemInput: Sendable, Hashable {
  /// The writes by table, no two of the same key.
  public var requestItems: [String: [WriteRequest]]
  /// Whether to report capacity.
  public var returnConsumedCapacity: ReturnConsumedCapacity?
  /// Whether to report the sizes of the items' collections (tables with local indexes).
  public var returnItemCollectionMetrics: ReturnItemCollectionMetrics?

  /// Makes a request.
  public init(
    requestItems: [String: [WriteRequest]], returnConsumedCapacity: ReturnConsumedCapacity? = nil,
    returnItemCollectionMetrics: ReturnItemCollectionMetrics? = nil
  ) {
    self.requestItems = requestItems
    self.returnConsumedCapacity = returnConsumedCapacity
    self.returnItemCollectionMetrics = returnItemCollectionMetrics
  }
}

/// What a batch of writes left undone and cost.
public struct BatchWriteItemOutput: Sendable, Hashable {
  /// The writes that did not happen, as the next request wants them; all others did.
  public var unprocessedItems: [String: [WriteRequest]] = [:]
  /// What the request cost in each table, if it asked.
  public var consumedCapacity: [ConsumedCapacity] = []
  /// The sizes of the items' collections by table, if the request asked.
  public var itemCollectionMetrics: [String: [ItemCollectionMetrics]] = [:]

  /// Makes an answer, as a test double gives it.
  public init(
    unprocessedItems: [String: [WriteRequest]] = [:], consumedCapacity: [ConsumedCapacity] = [],
    itemCollectionMetrics: [String: [ItemCollectionMetrics]] = [:]
  ) {
    self.unprocessedItems = unprocessedItems
    self.consumedCapacity = consumedCapacity
    self.itemCollectionMetrics = itemCollectionMetrics
  }
}

extension BatchWriteItemInput: OperationInput {
  package static var operation: DynamoDBOperation { .batchWriteItem }
  package var onlyTable: String? { requestItems.count == 1 ? requestItems.first?.key : nil }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.name("RequestItems", &body)
    var tables = ObjectWriter(&body)
    for (table, writes) in requestItems.sorted(by: { $0.key < $1.key }) {
      tables.member(table, &body) { out in
        out.append(UInt8(ascii: "["))
        for (index, write) in writes.enumerated() {
          if index > 0 { out.append(UInt8(ascii: ",")) }
          write.encode(into: &out)
        }
        out.append(UInt8(ascii: "]"))
      }
    }
    tables.close(&body)
    object.choice("ReturnConsumedCapacity", returnConsumedCapacity, &body)
    object.choice("ReturnItemCollectionMetrics", returnItemCollectionMetrics, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> BatchWriteItemOutput {
    var output = BatchWriteItemOutput()
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "UnprocessedItems") {
        try members.object(body) { table, values throws(DynamoDBModelError) in
          var writes: [WriteRequest] = []
          try values.array(body) { elements throws(DynamoDBModelError) in writes.append(try WriteRequest(&elements, body, &tape)) }
          output.unprocessedItems[table] = writes
        }
      } else if body.equals(name, "ConsumedCapacity") {
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

extension WriteRequest {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    var inner: ObjectWriter
    switch self {
    case .put(let item):
      object.name("PutRequest", &out)
      inner = ObjectWriter(&out)
      inner.item("Item", item, &out)
    case .delete(let key):
      object.name("DeleteRequest", &out)
      inner = ObjectWriter(&out)
      inner.item("Key", key, &out)
    }
    inner.close(&out)
    object.close(&out)
  }

  /// Reads the object that `outer` stands on.
  init(_ outer: inout JSONObjectReader, _ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) {
    var write: WriteRequest?
    try outer.object(body) { kind, values throws(DynamoDBModelError) in
      try values.object(body) { member, value throws(DynamoDBModelError) in
        switch (kind, member) {
        case ("PutRequest", "Item"): write = try value.item(body, &tape).map { .put($0) }
        case ("DeleteRequest", "Key"): write = try value.item(body, &tape).map { .delete(key: $0) }
        default: try value.skip(body)
        }
      }
    }
    // A write left undone that can't be told must not count as done.
    guard let write else { throw DynamoDBModelError(.malformed, at: outer.offset) }
    self = write
  }
}

extension DynamoDBClient {
  /// Puts and deletes up to 25 items; what the service didn't get to comes back as `unprocessedItems`.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table; `outcomeUnknown` says whether some of the writes
  ///   may have happened all the same.
  public func batchWriteItem(
    _ input: BatchWriteItemInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> BatchWriteItemOutput {
    try await send(input, options)
  }
}
