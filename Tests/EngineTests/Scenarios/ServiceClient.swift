import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import Testing

/// One client of a service on the repository: random operations on ids that nobody else writes, each judged by what must come of it.
struct ServiceClient {
  private let repository: DualTableRepository
  private let table: String
  private let ids: [String]
  private let note: Comment
  private var generator: SeededGenerator
  private var writes = 0
  /// What is at each id, nil for nothing.
  private(set) var model: [String: Item?]
  /// The ids that it wrote.
  private(set) var touched: Set<String> = []
  /// How often it counted at each of the ids that all clients count at.
  private(set) var hits: [String: Int] = [:]

  init(_ repository: DualTableRepository, table: String, model: [String: Item?], seed: UInt64) {
    self.repository = repository
    self.table = table
    self.model = model
    ids = model.keys.sorted()
    note = "seed \(seed)"
    generator = SeededGenerator(seed: seed)
  }

  /// Does one operation.
  mutating func step(counters: [String]) async throws {
    let id = ids.randomElement(using: &generator) ?? ""
    switch Int.random(in: 0..<12, using: &generator) {
    case 0...2: try await get(id)
    case 3: try await batchGet()
    case 4: try await put(id)
    case 5: try await create(id)
    case 6: try await replace(id)
    case 7: try await update(id)
    case 8: try await updateIfThere(id)
    case 9: try await delete(id)
    case 10: try await deleteIfConverted(id)
    default: try await count(counters.randomElement(using: &generator) ?? "")
    }
  }

  private func value(_ id: String) -> Item? { model[id] ?? nil }
  private func key(_ id: String) -> Item { ["id": .string(id)] }

  private mutating func wrote(_ id: String, _ item: Item?) {
    model[id] = .some(item)
    touched.insert(id)
  }

  private mutating func next() -> AttributeValue {
    writes += 1
    return .number(DynamoDBNumber(writes))
  }

  /// Expects `write` to be refused where `holds` is false; true if it went through.
  private func conditional(_ id: String, _ holds: Bool, _ write: () async throws(DualTableError) -> Void) async throws -> Bool {
    do throws(DualTableError) {
      try await write()
      #expect(holds, note)
      return true
    } catch {
      guard error.code == .conditionFailed else { throw error }
      #expect(!holds && error.item == value(id), note)
      return false
    }
  }

  private func get(_ id: String) async throws {
    let output = try await repository.getItem(GetItemInput(tableName: table, key: key(id), consistentRead: true))
    #expect(output.item == value(id), note)
  }

  private mutating func batchGet() async throws {
    let some = Set((0..<5).compactMap { _ in ids.randomElement(using: &generator) }).sorted()
    var wanted = [table: KeysAndAttributes(keys: some.map(key), consistentRead: true)]
    var found: Set<Item> = []
    while !wanted.isEmpty {
      let output = try await repository.batchGetItem(BatchGetItemInput(requestItems: wanted))
      found.formUnion(output.responses[table] ?? [])
      wanted = output.unprocessedKeys
    }
    #expect(found == Set(some.compactMap(value)), note)
  }

  private mutating func put(_ id: String) async throws {
    let item: Item = ["id": .string(id), "email": .string("new@example.com"), "n": next()]
    let output = try await repository.putItem(PutItemInput(tableName: table, item: item, returnValues: .allOld))
    #expect(output.attributes == value(id), note)
    wrote(id, item)
  }

  private mutating func create(_ id: String) async throws {
    let item: Item = ["id": .string(id), "n": next()]
    let input = PutItemInput(
      tableName: table, item: item, conditionExpression: "attribute_not_exists(id)", returnValuesOnConditionCheckFailure: .allOld)
    let repository = repository
    if try await conditional(id, value(id) == nil, { () throws(DualTableError) in _ = try await repository.putItem(input) }) {
      wrote(id, item)
    }
  }

  private mutating func replace(_ id: String) async throws {
    let item: Item = ["id": .string(id), "email": .string("replaced@example.com"), "n": next()]
    let input = PutItemInput(
      tableName: table, item: item, conditionExpression: "begins_with(email, :u)", expressionAttributeValues: [":u": .string("user")],
      returnValuesOnConditionCheckFailure: .allOld)
    var holds = false
    if case .string(let email) = value(id)?["email"] { holds = email.hasPrefix("user") }
    let repository = repository
    if try await conditional(id, holds, { () throws(DualTableError) in _ = try await repository.putItem(input) }) { wrote(id, item) }
  }

  private mutating func update(_ id: String) async throws {
    var item = value(id) ?? key(id)
    item["n"] = next()
    item["bio"] = nil
    let output = try await repository.updateItem(
      UpdateItemInput(
        tableName: table, key: key(id), updateExpression: "SET n = :n REMOVE bio", expressionAttributeValues: [":n": item["n"] ?? .null],
        returnValues: .allNew))
    #expect(output.attributes == item, note)
    wrote(id, item)
  }

  private mutating func updateIfThere(_ id: String) async throws {
    let input = UpdateItemInput(
      tableName: table, key: key(id), updateExpression: "ADD visits :one", conditionExpression: "attribute_exists(id)",
      expressionAttributeValues: [":one": .number(1)], returnValuesOnConditionCheckFailure: .allOld)
    let repository = repository
    guard try await conditional(id, value(id) != nil, { () throws(DualTableError) in _ = try await repository.updateItem(input) }),
      var item = value(id)
    else { return }
    var visits = DynamoDBNumber(1)
    if case .number(let before) = item["visits"] { visits = try before.adding(visits) }
    item["visits"] = .number(visits)
    wrote(id, item)
  }

  private mutating func delete(_ id: String) async throws {
    let output = try await repository.deleteItem(DeleteItemInput(tableName: table, key: key(id), returnValues: .allOld))
    #expect(output.attributes == value(id), note)
    wrote(id, nil)
  }

  private mutating func deleteIfConverted(_ id: String) async throws {
    let input = DeleteItemInput(
      tableName: table, key: key(id), conditionExpression: "#s = :two", expressionAttributeNames: ["#s": "schema"],
      expressionAttributeValues: [":two": .number(2)], returnValuesOnConditionCheckFailure: .allOld)
    let repository = repository
    if try await conditional(
      id, value(id)?["schema"] == .number(2), { () throws(DualTableError) in _ = try await repository.deleteItem(input) })
    {
      wrote(id, nil)
    }
  }

  private mutating func count(_ id: String) async throws {
    _ = try await repository.updateItem(
      UpdateItemInput(
        tableName: table, key: key(id), updateExpression: "ADD hits :one", expressionAttributeValues: [":one": .number(1)]))
    hits[id, default: 0] += 1
  }
}
