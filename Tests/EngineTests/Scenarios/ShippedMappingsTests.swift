import DynamoDBClient
import DynamoDBModel
import TestSupport
import Testing

/// Every mapping that the repository ships migrates on engines of others, from made-up items to a clean verify, and loss is found.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(10))) struct ShippedMappingsTests {
  @Test(arguments: Engine.served, [(name: "users", results: 1), (name: "identity", results: 1), (name: "orders", results: 2)])
  func migrates(_ engine: Engine, _ mapping: (name: String, results: Int)) async throws {
    let folder = TemporaryDirectory()
    let tool = Tool(engine: engine, folder: folder)
    let (old, new) = ("\(mapping.name)-shipped", "\(mapping.name)-shipped-new")
    let tables = ["--old", old, "--new", new, "--mapping", Tool.mapping("\(mapping.name).yaml"), "--json"]
    let state = ["--state", "\(folder.path)/state"]
    let seeded = try await tool.run(["seed", "--items", "300", "--seed", "3"] + tables)
    try #require(seeded.status == 0, "\(seeded.errors)")

    let backfill = try await tool.run(["backfill", "--offline"] + tables + state)
    #expect(backfill.status == 0, "\(backfill.errors)")
    let counts = try backfill.json()
    #expect(counts["scanned"]?.integer == 300)
    let migrated = try #require(counts["migrated"]?.integer)
    #expect(migrated + (counts["filtered"]?.integer ?? 0) == 300)

    let clean = try await tool.run(["verify", "--offline"] + tables + state)
    #expect(clean.status == 0, "\(clean.output)\(clean.errors)")
    #expect(try clean.json()["newIds"]?.integer == migrated * mapping.results)

    try await engine.withClient { client in
      let page = try await client.scan(ScanInput(tableName: new, limit: 1))
      let item = try #require(page.items.first)
      let keys = try #require(try await client.describeTable(DescribeTableInput(tableName: new)).table.keys)
      _ = try await client.deleteItem(DeleteItemInput(tableName: new, key: try #require(keys.key(of: item))))
    }
    let lossy = try await tool.run(["verify", "--offline", "--keys-out", "\(folder.path)/keys.jsonl"] + tables + state)
    #expect(lossy.status == 1, "\(lossy.output)\(lossy.errors)")
    #expect(try lossy.json()["missing"]?.integer == 1)
    #expect(try folder.text("keys.jsonl").contains("\"reason\":\"missing\""))
    try await engine.withClient { client in
      for table in [old, new] { _ = try await client.deleteTable(DeleteTableInput(tableName: table)) }
    }
  }
}
