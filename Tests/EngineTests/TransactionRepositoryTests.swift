import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// The repository's transactions on every state of both tables, against engines of others.
@Suite(.timeLimit(.minutes(5))) struct TransactionRepositoryTests {
  static let engines = Engine.all.filter { !$0.has(.noTransactions) }
  static let ids = ["live", "gone", "old", "none"]

  struct Scene {
    let client: DynamoDBClient
    let old: String
    let new: String

    func repository(_ phase: MigrationPhase) -> DualTableRepository {
      DualTableRepository(
        old: client, oldTable: old, new: client, newTable: new, mapping: RepositoryTests.Mapping(), phase: .fixed(phase))
    }

    /// `live` stands in NEW, `gone` is a tombstone, `old` stands in OLD alone, `none` nowhere.
    func arrange() async throws {
      for id in ["live", "gone", "old"] {
        _ = try await client.putItem(.init(tableName: old, item: ["id": .string(id), "p": ["v": 1]]))
      }
      _ = try await client.putItem(.init(tableName: new, item: ["id": "live", "v": 7]))
      _ = try await client.putItem(.init(tableName: new, item: ["id": "gone", "_dt": 5]))
      for id in ["old", "none"] { _ = try await client.deleteItem(.init(tableName: new, key: ["id": .string(id)])) }
    }

    func stored() async throws -> [String: Item] {
      let items = try await client.scan(.init(tableName: new, consistentRead: true)).items
      return Dictionary(uniqueKeysWithValues: items.map { ($0["id"]?.stringValue ?? "", $0) })
    }

    func read(_ ids: [String], _ phase: MigrationPhase = .dualTable) async throws -> [Item?] {
      try await repository(phase).transactGetItems(
        .init(transactItems: ids.map { .init(tableName: new, key: ["id": .string($0)]) })
      ).responses
    }

    func actions(_ make: (String) -> TransactWriteItem.Action, if condition: String? = nil) -> [TransactWriteItem] {
      TransactionRepositoryTests.ids.map {
        TransactWriteItem(
          tableName: new, action: make($0), conditionExpression: condition, returnValuesOnConditionCheckFailure: .allOld)
      }
    }
  }

  private func withScene(_ engine: Engine, _ body: (Scene) async throws -> Void) async throws {
    try await engine.withClient { client in
      try await client.withTable { old in
        try await client.withTable { new in
          let scene = Scene(client: client, old: old, new: new)
          try await scene.arrange()
          try await body(scene)
        }
      }
    }
  }

  @Test("transact get: TransactGetItems on NEW; the missing ones from OLD; in 1 and 2 on OLD, in 2 after NEW", arguments: engines)
  func reads(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      func v(_ id: String, _ value: AttributeValue) -> Item { ["id": .string(id), "v": value] }
      let both = [v("live", 7), nil, v("old", 1), nil]
      #expect(try await scene.read(Self.ids, .old) == [v("live", 1), v("gone", 1), v("old", 1), nil])
      #expect(try await scene.read(Self.ids, .dualRead) == both)
      #expect(try await scene.read(Self.ids, .dualTable) == both)
      #expect(try await scene.read(Self.ids, .newWithTombstones) == [v("live", 7), nil, nil, nil])
      let projected = try await scene.repository(.dualTable).transactGetItems(
        .init(transactItems: Self.ids.map { .init(tableName: scene.new, key: ["id": .string($0)], projectionExpression: "v") }))
      #expect(projected.responses == [["v": 7], nil, ["v": 1], nil])
    }
  }

  @Test(
    "transact write: step 1's guard; cancelled: tombstones and missing keys are turned, OLD's item promoted for an update",
    arguments: engines)
  func updates(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      var input = TransactWriteItemsInput(
        transactItems: scene.actions { .update(key: ["id": .string($0)], updateExpression: "ADD v :ten") })
      for place in input.transactItems.indices { input.transactItems[place].expressionAttributeValues = [":ten": 10] }
      _ = try await scene.repository(.dualTable).transactWriteItems(input)
      #expect(
        try await scene.stored() == [
          "live": ["id": "live", "v": 17], "gone": ["id": "gone", "v": 10], "old": ["id": "old", "v": 11], "none": ["id": "none", "v": 10],
        ])
    }
  }

  @Test("transact write: deletes leave tombstones, puts and deletes with a condition need no copy", arguments: engines)
  func puts(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      let repository = scene.repository(.dualTable)
      let puts = scene.actions({ .put(["id": .string($0), "v": 50]) }, if: "attribute_not_exists(locked)")
      _ = try await repository.transactWriteItems(.init(transactItems: puts))
      #expect(try await scene.read(Self.ids) == Self.ids.map { ["id": .string($0), "v": 50] })
      try await scene.arrange()
      let deletes = scene.actions({ .delete(key: ["id": .string($0)]) }, if: "attribute_not_exists(locked)")
      _ = try await repository.transactWriteItems(.init(transactItems: deletes))
      #expect(try await scene.read(Self.ids) == [nil, nil, nil, nil])
      #expect(try await scene.stored().values.allSatisfy { $0["_dt"] != nil })
      try await scene.arrange()
      _ = try await scene.repository(.new).transactWriteItems(.init(transactItems: deletes))
      #expect(try await scene.stored().isEmpty)
    }
  }

  @Test("transact write: a condition check is atomic with the rest, on a live item, a deleted one, OLD's and none", arguments: engines)
  func checks(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      let repository = scene.repository(.dualTable)
      func checks(_ conditions: [String]) -> [TransactWriteItem] {
        zip(Self.ids, conditions).map { id, condition in
          TransactWriteItem(
            tableName: scene.new, action: .conditionCheck(key: ["id": .string(id)]), conditionExpression: condition,
            returnValuesOnConditionCheckFailure: .allOld)
        }
      }
      let put = TransactWriteItem(tableName: scene.new, action: .put(["id": "more"]))
      let absent = "attribute_not_exists(id)"
      let present = "attribute_exists(v)"
      _ = try await repository.transactWriteItems(.init(transactItems: checks([present, absent, present, absent]) + [put]))
      let stored = try await scene.stored()
      #expect(stored["more"] != nil && stored["old"] == nil && stored["none"] == nil)
    }
  }

  @Test("transact write: a caller's own false condition is reported with its index, and the item if asked", arguments: engines)
  func reports(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      let before = try await scene.stored()
      var items = scene.actions({ .conditionCheck(key: ["id": .string($0)]) }, if: "attribute_not_exists(v)")
      items.insert(TransactWriteItem(tableName: scene.new, action: .put(["id": "more"])), at: 0)
      do throws(DualTableError) {
        _ = try await scene.repository(.dualTable).transactWriteItems(.init(transactItems: items))
        Issue.record("two of its conditions are false")
      } catch {
        #expect(error.code == .conditionFailed)
        #expect(
          error.cancellationReasons.map { $0?.code } == [nil, "ConditionalCheckFailed", nil, "ConditionalCheckFailed", nil])
        #expect(error.cancellationReasons.map { $0?.item } == [nil, ["id": "live", "v": 7], nil, ["id": "old", "v": 1], nil])
      }
      #expect(try await scene.stored() == before)
    }
  }

  @Test("transact write: actions on another table land with the rest or don't", arguments: engines)
  func passesOn(_ engine: Engine) async throws {
    try await withScene(engine) { scene in
      try await scene.client.withTable { other in
        let update = TransactWriteItem(
          tableName: scene.new, action: .update(key: ["id": "old"], updateExpression: "ADD v :one"), expressionAttributeValues: [":one": 1])
        let put = TransactWriteItem(tableName: other, action: .put(["id": "o"]), conditionExpression: "attribute_not_exists(id)")
        let input = TransactWriteItemsInput(transactItems: [update, put])
        let repository = scene.repository(.dualTable)
        _ = try await repository.transactWriteItems(input)
        let refused = await #expect(throws: DualTableError.self) { try await repository.transactWriteItems(input) }
        #expect(refused?.code == .conditionFailed && refused?.cancellationReasons.map { $0?.code } == [nil, "ConditionalCheckFailed"])
        #expect(try await scene.stored()["old"] == ["id": "old", "v": 2])
      }
    }
  }
}
