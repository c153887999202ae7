import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import TestSupport

@testable import DualTableBackfill

/// A migration in virtual time, on an engine with the service's limits.
final class TimedMigration: Sendable {
  let time: SimulatedTime
  let simulator: DynamoDBSimulator
  /// What went over the wire, and when.
  let meter: MeteringTransport
  let client: DynamoDBClient
  let mapping: any TableMapping
  let directory = TemporaryDirectory()
  /// The run's state directory.
  var state: String { "\(directory.path)/state" }

  init(seed: UInt64, faults: FaultPlan? = nil, hasLimits: Bool = false, credentials: (any CredentialProvider)? = nil) throws {
    time = SimulatedTime(seed: seed)
    simulator = DynamoDBSimulator(faults: faults ?? FaultPlan(seed: seed), time: time, hasLimits: hasLimits)
    meter = MeteringTransport(simulator, time)
    client = try Self.client(meter, time, credentials, seed: seed)
    mapping = try CompiledMapping(yaml: Array(Migration.yaml.utf8), file: "test.yaml")
  }

  /// A client of another process.
  func client(_ transport: any HTTPTransport, seed: UInt64) throws -> DynamoDBClient { try Self.client(transport, time, nil, seed: seed) }

  private static func client(
    _ transport: any HTTPTransport, _ time: SimulatedTime, _ credentials: (any CredentialProvider)?, seed: UInt64
  ) throws -> DynamoDBClient {
    var configuration = DynamoDBClient.Configuration(
      endpoint: try .resolve(environment: [:], region: "us-east-1", url: "http://simulated:8000"),
      credentials: try credentials ?? StaticCredentialProvider(AWSCredentials(accessKeyID: "A", secretAccessKey: "S")))
    configuration.retry = .bulk()
    return DynamoDBClient(configuration: configuration, transport: transport, wallClock: time.wallClock, clock: time, seed: seed)
  }

  /// Runs `body` to its end in virtual time.
  func run<Value: Sendable>(_ body: @escaping @Sendable (TimedMigration) async throws -> Value) throws -> Value {
    try time.run { try await body(self) }
  }

  /// Makes both tables; nil: on demand.
  func makeTables(
    old: ProvisionedThroughput? = nil, new: ProvisionedThroughput? = nil, warm: WarmThroughput? = nil
  ) async throws {
    for (table, schema, throughput) in [("old", mapping.oldSchema, old), ("new", mapping.newSchema, new)] {
      var input = CreateTableInput(tableName: table, keys: schema)
      if let throughput { (input.billingMode, input.provisionedThroughput) = (.provisioned, throughput) }
      if table == "new" { input.warmThroughput = warm }
      _ = try await client.createTable(input)
    }
  }

  /// Fills the old table with items of so many bytes.
  func seed(_ numbers: Range<Int>, bytes: Int = 100) {
    let padding = String(repeating: "x", count: max(0, bytes - 60))
    simulator.change { service in
      for number in numbers {
        var item = Migration.oldItem(number)
        item["padding"] = .string(padding)
        service.put(item, in: "old")
      }
    }
  }

  /// Runs the backfill, or goes on with it.
  func backfill(
    stop: StopSignal = StopSignal(), _ change: (inout Backfill.Configuration) -> Void = { _ in },
    progress: @escaping @Sendable (BackfillProgress) -> Void = { _ in }
  ) async throws -> BackfillResult {
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: StatePath("\(directory.path)/state"), seed: 7)
    configuration.checkpointExecutor = InlineSerialExecutor()
    change(&configuration)
    return try await Backfill(configuration).run(stop: stop, progress: progress)
  }

  /// Runs `work` and ends it after `moment` as SIGKILL would: its files are as they were then, whatever it does while it is being ended.
  func kill(after moment: Duration, _ work: @escaping @Sendable () async throws -> Void) async throws {
    let files = try await withThrowingTaskGroup(of: [String: [UInt8]]?.self) { group in
      group.addTask {
        try await work()
        return nil
      }
      group.addTask {
        try await self.time.sleep(for: moment)
        return try self.files()
      }
      let first = try await group.next()
      group.cancelAll()
      while (try? await group.next()) != nil {}
      return first ?? nil
    }
    // It was done before.
    guard let files else { return }
    for name in directory.names("state") where files[name] == nil { try File.remove("\(state)/\(name)") }
    for (name, bytes) in files { try directory.write("state/\(name)", bytes) }
  }

  private func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in directory.names("state") { files[name] = try directory.bytes("state/\(name)") }
    return files
  }
}
