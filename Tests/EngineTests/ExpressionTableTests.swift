import DynamoDBModel
import ExpressionTable
import HTTPTransport
import Testing

/// Every row of the table of expressions, on the simulator and on every engine: what the row expects, or a reason why not.
@Suite(.enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(5))) struct ExpressionTableTests {
  @Test(arguments: ExpressionRow.Kind.allCases) func everyRow(_ kind: ExpressionRow.Kind) async throws {
    let rows = try ExpressionRow.all(kind)
    let outcomes = try await WireClient.withAll { wire in
      guard kind != .insert || wire.name != "dynalite" else { return (wire.name, [WireOutcome?]()) }
      return (wire.name, try await RowRunner(wire, kind).outcomes(of: rows))
    }
    for (engine, outcomes) in outcomes where !outcomes.isEmpty {
      for (row, outcome) in zip(rows, outcomes) {
        if row.reasons[engine] == nil {
          #expect(outcome?.agrees(with: row.expected, exactly: engine == "simulator") == true, "\(engine) \(row): \(outcome as Any)")
        } else {
          #expect(outcome?.agrees(with: row.expected) != true, "\(engine) \(row): the reason is gone")
        }
      }
    }
    checkTexts(rows, outcomes)
  }

  /// Each refusal is in the words of some engine, or has a reason why not.
  private func checkTexts(_ rows: [ExpressionRow], _ outcomes: [(String, [WireOutcome?])]) {
    for (index, row) in rows.enumerated() {
      guard case .refused = row.expected else { continue }
      let confirmed = outcomes.contains { engine, outcomes in
        engine != "simulator" && outcomes.indices.contains(index) && outcomes[index]?.agrees(with: row.expected, exactly: true) == true
      }
      #expect(confirmed == (row.reasons["text"] == nil), "\(row)")
    }
  }
}

/// What came of a row, or nil where the engine broke down.
private typealias WireOutcome = ExpressionRow.Outcome

extension WireOutcome {
  /// - Parameter exactly: refusals must have the words too.
  fileprivate func agrees(with expected: Self, exactly: Bool = false) -> Bool {
    switch (self, expected) {
    case (.refused(let text), .refused(let expected)):
      // Single writes put this before what is wrong with their expressions.
      let prefix = "1 validation error detected: "
      return !exactly || text == expected || text == prefix + expected
    default: return self == expected
    }
  }
}

/// Runs the rows of one kind on one engine, in tables of its own.
private struct RowRunner {
  private let wire: WireClient
  private let kind: ExpressionRow.Kind
  private let table: String

  init(_ wire: WireClient, _ kind: ExpressionRow.Kind) {
    self.wire = wire
    self.kind = kind
    // Statements carry the name of their table.
    table = kind == .insert ? "rows" : "rows-\(kind.rawValue)"
  }

  func outcomes(of rows: [ExpressionRow]) async throws -> [WireOutcome?] {
    try await makeTables()
    var outcomes: [WireOutcome?] = []
    for row in rows { outcomes.append(try await outcome(of: row)) }
    return outcomes
  }

  private func makeTables() async throws {
    guard kind == .keyCondition else { return try await wire.remake(table, ExpressionRow.schema()) }
    for type in [ScalarType.string, .number, .binary, nil] {
      try await wire.remake(table(type), ExpressionRow.schema(sortKey: type))
      for key in ExpressionRow.storedKeys(type) {
        var item: Item = ["id": "u1"]
        if type != nil { item["r"] = key }
        try await put(item, in: table(type))
      }
    }
  }

  private func table(_ type: ScalarType?) -> String { "\(table)-\(type?.rawValue ?? "none")" }

  private func put(_ item: Item, in table: String) async throws {
    let answer = try await wire.call("PutItem", .object([.init("TableName", .string(table)), .init("Item", item.json)]))
    #expect(answer.status == 200, "\(wire.name): \(answer.message ?? "")")
  }

  private func outcome(of row: ExpressionRow) async throws -> WireOutcome? {
    switch row.kind {
    case .condition: return try await condition(row)
    case .filter:
      try await put(row.item ?? [:], in: table)
      let answer = try await call(
        "Query", row, [.init("KeyConditionExpression", .string("id = :_id")), .init("FilterExpression", .string(row.text))],
        values: [":_id": row.key["id"] ?? .null])
      return outcome(answer) { .holds($0["Count"]?.integer == 1) }
    case .projection:
      try await put(row.item ?? [:], in: table)
      let answer = try await call("GetItem", row, [.init("Key", row.key.json), .init("ProjectionExpression", .string(row.text))])
      return outcome(answer) { .item($0["Item"].flatMap { Item($0) } ?? [:]) }
    case .update:
      _ = try await wire.call("DeleteItem", .object([.init("TableName", .string(table)), .init("Key", row.key.json)]))
      if let item = row.item { try await put(item, in: table) }
      let answer = try await call(
        "UpdateItem", row,
        [.init("Key", row.key.json), .init("UpdateExpression", .string(row.text)), .init("ReturnValues", .string("ALL_NEW"))])
      return outcome(answer) { $0["Attributes"].flatMap { Item($0) }.map { .item($0) } }
    case .keyCondition:
      let answer = try await call("Query", row, [.init("KeyConditionExpression", .string(row.text))], table: table(row.sortKey))
      return outcome(answer) { body in
        .keys((body["Items"]?.array ?? []).map { item in Item(item)?["r"] ?? .null })
      }
    case .insert: return try await insert(row)
    }
  }

  private func condition(_ row: ExpressionRow) async throws -> WireOutcome? {
    if let item = row.item { try await put(item, in: table) }
    // A put of what is there changes nothing, a deletion of what isn't there neither.
    let own: [JSONValue.Member] = row.item.map { [.init("Item", $0.json)] } ?? [.init("Key", row.key.json)]
    let answer = try await call(row.item == nil ? "DeleteItem" : "PutItem", row, own + [.init("ConditionExpression", .string(row.text))])
    if answer.code == "ConditionalCheckFailedException" { return .holds(false) }
    return outcome(answer) { _ in .holds(true) }
  }

  private func insert(_ row: ExpressionRow) async throws -> WireOutcome? {
    let key: Item = ["id": "p1"]
    _ = try await wire.call("DeleteItem", .object([.init("TableName", .string(table)), .init("Key", key.json)]))
    var members: [JSONValue.Member] = [.init("Statement", .string(row.text))]
    if let parameters = row.parameters { members.append(.init("Parameters", .array(parameters.map(\.json)))) }
    let answer = try await wire.call("BatchExecuteStatement", .object([.init("Statements", .array([.object(members)]))]))
    if let error = answer.body["Responses"]?[0]?["Error"] { return .refused(error["Message"]?.string ?? "") }
    guard answer.status == 200 else { return outcome(answer) { _ in nil } }
    let read = try await wire.call(
      "GetItem", .object([.init("TableName", .string(table)), .init("Key", key.json), .init("ConsistentRead", .bool(true))]))
    return outcome(read) { .item($0["Item"].flatMap { Item($0) } ?? [:]) }
  }

  private func call(
    _ operation: String, _ row: ExpressionRow, _ own: [JSONValue.Member], values: AttributeMap = [:], table: String? = nil
  ) async throws -> WireClient.Answer {
    var members = [.init("TableName", .string(table ?? self.table))] + own
    if let names = row.names {
      members.append(
        .init("ExpressionAttributeNames", .object(names.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })))
    }
    if row.values != nil || !values.isEmpty {
      var all = row.values ?? [:]
      for (name, value) in values { all[name] = value }
      members.append(.init("ExpressionAttributeValues", all.json))
    }
    return try await wire.call(operation, .object(members))
  }

  private func outcome(_ answer: WireClient.Answer, _ read: (JSONValue) -> WireOutcome?) -> WireOutcome? {
    if answer.isRefusal { return .refused(answer.message ?? "") }
    return answer.status == 200 ? read(answer.body) : nil
  }
}

extension AttributeMap {
  fileprivate init?(_ json: JSONValue) {
    var bytes = ByteBuffer(capacity: 256)
    json.encode(into: &bytes)
    guard let map = try? AttributeMap(wire: bytes.span) else { return nil }
    self = map
  }

  fileprivate var json: JSONValue {
    var bytes = ByteBuffer(capacity: 256)
    encode(into: &bytes)
    return (try? JSONValue(parsing: bytes.span)) ?? .null
  }
}

extension AttributeValue {
  fileprivate var json: JSONValue {
    var bytes = ByteBuffer(capacity: 64)
    encode(into: &bytes)
    return (try? JSONValue(parsing: bytes.span)) ?? .null
  }
}
