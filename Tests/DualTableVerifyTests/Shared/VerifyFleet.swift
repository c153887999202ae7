import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import MigrationControl
import Synchronization
import TestSupport

@testable import DualTableVerify

/// `u-1` stays `u-1`, and has a second item where it has `twin`; `skip` skips it, `bad` makes its last result fail.
struct KeptKeyMapping: TableMapping {
  let identity = "kept"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("pk", .string), range: .init("n", .number))

  func convert(_ item: Item) throws(ConversionError) -> [Item] {
    try TestMapping().convert(item).map { result in
      var result = result
      result["pk"] = item["id"]
      return result
    }
  }

  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey["pk"].map { ["id": $0] } }

  func oldPartitions(of partition: AttributeValue, index: String?) -> [OldPartition]? {
    index == nil ? [OldPartition(keys: oldSchema, value: partition)] : nil
  }
}

/// Workers of one verification in virtual time: each has its own name, network and memory, and all share an engine and a control table.
final class VerifyFleet: Sendable {
  /// One worker, from its start to its end or death.
  final class Worker: Sendable {
    let name: String
    let network: CutTransport
    let stop = StopSignal()
    /// What it runs on, to be suspended.
    let process: SimulatedProcess
    let result = Mutex<Result<VerifyResult, any Error>?>(nil)

    init(_ name: String, _ engine: any HTTPTransport, on time: SimulatedTime) {
      self.name = name
      process = SimulatedProcess(on: time)
      network = CutTransport(engine, loops: [process])
    }
  }

  /// What is wrong with an item of the tables.
  enum Flaw: CaseIterable, Sendable {
    case removed, differing, unconvertible, halfGone
  }

  let time: SimulatedTime
  let engine: DynamoDBSimulator
  let client: DynamoDBClient
  let mapping: any TableMapping
  let directory = TemporaryDirectory()
  private let count = Atomic(0)
  private let faults: FaultPlan

  init(seed: UInt64, mapping: any TableMapping, faults: FaultPlan? = nil, itemsInPage: Int = 20) throws {
    time = SimulatedTime(seed: seed)
    self.mapping = mapping
    self.faults = faults ?? FaultPlan(seed: seed)
    engine = DynamoDBSimulator(faults: FaultPlan(seed: seed), time: time, itemsInPage: itemsInPage)
    client = try Self.client(engine, time, seed: seed)
  }

  static func client(_ transport: any HTTPTransport, _ time: SimulatedTime, seed: UInt64) throws -> DynamoDBClient {
    var configuration = DynamoDBClient.Configuration(
      endpoint: try .resolve(environment: [:], region: "us-east-1", url: "http://simulated:8000"),
      credentials: try StaticCredentialProvider(AWSCredentials(accessKeyID: "A", secretAccessKey: "S")))
    configuration.retry = .bulk()
    return DynamoDBClient(configuration: configuration, transport: transport, wallClock: time.wallClock, clock: time, seed: seed)
  }

  var control: ControlTable { ControlTable(client: client, name: "control", oldTable: "old", newTable: "new") }
  var table: LeaseTable { SharedVerification(control).table }

  /// Makes the tables of a finished migration; a flaw every so many items, of each kind in turn.
  ///
  /// - Returns: the findings that this makes, in order, and what each table holds.
  func prepare(items: Int, flawEach: Int? = nil) async throws -> (findings: [String], oldIDs: Int, newIDs: Int) {
    _ = try await client.createTable(CreateTableInput(tableName: "old", keys: mapping.oldSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "new", keys: mapping.newSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
    engine.setFaults(faults)
    var findings: [String] = []
    var (oldIDs, newIDs) = (0, 0)
    for number in 0..<items {
      let flaw = flawEach.flatMap { number % $0 == 3 ? Flaw.allCases[number / $0 % Flaw.allCases.count] : nil }
      let item = VerifyScene.item(number, number % 5 == 0 || flaw == .halfGone ? "twin" : "", flaw == .unconvertible ? "bad" : "")
      var results = (try? mapping.convert(item)) ?? []
      oldIDs += results.count
      switch flaw {
      case nil: break
      case .removed:
        findings += results.map { _ in "missing u-\(number)" }
        results = []
      case .differing:
        results[0]["v"] = .string("changed")
        findings.append("differing u-\(number)")
      case .unconvertible: findings.append("unconvertible u-\(number)")
      case .halfGone:
        results.removeLast()
        findings.append("missing u-\(number)")
      }
      newIDs += results.count
      engine.change { [results] service in
        service.put(item, in: "old")
        for result in results { service.put(result, in: "new") }
      }
    }
    return (findings.sorted(), oldIDs, newIDs)
  }

  func makeWorker() -> Worker { Worker("w\(count.add(1, ordering: .relaxed).newValue)", engine, on: time) }

  /// Runs a worker to its end.
  func work(_ worker: Worker, _ change: @Sendable (inout Verification.Configuration) -> Void = { _ in }) async throws -> VerifyResult {
    let seed = UInt64(worker.name.dropFirst()) ?? 0
    let client = try Self.client(worker.network, time, seed: seed)
    var configuration = Verification.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping, stateDirectory: StatePath(""),
      seed: seed)
    configuration.shared = .init(
      table: ControlTable(client: client, name: "control", oldTable: "old", newTable: "new"), worker: worker.name)
    configuration.patience = .seconds(60)
    configuration.openSegments = 2
    configuration.segments = 24
    configuration.comparesContent = true
    configuration.keysOut = "\(directory.path)/\(worker.name).jsonl"
    change(&configuration)
    do {
      let result = try await Verification(configuration).run(stop: worker.stop) { _ in }
      worker.result.withLock { $0 = .success(result) }
      return result
    } catch {
      worker.result.withLock { $0 = .failure(error) }
      throw error
    }
  }

  /// Runs workers at once and returns what each came to.
  func work(
    _ workers: [Worker], _ change: @escaping @Sendable (inout Verification.Configuration) -> Void = { _ in }
  ) async throws -> [VerifyResult] {
    try await withThrowingTaskGroup(of: VerifyResult.self) { group in
      for worker in workers {
        group.addTask(executorPreference: worker.process) { try await self.work(worker, change) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// The findings' lines in a worker's file: reason and old id, in order.
  func findings(_ worker: Worker) throws -> [String] {
    try directory.text("\(worker.name).jsonl").split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8).span)
      return "\(json["reason"]?.string ?? "?") \(json["key"]?["id"]?["S"]?.string ?? "?")"
    }.sorted()
  }

  /// The last result that the control table keeps.
  func record() async throws -> RunRecord? { try await control.records().first { $0.command == .verify } }
}
