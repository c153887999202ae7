import AWSAuth
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Foundation
import MigrationControl
import TestSupport
import Testing

@testable import DualTableCommand

/// The commands that need more than two tables: a rehearsal, runs that machines share, what is printed for other tools, the server.
extension SecretsTests {
  private static let verbose = signed.merging(["DUALTABLE_LOG_LEVEL": "debug"]) { $1 }

  private func expectNothing(_ run: ToolRun, allowing allowed: [String] = [], _ line: String) {
    for planted in Self.secrets + Self.values + Self.keys where !allowed.contains(planted) {
      #expect(!run.output.contains(planted) && !run.error.contains(planted), "\(line): \(run.output)\(run.error)")
    }
  }

  /// Items as somebody would export them from their table, some of which can't be converted.
  private static let items = (0..<40).map { number in
    let age = number % 9 == 0 ? "planted-value" : "36"
    return #"{"Item":{"id":{"S":"planted-key-\#(number)"},"profile":{"M":{"email":{"S":"planted-value-\#(number)@example.com"},"#
      + #""age":{"S":"\#(age)"}}}}}"#
  }

  @Test func `a rehearsal that can't begin, or is interrupted, tells none of its items`() async throws {
    let place = CommandPlace()
    let stop = StopSignal()
    stop.request(.interrupted)
    for (index, text) in [
      Self.items.joined(separator: "\n"), Self.items[0] + "\n" + Self.items[0], "planted-value", #"{"Item":{"id":{"N":"planted-key"}}}"#,
      #"{"id":{"S":"planted-key"},"note":{"planted-value"#,
    ].enumerated() {
      try place.folder.write("items.jsonl", Array(text.utf8))
      let run = await ToolRun.run(
        "rehearse --input \(place.folder.path)/items.jsonl --mapping users.yaml --state \(place.folder.path)/rehearsal",
        environment: Self.verbose,
        files: ["users.yaml": BuiltInMapping.users], stop: stop)
      #expect(run.status == (index == 0 ? .interrupted : .failed), "\(run.error)")
      expectNothing(run, text)
    }
  }

  /// Half a minute of processor in a debug build: on demand.
  @Test(.enabled(if: getenv("DUALTABLE_SEEDS") != nil, "set DUALTABLE_SEEDS"))
  func `a rehearsal with one's own items tells and keeps none of them`() async throws {
    let place = CommandPlace()
    try place.folder.write("items.jsonl", Array(Self.items.joined(separator: "\n").utf8))
    for line in ["", " --json"] {
      let run = await ToolRun.run(
        "rehearse --input \(place.folder.path)/items.jsonl --faults none --seed 3 --mapping users.yaml"
          + " --state \(place.folder.path)/rehearsal --history \(place.folder.path)/history.jsonl\(line)",
        environment: Self.verbose, files: ["users.yaml": BuiltInMapping.users])
      #expect(run.status == .done || run.status == .findings, "\(run.error)")
      expectNothing(run, line)
    }
    // Keys are in the history that was asked for, and in dead letters.
    #expect(try place.folder.text("history.jsonl").contains("planted-key"))
    unlink("\(place.folder.path)/items.jsonl")
    try expectFiles(place.folder, allowing: Self.keys)
    #expect(!(try place.folder.text("rehearsal/report.html").contains("planted-key")))
  }

  /// What people keep, mail and commit: policies, manifests, findings about a mapping.
  static let printed = [
    "iam --role all --control control --region eu-central-1 --account 123456789012",
    "iam --role all --control control --region eu-central-1 --account 123456789012 --json",
    "deploy kubernetes --control control --image registry.example/dualtable:1 --mapping users.yaml",
    "deploy step-functions --control control --image registry.example/dualtable:1 --mapping users.yaml",
    "plan --role service --mapping users.yaml", "plan --role operator --control control --mapping users.yaml --json",
    "report --json", "mapping diff users.yaml users.yaml", "mapping check users.yaml --json", "mapping schema",
    "rehearse --print-config --json", "local --print-config", "local --access-keys gone.json", "local --verify-signatures --faults x",
  ]

  @Test func `what is printed for other tools has none of it`() async throws {
    let place = try await place()
    _ = await place.run("backfill --offline --mapping users.yaml --segments 2", environment: Self.signed)
    for line in Self.printed { expectNothing(await place.run(line, environment: Self.verbose), line) }
    let report = await place.run("report --output \(place.folder.path)/report.html", environment: Self.verbose)
    #expect(report.status == .done, "\(report.error)")
    expectNothing(report, "report")
    #expect(!(try place.folder.text("report.html").contains("planted-key")))
    try expectFiles(place.folder, allowing: Self.keys)
  }

  /// The item is what `mapping apply` is for: it goes to standard output, and nothing of it goes anywhere else.
  @Test func `what a mapping makes of an item is the result, and in no message`() async {
    let whole = #"{"id":{"S":"planted-key"},"profile":{"M":{"email":{"S":"planted-value"},"age":{"S":"36"}}}}"#
    let bad = #"{"id":{"S":"planted-key"},"profile":{"M":{"email":{"S":"planted-value"},"age":{"S":"planted-value"}}}}"#
    for input in [
      whole, bad, "\(whole) planted-value", "planted-value", "{\"planted-value\":{\"S\":", "{\"id\":{\"N\":\"planted-value\"}}",
    ] {
      let run = await ToolRun.run(
        "mapping apply users.yaml", environment: Self.verbose, files: ["users.yaml": BuiltInMapping.users], input: input + "\n")
      for planted in Self.secrets + Self.values + Self.keys { #expect(!run.error.contains(planted), "\(input): \(run.error)") }
      #expect(run.output.contains("planted-value") == (input == whole), "\(input): \(run.output)")
    }
  }

  @Test func `runs that machines share tell none of it, and keep what they must`() throws {
    let place = ControlPlace()
    try place.time.run {
      _ = await place.run("seed --items 20")
      _ = await place.run("phase init")
      try await place.set { $0.phase = .dualTable }
      place.engine.change { service in
        for number in 0..<30 {
          let age: AttributeValue = number < 3 ? "planted-value" : "36"
          service.put(
            [
              "id": .string("planted-key-\(number)"),
              "profile": .map(["email": .string("planted-value-\(number)@example.com"), "age": age]),
            ], in: "users")
        }
      }
      let shared = Self.verbose.merging(["DUALTABLE_STATE": ""]) { $1 }
      for line in [
        "backfill --write-wcu 100", "backfill --json", "status", "status --json", "ctl set --write-wcu 40", "redrive",
        "status --keys-out \(place.folder.path)/letters.jsonl", "report --output \(place.folder.path)/report.html", "report --json",
        "verify --keys-out \(place.folder.path)/keys.jsonl", "verify --content --json", "phase show", "phase show --json",
        "cutover check --to newWithTombstones", "phase drop",
      ] { expectNothing(await place.run(line, more: shared), line) }
      let letters = try place.folder.text("letters.jsonl")
      #expect(letters.split(separator: "\n").count == 3 && letters.contains("planted-key-0"), "\(letters)")
      // Who may read the control table may read the keys of what couldn't be migrated, as the book says; no item, and no secret.
      let kept = place.engine.items(in: "control").map { "\($0)" }.joined(separator: "\n")
      for planted in Self.secrets + Self.values { #expect(!kept.contains(planted)) }
    }
    #expect(!(try place.folder.text("report.html").contains("planted-key")))
    try expectFiles(place.folder, allowing: Self.keys)
  }

  @Test(.enabled("the tool isn't built: run all tests") { ProcessTests.isBuilt })
  func `the server's file holds items and none of its keys' secrets, and its process shows nothing`() async throws {
    let folder = TemporaryDirectory()
    let data = "\(folder.path)/tables.db"
    let environment = Self.verbose.merging(["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_REGION": "eu-central-1"]) { $1 }
    let (process, error, output) = ProcessTests.process(
      ["local", "--port", "0", "--data", data, "--verify-signatures", "--json"], environment)
    try process.run()
    let line = output.fileHandleForReading.availableData
    let url = try #require(try JSONValue(parsing: Array(line).span)["url"]?.string)
    func client(_ secret: String) throws -> DynamoDBClient {
      let more = ["AWS_ENDPOINT_URL": url, "AWS_SECRET_ACCESS_KEY": secret]
      return DynamoDBClient(
        configuration: try .init(environment: environment.merging(more) { $1 }), transport: Surroundings.transport([:])(1),
        wallClock: .system, clock: ContinuousClock(), seed: 1)
    }
    let good = try client(Self.secrets[0])
    _ = try await good.createTable(CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string))))
    _ = try await good.putItem(PutItemInput(tableName: "users", item: ["id": "planted-key", "note": "planted-value"]))
    let refused = await #expect(throws: DynamoDBError.self) {
      _ = try await client("hunter4-planted").putItem(PutItemInput(tableName: "users", item: ["id": "planted-key"]))
    }
    let said = refused?.description ?? ""
    #expect(!said.isEmpty && !said.contains("planted"), "\(said)")
    let seen = try Self.visible(process.processIdentifier)
    process.terminate()
    process.waitUntilExit()
    let all = seen + ProcessTests.text(error) + ProcessTests.text(output) + String(decoding: line, as: UTF8.self)
    for planted in Self.secrets + Self.values + Self.keys { #expect(!all.contains(planted), "\(all)") }
    let bytes = Data(try TemporaryDirectory.bytes(at: data))
    #expect(bytes.range(of: Data("planted-value".utf8)) != nil, "it is what the file is for")
    for secret in Self.secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil) }
    #expect(folder.mode("tables.db") == 0o600)
  }

  /// Everything that any user of the machine may see of a process; expects that it leaves no core.
  static func visible(_ id: Int32) throws -> String {
    let proc = "/proc/\(id)"
    let limits = try String(contentsOfFile: "\(proc)/limits", encoding: .utf8).split(separator: "\n").first {
      $0.hasPrefix("Max core file size")
    }
    #expect(limits?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(limits ?? "")")
    var seen = ""
    for file in ["cmdline", "comm", "status"] { seen += try String(contentsOfFile: "\(proc)/\(file)", encoding: .utf8) }
    for task in try FileManager.default.contentsOfDirectory(atPath: "\(proc)/task") {
      seen += try String(contentsOfFile: "\(proc)/task/\(task)/comm", encoding: .utf8)
    }
    return seen
  }

  /// Memory, environment and open files of a process that doesn't dump belong to root, so that not even its own user's other processes
  /// get at them.
  @Test(.enabled("needs root and setpriv, to be two users") { isTwoUsers }) func `its own user's other processes don't get at its memory`()
    throws
  {
    let server = try ProcessTests.SilentServer()
    let (process, error, output) = ProcessTests.process([], [:])
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      nobody + [
        ProcessTests.executable.path, "seed", "--old", "users", "--new", "users-v2", "--endpoint-url", "http://127.0.0.1:\(server.port)",
      ]
    process.environment = Self.signed.merging(["AWS_ACCESS_KEY_ID": "A", "AWS_REGION": "eu-central-1", "PATH": "/usr/bin:/bin"]) { $1 }
    try process.run()
    try server.waitForConnection()
    let proc = "/proc/\(process.processIdentifier)"
    for file in ["environ", "mem", "maps", "fd"] {
      var status = stat()
      #expect(stat("\(proc)/\(file)", &status) == 0 && status.st_uid == 0, "\(file) belongs to \(status.st_uid)")
    }
    // The process is nobody's all the same, and may do no more than that.
    #expect(try String(contentsOfFile: "\(proc)/status", encoding: .utf8).contains("\nUid:\t65534\t65534"))
    // Another process of the same user.
    let (other, _, read) = ProcessTests.process([], [:])
    other.executableURL = URL(filePath: "/usr/bin/env")
    other.arguments = nobody + ["/bin/sh", "-c", "cat \(proc)/environ \(proc)/mem 2>/dev/null | head -c 100 | wc -c"]
    other.environment = ["PATH": "/usr/bin:/bin"]
    try other.run()
    #expect(ProcessTests.text(read).trimmingCharacters(in: .whitespacesAndNewlines) == "0")
    other.waitUntilExit()
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    _ = (error, output)
  }

  private static let isTwoUsers: Bool = {
    guard geteuid() == 0, ProcessTests.isBuilt else { return false }
    let path = ProcessTests.executable.path
    // Another user must be able to start it where it lies.
    let probe = "setpriv --reuid=65534 --regid=65534 --clear-groups '\(path)' --version > /dev/null 2>&1"
    return system(probe) == 0
  }()
}
