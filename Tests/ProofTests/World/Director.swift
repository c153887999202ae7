import AWSAuth
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl

/// Takes a migration through its phases: switches, often two of them at once, the backfill, and the burial of the dead.
struct Director: Sendable {
  let world: World
  let acts: Acts
  let job: BackfillJob

  enum Step: Sendable, Equatable {
    case to(MigrationPhase)
    case backfill
  }

  /// The steps of a run: from phase 1 or 2 to 5, sometimes back and forth on the way.
  static func steps(_ defect: Defect?, isShort: Bool, _ random: inout SeededGenerator) -> [Step] {
    if isShort { return [.to(.dualTable)] }
    if defect == .switchesUnpopulated { return [.to(.dualTable), .to(.newWithTombstones), .to(.new)] }
    var steps: [Step] = random.below(3) == 0 ? [.to(.dualRead)] : []
    if !steps.isEmpty, random.below(4) == 0 { steps += [.to(.old), .to(.dualRead)] }
    steps += [.to(.dualTable), .backfill, .to(.newWithTombstones)]
    if random.below(4) == 0 { steps += [.to(.dualTable), .to(.newWithTombstones)] }
    return steps + [.to(.new)]
  }

  /// Performs the steps; the phase that holds in the end, and OLD's items as the switch to phase 3 left them.
  func run(_ steps: [Step], seed: UInt64) async -> MigrationPhase {
    var random = SeededGenerator(seed: seed)
    var phase = steps.first == .to(.dualRead) ? MigrationPhase.old : .dualRead
    for step in steps {
      acts.advance()
      try? await world.time.sleep(for: .milliseconds(random.below(1_200)))
      switch step {
      case .backfill:
        let old = world.simulator.items(in: Dialect.old.table)
        guard let result = await job.run() else { break }
        for sentence in Findings.lost(old, in: world, by: result) { world.recorder.failed(sentence) }
        // Nobody of a killed backfill's is asked: what it sent is dead by then.
        await world.rest(.seconds(1_860), everybody: true)
      case .to(let target):
        guard await change(to: target, &random) else {
          world.recorder.failed("phase \(target) was never reached")
          acts.finish()
          return phase
        }
        phase = target
      }
    }
    acts.advance()
    try? await world.time.sleep(for: .seconds(8))
    acts.finish()
    return phase
  }

  private func change(to target: MigrationPhase, _ random: inout SeededGenerator) async -> Bool {
    if let done = await changeCarelessly(to: target, &random) { return done }
    var watch = SilenceWatch()
    let machine = Machine(world, .director, seed: random.next())
    let table = ControlTable(client: machine.client(), name: "control", oldTable: Dialect.old.table, newTable: Dialect.new.table)
    for attempt in 0..<24 {
      if world.defect == .deadTooSoon || world.defect == .removesUnconditionally {
        let seen = (try? await table.participants()) ?? []
        if world.defect == .removesUnconditionally { try? await world.time.sleep(for: .seconds(6)) }
        for participant in seen { _ = try? await table.remove(participant) }
      }
      let pairs = random.below(3) == 0 || world.defect == .commitsUnconditionally ? 2 : 1
      let seeds = (0..<pairs).map { _ in random.next() }
      let lag = Duration.milliseconds(random.below(1_500))
      let isDone = await withTaskGroup(of: Bool.self) { group in
        for (number, seed) in seeds.enumerated() {
          group.addTask {
            if number > 0 { try? await world.time.sleep(for: lag) }
            return await coordinate(to: target, Machine(world, .director, seed: seed))
          }
        }
        return await group.reduce(false) { $0 || $1 }
      }
      if isDone { return true }
      // What holds it up is a process that sleeps, one that is dead, or a request that may still land: time helps.
      await world.rest(attempt < 2 ? .seconds(3) : .seconds(900), everybody: random.below(4) > 0)
      if attempt == 6 { world.simulator.setFaults(world.calm) }
      let reading = ClockReading(elapsed: .nanoseconds(world.time.now.nanoseconds), wall: machine.wallClock.now())
      for dead in watch.see((try? await table.participants()) ?? [], at: reading) { _ = try? await table.remove(dead) }
    }
    return false
  }

  /// Changes the phase by a rule that is none; nil where the rules hold.
  private func changeCarelessly(to target: MigrationPhase, _ random: inout SeededGenerator) async -> Bool? {
    let isHasty =
      switch world.defect {
      case .noDrain: target == .dualTable
      case .skipsDualRead: target <= .dualTable
      case .skipsTombstones: target >= .newWithTombstones
      default: false
      }
    guard isHasty else { return nil }
    // Phase 2 or 4 is what is skipped.
    if world.defect != .noDrain, target == .dualRead || target == .newWithTombstones { return true }
    let table = ControlTable(
      client: Machine(world, .director, seed: random.next()).client(), name: "control", oldTable: Dialect.old.table,
      newTable: Dialect.new.table)
    for _ in 0..<100 {
      guard let control = (try? await table.controlItem()) ?? nil else { continue }
      if control.phase == target { return true }
      _ = try? await table.write(control.changed { ($0.phase, $0.next) = (target, nil) }, expecting: control.epoch)
    }
    return false
  }

  private func coordinate(to target: MigrationPhase, _ machine: Machine) async -> Bool {
    let table = ControlTable(client: machine.client(), name: "control", oldTable: Dialect.old.table, newTable: Dialect.new.table)
    let coordinator = PhaseSwitch(table: table, wallClock: machine.wallClock, clock: machine.clock)
    let outcome = try? await coordinator.perform(SwitchStateMachine(to: target, patience: .milliseconds(1_500)))
    if case .done? = outcome { return true }
    return false
  }
}
