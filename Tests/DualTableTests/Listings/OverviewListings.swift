import DualTable
import Foundation

/// The listing of the overview, which needs tables of a service to run: compiled.
func overviewListing(_ bytes: [UInt8]) async throws {
  let mapping = try CompiledMapping(yaml: bytes, file: "users.yaml")
  let dynamo = try DynamoDBClient(configuration: .init(environment: ProcessInfo.processInfo.environment))
  let users = DualTableRepository(
    old: dynamo, oldTable: "users", new: dynamo, newTable: "users-2", mapping: mapping, phase: .fixed(.dualTable))

  let user = try await users.getItem(.init(tableName: "users-2", key: ["id": "u1"], consistentRead: true)).item
  _ = try await users.updateItem(
    .init(
      tableName: "users-2", key: ["id": "u1"], updateExpression: "SET seen = :now", conditionExpression: "attribute_exists(id)",
      expressionAttributeValues: [":now": 1_700_000_000]))
  _ = try await users.deleteItem(.init(tableName: "users-2", key: ["id": "u2"]))
  _ = user
}
