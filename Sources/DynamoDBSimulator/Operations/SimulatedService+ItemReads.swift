internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

// GetItem and BatchGetItem.
extension SimulatedService {
  /// Bytes of items that a batch gives back at most.
  private static let largestBatch = 16 << 20

  mutating func getItem(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let name = try request.string("TableName")
    constraints.notNull(name != nil, "tableName")
    constraints.name(name, "tableName")
    constraints.notNull(request.has("Key"), "key")
    let choices = try ReturnChoices(request, &constraints)
    try constraints.check()
    let isConsistent = try request.flag("ConsistentRead") ?? false
    _ = try request.read("Key", &workspace.tape)
    var expressions = try request.expressions(["ProjectionExpression"], legacy: ["AttributesToGet"])
    let projection = try expressions.projection(request.string("ProjectionExpression"))
    try expressions.checkAllUsed()
    let index = try table(name ?? "", at: request.now)
    let place = try tables[index].place(ofKey: workspace.tape, request.bytes, &workspace.scratch)
    let found = items(of: index, isConsistent: isConsistent, at: request.now)[place]
    var consumption = Consumption(table: tables[index].name)
    consumption.add(Units.read(found?.size ?? 0, isConsistent: isConsistent))
    try admitRead(consumption.units, of: index, at: place, now: request.now)
    var body = AnswerBody(capacity: (found?.wire.count ?? 0) + 256)
    if let projection { body.add("Item", found.map { projection.project($0.item) }) } else { body.add("Item", found) }
    if let capacity = consumption.json(choices.capacity) { body.add("ConsumedCapacity", capacity) }
    return body.finish()
  }

  /// Takes what a read of one place costs.
  mutating func admitRead(_ units: Double, of table: Int, index: String? = nil, at place: Place, now: Int64) throws(ServiceError) {
    guard capacity != nil else { return }
    try admit([CapacityCharge(access: .read, table: tables[table].name, index: index, hash: place.hash, units: units)], at: now)
  }

  // MARK: Batches

  mutating func batchGetItem(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let choices = try ReturnChoices(request, &constraints)
    let parts = try request.json("RequestItems")?.members("KeysAndAttributes")
    constraints.notNull(parts != nil, "requestItems")
    if let parts { constraints.length(parts.count, "{}", "requestItems", 1) }
    var reads: [BatchRead] = []
    for part in parts ?? [] {
      constraints.batchTable(part.name)
      reads.append(try BatchRead(part, &constraints))
    }
    try constraints.check()
    guard reads.reduce(0, { $0 + $1.keys.count }) <= 100 else {
      throw .validation("Too many items requested for the BatchGetItem call")
    }
    var places: [(index: Int, places: [Place])] = []
    for read in reads { places.append(try self.places(of: read, at: request.now, &workspace)) }
    return try answer(reads, places, choices, at: request.now)
  }

  private func places(
    of read: BatchRead, at now: Int64, _ workspace: inout Workspace
  ) throws(ServiceError) -> (index: Int, places: [Place]) {
    var wires: [[UInt8]] = []
    for key in read.keys { wires.append(try workspace.read(key, isEarly: false)) }
    let index = try table(read.table, at: now)
    var places: [Place] = []
    for wire in wires {
      workspace.readAgain(wire)
      places.append(try tables[index].place(ofKey: workspace.tape, wire.span, &workspace.scratch))
    }
    let sorted = places.sorted()
    for (place, next) in zip(sorted, sorted.dropFirst()) where place == next {
      throw .validation("Provided list of item keys contains duplicates")
    }
    return (index, places)
  }

  private mutating func answer(
    _ reads: [BatchRead], _ places: [(index: Int, places: [Place])], _ choices: ReturnChoices, at now: Int64
  ) throws(ServiceError) -> ByteBuffer {
    var responses = ByteBuffer(capacity: 1_024)
    var consumptions: [Consumption] = []
    var unprocessed: [JSONValue.Member] = []
    var bytes = 0
    var refusal: ServiceError?
    var isAnyRead = false
    for (read, (index, places)) in zip(reads, places) {
      responses.append(responses.isEmpty ? "{" : ",")
      responses.appendJSON(read.name)
      responses.append(":[")
      var rest: [JSONValue] = []
      var isFirst = true
      var consumption = Consumption(table: tables[index].name)
      let items = items(of: index, isConsistent: read.isConsistent, at: now)
      for (key, place) in zip(read.keys, places) {
        let found = items[place]
        let units = Units.read(found?.size ?? 0, isConsistent: read.isConsistent)
        guard !takeBusy(tables[index].name, place), bytes + (found?.size ?? 0) <= Self.largestBatch else {
          rest.append(key)
          isAnyRead = true
          continue
        }
        do throws(ServiceError) {
          try admitRead(units, of: index, at: place, now: now)
        } catch {
          refusal = error
          rest.append(key)
          continue
        }
        isAnyRead = true
        bytes += found?.size ?? 0
        consumption.add(units)
        guard let found else { continue }
        if !isFirst { responses.append(",") }
        isFirst = false
        if let projection = read.projection {
          projection.project(found.item).encode(into: &responses)
        } else {
          responses.append(found.wire.span)
        }
      }
      responses.append("]")
      if !rest.isEmpty { unprocessed.append(read.unprocessed(rest)) }
      if consumption.units > 0 { consumptions.append(consumption) }
    }
    responses.append("}")
    if let refusal, !isAnyRead { throw refusal }
    var body = AnswerBody(capacity: responses.count + 256)
    body.begin("Responses")
    body.write { $0.append(responses.span) }
    body.add("UnprocessedKeys", .object(unprocessed))
    if choices.capacity != .none { body.add("ConsumedCapacity", .array(consumptions.compactMap { $0.json(choices.capacity) })) }
    return body.finish()
  }
}

/// What a BatchGetItem asks of one table.
private struct BatchRead {
  /// As the request names it.
  let name: String
  var table: String { name }
  let keys: [JSONValue]
  let isConsistent: Bool
  let projection: ProjectionExpression?
  private let options: [JSONValue.Member]

  init(_ part: JSONValue.Member, _ constraints: inout Constraints) throws(ServiceError) {
    name = part.name
    let members = try part.value.members("KeysAndAttributes")
    options = members.filter { $0.name != "Keys" }
    let keys = try part.value.member("Keys")?.elements()
    constraints.notNull(keys != nil, "requestItems.\(part.name).member.keys")
    if let keys { constraints.length(keys.count, "[\(keys.isEmpty ? "" : "...")]", "requestItems.\(part.name).member.keys", 1, 100) }
    self.keys = keys ?? []
    isConsistent = try part.value.member("ConsistentRead")?.truth() ?? false
    let text = try part.value.member("ProjectionExpression")?.text()
    var expressions = try RequestExpressions(
      names: part.value.member("ExpressionAttributeNames"), values: nil, expressions: [("ProjectionExpression", text)],
      legacy: [("AttributesToGet", part.value.member("AttributesToGet") != nil)])
    projection = try expressions.projection(text)
    try expressions.checkAllUsed()
  }

  /// The part that asks for the rest.
  func unprocessed(_ keys: [JSONValue]) -> JSONValue.Member {
    .init(name, .object([.init("Keys", .array(keys))] + options))
  }
}
