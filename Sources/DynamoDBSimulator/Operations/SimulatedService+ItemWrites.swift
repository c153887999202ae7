internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

// PutItem, UpdateItem and DeleteItem.
extension SimulatedService {
  mutating func writeItem(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    let isPut = request.operation == "PutItem"
    let options = try WriteOptions(request)
    let hasItem = try request.read(isPut ? "Item" : "Key", &workspace.tape)
    precondition(hasItem, "the constraints ask for it")
    let expressions = try options.expressions(request)
    try options.checkReturnValues(request)
    let size = isPut ? workspace.tape.sizeInBytes(request.bytes) : 0
    guard size <= Item.largestSize else { throw .validation("Item size has exceeded the maximum allowed size") }
    let index = try table(options.table, at: request.now)
    let change = try change(request, options, expressions, tables[index], &workspace)
    if let conflict = conflict(over: change.place, of: index) { throw conflict }
    let write = try change.write(to: tables[index], &workspace)
    let consumption = try carryOut([(index, write)], at: request.now)
    var body = AnswerBody()
    options.addAttributes(write, expressions.update, to: &body)
    if let capacity = consumption[0].json(options.choices.capacity) { body.add("ConsumedCapacity", capacity) }
    if options.choices.metrics, let metrics = tables[index].collectionMetrics(write.place, &workspace) {
      body.add("ItemCollectionMetrics", metrics)
    }
    return body.finish()
  }

  private func change(
    _ request: borrowing ServiceRequest, _ options: WriteOptions, _ expressions: WriteOptions.Expressions, _ table: SimulatedTable,
    _ workspace: inout Workspace
  ) throws(ServiceError) -> ItemChange {
    let bytes = request.bytes
    let isPut = request.operation == "PutItem"
    let place =
      isPut
      ? try table.place(ofItem: workspace.tape, bytes, &workspace.scratch)
      : try table.place(ofKey: workspace.tape, bytes, &workspace.scratch)
    let action: ItemChange.Action
    if isPut {
      action = .put(StoredItem(workspace.tape, bytes, &workspace.scratch))
    } else if request.operation == "DeleteItem" {
      action = .delete
    } else {
      try ItemChange.checkKeys(of: table, expressions.update)
      action = .update(expressions.update, key: Item(workspace.tape, bytes))
    }
    return ItemChange(action: action, place: place, condition: expressions.condition, wantsItem: options.wantsItem)
  }

  /// Takes what writes cost and carries them out: all of them, or none.
  ///
  /// - Parameter factor: how often each unit counts: twice in transactions.
  /// - Returns: what each table gave, in the order of the writes.
  mutating func carryOut(
    _ writes: [(table: Int, write: SimulatedTable.Write)], at now: Int64, factor: Double = 1
  ) throws(ServiceError) -> [Consumption] {
    var consumptions: [Consumption] = []
    var charges: [CapacityCharge] = []
    for (index, write) in writes {
      consumptions.add(tables[index].name) { tables[index].count(write, factor, in: &$0) }
      if capacity != nil { charges += tables[index].charges(for: write, factor) }
    }
    try admit(charges, at: now)
    for (index, write) in writes { tables[index].apply(write) }
    writeCount += writes.count
    return consumptions
  }
}

extension [Consumption] {
  /// Lets `body` add to what a table gave.
  mutating func add(_ table: String, _ body: (inout Consumption) -> Void) {
    let place = firstIndex { $0.table == table } ?? count
    if place == count { append(Consumption(table: table)) }
    body(&self[place])
  }
}
