import DualTable
import DualTableMapping
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl

/// A whole migration under a control table: a fleet with its clients, phase after phase, the backfill, and everything that can go wrong.
struct MigrationScene: Scene {
  let seed: UInt64
  /// True for the switch from phase 2 to 3 alone, under more requests that arrive late.
  let isShort: Bool
  var defect: Defect?
  var isTraced = false

  func run() throws -> Findings {
    var random = SeededGenerator(seed: seed ^ 0xF1EE7)
    var faults = FaultPlan.drawn(seed: seed, using: &random)
    if isShort {
      (faults.late, faults.lostAnswer) = (0.05, 0.05)
      faults.lateness = .milliseconds(50) ... .seconds(880)
      // Writes to OLD that are under way for longer than it takes to look away.
      faults.slowTables["old"] = .milliseconds([0, 300, 1_200][random.below(3)])
    }
    if random.below(16) == 0 {
      let start = Duration.seconds(61 + random.below(10))
      faults.outages = [.init(of: "control", start..<(start + .seconds(random.below(4) == 0 ? 3_600 : 60)))]
    }
    let world = try World(seed: seed, faults: faults, defect: defect)
    let drawn = random
    return try world.time.run { try await play(world, drawn) }
  }

  private func play(_ world: World, _ random: SeededGenerator) async throws -> Findings {
    var random = random
    let steps = Director.steps(defect, isShort: isShort, &random)
    try await world.start(at: steps.first == .to(.dualRead) ? .old : .dualRead)
    fill(world, &random)
    if isTraced { world.trace() }
    let acts = Acts()
    let director = Director(world: world, acts: acts, job: BackfillJob(world, using: &random))
    let members = (1...2).map { place in
      let count = 1 + max(0, random.below(4) - 1)
      return FleetMember(
        world: world, acts: acts,
        lives: (1...count).map { life in
          LifePlan.random(100 * place + 10 * life, acts: steps.count + 2, isLast: life == count, using: &random)
        })
    }
    let directorSeed = random.next()
    let phase = await withTaskGroup(of: MigrationPhase?.self) { group in
      for member in members {
        group.addTask {
          await member.run()
          return nil
        }
      }
      group.addTask { await director.run(steps, seed: directorSeed) }
      return await group.reduce(MigrationPhase.new) { $1 ?? $0 }
    }
    try await world.settle()
    await world.audit(Instance(world, Machine(world, .service, seed: 99), fixed: phase))
    return Findings(world)
  }

  private func fill(_ world: World, _ random: inout SeededGenerator) {
    for name in ["u-a", "u-b", "u-cold"] where random.below(4) > 0 { world.store(Dialect.old.item(name, "o-\(name)"), in: .old) }
    world.store(Dialect.old.item("u-filtered", "o").setting("kind", "test"), in: .old)
    world.store(Dialect.old.item("u-odd", "o").setting("size", "many"), in: .old)
    let old = world.simulator.items(in: "old")
    for key in world.keys {
      let item = Dialect.isInOld(key) ? old.first { $0["id"] == Dialect.old.key(key)["id"] } : nil
      world.recorder.initial(key, Dialect.old.value(item))
    }
  }
}
