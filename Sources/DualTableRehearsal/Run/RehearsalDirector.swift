internal import AWSAuth
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DualTableVerify
internal import DynamoDBClient
internal import DynamoDBSimulator
internal import MigrationControl

/// Takes the rehearsed migration through its phases, as its operator would by `cutover`, `backfill`, `verify` and `sweep`.
struct RehearsalDirector: Sendable {
  let world: RehearsalWorld
  let move: RehearsedMove
  let service: RehearsedService
  /// Items of OLD.
  let items: Int
  /// When in virtual time OLD may be frozen at the earliest.
  let earliestFreeze: Duration
  let stop: StopSignal

  /// What the runs beside the service came to.
  struct Outcome: Sendable {
    var backfill: RehearsedBackfill.Outcome
    var verify: VerifyResult
    var sweep: SweepResult
    var frozen: FrozenTables
    var steps: [RehearsalStep]
    var control: ControlItem
    var records: [StepRecord]
    var participants: [ParticipantItem]
  }

  /// Parts of a hundred of the clients' operations, by stage.
  private enum Share {
    static let old = 8
    static let dualRead = 14
    static let backfill = 56
    static let tombstones = 12
    static let new = 10
  }

  /// Goes from phase 1 to 5 and sweeps.
  func run(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws -> Outcome {
    var log = StepLog(world, move.meter)
    try await traffic(.old, Share.old)
    log.end(
      .old,
      "\(service.instances.count * world.configuration.clients) clients of \(service.instances.count) instances use the \(move.oldWords)")

    try await change(to: .dualRead, .toDualRead)
    log.end(.toDualRead, "every instance reads the \(move.newWords) first")
    try await traffic(.dualRead, Share.dualRead)
    log.end(.dualRead, "reads ask both tables, writes go to the \(move.oldWords)")

    let fenced = try await freeze()
    move.meter.isOldWritten = false
    log.end(.toDualTable, fenced)
    let frozenOld = world.simulator.change { $0 }

    let share = move.operations * Share.backfill / 100
    move.meter.ask(for: share)
    let backfill = try await RehearsedBackfill(world: world, move: move, writeUnits: writeUnits(share)).run(&group, items: items)
    try await busy(.backfill)
    log.end(.backfill, Self.sentence(backfill))

    let verify = try await verification()
    log.end(
      .verify,
      "\(verify.oldIDs.grouped) ids looked for, \(verify.missing.grouped) missing; \(verify.differing.grouped) items differ for no reason")
    let frozen = FrozenTables(old: frozenOld, new: world.simulator.change { $0 }, move: move)

    let dead = try await bury(.toTombstones)
    try await change(to: .newWithTombstones, .toTombstones)
    log.end(.toTombstones, "\(dead) dead participant\(dead == 1 ? "" : "s") removed; the \(move.oldWords) is not asked any more")
    try await traffic(.newWithTombstones, Share.tombstones)
    log.end(.newWithTombstones, "reads and writes go to the \(move.newWords), deletes leave tombstones")

    try await change(to: .new, .toNew)
    log.end(.toNew, "nothing of phase 3 is under way any more")
    try await traffic(.new, Share.new / 2)
    // The killed process wakes, as one of a paused machine does.
    while backfill.killedAt > 0, world.elapsed < backfill.killedTime + RehearsedBackfill.death + .seconds(60) {
      try await rest(.seconds(300))
    }
    try await traffic(.new, Share.new / 2)
    log.end(.new, "deletes delete\(backfill.killedAt > 0 ? "; the killed backfill has woken up and done no harm" : "")")

    let sweep = try await sweeping()
    log.end(.sweep, "\(sweep.swept.grouped) tombstones swept from \(sweep.scanned.grouped) items")
    let table = world.controlTable(machine(291), move)
    guard let control = try await table.controlItem() else { throw RehearsalError(.stuck, "The control item is gone.") }
    return Outcome(
      backfill: backfill, verify: verify, sweep: sweep, frozen: frozen, steps: log.steps, control: control,
      records: try await table.steps(), participants: try await table.participants())
  }

  /// A machine of its own for each number and direction.
  private func machine(_ number: UInt64) -> Machine { world.machine(number + (move.direction == .forth ? 0 : 400)) }

  // MARK: The service

  private func traffic(_ stage: RehearsalStage, _ share: Int) async throws {
    move.meter.ask(for: max(1, move.operations * share / 100))
    try await busy(stage)
  }

  /// Waits until the clients have done what they were asked for.
  private func busy(_ stage: RehearsalStage) async throws {
    while move.meter.isBusy {
      try await world.time.sleep(for: .milliseconds(200))
      try checkStop()
      world.at(stage, "\(move.meter.counts.operations.grouped) operations")
    }
  }

  private func checkStop() throws {
    if stop.reason != nil { throw CancellationError() }
  }

  /// Units a second by which the backfill takes about as long as the clients' part of it.
  private func writeUnits(_ operations: Int) -> Double {
    let seconds = Double(operations) / Double(22 * service.instances.count * world.configuration.clients)
    return max(50, Double(items) * 1.2 / seconds)
  }

  // MARK: Phases

  private func change(to phase: MigrationPhase, _ stage: RehearsalStage, isFenced: Bool = false) async throws {
    for attempt in 0..<24 {
      let machine = self.machine(300 + UInt64(phase.rawValue) * 40 + UInt64(attempt))
      let coordinator = PhaseSwitch(table: world.controlTable(machine, move), wallClock: machine.wallClock, clock: machine.clock)
      world.at(stage, "waiting for every participant")
      let table = world.controlTable(machine, move)
      let outcome = try? await coordinator.perform(
        SwitchStateMachine(to: phase, fences: isFenced, patience: .seconds(30)), fence: { isFenced },
        made: { step in
          // For the report alone.
          try? await table.record(step)
        })
      if case .done? = outcome { return }
      // What holds it up is a request that may still land, or a name that nobody bears any more, of a dead process or of one that had to
      // register anew: time helps, and shorter times than it takes to know the dead show none of them.
      try checkStop()
      _ = try await bury(stage, for: attempt < 2 ? .seconds(60) : nil)
    }
    throw RehearsalError(.stuck, "Phase \(phase) was never reached: some participant never acknowledged.")
  }

  /// Goes to phase 3, behind a fence where writes get lost: there are always some that may still land.
  private func freeze() async throws -> String {
    world.at(.toDualTable, "waiting for writes of the service's earlier version")
    while world.elapsed < earliestFreeze { try await rest(.seconds(300)) }
    guard world.configuration.faults != .none else {
      try await change(to: .dualTable, .toDualTable)
      return "drained and committed: the \(move.oldWords) is frozen"
    }
    let machine = self.machine(290)
    // Writes fail from the fence on: whoever still waits for a lost write of phase 1 is waited for before. Nobody bears some of the names:
    // of a registration whose answer was lost, and which arrived once its participant had registered anew.
    let waited = world.elapsed
    var watch = SilenceWatch()
    while try await !hasEverybody(machine) {
      world.at(.toDualTable, "waiting for lost writes of phase 1")
      try await rest(.seconds(120))
      _ = try await bury(&watch, machine)
    }
    let minutes = Int(((world.elapsed - waited) / .seconds(60)).rounded())
    world.at(.toDualTable, "putting up the fence")
    let (started, tries) = try await raiseFence(machine)
    try await change(to: .dualTable, .toDualTable, isFenced: true)
    let seconds = Int(((world.elapsed - started) / .seconds(1)).rounded())
    let again = tries == 0 ? "" : "a fence taken back \(tries == 1 ? "once" : "\(tries) times") as too few probes were answered, then "
    return "after \(minutes) min for lost writes, \(again)fenced for \(seconds) s and committed: the \(move.oldWords) is frozen"
  }

  /// Puts the fence up, as an operator would.
  ///
  /// Writes fail while it stands, and it holds only once each probe of a whole minute was answered. Where faults are too many for that, it
  /// is taken back, so that the service goes on, and put up in a quieter hour.
  /// - Returns: when the one that holds was put up, and how many were taken back before.
  private func raiseFence(_ machine: Machine) async throws -> (started: Duration, tries: Int) {
    let faults = world.configuration.faults
    defer { world.simulator.setFaults(faults.plan(seed: world.configuration.seed)) }
    let client = machine.client(retry: .bulk())
    var (tries, failures) = (0, 0)
    while true {
      try checkStop()
      let started = world.elapsed
      do {
        let fence = try await Fence(client: client, table: move.old, clock: machine.clock)
        do {
          if case .holds = try await fence.raise() { return (started, tries) }
        } catch let error as MigrationControlError where error.code == .notFenced && failures < 20 {
          failures += 1
          if try await fence.lift() { tries += 1 }
          world.at(.toDualTable, "the fence was taken back: waiting for a quieter hour")
          try await rest(.seconds(900))
          world.simulator.setFaults(RehearsalFaults.light.plan(seed: world.configuration.seed))
        }
      } catch let error as MigrationControlError where error.code == .requestFailed && failures < 20 {
        failures += 1
        try await world.time.sleep(for: .seconds(5))
      }
    }
  }

  /// True if every participant has acknowledged what the control table says.
  private func hasEverybody(_ machine: Machine) async throws -> Bool {
    let table = world.controlTable(machine, move)
    guard let control = try await table.controlItem() else { return false }
    return try await table.participants().allSatisfy { $0.acknowledged == control.epoch }
  }

  /// Waits, and removes participants that have been silent for 45 minutes.
  ///
  /// - Parameter length: nil: as long as it takes to know.
  /// - Returns: how many were removed.
  private func bury(_ stage: RehearsalStage, for length: Duration? = nil) async throws -> Int {
    let machine = self.machine(280)
    var watch = SilenceWatch()
    let end = world.elapsed + (length ?? SilenceWatch.longestSilence + .seconds(60))
    var removed = 0
    while true {
      removed += try await bury(&watch, machine)
      if world.elapsed >= end { return removed }
      world.at(stage, "waiting for the dead to be known as such")
      try await rest(min(.seconds(300), end - world.elapsed))
    }
  }

  /// Removes those that have been silent for 45 minutes of looks, of which this is one; returns how many.
  private func bury(_ watch: inout SilenceWatch, _ machine: Machine) async throws -> Int {
    let table = world.controlTable(machine, move)
    let reading = ClockReading(elapsed: world.elapsed, wall: machine.wallClock.now())
    var removed = 0
    for dead in watch.see((try? await table.participants()) ?? [], at: reading) where try await table.remove(dead) == .done {
      removed += 1
    }
    return removed
  }

  /// Lets time pass, most of it in the service's sleep: hours of beats show nothing that minutes don't.
  private func rest(_ length: Duration) async throws {
    if length > .seconds(60) { for instance in service.instances { instance.machine.stop(for: length - .seconds(20)) } }
    try await world.time.sleep(for: length)
    try checkStop()
  }

  // MARK: Runs beside the service

  private func verification() async throws -> VerifyResult {
    let machine = self.machine(202)
    let client = machine.client(retry: .bulk())
    var configuration = Verification.Configuration(
      old: .init(client: client, table: move.old), new: .init(client: client, table: move.new),
      mapping: move.mapping, stateDirectory: StatePath(move.directory).part("verify"), seed: world.configuration.seed)
    configuration.comparesContent = true
    configuration.writtenAttribute = move.catalog.rules.mark
    configuration.diskExecutor = { InlineSerialExecutor() }
    let verification = Verification(configuration)
    return try await withThrowingTaskGroup(of: VerifyResult.self) { group in
      group.addTask(executorPreference: machine.process) {
        try await verification.run(stop: stop) { world.at(.verify, "\($0.old.totals[.scanned].grouped) of \(items.grouped) items") }
      }
      guard let result = try await group.next() else { throw CancellationError() }
      return result
    }
  }

  private func sweeping() async throws -> SweepResult {
    let machine = self.machine(203)
    let client = machine.client(retry: .bulk())
    let mapping = move.mapping
    var configuration = Sweep.Configuration(
      new: .init(client: client, table: move.new), keys: mapping.newSchema, reserved: mapping.reservedAttribute,
      mapping: mapping.digest, stateDirectory: StatePath(move.directory).part("sweep"), seed: world.configuration.seed)
    configuration.checkpointExecutor = InlineSerialExecutor()
    let sweep = Sweep(configuration)
    return try await withThrowingTaskGroup(of: SweepResult.self) { group in
      group.addTask(executorPreference: machine.process) {
        try await sweep.run(stop: stop) { world.at(.sweep, "\($0.totals[.scanned].grouped) of \(items.grouped) items") }
      }
      guard let result = try await group.next() else { throw CancellationError() }
      return result
    }
  }

  private static func sentence(_ outcome: RehearsedBackfill.Outcome) -> String {
    let counts = outcome.result.counts
    let killed = outcome.killedAt > 0 ? "killed at item \(outcome.killedAt.grouped) and taken up again; " : ""
    let parts = BackfillOutcome.counters.filter { counts[$0.counter] > 0 }.map { "\(counts[$0.counter].grouped) \($0.outcome)" }
    return "\(killed)\(counts[.scanned].grouped) scanned = \(parts.joined(separator: " + "))"
  }
}

/// Notes when each stage ended.
private struct StepLog {
  private let world: RehearsalWorld
  private let meter: TrafficMeter
  private(set) var steps: [RehearsalStep] = []
  private var last: (time: Duration, operations: Int)

  init(_ world: RehearsalWorld, _ meter: TrafficMeter) {
    (self.world, self.meter) = (world, meter)
    last = (world.elapsed, 0)
  }

  mutating func end(_ stage: RehearsalStage, _ sentence: String) {
    let (now, operations) = (world.elapsed, meter.counts.operations)
    let step = RehearsalStep(
      stage: stage, began: last.time, ended: now, operations: operations - last.operations, sentence: sentence)
    last = (now, operations)
    steps.append(step)
    world.ended(step)
  }
}
