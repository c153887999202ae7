internal import DynamoDBModel
internal import HTTPTransport

// BatchWriteItem.
extension SimulatedService {
  mutating func batchWriteItem(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    var choices = try ReturnChoices(request, &constraints)
    try choices.readMetrics(request, &constraints)
    let parts = try request.json("RequestItems")?.members("WriteRequestList")
    constraints.notNull(parts != nil, "requestItems")
    guard let parts, !parts.isEmpty else {
      try constraints.check()
      throw .validation("The requestItems parameter is required for BatchWriteItem")
    }
    for part in parts {
      constraints.batchTable(part.name)
      let count = try part.value.elements().count
      if !(1...25).contains(count) {
        constraints.breach(
          "'{\(part.name)=[\(count == 0 ? "" : "...")]}'", at: "requestItems",
          "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than "
            + "or equal to 1]")
      }
    }
    try constraints.check()
    var writes: [BatchWrite] = []
    for part in parts {
      let listed = try part.value.elements()
      for json in listed { writes.append(try BatchWrite(part.name, json, &workspace)) }
    }
    guard writes.count <= 25 else { throw .validation("Too many items requested for the BatchWriteItem call") }
    for index in writes.indices { try writes[index].find(self, at: request.now, &workspace) }
    try Self.checkDistinct(writes.map { ($0.index, $0.place) })
    return try carryOut(writes, choices, at: request.now, &workspace)
  }

  /// Refuses several operations on one item.
  static func checkDistinct(
    _ places: [(table: Int, place: Place)], _ message: String = "Provided list of item keys contains duplicates"
  ) throws(ServiceError) {
    let sorted = places.sorted { $0.table == $1.table ? $0.place < $1.place : $0.table < $1.table }
    for (one, next) in zip(sorted, sorted.dropFirst()) where one.table == next.table && one.place == next.place {
      throw .validation(message)
    }
  }

  private mutating func carryOut(
    _ writes: [BatchWrite], _ choices: ReturnChoices, at now: Int64, _ workspace: inout Workspace
  ) throws(ServiceError) -> ByteBuffer {
    var consumptions: [Consumption] = []
    var unprocessed: [(name: String, parts: [JSONValue])] = []
    var metrics: [(name: String, parts: [JSONValue])] = []
    var refusal: ServiceError?
    for write in writes {
      guard !takeBusy(tables[write.index].name, write.place), conflict(over: write.place, of: write.index) == nil else {
        unprocessed.add(write.table, write.json)
        continue
      }
      let change = tables[write.index].write(write.item, at: write.place, &workspace)
      do throws(ServiceError) {
        _ = try carryOut([(write.index, change)], at: now)
      } catch {
        refusal = error
        unprocessed.add(write.table, write.json)
        continue
      }
      consumptions.add(tables[write.index].name) { tables[write.index].count(change, 1, in: &$0) }
      if choices.metrics, let part = tables[write.index].collectionMetrics(write.place, &workspace) {
        metrics.add(write.table, part)
      }
    }
    if let refusal, consumptions.isEmpty { throw refusal }
    var body = AnswerBody()
    body.add("UnprocessedItems", .object(unprocessed.map { .init($0.name, .array($0.parts)) }))
    if choices.capacity != .none { body.add("ConsumedCapacity", .array(consumptions.compactMap { $0.json(choices.capacity) })) }
    if !metrics.isEmpty { body.add("ItemCollectionMetrics", .object(metrics.map { .init($0.name, .array($0.parts)) })) }
    return body.finish()
  }
}

extension [(name: String, parts: [JSONValue])] {
  /// Adds a part to the list of a table.
  mutating func add(_ name: String, _ part: JSONValue) {
    if let place = firstIndex(where: { $0.name == name }) { self[place].parts.append(part) } else { append((name, [part])) }
  }
}

extension Constraints {
  /// The name of a table that is a key of a batch's map.
  mutating func batchTable(_ name: String) {
    guard !name.utf8.starts(with: "arn:".utf8) else { return }
    guard !(3...255).contains(name.utf8.count) || !name.utf8.allSatisfy(Self.isNameByte) else { return }
    breach(
      "'{\(name)=...}'", at: "requestItems",
      "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or "
        + "equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]")
  }
}

/// One put or delete of a BatchWriteItem.
private struct BatchWrite {
  /// As the request names it.
  let table: String
  let json: JSONValue
  private let isPut: Bool
  private let wire: [UInt8]
  private(set) var index = 0
  private(set) var place = Place.first
  /// What is put; nil for a delete.
  private(set) var item: StoredItem?

  init(_ table: String, _ json: JSONValue, _ workspace: inout Workspace) throws(ServiceError) {
    self.table = table
    self.json = json
    let (put, delete) = (json.member("PutRequest"), json.member("DeleteRequest"))
    guard (put == nil) != (delete == nil) else {
      throw .validation(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
    }
    isPut = put != nil
    guard let map = put.map({ $0.member("Item") }) ?? delete?.member("Key") else {
      throw .early(
        true,
        "Value null at 'requestItems.\(table).member.1.member.\(put == nil ? "deleteRequest.key" : "putRequest.item")' failed to "
          + "satisfy constraint: Member must not be null")
    }
    wire = try workspace.read(map, isEarly: false)
    guard !isPut || workspace.tape.sizeInBytes(wire.span) <= Item.largestSize else {
      throw .validation("Item size has exceeded the maximum allowed size")
    }
  }

  /// Finds table and place.
  mutating func find(_ service: SimulatedService, at now: Int64, _ workspace: inout Workspace) throws(ServiceError) {
    index = try service.table(table, at: now)
    workspace.readAgain(wire)
    let table = service.tables[index]
    guard isPut else {
      place = try table.place(ofKey: workspace.tape, wire.span, &workspace.scratch)
      return
    }
    guard table.hasKeys(workspace.tape, wire.span) else { throw .keyMismatch }
    place = try table.place(ofItem: workspace.tape, wire.span, &workspace.scratch)
    item = StoredItem(workspace.tape, wire.span, &workspace.scratch)
  }
}

extension SimulatedTable {
  /// True if the item on the tape has attributes of the key's names and types.
  fileprivate func hasKeys(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) -> Bool {
    let nodes = key.nodes(tape, bytes)
    for (attribute, node) in zip(schema.attributes, [nodes.hash, nodes.range]) {
      guard node != 0, tape[node].type == AttributeType(attribute.type) else { return false }
    }
    return true
  }
}
