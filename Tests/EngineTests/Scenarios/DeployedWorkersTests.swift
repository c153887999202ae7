import DynamoDBClient
import DynamoDBModel
import Glibc
import MigrationControl
import TestSupport
import Testing

/// The command lines that the manifests hold, as processes of this machine: what an engine would do to them, they survive.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(15))) struct DeployedWorkersTests {
  private static let (old, new, control) = ("fleet-old", "fleet-new", "fleet-control")
  private static let workers = 8
  /// SIGKILLs of all workers together; `DUALTABLE_KILLS` says how many.
  private static let kills = unsafe getenv("DUALTABLE_KILLS").flatMap { Int(unsafe String(cString: $0)) } ?? 8
  private static let kinds = ["kubernetes", "step-functions"]

  /// One worker's line as a manifest has it.
  private struct Line {
    let kind: String
    let words: [String]
    let environment: [String]
  }

  /// Reads a manifest by code that knows YAML, and puts its files where this test may write.
  private static func line(_ kind: String, _ manifest: String, _ folder: TemporaryDirectory) throws -> Line {
    try folder.write("\(kind).yaml", Array(manifest.utf8))
    let python = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) } ?? "python3"
    let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/worker_lines.py"
    let status = unsafe system("'\(python)' '\(script)' \(kind) < \(folder.path)/\(kind).yaml > \(folder.path)/\(kind).json")
    #expect(status == 0)
    let bytes = try folder.bytes("\(kind).json")
    let json = try JSONValue(parsing: bytes.span)
    let files = try #require(json["files"]?.object)
    let words = try #require(json["line"]?.array)
    let environment = try #require(json["environment"]?.array)
    mkdir("\(folder.path)/etc", 0o700)
    for file in files {
      let text = try #require(file.value.string)
      try folder.write("etc/\(file.name)", Array(text.utf8))
    }
    return Line(
      kind: kind, words: words.compactMap(\.string).map { $0.replacing("/etc/dualtable", with: "\(folder.path)/etc") },
      environment: environment.compactMap(\.string))
  }

  /// What an engine keeps of one worker: it starts it anew when it fails, in a fresh place, as often as it takes.
  private struct Pod {
    let line: Line
    let tool: Tool
    let number: Int
    var starts = 0

    /// Where the engine would start it.
    mutating func start() throws -> RunningTool {
      starts += 1
      let place = "\(tool.folder.path)/pod-\(number)-\(starts)"
      mkdir(place, 0o700)
      let words = line.words.map { $0.replacing("/var/lib/dualtable", with: place) }
      return try tool.start(["-c", "cd \"$0\" && exec \"$@\"", place] + words, program: "/bin/sh", environment: line.environment)
    }

    /// Waits for its end, and starts it again until it is done.
    mutating func finish(_ running: RunningTool) async throws -> Tool.Result {
      var result = try await running.end()
      while result.status != 0 && starts < 20 {
        let again = try start()
        result = try await again.end()
      }
      return result
    }
  }

  @Test("The lines of both manifests as 8 processes, killed and started at random and one suspended past its lease: exact counts, clean")
  func fleet() async throws {
    let engine = try #require(Engine.served.first { $0.name == "dynoxide" } ?? Engine.served.first)
    let seed = unsafe getenv("DUALTABLE_SEED").flatMap { UInt64(unsafe String(cString: $0)) } ?? 88
    var random = SeededGenerator(seed: seed)
    let tool = Tool(engine: engine, folder: TemporaryDirectory())
    let count = 2_000 + 150 * Self.kills
    try await engine.withClient(retry: .bulk()) { client in
      try await Self.prepare(tool, client, count)
      let tables = ["--old", Self.old, "--new", Self.new, "--control", Self.control, "--mapping", Tool.mapping("users.yaml")]
      let lines = try await Self.lines(tool, tables)
      try await Self.run(lines, tool, &random, seed)

      let status = try await tool.run(["status", "--json"] + tables.prefix(6))
      let json = try status.json()
      let taken = (json["migrated"]?.integer ?? 0) + (json["alreadyThere"]?.integer ?? 0)
      #expect(json["scanned"]?.integer == count && taken == count && json["failed"]?.integer == 0, "seed \(seed): \(status.output)")
      try await Self.verify(tool, tables, count, seed)
      try Judge.compare(engine, old: Self.old, new: Self.new, service: [:], "seed \(seed)")
      for table in [Self.old, Self.new, Self.control] { _ = try await client.deleteTable(DeleteTableInput(tableName: table)) }
    }
  }

  @Test(
    "A host of a gigabyte that stops each process after a second makes progress at every invocation, to exact counts and a clean verify",
    .enabled(if: !Sanitizer.isThere, "a sanitizer takes terabytes of addresses"))
  func bounded() async throws {
    let engine = try #require(Engine.served.first { $0.name == "dynoxide" } ?? Engine.served.first)
    // `DUALTABLE_BOUNDED` says how many.
    let count = unsafe getenv("DUALTABLE_BOUNDED").flatMap { Int(unsafe String(cString: $0)) } ?? 1_000
    let tool = Tool(engine: engine, folder: TemporaryDirectory())
    try await engine.withClient(retry: .bulk()) { client in
      try await Self.prepare(tool, client, count)
      let tables = ["--old", Self.old, "--new", Self.new, "--control", Self.control, "--mapping", Tool.mapping("users.yaml")]
      let bounds = ["--json", "--time-limit", "1s", "--memory-limit", "8MB", "--segments", "32", "--open-segments", "4"]
      for (command, counter, pace) in [
        ("backfill", "scanned", ["--write-wcu", "\(count / 3)"]), ("verify", "oldIds", ["--read-rcu", "\(count / 20)"]),
      ] {
        var (sofar, invocations, most) = (0, 0, 0)
        while true {
          invocations += 1
          let words = ["--as=1073741824", tool.name, command] + bounds + pace + tables
          let result = try await tool.start(words, program: "/usr/bin/prlimit").end()
          let json = try result.json()
          let reached = try #require(json[counter]?.integer)
          most = max(most, json["peakMemoryBytes"]?.integer ?? 0)
          try #require(result.status == 0 || result.status == 3 && reached > sofar, "\(result.output)\(result.errors)")
          sofar = reached
          if result.status == 0 { break }
        }
        #expect(sofar == count && invocations > 1, "\(command): \(sofar) of \(count)")
        let line = "\(command) of \(count) items: \(invocations) invocations of a second, \(most >> 20) MB at most\n"
        _ = unsafe Glibc.write(2, line, line.utf8.count)
      }
      try Judge.compare(engine, old: Self.old, new: Self.new, service: [:], "bounded")
      for table in [Self.old, Self.new, Self.control] { _ = try await client.deleteTable(DeleteTableInput(tableName: table)) }
    }
  }

  /// Three processes, one of which is killed and started again; then an item is gone, and each of two knows.
  private static func verify(_ tool: Tool, _ tables: [String], _ count: Int, _ seed: UInt64) async throws {
    let words = ["verify", "--json", "--open-segments", "2", "--segments", "64", "--read-rcu", "400"] + tables
    var running: [RunningTool] = []
    for _ in 0..<3 { running.append(try tool.start(words)) }
    try await ContinuousClock().sleep(for: .seconds(1))
    running[0].send(SIGKILL)
    _ = try await running[0].end()
    running[0] = try tool.start(words)
    for process in running {
      let result = try await process.end()
      #expect(result.status == 0, "seed \(seed): \(result.output)\(result.errors)")
      let json = try result.json()
      #expect(json["oldIds"]?.integer == count && json["newIds"]?.integer == count && json["extra"]?.integer == 0, "\(result.output)")
    }
    let status = try await tool.run(["status", "--verify", "--json"] + tables.prefix(6)).json()
    #expect(status["oldIds"]?.integer == count && status["missing"]?.integer == 0 && status["more"]?.bool == false, "\(status.text)")
    // 3 to 4 takes a clean one, whoever it was by.
    let check = try await tool.run(["cutover", "check"] + tables)
    #expect(check.output.contains("The last verify was clean."), "\(check.output)\(check.errors)")
  }

  private static func run(_ lines: [Line], _ tool: Tool, _ random: inout SeededGenerator, _ seed: UInt64) async throws {
    var pods = (0..<workers).map { Pod(line: lines[$0 % lines.count], tool: tool, number: $0) }
    var running: [RunningTool] = []
    for number in 0..<workers { running.append(try pods[number].start()) }
    let began = ContinuousClock.now
    try await ContinuousClock().sleep(for: .seconds(3))
    // The first is suspended until its segments are others', and goes on then.
    running[0].send(SIGSTOP)
    for _ in 0..<kills {
      try await ContinuousClock().sleep(for: .milliseconds(Int.random(in: 50...700, using: &random)))
      let victim = Int.random(in: 1..<workers, using: &random)
      running[victim].send(SIGKILL)
      _ = try await running[victim].end()
      running[victim] = try pods[victim].start()
    }
    while ContinuousClock.now - began < .seconds(26) { try await ContinuousClock().sleep(for: .milliseconds(100)) }
    running[0].send(SIGCONT)
    for number in 0..<workers {
      let result = try await pods[number].finish(running[number])
      #expect(result.status == 0, "worker \(number) by \(pods[number].line.kind), seed \(seed): \(result.errors)")
    }
  }

  /// Fills the old table, and begins a migration that is in phase 3.
  private static func prepare(_ tool: Tool, _ client: DynamoDBClient, _ count: Int) async throws {
    for table in [old, new, control] {
      _ = try? await client.deleteTable(DeleteTableInput(tableName: table))
      try await client.wait(for: .gone, of: table, policy: .quick)
    }
    let tables = ["--old", old, "--new", new, "--mapping", Tool.mapping("users.yaml")]
    for line in [["seed", "--items", "\(count)", "--seed", "9"], ["phase", "init", "--control", control]] {
      let run = try await tool.run(line + tables)
      try #require(run.status == 0, "\(run.errors)")
    }
    // The service has come as far by its own steps, of which one waits an hour for the old table's time to live.
    let table = ControlTable(client: client, name: control, oldTable: old, newTable: new)
    for phase in [MigrationPhase.dualRead, .dualTable] {
      let item = try #require(try await table.controlItem())
      let change = try await table.write(item.changed { $0.phase = phase }, expecting: item.epoch)
      #expect(change == .done)
    }
  }

  private static func lines(_ tool: Tool, _ tables: [String]) async throws -> [Line] {
    var lines: [Line] = []
    let url = try #require(tool.engine.url)
    for kind in kinds {
      let more = ["--workers", "\(workers)", "--segments", "64", "--open-segments", "2", "--write-wcu", "400", "--endpoint-url", url]
      let run = try await tool.run(
        ["deploy", kind, "--image", "registry.example/dualtable:1", "--region", "eu-central-1"] + more + tables)
      try #require(run.status == 0, "\(run.errors)")
      lines.append(try line(kind, run.output, tool.folder))
    }
    return lines
  }
}
