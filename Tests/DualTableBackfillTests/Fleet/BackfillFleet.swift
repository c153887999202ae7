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

@testable import DualTableBackfill

/// Workers of one backfill in virtual time: each has its own name, network and memory, and all share an engine and a control table.
final class BackfillFleet: Sendable {
  /// One worker, from its start to its end or death.
  final class Worker: Sendable {
    let name: String
    let network: CutTransport
    let stop = StopSignal()
    /// What it runs on, to be suspended.
    let process: SimulatedProcess
    let result = Mutex<Result<BackfillResult, any Error>?>(nil)
    let warnings = Mutex<[String]>([])

    init(_ name: String, _ engine: any HTTPTransport, on time: SimulatedTime) {
      self.name = name
      process = SimulatedProcess(on: time)
      network = CutTransport(engine, loops: [process])
    }
  }

  let migration: TimedMigration
  var time: SimulatedTime { migration.time }
  private let count = Atomic(0)
  private let books = Books()

  private final class Books: Sendable {
    let traffic = Mutex(ControlTraffic())
  }

  private let faults: FaultPlan?

  init(seed: UInt64, faults: FaultPlan? = nil) throws {
    self.faults = faults
    migration = try TimedMigration(seed: seed)
    migration.simulator.follow { [books] arrival, _ in
      guard arrival.table == "control" || arrival.table.isEmpty else { return nil }
      books.traffic.withLock { $0.arrived(arrival) }
      return nil
    }
  }

  /// What the control table cost so far.
  var controlTraffic: ControlTraffic { books.traffic.withLock { $0 } }

  /// Makes the tables and fills the old one.
  func prepare(items: Int, bytes: Int = 100) async throws {
    try await migration.makeTables()
    _ = try await migration.client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
    if let faults { migration.simulator.setFaults(faults) }
    migration.seed(0..<items, bytes: bytes)
    migration.meter.reset()
  }

  func control(_ client: DynamoDBClient) -> ControlTable {
    ControlTable(client: client, name: "control", oldTable: "old", newTable: "new")
  }

  var table: LeaseTable { LeaseTable(control(migration.client), command: "backfill") }

  func makeWorker() -> Worker {
    Worker("w\(count.add(1, ordering: .relaxed).newValue)", migration.meter, on: time)
  }

  /// Runs a worker to its end.
  func work(_ worker: Worker, _ change: @Sendable (inout Backfill.Configuration) -> Void = { _ in }) async throws -> BackfillResult {
    let client = try migration.client(worker.network, seed: UInt64(worker.name.dropFirst()) ?? 0)
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: migration.mapping,
      stateDirectory: StatePath(""),
      seed: UInt64(worker.name.dropFirst()) ?? 0)
    configuration.shared = .init(table: control(client), worker: worker.name) { text in worker.warnings.withLock { $0.append(text) } }
    configuration.patience = .seconds(60)
    change(&configuration)
    let backfill = Backfill(configuration)
    do {
      let result = try await backfill.run(stop: worker.stop) { _ in }
      worker.result.withLock { $0 = .success(result) }
      return result
    } catch {
      worker.result.withLock { $0 = .failure(error) }
      throw error
    }
  }

  /// Runs workers at once and returns what each came to.
  func work(_ workers: [Worker], _ change: @escaping @Sendable (inout Backfill.Configuration) -> Void) async throws -> [BackfillResult] {
    try await withThrowingTaskGroup(of: BackfillResult.self) { group in
      for worker in workers {
        group.addTask(executorPreference: worker.process) { try await self.work(worker, change) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// The last result that the control table keeps.
  func record() async throws -> RunRecord? { try await control(migration.client).records().first { $0.command == .backfill } }
}
