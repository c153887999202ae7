import DynamoDBClient
import DynamoDBModel
import Glibc
import TestSupport
import Testing

/// A backfill and a redrive as processes that are killed at any moment, from before their first request to after their last.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(15))) struct RandomKillTests {
  /// SIGKILLs of the backfill; `DUALTABLE_KILLS` says how many. Each takes about half a second's work with it.
  static let kills = max(1, unsafe getenv("DUALTABLE_KILLS").flatMap { Int(unsafe String(cString: $0)) } ?? 4)
  private static let (old, new) = ("kills-old", "kills-new")

  @Test("Killed at any instant, the next run redoes at most the pages in flight; dead letters are there once, and redriven once")
  func randomMoments() async throws {
    let engine = try #require(Engine.served.first { $0.name == "dynoxide" } ?? Engine.served.first)
    let seed = unsafe getenv("DUALTABLE_SEED").flatMap { UInt64(unsafe String(cString: $0)) } ?? 1_204
    var random = SeededGenerator(seed: seed)
    let folder = TemporaryDirectory()
    let tool = Tool(engine: engine, folder: folder)
    // Each tenth can't be converted by users.yaml, and can by the mended mapping.
    let count = 300 * Self.kills
    let bad = stride(from: 5, to: count, by: 10).map { $0 }
    let mapping = try Tool.text(of: Tool.mapping("users.yaml"))
    try folder.write(
      "mended.yaml", Array(mapping.replacing("{from: profile.age, was: string, type: number}", with: "profile.age").utf8))

    try await engine.withClient(retry: .bulk()) { client in
      for table in [Self.old, Self.new] {
        _ = try? await client.deleteTable(DeleteTableInput(tableName: table))
        try await client.wait(for: .gone, of: table, policy: .quick)
        _ = try await client.createTable(CreateTableInput(tableName: table, keys: OldUsers.keys))
        try await client.wait(for: .active, of: table, policy: .quick)
      }
      _ = try await OldUsers.seed(client, Self.old, count: count, seed: seed)
      for number in bad {
        _ = try await client.putItem(PutItemInput(tableName: Self.old, item: Self.bad(number)))
      }
      let line = ["--old", Self.old, "--new", Self.new, "--offline", "--json", "--state", "\(folder.path)/state"]
      let pace = ["--segments", "48", "--open-segments", "4"]

      let backfill = ["backfill", "--mapping", Tool.mapping("users.yaml"), "--write-wcu", "500", "--read-rcu", "150"] + line + pace
      let totals = try await kill(tool, backfill, times: Self.kills, &random)
      #expect(totals.status == 1, "seed \(seed): \(totals.errors)")
      let counts = try Counts(totals)
      #expect(counts.scanned == count && counts.failed == bad.count && counts.others == 0, "seed \(seed): \(counts)")
      #expect(counts.migrated + counts.alreadyThere == count - bad.count, "seed \(seed): \(counts)")
      // A page is worth a fiftieth of a second's read units: three, 12 KB, of items of 300 bytes or more.
      #expect(counts.alreadyThere <= Self.kills * 4 * 40, "seed \(seed): more was redone than the pages in flight: \(counts)")
      let letters = try folder.text("state/dead-letters.jsonl").split(separator: "\n")
      let keys = try letters.map { try JSONValue(parsing: Array($0.utf8).span)["key"]?["id"]?["S"]?.string ?? "?" }
      #expect(keys.sorted() == bad.map { "u-\($0)" }.sorted(), "seed \(seed)")

      let redrive = ["redrive", "--mapping", "\(folder.path)/mended.yaml", "--write-wcu", "40"] + line + pace
      let redriven = try await kill(tool, redrive, times: 2, &random)
      #expect(redriven.status == 0, "seed \(seed): \(redriven.errors)")
      let again = try Counts(redriven)
      #expect(again.scanned == bad.count && again.migrated + again.alreadyThere == bad.count, "seed \(seed): \(again)")
      let idle = try await tool.run(redrive)
      #expect(try idle.status == 0 && Counts(idle) == again, "seed \(seed): \(idle.errors)")

      let verified = try await tool.run(["verify", "--mapping", "\(folder.path)/mended.yaml"] + line)
      #expect(verified.status == 0, "seed \(seed): \(verified.output)\(verified.errors)")
      let service = Dictionary(uniqueKeysWithValues: bad.map { ("u-\($0)", Optional(Self.mended($0))) })
      try Judge.compare(engine, old: Self.old, new: Self.new, service: service, "seed \(seed)")
      for table in [Self.old, Self.new] { _ = try await client.deleteTable(DeleteTableInput(tableName: table)) }
    }
  }

  /// Runs the line until it was killed so often, each time at another moment of its first second, and then to its end.
  private func kill(_ tool: Tool, _ line: [String], times: Int, _ random: inout SeededGenerator) async throws -> Tool.Result {
    for number in 1...times {
      let running = try tool.start(line)
      try await ContinuousClock().sleep(for: .milliseconds(Int.random(in: 0...1_000, using: &random)))
      running.send(SIGKILL)
      let result = try await running.end()
      #expect(result.status == nil, "it was done before kill \(number) of \(times): \(result.output)\(result.errors)")
    }
    return try await tool.run(line)
  }

  private static func bad(_ number: Int) -> Item { ["id": .string("u-\(number)"), "profile": ["age": "many"]] }

  private static func mended(_ number: Int) -> Item { ["id": .string("u-\(number)"), "schema": 2, "age": "many"] }

  /// What a run says it came to.
  private struct Counts: Equatable {
    let scanned, migrated, alreadyThere, failed, others: Int

    init(_ result: Tool.Result) throws {
      let json = try result.json()
      func count(_ name: String) -> Int { json[name]?.integer ?? -1 }
      (scanned, migrated, alreadyThere, failed) = (count("scanned"), count("migrated"), count("alreadyThere"), count("failed"))
      others = count("superseded") + count("deleted") + count("filtered")
    }
  }
}
