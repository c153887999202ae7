import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// The steps of guarded writes as the wire shows them: under which condition each request goes out, and what it is asked.
@Suite("put / update / delete with a condition C; update without one") struct WriteStepsTests {
  static let key: Item = ["id": "n-a"]
  static let live: Item = ["id": "n-a", "v": 7]
  static let tombstone: Item = ["id": "n-a", "_dt": 5]
  static let oldItem: Item = ["id": "a", "p": ["v": 1]]

  enum Kind: String, CaseIterable, Sendable { case put, update, delete }

  static func write(
    _ kind: Kind, on repository: DualTableRepository, if condition: String?, _ values: AttributeMap? = nil, names: [String: String]? = nil
  ) async throws(DualTableError) {
    switch kind {
    case .put:
      _ = try await repository.putItem(
        .init(
          tableName: "new", item: ["id": "n-a", "v": 8], conditionExpression: condition, expressionAttributeNames: names,
          expressionAttributeValues: values, returnValuesOnConditionCheckFailure: .allOld))
    case .update:
      _ = try await repository.updateItem(
        .init(
          tableName: "new", key: key, updateExpression: "REMOVE z", conditionExpression: condition, expressionAttributeNames: names,
          expressionAttributeValues: values, returnValuesOnConditionCheckFailure: .allOld))
    case .delete:
      _ = try await repository.deleteItem(
        .init(
          tableName: "new", key: key, conditionExpression: condition, expressionAttributeNames: names, expressionAttributeValues: values,
          returnValuesOnConditionCheckFailure: .allOld))
    }
  }

  /// A request as a word and, for writes, the condition that it goes out under, its names spelled out.
  static func spelled(_ request: WireRequest) -> String {
    var text = "\(request.operation) \(request.table)"
    guard var condition = request.text("ConditionExpression") else { return text }
    for (alias, name) in (request.names ?? [:]).sorted(by: { $0.key > $1.key }) { condition = condition.replacing(alias, with: name) }
    text += " if \(condition)"
    return text
  }

  /// A bench whose repository has seen that its engine sends items with refusals.
  static func bench(new: [Item], old: [Item], _ phase: MigrationPhase) async throws -> (Bench, DualTableRepository) {
    let bench = Bench(old: old, new: new + [["id": "n-other", "_dt": 5]])
    let repository = try bench.repository(phase)
    _ = try await repository.updateItem(.init(tableName: "new", key: ["id": "n-other"], updateExpression: "REMOVE z"))
    return (bench, repository)
  }

  static let one = "attribute_exists(id) AND attribute_not_exists(_dt)"
  static let absent = "attribute_not_exists(id)"
  static let isTombstone = "attribute_exists(_dt)"

  struct Row: Sendable {
    var name: String
    var new: [Item]
    var old: [Item]
    var condition: String
    var values: AttributeMap?
    /// What goes out, with `write` for the write's own operation.
    var sent: [String]
    /// nil: the write happens; else the item of which the condition is false.
    var failure: Item??
  }

  static let rows: [Row] = [
    Row(
      name: "1: attribute_exists(hash) AND NOT tomb AND (C): done, in one request", new: [live], old: [oldItem], condition: "v = :v",
      values: [":v": 7], sent: ["write new if \(one) AND v=:_0"]),
    Row(
      name: "2: refused, item returned, live: conditionFailed(item)", new: [live], old: [oldItem], condition: "v = :v", values: [":v": 1],
      sent: ["write new if \(one) AND v=:_0"], failure: .some(live)),
    Row(
      name: "3: refused, tombstone returned, C false of the empty item: conditionFailed(nil)", new: [tombstone], old: [oldItem],
      condition: "v = :v", values: [":v": 1], sent: ["write new if \(one) AND v=:_0"], failure: .some(nil)),
    Row(
      name: "3: true: send with condition tomb", new: [tombstone], old: [oldItem], condition: "NOT v = :v", values: [":v": 1],
      sent: ["write new if \(one) AND NOT v=:_0", "write new if \(isTombstone)"]),
    Row(
      name: "4: refused, nothing returned: missing; C false of OLD's item: conditionFailed", new: [], old: [oldItem], condition: "v = :v",
      values: [":v": 7], sent: ["write new if \(one) AND v=:_0", "GetItem old"], failure: .some(["id": "n-a", "v": 1])),
    Row(
      name: "4: C false of nothing: conditionFailed", new: [], old: [], condition: "v = :v", values: [":v": 7],
      sent: ["write new if \(one) AND v=:_0", "GetItem old"], failure: .some(nil)),
    Row(
      name: "4: true of nothing: attribute_not_exists(hash), an update too", new: [], old: [], condition: "NOT v = :v", values: [":v": 7],
      sent: ["write new if \(one) AND NOT v=:_0", "GetItem old", "write new if \(absent)"]),
    Row(
      name: "a create starts by reading OLD: no item there, send with attribute_not_exists(hash)", new: [], old: [],
      condition: "attribute_not_exists(id)", sent: ["GetItem old", "write new if \(absent)"]),
    Row(
      name: "a create where OLD has an item reads NEW", new: [], old: [oldItem], condition: "attribute_not_exists(id)",
      sent: ["GetItem old", "GetItem new"], failure: .some(["id": "n-a", "v": 1])),
    Row(
      name: "a create where OLD had one that was deleted", new: [tombstone], old: [oldItem], condition: "attribute_not_exists(id)",
      sent: ["GetItem old", "GetItem new", "write new if \(isTombstone)"]),
  ]

  @Test("in phase 3", arguments: rows.indices, Kind.allCases) func steps(_ index: Int, _ kind: Kind) async throws {
    let row = Self.rows[index]
    try await check(row, kind, .dualTable, sent: row.sent)
  }

  /// Step 4 of what OLD has is the one in which the kinds differ.
  @Test(
    "4: true of OLD's item: a put or delete goes out with attribute_not_exists(hash); an update promotes it first and goes back to 1",
    arguments: Kind.allCases)
  func stepFour(_ kind: Kind) async throws {
    let guarded = "\(Self.one) AND v=:_0"
    let rest =
      kind == .update ? ["PutItem new if \(Self.absent)", "write new if \(guarded)"] : ["write new if \(Self.absent)"]
    let row = Row(
      name: "4", new: [], old: [Self.oldItem], condition: "v = :v", values: [":v": 1],
      sent: ["write new if \(guarded)", "GetItem old"] + rest)
    try await check(row, kind, .dualTable, sent: row.sent)
  }

  @Test(
    "in phases 4 and 5 a missing key is absent, and step 1's guard is NOT tomb AND (C)",
    arguments: [MigrationPhase.newWithTombstones, .new], Kind.allCases)
  func withoutFallback(_ phase: MigrationPhase, _ kind: Kind) async throws {
    let guarded = "attribute_not_exists(_dt)"
    let rows: [Row] = [
      Row(
        name: "a live item", new: [Self.live], old: [], condition: "v = :v", values: [":v": 7],
        sent: ["write new if \(guarded) AND v=:_0"]),
      Row(
        name: "C true of nothing, and nothing there", new: [], old: [Self.oldItem], condition: "NOT v = :v", values: [":v": 1],
        sent: ["write new if \(guarded) AND NOT v=:_0"]),
      Row(
        name: "C false of nothing, and nothing there", new: [], old: [Self.oldItem], condition: "v = :v", values: [":v": 1],
        sent: ["write new if \(guarded) AND v=:_0"], failure: .some(nil)),
      Row(
        name: "a create", new: [], old: [Self.oldItem], condition: "attribute_not_exists(id)",
        sent: ["write new if \(guarded) AND \(Self.absent)"]),
      Row(
        name: "step 3 replaces tombstones", new: [Self.tombstone], old: [], condition: "attribute_not_exists(id)",
        sent: ["write new if \(guarded) AND \(Self.absent)", "write new if \(Self.isTombstone)"]),
    ]
    for row in rows { try await check(row, kind, phase, sent: row.sent) }
  }

  private func check(_ row: Row, _ kind: Kind, _ phase: MigrationPhase, sent: [String]) async throws {
    let (bench, repository) = try await Self.bench(new: row.new, old: row.old, phase)
    let before = bench.requests.count
    let error = await failure { () throws(DualTableError) in
      try await Self.write(kind, on: repository, if: row.condition, row.values)
    }
    // A delete is the tombstone's put until phase 5.
    let own = kind == .update ? "UpdateItem" : kind == .delete && phase == .new ? "DeleteItem" : "PutItem"
    let requests = Array(bench.requests[before...])
    #expect(requests.map(Self.spelled) == sent.map { $0.hasPrefix("write ") ? own + $0.dropFirst(5) : $0 }, "\(row.name)")
    switch row.failure {
    case nil:
      #expect(error == nil, "\(row.name)")
      #expect(bench.stored("n-a")?["_dt"] == nil || kind == .delete, "\(row.name)")
    case .some(let item):
      #expect(error?.code == .conditionFailed, "\(row.name)")
      #expect(error?.item == item, "\(row.name)")
      #expect(bench.stored("n-a") == row.new.first, "\(row.name)")
    }
    for request in requests {
      // Reads of the steps are consistent; a guarded write asks for what refuses it.
      if request.isRead { #expect(request["ConsistentRead"]?.bool == true, "\(row.name)") }
      let asks = request.text("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
      let isPromotion = kind == .update && request.operation == "PutItem"
      if request.text("ConditionExpression") != nil && !isPromotion { #expect(asks, "\(row.name): ask with ALL_OLD") }
      // Names and values that a rewritten expression no longer uses are dropped from it.
      let texts = (request.text("ConditionExpression") ?? "") + (request.text("UpdateExpression") ?? "")
      for alias in request.names?.keys.sorted() ?? [] { #expect(texts.contains(alias), "\(row.name)") }
      for (alias, _) in request.item("ExpressionAttributeValues") ?? [:] { #expect(texts.contains(alias), "\(row.name)") }
    }
  }

  @Test(
    "an update never goes out without a guard, in whatever state it meets the key",
    arguments: [MigrationPhase.dualTable, .newWithTombstones, .new])
  func updatesAreGuarded(_ phase: MigrationPhase) async throws {
    for (new, old) in [([Self.live], [Self.oldItem]), ([Self.tombstone], [Self.oldItem]), ([], [Self.oldItem]), ([], [])] {
      for speaks in [true, false] {
        let bench = Bench(old: old, new: new, refusalsCarryItems: speaks)
        try await Self.write(.update, on: bench.repository(phase), if: nil)
        let updates = bench.requests.filter { $0.operation == "UpdateItem" }
        #expect(!updates.isEmpty && updates.allSatisfy { $0.text("ConditionExpression") != nil })
        #expect(bench.stored("n-a")?["_dt"] == nil)
        // It sees OLD's item whole, or leaves nothing partial behind.
        if phase == .dualTable, new.isEmpty, !old.isEmpty { #expect(bench.stored("n-a") == ["id": "n-a", "v": 1]) }
      }
    }
  }

  @Test("where an engine leaves the item out, one consistent GetItem tells, C is evaluated on it, and if it holds, back to 1")
  func silentEngines() async throws {
    // False of what is there: one read, no other write.
    let unlike = Bench(old: [Self.oldItem], new: [Self.live], refusalsCarryItems: false)
    let silent = try unlike.repository()
    let error = await failure { () throws(DualTableError) in
      try await Self.write(.put, on: silent, if: "v = :v", [":v": 1])
    }
    #expect(error?.code == .conditionFailed && error?.item == Self.live)
    #expect(unlike.asked == ["PutItem new", "GetItem new"])
    #expect(unlike.requests[1]["ConsistentRead"]?.bool == true)
  }
}
