import DynamoDBClient
import DynamoDBModel
import TestSupport
import Testing

/// An executable of three lines with a mapping between two Codable types migrates a table on engines of others.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(5))) struct CustomExecutableTests {
  @Test(arguments: Engine.served) func migrates(_ engine: Engine) async throws {
    let keys = (old: KeySchema(hash: .init("id", .string)), new: KeySchema(hash: .init("userId", .string)))
    try await engine.withClient { client in
      try await client.withTable(keys.old) { old in
        try await client.withTable(keys.new) { new in
          try await migrate(Tool(engine: engine, folder: TemporaryDirectory(), name: "CustomMigration"), client, old, new)
        }
      }
    }
  }

  private func migrate(_ tool: Tool, _ client: DynamoDBClient, _ old: String, _ new: String) async throws {
    for number in 0..<60 {
      let item: Item = [
        "id": .string("u\(number)"), "profile": ["email": .string("u\(number)@example.com")], "tags": .stringSet(["é", "\(number)"]),
        "created": .number(DynamoDBNumber(1_700_000_000 + number)),
      ]
      _ = try await client.putItem(PutItemInput(tableName: old, item: item))
    }
    _ = try await client.putItem(PutItemInput(tableName: old, item: ["id": "odd", "profile": "none"]))
    let line = ["--old", old, "--new", new, "--state", "\(tool.folder.path)/state", "--json"]

    let backfill = try await tool.run(["backfill", "--offline"] + line)
    #expect(backfill.status == 1, "\(backfill.errors)")
    let counts = try backfill.json()
    #expect(counts["scanned"]?.integer == 61)
    #expect(counts["migrated"]?.integer == 60)
    #expect(counts["failed"]?.integer == 1)
    #expect(try tool.folder.text("state/dead-letters.jsonl").contains("odd"))

    let verify = try await tool.run(["verify", "--offline"] + line)
    #expect(verify.status == 1, "\(verify.output)\(verify.errors)")
    #expect(try verify.json()["newIds"]?.integer == 60)
    #expect(try verify.json()["missing"]?.integer == 0)

    let found = try await client.getItem(GetItemInput(tableName: new, key: ["userId": "u7"], consistentRead: true)).item
    #expect(
      found == [
        "userId": "u7", "email": "u7@example.com", "tags": .stringSet(["7", "é"]), "createdAt": "2023-11-14T22:13:27Z",
      ])
  }
}
