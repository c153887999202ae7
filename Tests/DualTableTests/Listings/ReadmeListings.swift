import DualTable

/// The listing of the README, which needs tables of a service to run: compiled.
func readmeListing(_ client: DynamoDBClient, _ mapping: CompiledMapping, oldForm: Item, newForm: Item) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    let repository = DualTableRepository(
      old: client, oldTable: "users", new: client, newTable: "users-v2", mapping: mapping,
      phase: .controlTable("migrations", client: client))
    group.addTask { try await repository.run() }  // as long as the repository is used

    let output = try await repository.getItem(GetItemInput(tableName: "users-v2", key: ["id": "u-17"], consistentRead: true))
    try await repository.write(
      old: { old in _ = try await old.putItem(PutItemInput(tableName: "users", item: oldForm)) },
      new: { repository in _ = try await repository.putItem(PutItemInput(tableName: "users-v2", item: newForm)) })
    _ = output
    group.cancelAll()
  }
}
