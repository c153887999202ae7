import DualTable
import DynamoDBClient
import DynamoDBSimulator
import Testing

/// The listings of the article on testing one's service: compiled, and run.
@Suite struct TestingYourServiceListings {
  @Test func `what the article shows holds in every phase`() async throws {
    let engine = DynamoDBSimulator()
    let dynamo = engine.client()
    _ = try await dynamo.createTable(CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string))))
    _ = try await dynamo.createTable(CreateTableInput(tableName: "users-2", keys: KeySchema(hash: .init("userId", .string))))
    #expect(engine.requestCount("CreateTable") == 2)

    for phase in [MigrationPhase.dualTable, .newWithTombstones, .new] {
      let repository = DualTableRepository(
        old: dynamo, oldTable: "users", new: dynamo, newTable: "users-2", mapping: UserMapping(), phase: .fixed(phase))
      _ = try await repository.putItem(.init(tableName: "users-2", item: ["userId": "u1", "email": "ada@example.com"]))
      _ = try await repository.deleteItem(.init(tableName: "users-2", key: ["userId": "u1"]))
      let gone = try await repository.getItem(.init(tableName: "users-2", key: ["userId": "u1"], consistentRead: true)).item
      precondition(gone == nil, "a deleted item stays deleted in phase \(phase)")
    }
  }
}
