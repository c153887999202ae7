import DynamoDBClient
import DynamoDBModel
import Glibc
import TestSupport
import Testing

/// A backfill as its operator has it: a process, its state directory, and other processes that look at it and steer it.
struct RunningBackfill {
  let tool: Tool
  let old: String
  let new: String
  var mapping = Tool.mapping("users.yaml")

  var state: String { "\(tool.folder.path)/state" }

  /// Runs `body` with an old table of so many items, a new one that is empty, and a folder.
  static func with(
    items: Int, seed: UInt64 = 7, on engine: Engine, _ body: (RunningBackfill, DynamoDBClient) async throws -> Void
  ) async throws {
    try await engine.withClient(retry: .bulk()) { client in
      try await client.withTable { old in
        try await client.withTable { new in
          _ = try await OldUsers.seed(client, old, count: items, seed: seed)
          try await body(RunningBackfill(tool: Tool(engine: engine, folder: TemporaryDirectory()), old: old, new: new), client)
        }
      }
    }
  }

  var tables: [String] { ["--old", old, "--new", new, "--mapping", mapping, "--offline", "--json"] }

  func line(_ more: [String]) -> [String] {
    ["backfill", "--state", state, "--segments", "16", "--open-segments", "4"] + tables + more
  }

  /// Starts it, and waits until it has begun to write.
  func start(_ more: [String]) async throws -> RunningTool {
    let running = try tool.start(line(more))
    try await running.wait("its first items") { try await count("scanned") > 0 }
    return running
  }

  func run(_ more: [String] = []) async throws -> Tool.Result { try await tool.run(line(more)) }

  /// What `status` says of it, as JSON.
  func status() async throws -> JSONValue { try await tool.run(["status", "--state", state, "--json"]).json() }

  /// A figure that `status` knows; 0 where there is no run yet.
  func count(_ name: String) async throws -> Int { (try? await status())?[name]?.integer ?? 0 }

  func ctl(_ arguments: [String]) async throws -> Tool.Result { try await tool.run(["ctl"] + arguments + ["--state", state]) }

  /// Waits for its end, and expects that status and what it says of how to go on.
  func expect(
    _ result: Tool.Result, _ status: Int, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(result.status == status, "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.contains(words), "\(result.errors)", sourceLocation: sourceLocation)
  }

  /// Runs to the end and expects every item across, whatever happened before.
  func finish(_ items: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let result = try await run()
    #expect(result.status == 0, "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
    let json = try result.json()
    let taken = (json["migrated"]?.integer ?? 0) + (json["alreadyThere"]?.integer ?? 0)
    #expect(json["scanned"]?.integer == items && taken == items, "\(result.output)", sourceLocation: sourceLocation)
  }
}
