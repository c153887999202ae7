internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

// BatchExecuteStatement with PartiQL INSERTs, or with SELECTs of one item each.
extension SimulatedService {
  mutating func batchExecuteStatement(
    _ request: borrowing ServiceRequest, _ workspace: inout Workspace
  ) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let choices = try ReturnChoices(request, &constraints)
    let list = try request.list("Statements")
    constraints.notNull(list != nil, "statements")
    if let list { constraints.length(list.count, list.isEmpty ? "[]" : "[...]", "statements", 1, 25) }
    for (number, json) in (list ?? []).enumerated() {
      let text = try json.member("Statement")?.text()
      constraints.notNull(text != nil, "statements.\(number + 1).member.statement")
      if let parameters = try json.member("Parameters")?.elements() {
        constraints.length(parameters.count, "[]", "statements.\(number + 1).member.parameters", 1)
      }
      if let text {
        constraints.length(text.utf16.count, text, "statements.\(number + 1).member.statement", 1, InsertStatement.longest)
      }
    }
    try constraints.check()
    let isRead = try Self.isRead(try (list ?? []).map { (json) throws(ServiceError) in try json.member("Statement")?.text() ?? "" })
    var outcomes: [StatementOutcome] = []
    for json in list ?? [] {
      outcomes.append(isRead ? try prepareRead(json, request, &workspace) : try prepare(json, request, &workspace))
    }
    try Self.checkDistinct(outcomes.compactMap(\.target))
    return isRead ? read(outcomes, choices, at: request.now) : carryOut(outcomes, choices, at: request.now, &workspace)
  }

  /// True for reads.
  ///
  /// - Throws: if there are writes beside them.
  private static func isRead(_ texts: [String]) throws(ServiceError) -> Bool {
    let reads = texts.filter { $0.drop { $0.isWhitespace }.prefix(6).uppercased() == "SELECT" }
    guard reads.isEmpty || reads.count == texts.count else {
      throw .validation("Read and write requests together in the same batch is not supported.")
    }
    return !reads.isEmpty
  }

  /// Reads a statement and finds where it inserts; what is wrong with it is its own error, not the batch's.
  private func prepare(
    _ json: JSONValue, _ request: borrowing ServiceRequest, _ workspace: inout Workspace
  ) throws(ServiceError) -> StatementOutcome {
    let text = try json.member("Statement")?.text() ?? ""
    let wantsItem = try json.member("ReturnValuesOnConditionCheckFailure")?.text() == "ALL_OLD"
    let parameters = try json.member("Parameters")?.elements() ?? []
    for parameter in parameters { try ValueRefusal.checkShape(parameter) }
    var outcome = StatementOutcome(wantsItem: wantsItem)
    do throws(ServiceError) {
      let values = try Self.values(parameters)
      let statement: InsertStatement
      do throws(ExpressionError) {
        statement = try InsertStatement(parsing: text, parameters: values)
      } catch {
        throw ServiceError(error)
      }
      outcome.table = statement.table
      try authorize(request.caller, "dynamodb:PartiQLInsert", on: Self.tableName(statement.table))
      let index: Int
      do throws(ServiceError) {
        index = try table(statement.table, at: request.now)
      } catch {
        outcome.error = error
        return outcome
      }
      // What is wrong with the item is told without the table's name.
      outcome.table = nil
      var bytes = ByteBuffer(capacity: 1_024)
      statement.item.encode(into: &bytes)
      try workspace.readStatement(bytes.span)
      guard workspace.tape.sizeInBytes(bytes.span) <= Item.largestSize else {
        throw .validation("Item size has exceeded the maximum allowed size")
      }
      for attribute in tables[index].schema.attributes {
        guard let value = statement.item[attribute.name], value.type != AttributeType(attribute.type) else { continue }
        throw .validation("Key attribute's data type should match its data type in table's schema: Key \(attribute.name)")
      }
      let place = try tables[index].place(ofItem: workspace.tape, bytes.span, &workspace.scratch)
      outcome.table = statement.table
      outcome.target = (index, place)
      outcome.item = StoredItem(workspace.tape, bytes.span, &workspace.scratch)
    } catch {
      outcome.error = error
    }
    return outcome
  }

  private static func values(_ parameters: [JSONValue]) throws(ServiceError) -> [AttributeValue] {
    var values: [AttributeValue] = []
    for parameter in parameters {
      if let refusal = ValueRefusal.of(parameter, depth: 1) { throw refusal.error }
      do {
        values.append(try AttributeValue(wire: parameter.wire.span))
      } catch {
        throw .invalidParameter(error.message)
      }
    }
    return values
  }

  /// Reads a statement and finds which item it reads.
  private func prepareRead(
    _ json: JSONValue, _ request: borrowing ServiceRequest, _ workspace: inout Workspace
  ) throws(ServiceError) -> StatementOutcome {
    let text = try json.member("Statement")?.text() ?? ""
    let parameters = try json.member("Parameters")?.elements() ?? []
    for parameter in parameters { try ValueRefusal.checkShape(parameter) }
    var outcome = StatementOutcome(wantsItem: false, isConsistent: try json.member("ConsistentRead")?.truth() ?? false)
    do throws(ServiceError) {
      let values = try Self.values(parameters)
      let statement: SelectStatement
      do throws(ExpressionError) {
        statement = try SelectStatement(parsing: text, parameters: values)
      } catch {
        throw ServiceError(error)
      }
      outcome.table = statement.table
      try authorize(request.caller, "dynamodb:PartiQLSelect", on: Self.tableName(statement.table))
      let index = try table(statement.table, at: request.now)
      guard tables[index].schema.attributes.allSatisfy({ statement.values[$0.name] != nil }) else {
        outcome.table = nil
        throw .validation("Select statements within BatchExecuteStatement must specify the primary key in the where clause.")
      }
      var bytes = ByteBuffer(capacity: 256)
      statement.values.encode(into: &bytes)
      try workspace.readStatement(bytes.span)
      outcome.target = (index, try tables[index].place(ofKey: workspace.tape, bytes.span, &workspace.scratch))
    } catch {
      outcome.error = error
    }
    return outcome
  }

  private mutating func read(_ outcomes: [StatementOutcome], _ choices: ReturnChoices, at now: Int64) -> ByteBuffer {
    var consumptions: [Consumption] = []
    var responses: [JSONValue] = []
    for var outcome in outcomes {
      if let (index, place) = outcome.target {
        let found = items(of: index, isConsistent: outcome.isConsistent, at: now)[place]
        let units = Units.read(found?.size ?? 0, isConsistent: outcome.isConsistent)
        do throws(ServiceError) {
          try admitRead(units, of: index, at: place, now: now)
          consumptions.add(tables[index].name) { $0.add(units) }
          outcome.item = found
        } catch {
          outcome.error = error
        }
      }
      responses.append(outcome.readJSON)
    }
    return Self.statementsAnswer(responses, consumptions, choices)
  }

  private mutating func carryOut(
    _ outcomes: [StatementOutcome], _ choices: ReturnChoices, at now: Int64, _ workspace: inout Workspace
  ) -> ByteBuffer {
    var consumptions: [Consumption] = []
    var isAnyDone = false
    var responses: [JSONValue] = []
    for var outcome in outcomes {
      if let (index, place) = outcome.target, let item = outcome.item {
        do throws(ServiceError) {
          if let conflict = conflict(over: place, of: index) { throw conflict }
          let write = tables[index].write(item, at: place, &workspace)
          if let old = write.old {
            // A duplicate costs what its write would.
            consumptions.add(tables[index].name) { $0.add(Units.write(max(old.size, item.size))) }
            throw .duplicateItem(outcome.wantsItem ? old : nil)
          }
          _ = try carryOut([(index, write)], at: now)
          consumptions.add(tables[index].name) { tables[index].count(write, 1, in: &$0) }
          isAnyDone = true
        } catch {
          outcome.error = error
        }
      }
      responses.append(outcome.json)
    }
    return Self.statementsAnswer(responses, isAnyDone ? consumptions : [], choices)
  }

  private static func statementsAnswer(
    _ responses: [JSONValue], _ consumptions: [Consumption], _ choices: ReturnChoices
  ) -> ByteBuffer {
    var body = AnswerBody()
    body.add("Responses", .array(responses))
    if !consumptions.isEmpty && choices.capacity != .none {
      body.add("ConsumedCapacity", .array(consumptions.compactMap { $0.json(choices.capacity) }))
    }
    return body.finish()
  }
}

/// What becomes of one statement of a batch.
private struct StatementOutcome {
  var wantsItem: Bool
  var isConsistent = false
  /// The table as the statement names it; nil where the answer doesn't.
  var table: String?
  var target: (table: Int, place: Place)?
  var item: StoredItem?
  var error: ServiceError?

  var json: JSONValue {
    .object(("Error", error.map(\.statementError)), ("TableName", table.map { .string($0) }))
  }

  /// Of a read.
  var readJSON: JSONValue {
    .object(
      ("Error", error.map(\.statementError)), ("Item", item.flatMap { try? JSONValue(parsing: $0.wire.span) }),
      ("TableName", table.map { .string($0) }))
  }
}

extension Workspace {
  /// Puts the item of a statement on the tape.
  fileprivate mutating func readStatement(_ bytes: Span<UInt8>) throws(ServiceError) {
    do {
      _ = try tape.read(bytes)
    } catch {
      throw try .value(error, JSONValue(of: bytes), isEarly: false)
    }
  }
}

extension ServiceError {
  fileprivate static func duplicateItem(_ item: StoredItem?) -> ServiceError {
    var error = service("DuplicateItemException", "Duplicate primary key exists in table")
    error.item = item
    return error
  }

  /// The error as a batch of statements tells it.
  fileprivate var statementError: JSONValue {
    let name =
      switch code {
      case "ValidationException": "ValidationError"
      case "ThrottlingException": "ThrottlingError"
      default: code.hasSuffix("Exception") ? String(code.dropLast(9)) : code
      }
    return .object(
      ("Code", .string(name)), ("Item", item.flatMap { try? JSONValue(parsing: $0.wire.span) }), ("Message", .string(message)))
  }
}
