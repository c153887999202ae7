import DualTable
import DualTableBackfill
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl

@testable import DualTableCommand

// What the service does by its repository, in each phase with the policy of that phase alone.
extension RoleScene {
  /// Ids differ, so that there are items of NEW that can have no counterpart in OLD; and both tables have the index.
  private static let mapping = """
    version: 1
    old: {hash: {id: S}, indexes: {byEmail: {hash: {email: S}}}}
    new: {hash: {id: S}, indexes: {byEmail: {hash: {email: S}}}}
    key: {id: {template: "u-{id}"}}
    drop: [id]
    rest: keep
    """

  typealias Operation = (says: String, phases: [MigrationPhase], body: @Sendable (DualTableRepository) async throws -> Void)

  private static let all = MigrationPhase.allCases
  private static let writing: [MigrationPhase] = [.dualTable, .newWithTombstones, .new]
  private static let key: Item = ["id": "u-1"]

  static let serviceOperations: [Operation] = [
    ("get", all, { _ = try await $0.getItem(GetItemInput(tableName: "users-v2", key: key)) }),
    ("get what is missing", all, { _ = try await $0.getItem(GetItemInput(tableName: "users-v2", key: ["id": "u-2"])) }),
    (
      "batch get", all,
      { _ = try await $0.batchGetItem(BatchGetItemInput(requestItems: ["users-v2": KeysAndAttributes(keys: [key, ["id": "u-2"]])])) }
    ),
    (
      "transact get", all,
      { _ = try await $0.transactGetItems(TransactGetItemsInput(transactItems: [.init(tableName: "users-v2", key: key)])) }
    ),
    ("query", all, { _ = try await $0.query(query("id", "u-1")) }),
    ("query an index", all, { _ = try await $0.query(query("email", "a@b", index: "byEmail")) }),
    ("scan", all, { _ = try await $0.scan(ScanInput(tableName: "users-v2")) }),
    (
      "scan an index", [.dualRead, .dualTable, .newWithTombstones, .new],
      { _ = try await $0.scan(ScanInput(tableName: "users-v2", indexName: "byEmail"), allowIncomplete: true) }
    ),
    (
      "write the old table", [.old, .dualRead],
      { repository in
        try await repository.oldWrite { old in
          _ = try await old.putItem(PutItemInput(tableName: "users", item: ["id": "7"]))
          _ = try await old.updateItem(UpdateItemInput(tableName: "users", key: ["id": "7"], updateExpression: "SET a = id"))
          _ = try await old.deleteItem(DeleteItemInput(tableName: "users", key: ["id": "7"]))
          _ = try await old.batchWriteItem(BatchWriteItemInput(requestItems: ["users": [.put(["id": "8"])]]))
          _ = try await old.transactWriteItems(TransactWriteItemsInput(transactItems: [check("users", ["id": "8"])]))
        }
      }
    ),
    ("put", writing, { _ = try await $0.putItem(PutItemInput(tableName: "users-v2", item: ["id": "u-5", "a": 1])) }),
    (
      "update", writing, { _ = try await $0.updateItem(UpdateItemInput(tableName: "users-v2", key: key, updateExpression: "SET a = id")) }
    ),
    // An item that the old table can't have is deleted for good in every phase.
    ("delete", writing, { _ = try await $0.deleteItem(DeleteItemInput(tableName: "users-v2", key: ["id": "own"])) }),
    ("batch write", writing, { _ = try await $0.batchWriteItem(BatchWriteItemInput(requestItems: ["users-v2": [.put(["id": "u-6"])]])) }),
    (
      "transact write", writing,
      { _ = try await $0.transactWriteItems(TransactWriteItemsInput(transactItems: [check("users-v2", key)])) }
    ),
  ]

  /// Scenes of all operations in all phases, and of taking part.
  static let services: [RoleScene] =
    serviceOperations.flatMap { operation in
      operation.phases.map { phase in service(operation.says, phase) { try await operation.body($0) } }
    } + all.map { phase in takingPart(phase) } + [cursor]

  private static func query(_ name: String, _ value: String, index: String? = nil) -> QueryInput {
    QueryInput(
      tableName: "users-v2", indexName: index, keyConditionExpression: "#k = :v", expressionAttributeNames: ["#k": name],
      expressionAttributeValues: [":v": .string(value)])
  }

  @Sendable private static func check(_ table: String, _ key: Item) -> TransactWriteItem {
    TransactWriteItem(tableName: table, action: .conditionCheck(key: key), conditionExpression: "attribute_exists(id)")
  }

  private static func repository(_ place: RolePlace, _ phase: PhaseSource) throws -> DualTableRepository {
    let client = try place.client
    return DualTableRepository(
      old: client, oldTable: "users", new: client, newTable: "users-v2",
      mapping: try CompiledMapping(yaml: Array(mapping.utf8), file: "m.yaml"), phase: phase)
  }

  private static func service(
    _ says: String, _ phase: MigrationPhase, _ body: @escaping @Sendable (DualTableRepository) async throws -> Void
  ) -> RoleScene {
    RoleScene(says: "\(says) in phase \(phase)", role: .service, phase: phase, prepare: { try await fillForService($0) }) { place in
      await told { try await body(try repository(place, .fixed(phase))) }
    }
  }

  /// An instance comes, does one thing and goes.
  private static func takingPart(_ phase: MigrationPhase) -> RoleScene {
    RoleScene(
      says: "takes part in phase \(phase)", role: .service, phase: phase,
      prepare: { place in
        try await fillForService(place)
        _ = await place.run("phase init")
        let digest = try CompiledMapping(yaml: Array(mapping.utf8), file: "m.yaml").digest
        try await place.set { item in
          item.phase = phase
          item.mapping = digest
        }
      },
      perform: { place in
        await told {
          let repository = try repository(place, .controlTable("control", client: try place.client))
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await repository.run() }
            group.addTask {
              try await place.place.time.sleep(for: .seconds(6))
              throw CancellationError()
            }
            do { try await group.next() } catch is CancellationError {}
            group.cancelAll()
            try await group.waitForAll()
          }
        }
      })
  }

  /// A scan that began in dualTable goes on in the next phase.
  private static let cursor = RoleScene(
    says: "goes on with a scan", role: .service, phase: .newWithTombstones, prepare: { try await fillForService($0) }
  ) { place in
    let client = place.place.client
    let before = DualTableRepository(
      old: client, oldTable: "users", new: client, newTable: "users-v2",
      mapping: try CompiledMapping(yaml: Array(mapping.utf8), file: "m.yaml"), phase: .fixed(.dualTable))
    let start = try await before.scan(ScanInput(tableName: "users-v2", limit: 1)).lastEvaluatedKey
    return await told {
      _ = try await repository(place, .fixed(.newWithTombstones)).scan(ScanInput(tableName: "users-v2", exclusiveStartKey: start))
    }
  }

  @Sendable private static func fillForService(_ place: ControlPlace) async throws {
    try await place.makeTables()
    try await place.client.addIndex(to: "users")
    place.engine.change { service in
      for number in 1...3 { service.put(["id": .string("\(number)"), "email": "a@b"], in: "users") }
      service.put(["id": "u-1", "email": "a@b"], in: "users-v2")
      service.put(["id": "own", "email": "c@d"], in: "users-v2")
    }
  }

  /// What a service would see, in the form of a command's end.
  private static func told(_ body: () async throws -> Void) async -> ToolRun {
    do {
      try await body()
      return ToolRun(status: .done, output: "", error: "")
    } catch {
      return ToolRun(status: .failed, output: "", error: "Error: \(error)\n")
    }
  }
}
