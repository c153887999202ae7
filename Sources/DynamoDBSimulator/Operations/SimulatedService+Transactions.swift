internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

// TransactGetItems and TransactWriteItems.
extension SimulatedService {
  /// Bytes of items in a transaction at most.
  private static let largestTransaction = 4 << 20

  mutating func transactWriteItems(
    _ request: borrowing ServiceRequest, _ workspace: inout Workspace
  ) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    var choices = try ReturnChoices(request, &constraints)
    try choices.readMetrics(request, &constraints)
    let token = try request.string("ClientRequestToken")
    if let token { constraints.length(token.utf8.count, token, "clientRequestToken", 1, 36) }
    let list = try Self.parts(request, &constraints)
    var parts: [TransactionPart] = []
    for (number, json) in list.enumerated() { parts.append(try Self.writePart(json, number, &workspace)) }
    guard parts.reduce(0, { $0 + $1.size }) <= Self.largestTransaction else { throw .transactionTooLarge }
    let content = request.range("TransactItems").map { [UInt8](copying: request.bytes.extracting($0)) } ?? []
    var indexes: [Int] = []
    for part in parts { indexes.append(try table(part.table, at: request.now)) }
    if let token, let consumptions = try tokens.consumptions(token, content, at: request.now) {
      return Self.transactionAnswer(consumptions, choices, metrics: [], isReplay: true)
    }
    let writes = try prepare(parts, indexes, &workspace)
    var sizes = 0
    for write in writes { sizes += max(write.write.new?.size ?? 0, write.write.old?.size ?? 0) }
    guard sizes <= Self.largestTransaction else { throw .transactionTooLarge }
    let consumptions = try carryOutTransaction(writes, at: request.now)
    let end = request.now + settings.transactionTime
    if let token { tokens.add(token, content, consumptions, at: request.now, underWayUntil: end) }
    if end > request.now {
      for write in writes { heldItems.hold(tables[write.table].name, write.write.place, until: end) }
    }
    var metrics: [(name: String, parts: [JSONValue])] = []
    for (part, write) in zip(parts, writes) where choices.metrics && part.kind != .check {
      if let json = tables[write.table].collectionMetrics(write.write.place, &workspace) { metrics.add(part.table, json) }
    }
    return Self.transactionAnswer(consumptions, choices, metrics: metrics, isReplay: false)
  }

  /// A transaction that is throttled is cancelled, with a reason for each part.
  private mutating func carryOutTransaction(
    _ writes: [(table: Int, write: SimulatedTable.Write)], at now: Int64
  ) throws(ServiceError) -> [Consumption] {
    do throws(ServiceError) {
      return try carryOut(writes, at: now, factor: 2)
    } catch {
      throw .transactionCanceled(writes.map { _ in error })
    }
  }

  private static func parts(
    _ request: borrowing ServiceRequest, _ constraints: inout Constraints
  ) throws(ServiceError) -> [JSONValue] {
    let list = try request.list("TransactItems")
    constraints.notNull(list != nil, "transactItems")
    if let list { constraints.length(list.count, list.isEmpty ? "[]" : "[...]", "transactItems", 1, 100) }
    try constraints.check()
    return list ?? []
  }

  private static func writePart(
    _ json: JSONValue, _ number: Int, _ workspace: inout Workspace
  ) throws(ServiceError) -> TransactionPart {
    let kinds = TransactionPart.Kind.allCases.filter { $0 != .get && json.member($0.rawValue) != nil }
    guard let kind = kinds.first, let part = json.member(kind.rawValue) else {
      throw .validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
    }
    guard kinds.count == 1 else { throw .validation("TransactItems can only contain one of Check, Put, Update or Delete") }
    let member = "transactItems.\(number + 1).member.\(kind.rawValue.prefix(1).lowercased())\(kind.rawValue.dropFirst())"
    return try TransactionPart(kind, part, at: member, &workspace)
  }

  /// What the parts do, or why the transaction is cancelled: a reason for each part, in order.
  private func prepare(
    _ parts: [TransactionPart], _ indexes: [Int], _ workspace: inout Workspace
  ) throws(ServiceError) -> [(table: Int, write: SimulatedTable.Write)] {
    var places: [(table: Int, place: Place)] = []
    var reasons: [ServiceError?] = []
    for (part, index) in zip(parts, indexes) {
      do throws(ServiceError) {
        places.append((index, try part.place(in: tables[index], &workspace)))
        reasons.append(nil)
      } catch {
        places.append((index, .first))
        reasons.append(error)
      }
    }
    let valid = zip(places, reasons).filter { $0.1 == nil }.map(\.0)
    try Self.checkDistinct(valid, "Transaction request cannot include multiple operations on one item")
    var writes: [(table: Int, write: SimulatedTable.Write)] = []
    for (number, part) in parts.enumerated() where reasons[number] == nil {
      let (index, place) = places[number]
      if let conflict = conflict(over: place, of: index) {
        reasons[number] = conflict
        continue
      }
      do throws(ServiceError) {
        let change = try part.change(at: place, of: tables[index], &workspace)
        writes.append((index, try change.write(to: tables[index], &workspace)))
      } catch {
        reasons[number] = error
      }
    }
    guard reasons.allSatisfy({ $0 == nil }) else { throw .transactionCanceled(reasons) }
    return writes
  }

  private static func transactionAnswer(
    _ consumptions: [Consumption], _ choices: ReturnChoices, metrics: [(name: String, parts: [JSONValue])], isReplay: Bool
  ) -> ByteBuffer {
    var body = AnswerBody()
    if choices.capacity != .none {
      // A repeated transaction only reads what it wrote.
      let detail = isReplay ? "ReadCapacityUnits" : "WriteCapacityUnits"
      body.add("ConsumedCapacity", .array(consumptions.compactMap { $0.json(choices.capacity, detail: detail) }))
    }
    if !metrics.isEmpty { body.add("ItemCollectionMetrics", .object(metrics.map { .init($0.name, .array($0.parts)) })) }
    return body.finish()
  }

  // MARK: Reads

  mutating func transactGetItems(
    _ request: borrowing ServiceRequest, _ workspace: inout Workspace
  ) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let choices = try ReturnChoices(request, &constraints)
    let list = try Self.parts(request, &constraints)
    for (number, json) in list.enumerated() {
      constraints.notNull(json.member("Get") != nil, "transactItems.\(number + 1).member.get")
    }
    try constraints.check()
    var parts: [TransactionPart] = []
    for (number, json) in list.enumerated() {
      parts.append(try TransactionPart(.get, json.member("Get") ?? .null, at: "transactItems.\(number + 1).member.get", &workspace))
    }
    var indexes: [Int] = []
    for part in parts { indexes.append(try table(part.table, at: request.now)) }
    var places: [(table: Int, place: Place)] = []
    var reasons: [ServiceError?] = []
    for (part, index) in zip(parts, indexes) {
      do throws(ServiceError) {
        let place = try part.place(in: tables[index], &workspace)
        places.append((index, place))
        reasons.append(conflict(over: place, of: index))
      } catch {
        reasons.append(error)
      }
    }
    try Self.checkDistinct(places, "Transaction request cannot include multiple operations on one item")
    guard reasons.allSatisfy({ $0 == nil }) else { throw .transactionCanceled(reasons) }
    return try answer(parts, places, choices, at: request.now)
  }

  private mutating func answer(
    _ parts: [TransactionPart], _ places: [(table: Int, place: Place)], _ choices: ReturnChoices, at now: Int64
  ) throws(ServiceError) -> ByteBuffer {
    var consumptions: [Consumption] = []
    var charges: [CapacityCharge] = []
    var responses = ByteBuffer(capacity: 1_024)
    var size = 0
    for (part, (index, place)) in zip(parts, places) {
      let found = tables[index][place]
      size += found?.size ?? 0
      let units = 2 * Units.read(found?.size ?? 0, isConsistent: true)
      consumptions.add(tables[index].name) { $0.add(units) }
      charges.append(CapacityCharge(access: .read, table: tables[index].name, index: nil, hash: place.hash, units: units))
      responses.append(responses.isEmpty ? "[{" : ",{")
      if let found {
        responses.append("\"Item\":")
        if let projection = part.projection {
          projection.project(found.item).encode(into: &responses)
        } else {
          responses.append(found.wire.span)
        }
      }
      responses.append("}")
    }
    guard size <= Self.largestTransaction else { throw .transactionTooLarge }
    do throws(ServiceError) {
      try admit(charges, at: now)
    } catch {
      throw .transactionCanceled(parts.map { _ in error })
    }
    var body = AnswerBody(capacity: responses.count + 256)
    body.begin("Responses")
    body.write { out in
      out.append(responses.span)
      out.append("]")
    }
    if choices.capacity != .none {
      body.add("ConsumedCapacity", .array(consumptions.compactMap { $0.json(choices.capacity, detail: "ReadCapacityUnits") }))
    }
    return body.finish()
  }
}

extension ServiceError {
  fileprivate static let transactionTooLarge = validation(
    "Collection size of items exceeded, which can also be caused by the aggregate size of the items in the transaction exceeding the "
      + "4MB limit")

  /// A transaction's refusal: the reason of each part, nil where there is none.
  static func transactionCanceled(_ reasons: [ServiceError?]) -> ServiceError {
    let codes = reasons.map { $0?.cancellationCode ?? "None" }
    let details = zip(reasons, codes).map { reason, code in
      JSONValue.object(
        ("Code", .string(code)), ("Item", reason?.item.flatMap { try? JSONValue(parsing: $0.wire.span) }),
        ("Message", reason.map { .string($0.message) }))
    }
    var error = service(
      "TransactionCanceledException",
      "Transaction cancelled, please refer cancellation reasons for specific reasons [\(codes.joined(separator: ", "))]")
    error.details = [.init("CancellationReasons", .array(details))]
    return error
  }

  /// What a cancelled transaction calls this refusal of one of its parts.
  private var cancellationCode: String {
    switch code {
    case "ConditionalCheckFailedException": "ConditionalCheckFailed"
    case "ValidationException": "ValidationError"
    case "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded"
    case "ThrottlingException": "ThrottlingError"
    case "TransactionConflictException": "TransactionConflict"
    case "DuplicateItemException": "DuplicateItem"
    default: code
    }
  }
}
