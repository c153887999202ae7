import DualTable
import DualTableMapping
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl

/// Two writers about the switch to phase 3: of each item both replace the value that only one can replace.
///
/// The first goes to OLD as late as it can: its writes are long under way, or it sleeps before a job that the seed draws, and it may have
/// joined a moment ago. The second goes to NEW as soon as phase 3 is committed.
struct HandoverScene: Scene {
  let seed: UInt64
  var defect: Defect?
  var isTraced = false

  func run() throws -> Findings {
    var faults = FaultPlan(seed: seed)
    faults.delay = .milliseconds(1) ... .milliseconds(20)
    let world = try World(seed: seed, faults: faults, defect: defect)
    return try world.time.run { try await play(world, SeededGenerator(seed: seed ^ 0x4A11D)) }
  }

  private func play(_ world: World, _ random: SeededGenerator) async throws -> Findings {
    var random = random
    try await world.start(at: defect == .skipsDualRead ? .old : .dualRead)
    let keys = ["u-a", "u-b", "u-c", "u-d", "u-e"]
    for key in keys {
      world.store(Dialect.old.item(key, "o"), in: .old)
      world.recorder.initial(key, "o")
    }
    if isTraced { world.trace() }
    let acts = Acts()
    let director = Director(world: world, acts: acts, job: BackfillJob(world, using: &random))
    let (first, second) = (Instance(of: world, seed: random.next()), Instance(of: world, seed: random.next()))
    (first.machine.transport.tampering as? Tampering)?.slowsWritesToOld(by: .milliseconds([300, 1_200, 3_000][random.below(3)]))
    let lengths: [Duration] = [.seconds(4), .seconds(60), .seconds(600), .seconds(4_000)]
    let sleep = random.below(2) == 0 ? nil : (length: lengths[random.below(lengths.count)], job: random.below(12))
    let joins = Duration.milliseconds(random.below(2) == 0 ? 0 : 1_000 + random.below(3_000))
    let moments = keys.map { _ in Duration.milliseconds(random.below(joins == .zero ? 5_000 : 1_000)) }
    // A third that sleeps holds the first announcement up, so that it is withdrawn and made again.
    let third = random.below(2) == 0 ? Instance(of: world, seed: random.next()) : nil
    let seed = random.next()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await world.time.sleep(for: joins)
        await first.serve(world, acts) {
          let client = world.client(10, of: first)
          await withTaskGroup(of: Void.self) { writes in
            for (key, moment) in zip(keys, moments) {
              writes.addTask(executorPreference: first.machine.process) {
                try? await world.time.sleep(for: moment)
                if let sleep, key == keys[0] { first.machine.process.suspend(for: sleep.length, before: sleep.job) }
                await replace(key, client)
              }
            }
          }
        }
      }
      group.addTask {
        await second.serve(world, acts) {
          while let phase = world.phase, phase < .dualTable, !acts.isOver { try? await world.time.sleep(for: .milliseconds(200)) }
          let client = world.client(20, of: second)
          for key in keys {
            for _ in 0..<4 where await !replace(key, client) { try? await world.time.sleep(for: .milliseconds(300)) }
          }
        }
      }
      if let third {
        group.addTask {
          await third.serve(world, acts) {
            try? await world.time.sleep(for: .milliseconds(1_000))
            third.machine.stop(for: .seconds(5))
          }
        }
      }
      group.addTask {
        try? await world.time.sleep(for: .milliseconds(1_500))
        _ = await director.run(defect == .staleScan ? [.to(.dualTable), .backfill] : [.to(.dualTable)], seed: seed)
      }
    }
    try await world.settle()
    await world.audit(Instance(world, Machine(world, .service, seed: 99), fixed: .dualTable))
    return Findings(world)
  }

  /// True once it was decided.
  @discardableResult private func replace(_ key: String, _ client: ModelClient) async -> Bool {
    var call = Call(key: key, operation: .replace)
    (call.value, call.expect, call.tellsResult) = (client.recorder.fresh(client.number), "o", true)
    return await client.perform(call)
  }
}
