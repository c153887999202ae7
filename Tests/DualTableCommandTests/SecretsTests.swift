import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Foundation
import TestSupport
import Testing

@testable import DualTableCommand

/// Secrets and items, planted wherever the tool meets any, and looked for in all that it leaves behind at the most talkative level.
@Suite(.timeLimit(.minutes(5))) struct SecretsTests {
  /// What must be nowhere.
  static let secrets = ["hunter2-planted", "hunter3-planted"]
  /// What of items must be in no output and no file that nobody asked to hold it.
  static let values = ["planted-value"]
  /// What may be in files, but in no output.
  static let keys = ["planted-key"]

  static let signed = ["AWS_SECRET_ACCESS_KEY": secrets[0], "AWS_SESSION_TOKEN": secrets[1]]

  /// Tables with items whose keys and values are planted: some to take across, one that can't be converted, one that is there otherwise.
  func place() async throws -> CommandPlace {
    let place = CommandPlace()
    let client = try place.client
    for table in ["users", "users-v2"] {
      _ = try await client.createTable(CreateTableInput(tableName: table, keys: KeySchema(hash: .init("id", .string))))
    }
    for number in 0..<12 {
      let item: Item = [
        "id": .string("planted-key-\(number)"),
        "profile": .map([
          "email": .string("planted-value-\(number)@example.com"), "age": .string(number == 3 ? "planted-value" : "36"),
        ]),
        "note": .string("planted-value"),
      ]
      _ = try await client.putItem(PutItemInput(tableName: "users", item: item))
    }
    let other: Item = ["id": .string("planted-key-5"), "email": .string("planted-value of the service")]
    _ = try await client.putItem(PutItemInput(tableName: "users-v2", item: other))
    return place
  }

  /// All commands with a table's items in reach, in an order in which they succeed.
  static let lines = [
    "plan --mapping users.yaml", "plan --mapping users.yaml --json", "plan --mapping users.yaml --create-table-json",
    "backfill --offline --mapping users.yaml --segments 2 --dry-run", "backfill --offline --mapping users.yaml --segments 2",
    "backfill --offline --mapping users.yaml --segments 2 --json", "status", "status --json", "ctl pause",
    "redrive --offline --mapping users.yaml", "verify --offline --mapping users.yaml --segments 2 --keys-out KEYS",
    "verify --offline --mapping users.yaml --segments 2 --content --json", "seed --items 3", "mapping check users.yaml",
    "mapping schema", "mapping invert users.yaml", "phase init --control control --yes", "phase show --control control",
    "cutover check --control control --to dualRead", "cutover --control control --to dualRead", "fence --check", "fence --lift",
    "sweep --control control --mapping users.yaml", "completions bash", "plan --print-config --mapping users.yaml",
    "plan --print-config --json", "backfill", "verify --profile gone", "shw", "plan --endpoint-url http://me:hunter2-planted@host",
    "plan --region hunter/planted",
  ]

  @Test(arguments: ["text", "json"]) func `no output of any command has any of it`(_ format: String) async throws {
    let place = try await place()
    let verbose = Self.signed.merging(["DUALTABLE_LOG_LEVEL": "debug", "DUALTABLE_LOG_FORMAT": format]) { $1 }
    var statuses: Set<Int32> = []
    for line in Self.lines {
      let state = "\(place.folder.path)/\(line.hasPrefix("verify") ? "verify" : "state")"
      let run = await place.run(
        "\(line.replacing("KEYS", with: "\(place.folder.path)/keys.jsonl"))",
        environment: verbose.merging(["DUALTABLE_STATE": state]) { $1 })
      statuses.insert(run.status.rawValue)
      for planted in Self.secrets + Self.values + Self.keys {
        #expect(!run.output.contains(planted) && !run.error.contains(planted), "\(line): \(run.output)\(run.error)")
      }
    }
    // Some did what they should, some found something, and some couldn't.
    #expect(statuses.isSuperset(of: [0, 1, 2]))
    try expectFiles(place.folder, allowing: Self.keys)
    let letters = try place.folder.text("state/dead-letters.jsonl")
    #expect(letters.contains("planted-key-3"), "the dead letter has its key, or nothing is looked through: \(letters)")
  }

  /// The service's words may quote the request: it is repeated in none of ours.
  @Test(
    arguments: ["plan", "backfill --offline --segments 2", "verify --offline --segments 2", "redrive --offline", "seed"],
    ["ValidationException", "ExpiredTokenException", "SomethingElse"])
  func `no error has what the service quotes`(_ line: String, _ code: String) async throws {
    let place = try await place()
    _ = await place.run("backfill --offline --mapping users.yaml --segments 2", environment: Self.signed)
    for operation in ["DescribeTable", "Scan", "PutItem", "BatchGetItem", "GetItem"] {
      place.engine.follow { arrival, _ in
        arrival.operation == operation ? .service(code, (Self.secrets + Self.values + Self.keys).joined(separator: " ")) : nil
      }
      let run = await place.run(
        "\(line) --mapping users.yaml", environment: Self.signed.merging(["DUALTABLE_LOG_LEVEL": "debug"]) { $1 })
      for planted in Self.secrets + Self.values + Self.keys {
        #expect(!run.output.contains(planted) && !run.error.contains(planted), "\(line), \(operation): \(run.error)")
      }
    }
    try expectFiles(place.folder, allowing: Self.keys)
  }

  @Test func `what holds whole items holds them because somebody asked`() async throws {
    let place = try await place()
    _ = await place.run("backfill --offline --mapping users.yaml --segments 2 --dead-letter-payload full", environment: Self.signed)
    #expect(try place.folder.text("state/dead-letters.jsonl").contains("planted-value"))
    try expectFiles(place.folder, allowing: Self.keys + Self.values)
  }

  /// Looks through every file, and at who may read it.
  func expectFiles(_ folder: TemporaryDirectory, allowing allowed: [String]) throws {
    let files = try #require(FileManager.default.enumerator(atPath: folder.path))
    var count = 0
    for case let name as String in files {
      let mode = folder.mode(name)
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: "\(folder.path)/\(name)", isDirectory: &isDirectory), isDirectory.boolValue {
        #expect(mode == 0o700, "\(name) has mode \(String(mode, radix: 8))")
        continue
      }
      let bytes = try folder.bytes(name)
      count += 1
      #expect(mode == 0o600, "\(name) has mode \(String(mode, radix: 8))")
      for planted in Self.secrets + Self.values + Self.keys where !allowed.contains(planted) {
        #expect(Data(bytes).range(of: Data(planted.utf8)) == nil, "\(name) holds \(planted)")
      }
    }
    #expect(count > 2)
  }

  @Test(.enabled("the tool isn't built: run all tests") { ProcessTests.isBuilt })
  func `the process shows nothing, and leaves no core`() throws {
    let server = try ProcessTests.SilentServer()
    let (process, error, output) = ProcessTests.process(
      ["seed", "--old", "users", "--new", "users-v2", "--endpoint-url", "http://127.0.0.1:\(server.port)", "--log-level", "debug"],
      Self.signed.merging(["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_REGION": "eu-central-1"]) { $1 })
    try process.run()
    try server.waitForConnection()
    var seen = try Self.visible(process.processIdentifier)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    seen += ProcessTests.text(error) + ProcessTests.text(output)
    for secret in Self.secrets { #expect(!seen.contains(secret)) }
    #expect(seen.contains("users-v2"))
  }
}
