import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// The repository's operations on every state of both tables, against engines of others.
@Suite(.timeLimit(.minutes(5))) struct RepositoryTests {
  /// OLD's nested `p.v` becomes NEW's root attribute `v`; the key stays.
  struct Mapping: TableMapping {
    let identity = "nested"
    let oldSchema = KeySchema(hash: .init("id", .string))
    let newSchema = KeySchema(hash: .init("id", .string))

    func convert(_ item: Item) throws(ConversionError) -> [Item] {
      guard let id = item["id"], let value = item["p"]?.mapValue?["v"] else { throw ConversionError(.wrongType, path: "p.v") }
      return [["id": id, "v": value]]
    }

    func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
  }

  struct Scene {
    let client: DynamoDBClient
    let old: String
    let new: String
    let repository: DualTableRepository

    /// Puts both tables into a state, by the client.
    func arrange(old oldItem: Item?, new newItem: Item?) async throws {
      for (table, item) in [(old, oldItem), (new, newItem)] {
        if let item {
          _ = try await client.putItem(.init(tableName: table, item: item))
        } else {
          _ = try await client.deleteItem(.init(tableName: table, key: RepositoryTests.key))
        }
      }
    }

    func stored() async throws -> Item? {
      try await client.getItem(.init(tableName: new, key: RepositoryTests.key, consistentRead: true)).item
    }

    func read() async throws -> Item? {
      try await repository.getItem(.init(tableName: new, key: RepositoryTests.key, consistentRead: true)).item
    }
  }

  static let key: Item = ["id": "a"]
  static let oldItem: Item = ["id": "a", "p": ["v": 1]]
  static let converted: Item = ["id": "a", "v": 1]
  static let live: Item = ["id": "a", "v": 7]
  static let tombstone: Item = ["id": "a", "_dt": 5]
  /// What NEW and OLD have, and the key's value.
  static let states: [(new: Item?, old: Item?, value: Item?)] = [
    (live, oldItem, live), (live, nil, live), (tombstone, oldItem, nil), (tombstone, nil, nil), (nil, oldItem, converted), (nil, nil, nil),
  ]

  func withScene(_ engine: Engine, _ phase: MigrationPhase = .dualTable, _ body: (Scene) async throws -> Void) async throws {
    try await engine.withClient { client in
      try await client.withTable { old in
        try await client.withTable { new in
          let repository = DualTableRepository(
            old: client, oldTable: old, new: client, newTable: new, mapping: Mapping(), phase: .fixed(phase))
          try await body(Scene(client: client, old: old, new: new, repository: repository))
        }
      }
    }
  }

  @Test(arguments: Engine.all) func reads(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      for state in Self.states {
        try await scene.arrange(old: state.old, new: state.new)
        #expect(try await scene.read() == state.value)
        let batch = try await scene.repository.batchGetItem(.init(requestItems: [scene.new: .init(keys: [Self.key, ["id": "none"]])]))
        #expect(batch.responses[scene.new] == (state.value.map { [$0] } ?? []))
        let projected = try await scene.repository.getItem(
          .init(
            tableName: scene.new, key: Self.key, consistentRead: true, projectionExpression: "#v, gone",
            expressionAttributeNames: ["#v": "v"]))
        #expect(projected.item == state.value.map { ["v": $0["v"] ?? nil] })
      }
    }
  }

  @Test(arguments: Engine.all) func deletes(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      for state in Self.states {
        try await scene.arrange(old: state.old, new: state.new)
        let deleted = try await scene.repository.deleteItem(.init(tableName: scene.new, key: Self.key, returnValues: .allOld))
        #expect(deleted.attributes == state.value)
        #expect(try await scene.read() == nil)
        #expect(try await scene.stored()?["_dt"] != nil)
      }
    }
  }

  @Test(arguments: Engine.all) func puts(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      for state in Self.states {
        try await scene.arrange(old: state.old, new: state.new)
        let put = try await scene.repository.putItem(.init(tableName: scene.new, item: ["id": "a", "v": 9], returnValues: .allOld))
        #expect(put.attributes == state.value)
        #expect(try await scene.stored() == ["id": "a", "v": 9])
      }
    }
  }

  @Test(arguments: Engine.all) func updates(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      for state in Self.states {
        try await scene.arrange(old: state.old, new: state.new)
        let updated = try await scene.repository.updateItem(
          .init(
            tableName: scene.new, key: Self.key, updateExpression: "SET w = :w ADD n :one",
            expressionAttributeValues: [":w": "x", ":one": 1],
            returnValues: .allNew))
        var expected = state.value ?? Self.key
        expected["w"] = "x"
        expected["n"] = 1
        #expect(updated.attributes == expected)
        #expect(try await scene.stored() == expected)
      }
    }
  }

  @Test(arguments: Engine.all) func writesBatches(_ engine: Engine) async throws {
    for phase in [MigrationPhase.dualTable, .newWithTombstones, .new] {
      try await withScene(engine, phase) { scene in
        for state in Self.states where phase == .dualTable || state.old == nil {
          try await scene.arrange(old: state.old, new: state.new)
          let others = (0..<30).map { Item([(name: "id", value: .string("k\($0)")), (name: "v", value: .number(DynamoDBNumber($0)))]) }
          let written = try await scene.repository.batchWriteItem(
            .init(requestItems: [scene.new: [.delete(key: Self.key)] + others.map { .put($0) }]))
          #expect(written.unprocessedItems.isEmpty)
          #expect(try await scene.read() == nil)
          #expect((try await scene.stored()?["_dt"] != nil) == (phase < .new))
          let read = try await scene.repository.batchGetItem(
            .init(requestItems: [scene.new: .init(keys: others.map { ["id": $0["id"] ?? .null] }, consistentRead: true)]))
          #expect(Set(read.responses[scene.new] ?? []) == Set(others))
        }
      }
    }
  }

  @Test(arguments: Engine.all.filter { !$0.has(.noTransactions) }) func writesOnceWithAToken(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      for (place, state) in Self.states.enumerated() {
        try await scene.arrange(old: state.old, new: state.new)
        func add(_ token: String) async throws(DualTableError) {
          _ = try await scene.repository.updateItem(
            .init(
              tableName: scene.new, key: Self.key, updateExpression: "SET w = :w ADD n :one",
              expressionAttributeValues: [":w": "x", ":one": 1]), idempotencyToken: token)
        }
        try await add("first \(place)")
        try await add("second \(place)")
        var expected = state.value ?? Self.key
        expected["w"] = "x"
        expected["n"] = 2
        #expect(try await scene.stored() == expected)
        let error = await conditionalDelete(scene, "n = :n", [":n": 3], idempotencyToken: "third \(place)")
        #expect(error?.code == .conditionFailed && error?.item == expected)
        _ = try await scene.repository.deleteItem(.init(tableName: scene.new, key: Self.key), idempotencyToken: "fourth \(place)")
        #expect(try await scene.read() == nil)
      }
    }
  }

  /// As a Codable type has them.
  struct Value: Codable, Equatable {
    var id: String
    var v: Int
  }

  @Test(arguments: Engine.all) func servesValues(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      let values = scene.repository.items(of: Value.self)
      for state in Self.states {
        try await scene.arrange(old: state.old, new: state.new)
        let expected = try state.value.map { try DynamoDBDecoder().decode(Value.self, from: $0) }
        #expect(try await values.getItem(key: Self.key, consistentRead: true) == expected)
        #expect(try await values.putItem(Value(id: "a", v: 9), returnValues: .allOld) == expected)
        let changed = try await values.updateItem(
          key: Self.key, updateExpression: "ADD v :one", expressionAttributeValues: [":one": 1], returnValues: .allNew)
        #expect(changed == Value(id: "a", v: 10))
        #expect(try await values.deleteItem(key: Self.key, returnValues: .allOld) == Value(id: "a", v: 10))
      }
    }
  }

  static let conditions: [(String, AttributeMap?)] = [
    ("attribute_not_exists(id)", nil), ("attribute_exists(id)", nil), ("v = :v", [":v": 1]), ("v <> :v", [":v": 7]),
    ("attribute_not_exists(v) OR v > :v", [":v": 5]),
  ]

  @Test(arguments: Engine.all, [MigrationPhase.dualTable, .newWithTombstones, .new])
  func heedsConditions(_ engine: Engine, _ phase: MigrationPhase) async throws {
    try await withScene(engine, phase) { scene in
      for state in Self.states where phase == .dualTable || state.old == nil {
        for (text, values) in Self.conditions {
          try await scene.arrange(old: state.old, new: state.new)
          let holds = try holds(text, values, of: state.value)
          let before = try await scene.stored()
          let error = await conditionalDelete(scene, text, values)
          #expect((error == nil) == holds, "\(text) of \(state)")
          #expect(error?.code == (holds ? nil : .conditionFailed))
          if holds {
            #expect(try await scene.read() == nil)
          } else {
            #expect(error?.item == state.value, "\(text) of \(state)")
            #expect(try await scene.stored() == before)
          }
        }
      }
    }
  }

  /// Four workers change keys of their own while a backfill puts OLD's items: every acknowledged write is there in the end, and no
  /// deleted item.
  @Test(arguments: Engine.all) func besideABackfill(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      let ids = (0..<60).map { "k\($0)" }
      for id in ids where !id.hasSuffix("3") {
        _ = try await scene.client.putItem(.init(tableName: scene.old, item: ["id": .string(id), "p": ["v": 1]]))
      }
      let expected = try await withThrowingTaskGroup(of: [String: Item?].self) { group in
        for worker in 0..<4 {
          group.addTask { try await self.work(scene, ids.filter { ($0.utf8.last ?? 0) % 4 == worker }, seed: UInt64(worker)) }
        }
        group.addTask {
          try await self.backfill(scene, ids.filter { !$0.hasSuffix("3") })
          return [:]
        }
        return try await group.reduce(into: [:]) { $0.merge($1) { _, new in new } }
      }
      #expect(expected.count == ids.count)
      for (id, value) in expected {
        let stored = try await scene.client.getItem(.init(tableName: scene.new, key: ["id": .string(id)], consistentRead: true)).item
        #expect(stored?["_dt"] == nil ? stored == value : value == nil, "\(id)")
      }
    }
  }

  private func backfill(_ scene: Scene, _ ids: [String]) async throws {
    for id in ids {
      let input = PutItemInput(
        tableName: scene.new, item: ["id": .string(id), "v": 1], conditionExpression: "attribute_not_exists(id)")
      let error = await failure { () throws(DynamoDBError) in try await scene.client.putItem(input) }
      if let error, error.code != .conditionalCheckFailed { throw error }
    }
  }

  /// Changes the keys in an order of its own, each change seen by the next read, and returns what they must have.
  private func work(_ scene: Scene, _ ids: [String], seed: UInt64) async throws -> [String: Item?] {
    var values: [String: Item?] = [:]
    for id in ids { values[id] = .some(id.hasSuffix("3") ? nil : ["id": .string(id), "v": 1]) }
    var state = seed
    for round in 0..<(8 * ids.count) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let id = ids[round % ids.count]
      let key: Item = ["id": .string(id)]
      var value = values[id] ?? nil
      switch (state >> 33) % 5 {
      case 0:
        value = ["id": .string(id), "v": .number(DynamoDBNumber(round))]
        _ = try await scene.repository.putItem(.init(tableName: scene.new, item: value ?? key))
      case 1:
        let deleted = try await scene.repository.deleteItem(.init(tableName: scene.new, key: key, returnValues: .allOld))
        #expect(deleted.attributes == value)
        value = nil
      case 2:
        let updated = try await scene.repository.updateItem(
          .init(
            tableName: scene.new, key: key, updateExpression: "ADD n :one", expressionAttributeValues: [":one": 1], returnValues: .allNew))
        var after = value ?? key
        after["n"] = try (after["n"]?.numberValue ?? 0).adding(1).value
        #expect(updated.attributes == after)
        value = after
      default:
        let read = try await scene.repository.getItem(.init(tableName: scene.new, key: key, consistentRead: true))
        #expect(read.item == value)
      }
      values[id] = .some(value)
    }
    return values
  }

  private func conditionalDelete(
    _ scene: Scene, _ condition: String, _ values: AttributeMap?, idempotencyToken: String? = nil
  ) async -> DualTableError? {
    do {
      _ = try await scene.repository.deleteItem(
        .init(
          tableName: scene.new, key: Self.key, conditionExpression: condition, expressionAttributeValues: values,
          returnValuesOnConditionCheckFailure: .allOld), idempotencyToken: idempotencyToken)
      return nil
    } catch {
      return error
    }
  }

  /// What a reader of the table above would say; the evaluator isn't asked.
  private func holds(_ condition: String, _ values: AttributeMap?, of item: Item?) throws -> Bool {
    let value = item?["v"]?.numberValue
    return switch condition {
    case "attribute_not_exists(id)": item == nil
    case "attribute_exists(id)": item != nil
    case "v = :v": value == 1
    case "v <> :v": value != 7
    default: value.map { $0 > 5 } ?? true
    }
  }
}

extension DynamoDBNumber {
  fileprivate var value: AttributeValue { .number(self) }
}
