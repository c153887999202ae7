import DualTable
import DualTableMapping
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl

/// A service in one fixed phase, from 3 on, beside a backfill where the phase has one: clients, faults, processes that sleep and vanish.
struct FixedPhaseScene: Scene {
  let seed: UInt64
  let phase: MigrationPhase
  var defect: Defect?
  /// True to keep every request.
  var isTraced = false

  /// Plays it to the end, and says what was wrong.
  func run() throws -> Findings {
    var random = SeededGenerator(seed: seed ^ 0x5EED)
    let world = try World(seed: seed, faults: .drawn(seed: seed, using: &random), defect: defect)
    let drawn = random
    return try world.time.run { try await play(world, drawn) }
  }

  private func play(_ world: World, _ random: SeededGenerator) async throws -> Findings {
    var random = random
    try await world.start([("old", Dialect.mapping.oldSchema), ("new", Dialect.mapping.newSchema)])
    let old = fill(world, &random)
    if isTraced { world.trace() }
    let plans = (1...2).map { InstancePlan.random(number: $0, using: &random) }
    let job = BackfillJob(world, isControlled: false, using: &random)
    var result: BackfillJob.Result?
    try await withThrowingTaskGroup(of: Void.self) { group in
      for plan in plans {
        let machine = Machine(world, .service, plan.clocks, seed: plan.seed)
        plan.suspend(machine.process)
        let instance = Instance(world, machine, fixed: phase)
        for number in plan.clients.indices {
          let client = world.client(10 * plan.number + number, of: instance)
          let work = plan.clients[number]
          group.addTask(executorPreference: machine.process) { await client.run(work, in: world) }
        }
      }
      if let defect { group.addTask { try await Vandal(world, defect).run() } }
      if phase == .dualTable { result = await job.run() }
      try await group.waitForAll()
    }
    try await world.settle()
    await world.audit(Instance(world, Machine(world, .service, seed: 99), fixed: phase))
    var findings = Findings(world)
    if let result { findings.account(for: old, in: world, by: result) }
    return findings
  }

  /// Fills both tables as a migration that has been in this phase for a while would have.
  private func fill(_ world: World, _ random: inout SeededGenerator) -> [Item] {
    var old: [Item] = []
    if phase == .dualTable {
      for name in ["u-a", "u-b", "u-cold"] where random.below(4) > 0 { old.append(Dialect.old.item(name, "o-\(name)")) }
      old.append(Dialect.old.item("u-filtered", "o").setting("kind", "test"))
      old.append(Dialect.old.item("u-odd", "o").setting("size", "many"))
      for item in old { world.store(item, in: .old) }
    }
    for key in world.keys {
      var value = old.first { $0["id"] == Dialect.old.key(key)["id"] }.flatMap { Dialect.old.value($0) }
      if !Dialect.isInOld(key) { value = nil }
      switch random.below(4) {
      case 0:
        value = "n-\(key)"
        world.store(Dialect.new.item(key, "n-\(key)"), in: .new)
      case 1 where phase <= .newWithTombstones && Dialect.isInOld(key):
        value = nil
        world.store(Dialect.new.key(key).setting("_dt", 1), in: .new)
      default: break
      }
      world.recorder.initial(key, value)
    }
    return old
  }
}

extension Item {
  func setting(_ name: String, _ value: AttributeValue) -> Item {
    var item = self
    item[name] = value
    return item
  }
}
