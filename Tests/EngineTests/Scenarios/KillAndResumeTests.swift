import DynamoDBClient
import DynamoDBModel
import TestSupport
import Testing

/// The command line from nothing to a verified migration, with the backfill killed in between as a power cut would.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(15))) struct KillAndResumeTests {
  @Test(arguments: Engine.served) func killedThreeTimes(_ engine: Engine) async throws {
    let items = engine.name == "dynoxide" ? 20_000 : 1_000
    let seed: UInt64 = 4_711
    var generator = SeededGenerator(seed: seed)
    let folder = TemporaryDirectory()
    let tool = Tool(engine: engine, folder: folder)
    try await engine.withClient { client in
      for table in ["kill-old", "kill-new"] {
        _ = try? await client.deleteTable(DeleteTableInput(tableName: table))
        try await client.wait(for: .gone, of: table, policy: .quick)
      }
      let tables = ["--old", "kill-old", "--new", "kill-new", "--json"]
      let mapping = ["--mapping", Tool.mapping("users.yaml")]
      let seeded = try await tool.run(["seed", "--items", "\(items)", "--seed", "\(seed)"] + tables)
      try #require(seeded.status == 0, "\(seeded.errors)")
      #expect(try seeded.json()["items"]?.integer == items)

      func backfill(_ state: String) -> [String] {
        ["backfill", "--offline", "--state", "\(folder.path)/\(state)", "--segments", "64", "--open-segments", "4"] + tables + mapping
      }
      for _ in 0..<3 {
        let enough = try await Self.count(client, "kill-new") + Int.random(in: 1...items / 5, using: &generator)
        let killed = try await tool.run(backfill("first")) { try await Self.count(client, "kill-new") >= enough }
        #expect(killed.status == nil, "it was done before it was killed: \(killed.output)\(killed.errors)")
      }
      let partly = try await Self.count(client, "kill-new")
      #expect(partly > 0 && partly < items, "the kills were not in the midst of it, seed \(seed)")
      let last = try await tool.run(backfill("first"))
      try #require(last.status == 0, "\(last.errors)")
      let totals = try last.json()
      #expect(totals["scanned"]?.integer == items && totals["failed"]?.integer == 0 && totals["superseded"]?.integer == 0)
      #expect((totals["migrated"]?.integer ?? 0) + (totals["alreadyThere"]?.integer ?? 0) == items, "seed \(seed)")

      let verified = try await tool.run(["verify", "--offline", "--state", "\(folder.path)/verify"] + tables + mapping)
      #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
      try Judge.compare(engine, old: "kill-old", new: "kill-new", service: [:], "seed \(seed)")

      let repeated = try await tool.run(backfill("first"))
      #expect(repeated.status == 0)
      for name in ["scanned", "migrated", "alreadyThere", "failed"] { #expect(try repeated.json()[name] == totals[name]) }

      let second = try await tool.run(backfill("second"))
      #expect(second.status == 0, "\(second.errors)")
      #expect(try second.json()["alreadyThere"]?.integer == items && second.json()["migrated"]?.integer == 0)
      for table in ["kill-old", "kill-new"] { _ = try await client.deleteTable(DeleteTableInput(tableName: table)) }
    }
  }

  private static func count(_ client: DynamoDBClient, _ table: String) async throws -> Int {
    var count = 0
    var start: Item?
    repeat {
      let page = try await client.scan(ScanInput(tableName: table, exclusiveStartKey: start, select: .count))
      count += page.count
      start = page.lastEvaluatedKey
    } while start != nil
    return count
  }

  /// What can't be done is one sentence and status 2, before anything is written.
  @Test(arguments: Engine.served) func refusedAtOnce(_ engine: Engine) async throws {
    let folder = TemporaryDirectory()
    let tool = Tool(engine: engine, folder: folder)
    try await engine.withClient { client in
      try await client.withTable { present in
        try await client.withTable(OperationsTests.composite) { composite in
          _ = try await client.putItem(PutItemInput(tableName: present, item: ["id": .string("a")]))
          for (old, new, word) in [
            ("no-such-table", present, "no-such-table"), (present, "no-such-table", "no-such-table"), (present, composite, composite),
          ] {
            let run = try await tool.run([
              "backfill", "--offline", "--old", old, "--new", new, "--mapping", Tool.mapping("identity.yaml"), "--state",
              "\(folder.path)/state",
            ])
            #expect(run.status == 2 && run.output.isEmpty, "\(old) to \(new)")
            #expect(run.errors.contains(word) && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
          }
          let after = try await client.scan(ScanInput(tableName: composite))
          #expect(after.items.isEmpty)
        }
      }
    }
  }
}
