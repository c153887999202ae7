import AWSAuth
import DualTableMapping
import DualTableRehearsal
import DynamoDBModel
import Foundation
import TestSupport
import Testing

@testable import DualTableCommand

/// `rehearse` as it is typed; what it rehearses is tested with the rehearsal itself.
@Suite struct RehearseTests {
  private let folder = TemporaryDirectory()
  private static let mappings = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/Mappings"

  private func run(_ flags: String, files: [String: String] = [:]) async -> ToolRun {
    await ToolRun.run("rehearse --state \(folder.path) \(flags)", files: files)
  }

  private func json(_ run: ToolRun) throws -> JSONValue { try JSONValue(parsing: Array(run.output.utf8).span) }

  /// A file of items as they are and as an export has them; returns its path.
  private func input(_ lines: [String]) throws -> String {
    try folder.write("items.jsonl", Array(lines.joined(separator: "\n").utf8))
    return "\(folder.path)/items.jsonl"
  }

  private static func item(_ number: Int, age: String = "36") -> String {
    let item = #"{"id":{"S":"u-\#(number)"},"profile":{"M":{"email":{"S":"u\#(number)@example.org"},"age":{"S":"\#(age)"}}}}"#
    return number % 2 == 0 ? item : #"{"Item":\#(item)}"#
  }

  @Test("--input rehearses one's own items, --json prints one object, --history writes what its digest was made of")
  func ownItems() async throws {
    let path = try input((0..<60).map { Self.item($0) } + [""])
    let run = await run("--faults none --seed 3 --json --input \(path) --history \(folder.path)/history.jsonl")
    #expect(run.status == .done, "\(run.error)")
    let json = try json(run)
    #expect(json["seed"]?.integer == 3 && json["items"]?.integer ?? 0 > 20 && json["failed"]?.integer == 0)
    for name in ["lost", "resurrected", "overwritten", "undecided"] { #expect(json[name]?.integer == 0) }
    #expect(json["verify"]?["missing"]?.integer == 0 && json["clients"]?.integer ?? 0 >= 16)
    let lines = try folder.text("history.jsonl")
    var digest = SHA256()
    digest.update(lines)
    #expect(json["digest"]?.string == HexDigits(digest.finish()).string)
    let events = try History(lines: lines).events
    #expect(events.count { $0.operation != .initial } == json["operations"]?.integer && events.allSatisfy { $0.key.hasPrefix("u-") })
    #expect(json["report"]?.string == "\(folder.path)/report.html")
    #expect(try folder.text("report.html").contains("Every acknowledged write was seen"))
  }

  static let refused: [(lines: [String], says: String)] = [
    ([], "The file FILE holds no items."),
    (["", "  "], "The file FILE holds no items."),
    (
      [item(0), #"{"id":{"S":"u-1""#],
      #"Line 2 of FILE is no item in DynamoDB JSON; it looks like {"id":{"S":"u-1"}} or {"Item":{"id":{"S":"u-1"}}}."#
    ),
    ([#"{"id":{"N":"1"}}"#], "Line 1 of FILE lacks the old table's key attribute id (S)."),
    ([#"{"id":{"S":""}}"#], "Line 1 of FILE has an empty or too long key attribute id."),
    ([item(0), item(2), item(0)], "Line 3 of FILE has the key of line 1 again."),
    (
      [item(0), #"{"id":{"S":"u-1"},"text":{"S":"\#(String(repeating: "x", count: 410_000))"}}"#],
      "Line 2 of FILE is larger than 400 KB."
    ),
  ]

  @Test("An input that can't be rehearsed is refused in one sentence", arguments: refused.indices)
  func refusedInput(_ index: Int) async throws {
    let path = try input(Self.refused[index].lines)
    let run = await run("--input \(path)")
    #expect(run.status == .failed && run.output == "")
    #expect(run.error == "Error: \(Self.refused[index].says.replacing("FILE", with: path))\n")
  }

  @Test("An input that doesn't fit into memory is refused before it has filled it, with how to rehearse a part of it")
  func tooLargeInput() throws {
    let path = try input((0..<60).map { Self.item($0) })
    let mapping = try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "users.yaml")
    let error = #expect(throws: CommandError.self) { _ = try ItemFile(path, mapping, limit: nil, memory: 100_000) }
    let count = try #require(error?.description.split(separator: " ").first { Int($0).map { (30..<40).contains($0) } == true })
    #expect(
      error?.description
        == "The file \(path) holds more than fits into memory: 0.1 MB are free, which a rehearsal of its first \(count) items takes; "
        + "rehearse fewer with --items, or make room.")
    #expect(try ItemFile(path, mapping, limit: Int(count), memory: 100_000).items.count == Int(count))
    #expect(try ItemFile(path, mapping, limit: nil, memory: nil).items.count == 60)
  }

  @Test(
    "What is free is what the machine has, or its container where that has less",
    arguments: [
      (["/proc/meminfo": "MemTotal:  900 kB\nMemAvailable:     300 kB\n"], 307_200), ([:], nil),
      (["/proc/meminfo": "MemAvailable: 300 kB\n", "/sys/fs/cgroup/memory.max": "max\n"], 307_200),
      (
        [
          "/proc/meminfo": "MemAvailable: 300 kB\n", "/sys/fs/cgroup/memory.max": "200000\n", "/sys/fs/cgroup/memory.current": "150000\n",
        ], 50_000
      ),
      (["/sys/fs/cgroup/memory.max": "200000\n", "/sys/fs/cgroup/memory.current": "250000\n"], 0),
    ] as [([String: String], Int?)])
  func freeMemory(_ files: [String: String], _ bytes: Int?) {
    #expect(FreeMemory.bytes { files[$0].map { Array($0.utf8) } } == bytes)
    #expect(FreeMemory.bytes() ?? 0 > 1 << 20, "this machine's own")
  }

  @Test("An input that isn't there is refused in one sentence") func noInput() async {
    let run = await run("--input /nowhere/items.jsonl")
    #expect(run.status == .failed && run.error == "Error: There is no file /nowhere/items.jsonl of items; check its name.\n")
  }

  @Test("The night of the slowdown takes nothing that it would leave out", arguments: ["items 5", "faults heavy", "mapping users.yaml"])
  func slowdownAlone(_ flag: String) async {
    let run = await run("--scenario slowdown --\(flag)")
    let name = flag.prefix { $0 != " " }
    #expect(run.status == .failed && run.error == "Error: --scenario slowdown has tables and items of its own and takes no --\(name).\n")
  }

  @Test("Findings exit 1 and say what was found") func findings() async throws {
    let run = await run("--faults none --input \(try input((0..<60).map { Self.item($0, age: $0 == 40 ? "old" : "36") }))")
    #expect(run.status == .findings, "\(run.error)")
    #expect(run.output.contains("dead letters 1 "), "\(run.output)")
  }

  @Test("--mapping takes orders.yaml, and the page tells of it") func orders() async throws {
    let run = await run("--items 150 --seed 4 --mapping \(Self.mappings)/orders.yaml")
    #expect(run.status == .done, "\(run.error)")
    #expect(run.output.contains("\n  lost         ") && run.output.contains("report   \(folder.path)/report.html"))
  }

  @Test("--scenario rollback rehearses both ways, and its report tells of both") func rollback() async throws {
    let run = await run("--items 100 --scenario rollback --json")
    #expect(run.status == .done, "\(run.error)")
    let json = try json(run)
    #expect(json["back"]?["items"]?.integer ?? 0 > 40 && json["back"]?["failed"]?.integer == 0 && json["lost"]?.integer == 0)
    #expect(json["back"]?["verify"]?["missing"]?.integer == 0)
    let page = try folder.text("report.html")
    #expect(page.contains("Rehearsal of old to new, and back") && page.contains("And back: new to old-again"))
    #expect(page.contains("went back, to <code>old-again</code>") && page.contains("works on <code>old-again</code> alone"))
    #expect(page.split(separator: "Time to the answer of a write").count > 2, "writes are timed on either way")
    let ids = page.split(separator: "id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(Set(ids).count == ids.count, "each name is one thing's")
  }

  @Test("A mapping without an inverse is no rollback's: one sentence with what stands against it first, exit 2")
  func noInverse() async {
    let run = await run("--scenario rollback --mapping \(Self.mappings)/orders.yaml")
    #expect(run.status == .failed && run.output == "")
    #expect(
      run.error.hasPrefix("Error: No way back can be rehearsed: \(Self.mappings)/orders.yaml:")
        && run.error.contains("not-invertible") && run.error.hasSuffix("`dualtable mapping invert` lists all that stands against it.\n"),
      "\(run.error)")
    #expect(run.error.count { $0 == "\n" } == 1)
  }

  @Test("One seed is one digest, in another process, too", .enabled("the tool isn't built: run all tests") { ProcessTests.isBuilt })
  func twoProcesses() throws {
    let runs = try ["a", "b"].map { name in
      let run = ProcessTests.process(["rehearse", "--items", "60", "--seed", "9", "--json", "--state", "\(folder.path)/\(name)"], [:])
      try run.process.run()
      return run
    }
    let digests = try runs.map { run in
      let output = ProcessTests.text(run.output)
      run.process.waitUntilExit()
      #expect(run.process.terminationStatus == 0)
      return try JSONValue(parsing: Array(output.utf8).span)["digest"]?.string
    }
    #expect(digests[0] != nil && digests[0] == digests[1])
  }
}
