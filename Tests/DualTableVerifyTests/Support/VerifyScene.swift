import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import Synchronization
import TestSupport

@testable import DualTableVerify

/// Two tables in memory, and verifications of them.
struct VerifyScene {
  let tables: MemoryTables
  let directory = TemporaryDirectory()
  let client: DynamoDBClient
  let mapping: any TableMapping

  init(old: [Item], new: [Item], mapping: any TableMapping = TestMapping(), itemsInPage: Int = 7) throws {
    self.mapping = mapping
    var (oldTable, newTable) = (MemoryTables.Table(mapping.oldSchema), MemoryTables.Table(mapping.newSchema))
    for item in old { oldTable.put(item) }
    for item in new { newTable.put(item) }
    tables = MemoryTables(["old": oldTable, "new": newTable], itemsInPage: itemsInPage)
    client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:8000"),
        credentials: try StaticCredentialProvider(AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"))),
      transport: tables, wallClock: WallClock { 1_700_000_000_000 }, clock: ContinuousClock(), seed: 1)
  }

  /// The scene of a finished backfill of `old`.
  init(backfilled old: [Item], mapping: any TableMapping = TestMapping(), itemsInPage: Int = 7) throws {
    let new = old.flatMap { (try? mapping.convert($0)) ?? [] }
    try self.init(old: old, new: new, mapping: mapping, itemsInPage: itemsInPage)
  }

  func verify(stop: StopSignal = StopSignal(), segments: Int? = nil) async throws(VerifyError) -> VerifyResult {
    var configuration = Verification.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: "\(directory.path)/verify", seed: 7)
    configuration.openSegments = 3
    configuration.segments = segments
    configuration.keysOut = "\(directory.path)/keys.jsonl"
    configuration.patience = .milliseconds(1)
    return try await Verification(configuration).run(stop: stop) { _ in }
  }

  /// The findings' lines: reason and old id, in order.
  func findings() throws -> [String] {
    let text = String(decoding: try directory.bytes("keys.jsonl"), as: UTF8.self)
    return try text.split(separator: "\n").map { line in
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
