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
  private let progress: @Sendable (RehearsalProgress) -> Void

  init(_ configuration: Rehearsal.Configuration, _ progress: @escaping @Sendable (RehearsalProgress) -> Void) throws {
    self.configuration = configuration
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

  func controlTable(_ machine: Machine, _ move: RehearsedMove) -> ControlTable {
    ControlTable(client: machine.client(2, retry: .bulk()), name: move.control, oldTable: move.old, newTable: move.new)
  }

  /// Since the beginning.
  var elapsed: Duration { .nanoseconds(time.now.nanoseconds) }

  /// Makes the tables that a migration lacks, as its mapping says, and the control item.
  func makeTables(_ move: RehearsedMove) async throws {
    let machine = machine(move.direction == .forth ? 1 : 2)
    let client = machine.client(retry: .bulk())
    let indexes = (move.mapping as? CompiledMapping)?.indexes
    var tables = [(move.new, move.mapping.newSchema, indexes?.new ?? []), (move.control, ControlTable.schema, [])]
    if move.direction == .forth { tables.append((move.old, move.mapping.oldSchema, indexes?.old ?? [])) }
    for (name, keys, indexes) in tables {
      var input = CreateTableInput(tableName: name, keys: keys)
      input.add(indexes: indexes)
      _ = try await client.createTable(input)
    }
    try await time.sleep(for: .seconds(60))
    _ = try await controlTable(machine, move).initialize(ControlItem(phase: .old, epoch: 1, mapping: move.mapping.digest))
  }

  func at(_ stage: RehearsalStage, _ detail: String) { progress(.at(stage, virtual: elapsed, detail: detail)) }
  func ended(_ step: RehearsalStep) { progress(.ended(step)) }
}
