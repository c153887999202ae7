internal import AWSAuth
internal import DualTable
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import MigrationControl

/// The tables of a rehearsal, the time and the network around them, and the service that uses them.
final class RehearsalWorld: Sendable {
  let configuration: Rehearsal.Configuration
  let time: SimulatedTime
  let simulator: DynamoDBSimulator
  let recorder: Recorder
  let log: HistoryLog
  let meter = TrafficMeter()
  let catalog: Catalog
  private let progress: @Sendable (RehearsalProgress) -> Void

  static let (old, new, control) = ("old", "new", "control")

  init(
    _ configuration: Rehearsal.Configuration, _ catalog: Catalog, _ progress: @escaping @Sendable (RehearsalProgress) -> Void
  ) throws {
    self.configuration = configuration
    self.catalog = catalog
    self.progress = progress
    let time = SimulatedTime(seed: configuration.seed)
    let log = try HistoryLog(configuration.history)
    self.time = time
    self.log = log
    simulator = DynamoDBSimulator(faults: FaultPlan(seed: configuration.seed), time: time, hasLimits: true)
    recorder = Recorder(time) { log.add($0) }
    simulator.admit([try AccessKey(Machine.accessKey)], verifiesSignatures: true)
  }

  /// A machine of its own; each `number` is another one's.
  func machine(_ number: UInt64, _ role: Rehearsal.Role = .operations) -> Machine {
    Machine(
      time: time, simulator: simulator, tampering: configuration.tampering?(role), seed: configuration.seed &* 1_000 &+ number)
  }

  func controlTable(_ machine: Machine) -> ControlTable {
    ControlTable(client: machine.client(2, retry: .bulk()), name: Self.control, oldTable: Self.old, newTable: Self.new)
  }

  /// Since the beginning.
  var elapsed: Duration { .nanoseconds(time.now.nanoseconds) }

  /// Makes the tables, as the mapping says, and the control item.
  func makeTables() async throws {
    let machine = machine(1)
    let client = machine.client()
    let indexes = (configuration.mapping as? CompiledMapping)?.indexes
    for (name, keys, indexes) in [
      (Self.old, configuration.mapping.oldSchema, indexes?.old ?? []), (Self.new, configuration.mapping.newSchema, indexes?.new ?? []),
      (Self.control, ControlTable.schema, []),
    ] {
      var input = CreateTableInput(tableName: name, keys: keys)
      input.add(indexes: indexes)
      _ = try await client.createTable(input)
    }
    try await time.sleep(for: .seconds(60))
    _ = try await controlTable(machine).initialize(ControlItem(phase: .old, epoch: 1, mapping: configuration.mapping.digest))
  }

  func at(_ stage: RehearsalStage, _ detail: String) { progress(.at(stage, virtual: elapsed, detail: detail)) }
  func ended(_ step: RehearsalStep) { progress(.ended(step)) }
}
