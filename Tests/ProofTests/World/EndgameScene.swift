import DualTable
import DualTableRehearsal
import DynamoDBClient
import DynamoDBSimulator
import MigrationControl

/// What remains of phase 3 after phase 5 has begun: an instance that sleeps in the middle of an operation or last heard of phase 3, and
/// requests that arrive late, while another one deletes for good.
struct EndgameScene: Scene {
  let seed: UInt64
  var defect: Defect?
  var isTraced = false

  func run() throws -> Findings {
    var random = SeededGenerator(seed: seed ^ 0xE4D)
    var faults = FaultPlan(seed: seed)
    faults.delay = .milliseconds(1) ... .milliseconds(20)
    faults.late = [0, 0.2, 0.4][random.below(3)]
    faults.lateness = .milliseconds(500)...[.seconds(20), .seconds(880)][random.below(2)]
    let world = try World(seed: seed, faults: faults, defect: defect)
    let drawn = random
    return try world.time.run { try await play(world, drawn) }
  }

  private func play(_ world: World, _ random: SeededGenerator) async throws -> Findings {
    var random = random
    try await world.start(at: .dualTable)
    let key = world.keys[0]
    world.store(Dialect.old.item(key, "o"), in: .old)
    world.recorder.initial(key, "o")
    if isTraced { world.trace() }
    let acts = Acts()
    let director = Director(world: world, acts: acts, job: BackfillJob(world, using: &random))
    let (first, second) = (straggler(world, seed: random.next()), Instance(of: world, seed: random.next()))
    let lengths: [Duration] = [.seconds(4), .seconds(60), .seconds(600), .seconds(4_000)]
    let length = lengths[random.below(lengths.count)]
    let part = random.below(30)
    let operation: HistoryEvent.Operation = [.get, .update, .update, .replace][random.below(4)]
    // A read takes fewer jobs than a write.
    let job = operation == .get ? part / 2 : part
    let seed = random.next()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await first.serve(world, acts) {
          try? await world.time.sleep(for: .seconds(3))
          first.machine.process.suspend(for: length, before: job)
          let client = world.client(10, of: first)
          await client.perform(call(operation, key, client))
          while !acts.isOver {
            await client.perform(call(.get, key, client))
            try? await world.time.sleep(for: .seconds(2))
          }
        }
      }
      group.addTask {
        await second.serve(world, acts) {
          let client = world.client(20, of: second)
          try? await world.time.sleep(for: .milliseconds(3_500))
          // What makes the switch to phase 4 a right one: NEW has what OLD has.
          while await !client.perform(call(.update, key, client)) {}
          while world.phase != .new, !acts.isOver { try? await world.time.sleep(for: .milliseconds(200)) }
          for _ in 0..<4 {
            await client.perform(call(.delete, key, client))
            try? await world.time.sleep(for: .milliseconds(500))
          }
        }
      }
      group.addTask {
        while world.simulator.items(in: Dialect.new.table).isEmpty { try? await world.time.sleep(for: .milliseconds(200)) }
        _ = await director.run([.to(.newWithTombstones), .to(.new)], seed: seed)
      }
    }
    try await world.settle()
    await world.audit(Instance(world, Machine(world, .service, seed: 99), fixed: .new))
    return Findings(world)
  }

  /// The instance that may be late; broken, it goes by phase 3 for good.
  private func straggler(_ world: World, seed: UInt64) -> Instance {
    guard defect == .fallsBackWhenCutOff else { return Instance(of: world, seed: seed) }
    return Instance(world, Machine(world, .service, seed: seed), fixed: .dualTable)
  }

  private func call(_ operation: HistoryEvent.Operation, _ key: String, _ client: ModelClient) -> Call {
    var call = Call(key: key, operation: operation)
    if operation != .get, operation != .delete { call.value = client.recorder.fresh(client.number) }
    if operation == .replace { call.expect = "o" }
    call.tellsResult = operation == .update
    return call
  }
}
