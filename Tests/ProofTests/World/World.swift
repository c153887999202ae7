import AWSAuth
import DualTableMapping
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization

/// Two tables, the time and the network around them, and what clients saw: everything that one seed makes.
final class World: Sendable {
  let seed: UInt64
  let time: SimulatedTime
  let simulator: DynamoDBSimulator
  let recorder: Recorder
  /// What is broken on purpose.
  let defect: Defect?
  /// The keys that clients fight for; one of them has no counterpart in OLD.
  let keys = ["u-a", "u-b", "x-c"]

  init(seed: UInt64, faults: FaultPlan, defect: Defect? = nil) throws {
    self.seed = seed
    self.defect = defect
    time = SimulatedTime(seed: seed)
    simulator = DynamoDBSimulator(faults: FaultPlan(seed: seed), time: time, lag: defect?.lag ?? .zero, itemsInPage: 3)
    recorder = Recorder(time)
    simulator.admit([try AccessKey(Machine.accessKey)], verifiesSignatures: true)
    self.faults = faults
  }

  private let faults: FaultPlan
  /// The processes that live.
  private let machines = Mutex<[Machine]>([])
  /// Every request that was carried out, and what NEW held before, while they are traced.
  private let traced = Mutex<[String]>([])

  /// Makes the tables, and what `prepare` makes; what goes wrong begins afterwards.
  func start(
    _ tables: [(String, KeySchema)], prepare: @Sendable (DynamoDBClient) async throws -> Void = { _ in }
  ) async throws {
    let client = Machine(self, .director, seed: 0).client()
    for (name, schema) in tables { _ = try await client.createTable(CreateTableInput(tableName: name, keys: schema)) }
    try await time.sleep(for: .seconds(60))
    try await prepare(client)
    simulator.setFaults(faults)
  }

  /// Makes the tables of a migration that is in `phase`, under a control table.
  func start(at phase: MigrationPhase) async throws {
    try await start([
      ("old", Dialect.mapping.oldSchema), ("new", Dialect.mapping.newSchema), ("control", ControlTable.schema),
    ]) { client in
      let control = ControlTable(client: client, name: "control", oldTable: "old", newTable: "new")
      _ = try await control.initialize(ControlItem(phase: phase, epoch: 1, mapping: Dialect.mapping.digest))
    }
  }

  /// The phase that the control table says, for those who know everything.
  var phase: MigrationPhase? {
    let control = simulator.items(in: "control").first { $0["item"]?.stringValue == "control" }
    return control?["phase"]?.stringValue.flatMap { MigrationPhase(name: $0) }
  }

  /// Writes down every request that is carried out.
  func trace() {
    simulator.follow { [self] arrival, service in
      let request = "\(arrival.operation) \(String(decoding: arrival.body, as: UTF8.self))"
      traced.withLock { $0.append("\(time.now.nanoseconds) \(request) at \(service.items(in: "new"))") }
      return nil
    }
  }

  /// The requests that concern a key, of those that were carried out while they were traced.
  func trace(of key: String) -> [String] {
    traced.withLock { $0.filter { $0.contains("\"\(key)\"") || $0.contains("\"\(key.dropFirst(2))\"") } }
  }

  /// What the world's own hand puts into a table, before anything begins.
  func store(_ item: Item, in dialect: Dialect) { simulator.change { $0.put(item, in: dialect.table) } }

  /// Lets everything that is still on its way arrive: no signature is good for longer.
  func settle() async throws {
    simulator.setFaults(calm)
    try await time.sleep(for: .seconds(1_900))
  }

  /// Nothing goes wrong, and requests take the time that they take.
  var calm: FaultPlan {
    var plan = FaultPlan(seed: seed)
    plan.delay = faults.delay
    return plan
  }

  func began(_ machine: Machine) { machines.withLock { $0.append(machine) } }
  func ended(_ machine: Machine) { machines.withLock { $0.removeAll { $0 === machine } } }

  /// Lets time pass, most of it in everybody's sleep if that is asked for: hours of beats show nothing that minutes don't.
  func rest(_ length: Duration, everybody: Bool) async {
    if everybody, length > .seconds(60) {
      for machine in machines.withLock({ $0 }) {
        machine.stop(for: length - .seconds(20))
      }
    }
    try? await time.sleep(for: length)
  }

  /// A client of an instance.
  func client(_ number: Int, of instance: Instance) -> ModelClient {
    ModelClient(number: number, instance: instance, forms: Dialects(), recorder: recorder)
  }

  /// Reads every key once more, now that nothing can happen any more.
  func audit(_ instance: Instance) async {
    let auditor = client(0, of: instance)
    for key in keys { await auditor.perform(Call(key: key, operation: .get)) }
  }
}

extension FaultPlan {
  /// What may go wrong with a service's requests, in an amount that the seed draws.
  static func drawn(seed: UInt64, using random: inout SeededGenerator) -> FaultPlan {
    var plan = FaultPlan(seed: seed)
    plan.delay = .milliseconds(1) ... .milliseconds(20)
    let amount = [0, 0.01, 0.03, 0.06][random.below(4)]
    (plan.throttled, plan.failedBefore, plan.failedAfter, plan.unavailable) = (amount, amount / 2, amount, amount / 2)
    (plan.lostRequest, plan.lostAnswer, plan.late, plan.reset) = (amount / 2, amount, amount, amount / 2)
    (plan.truncated, plan.corrupted, plan.reordered) = (amount / 4, amount / 4, 0.1)
    plan.lateness = .milliseconds(50)...[.seconds(1), .seconds(60), .seconds(880)][random.below(3)]
    return plan
  }
}
