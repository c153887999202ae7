internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

// Query and Scan.
extension SimulatedService {
  mutating func scan(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let segment = try request.integer("Segment")
    let total = try request.integer("TotalSegments")
    constraints.range(segment, "segment", 0, 999_999)
    constraints.range(total, "totalSegments", 1, 1_000_000)
    let page = try PageRequest(request, isQuery: false, &constraints)
    try Self.check(segment, of: total)
    let table = try table(page.table, at: request.now)
    let index = try page.index(in: tables[table], at: request.now)
    let key = tables[table].keys(of: index)
    let start = try startPlace(request, key, &workspace)
    let range = PartitionHash.range(segment: segment ?? 0, of: total ?? 1)
    if let start, range?.contains(start.hash) != true {
      throw .validation(
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
          + "TotalSegments: \(total ?? 1) Segment: \(segment ?? 0)")
    }
    let source = items(of: table, index: index, isConsistent: page.isConsistent, at: request.now)
    return try answer(page, table, index, at: request.now, &workspace) { body in
      SimulatedTable.scan(source, segment: segment ?? 0, of: total ?? 1, after: start, body)
    }
  }

  private static func check(_ segment: Int?, of total: Int?) throws(ServiceError) {
    switch (segment, total) {
    case (.some, nil):
      throw .validation(
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
    case (nil, .some):
      throw .validation(
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
    case (let segment?, let total?) where segment >= total:
      throw .validation(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: \(segment) is not less than "
          + "TotalSegments: \(total)")
    default: break
    }
  }

  mutating func query(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let page = try PageRequest(request, isQuery: true, &constraints)
    let isForward = try request.flag("ScanIndexForward") ?? true
    guard let expression = page.keyCondition else {
      throw .validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    }
    let table = try table(page.table, at: request.now)
    let index = try page.index(in: tables[table], at: request.now)
    let key = tables[table].keys(of: index)
    do {
      try page.filter?.checkFilter(of: key[0].schema)
    } catch {
      throw ServiceError(error)
    }
    let condition: KeyCondition
    do throws(ExpressionError) {
      condition = try expression.condition(for: key[0].schema)
    } catch {
      throw ServiceError(error)
    }
    let range = PlaceRange(condition, &workspace)
    let start = try startPlace(request, key, mismatch: "", &workspace)
    if let start { try range.check(start) }
    let source = items(of: table, index: index, isConsistent: page.isConsistent, at: request.now)
    return try answer(page, table, index, at: request.now, &workspace) { body in
      range.walk(source, isForward: isForward, after: start, body)
    }
  }

  /// The place of `ExclusiveStartKey`: all key attributes of the index and the table, and nothing else.
  ///
  /// - Parameter mismatch: what is added to the refusal of a key that doesn't match; a Query adds nothing.
  private func startPlace(
    _ request: borrowing ServiceRequest, _ keys: [KeyForm], mismatch: String = ": The provided key element does not match the schema",
    _ workspace: inout Workspace
  ) throws(ServiceError) -> Place? {
    guard try request.read("ExclusiveStartKey", &workspace.tape) else { return nil }
    var hash: UInt64 = 0
    var place: [UInt8] = []
    var names: [String] = []
    for form in keys {
      let nodes = form.nodes(workspace.tape, request.bytes)
      for (attribute, node) in zip(form.schema.attributes, [nodes.hash, nodes.range]) {
        guard node != 0, workspace.tape[node].type == AttributeType(attribute.type) else {
          throw .validation("The provided starting key is invalid\(mismatch)")
        }
        guard attribute.type == .number || workspace.tape.sizeInBytes(of: node, request.bytes) > 0 else {
          let refusal = ServiceError.keyEmpty(attribute.name, workspace.tape[node].type)
          throw .validation("The provided starting key is invalid: \(refusal.message)")
        }
        if !names.contains(where: { UTF8Text.equal($0, attribute.name) }) { names.append(attribute.name) }
      }
      let own = form.place(nodes, workspace.tape, request.bytes, &workspace.scratch)
      if place.isEmpty { hash = own.hash }
      place += own.key
    }
    guard workspace.tape[0].end == names.count + 1 else { throw .validation("The provided starting key is invalid") }
    return Place(hash: hash, key: place)
  }

  /// Reads a page, takes what it costs and writes the answer.
  private mutating func answer(
    _ request: PageRequest, _ table: Int, _ index: Int?, at now: Int64, _ workspace: inout Workspace,
    _ walk: ((Place, StoredItem) -> Bool) -> Void
  ) throws(ServiceError) -> ByteBuffer {
    let subject = tables[table]
    var whole: ((StoredItem) -> StoredItem?)?
    if let index, request.needsTable(subject.indexes[index]) {
      let base = items(of: table, isConsistent: request.isConsistent, at: now)
      whole = { stored in
        var reader = Workspace()
        reader.read(stored)
        let nodes = subject.key.nodes(reader.stored, stored.wire.span)
        return base[subject.key.place(nodes, reader.stored, stored.wire.span, &reader.scratch)]
      }
    }
    var page = Page(request, itemsInPage: settings.itemsInPage)
    walk { place, stored in page.take(place, stored, whole: whole) }
    var consumption = Consumption(table: subject.name)
    let units = Units.read(page.bytes, isConsistent: request.isConsistent)
    let fetched = page.fetchedBytes > 0 ? Units.read(page.fetchedBytes, isConsistent: request.isConsistent) : 0
    if let index { consumption.add(units, index: subject.indexes[index].definition) } else { consumption.add(units) }
    consumption.add(fetched)
    let global = index.flatMap { subject.indexes[$0].definition.isGlobal ? subject.indexes[$0].name : nil }
    try admitRead(units + fetched, of: table, index: global, at: page.first ?? .first, now: now)
    var body = AnswerBody(capacity: page.items.count + 512)
    page.write(to: &body)
    if page.isCut, let last = page.last {
      workspace.read(last)
      let names = subject.keys(of: index).reversed().flatMap { $0.schema.attributes.map { Array($0.name.utf8) } }
      body.add("LastEvaluatedKey", StoredItem(workspace.stored, last.wire.span, keeping: names, &workspace.scratch))
    }
    if let capacity = consumption.json(request.choices.capacity) { body.add("ConsumedCapacity", capacity) }
    return body.finish()
  }
}

extension SimulatedTable {
  /// What places are made of: the key of an index before that of the table.
  fileprivate func keys(of index: Int?) -> [KeyForm] { index.map { [indexes[$0].key, key] } ?? [key] }
}
