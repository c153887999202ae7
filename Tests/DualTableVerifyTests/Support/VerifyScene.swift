import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import TestSupport

@testable import DualTableVerify

/// Two tables of an embedded engine, and verifications of them.
struct VerifyScene {
  let engine: DynamoDBSimulator
  let directory = TemporaryDirectory()
  let client: DynamoDBClient
  let mapping: any TableMapping

  init(old: [Item], new: [Item], mapping: any TableMapping = TestMapping(), itemsInPage: Int = 7) async throws {
    self.mapping = mapping
    engine = DynamoDBSimulator(itemsInPage: itemsInPage)
    client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:8000"),
        credentials: try StaticCredentialProvider(AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"))),
      transport: engine, wallClock: WallClock { 1_700_000_000_000 }, clock: ContinuousClock(), seed: 1)
    _ = try await client.createTable(CreateTableInput(tableName: "old", keys: mapping.oldSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "new", keys: mapping.newSchema))
    engine.change { service in
      for item in old { service.put(item, in: "old") }
      for item in new { service.put(item, in: "new") }
    }
  }

  /// The scene of a finished backfill of `old`.
  init(backfilled old: [Item], mapping: any TableMapping = TestMapping(), itemsInPage: Int = 7) async throws {
    let new = old.flatMap { (try? mapping.convert($0)) ?? [] }
    try await self.init(old: old, new: new, mapping: mapping, itemsInPage: itemsInPage)
  }

  /// - Parameter change: what is to be otherwise than here.
  func verify(
    stop: StopSignal = StopSignal(), segments: Int? = nil, _ change: (inout Verification.Configuration) -> Void = { _ in }
  ) async throws(VerifyError) -> VerifyResult {
    var configuration = Verification.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: StatePath("\(directory.path)/verify"), seed: 7)
    configuration.openSegments = 3
    configuration.segments = segments
    configuration.keysOut = "\(directory.path)/keys.jsonl"
    configuration.patience = .milliseconds(100)
    change(&configuration)
    return try await Verification(configuration).run(stop: stop) { _ in }
  }

  /// The findings' lines: reason and old id, in order.
  func findings(_ file: String = "keys.jsonl") throws -> [String] {
    try directory.text(file).split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8).span)
      return "\(json["reason"]?.string ?? "?") \(json["key"]?["id"]?["S"]?.string ?? "?")"
    }.sorted()
  }

  static func item(_ number: Int, _ more: String...) -> Item {
    var item: Item = ["id": .string("u-\(number)"), "v": .number(DynamoDBNumber(number))]
    for name in more where !name.isEmpty { item[name] = .bool(true) }
    return item
  }

  static func newKey(_ number: Int, twin: Bool = false) -> Item {
    ["pk": .string("\(twin ? "TWIN" : "USER")#u-\(number)"), "n": .number(DynamoDBNumber(twin ? 8 : 7))]
  }
}
