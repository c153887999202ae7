internal import AWSAuth
internal import Dispatch
internal import DualTable
internal import DualTableBackfill
internal import DualTableMapping
package import DualTableScan
internal import DualTableVerify
internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import MigrationControl

/// A whole migration on this machine: tables, a live service, faults, a crash, every phase, and the judgement of what everybody saw.
///
/// All of it happens in virtual time on the calling thread, in an order drawn from the seed: hours of leases pass in seconds, and one seed
/// gives one history.
package struct Rehearsal: Sendable {
  private let configuration: Configuration

  package init(_ configuration: Configuration) { self.configuration = configuration }

  /// Rehearses, and judges what everybody saw.
  ///
  /// - Parameters:
  ///   - stop: ends the rehearsal with a `CancellationError` when asked to.
  ///   - progress: told where it stands, and of each stage that ended; on the calling thread.
  /// - Throws: `RehearsalError`, `StateError`, `CancellationError`, or what a run beside the service threw.
  package func run(stop: StopSignal, progress: @escaping @Sendable (RehearsalProgress) -> Void) throws -> RehearsalResult {
    let stock = Stock(configuration)
    let world = try RehearsalWorld(configuration, try stock.catalog(), progress)
    let outcome = try world.time.run { try await play(world, stock, stop) }
    world.at(.judge, "")
    let history = world.recorder.history
    let verdict = HistoryVerdict(history)
    let found = outcome.frozen.judge(configuration.mapping) { key in world.catalog.hasRegister(key) }
    let last = outcome.steps.last?.ended ?? .zero
    let result = RehearsalResult(
      seed: configuration.seed, operations: world.log.operations, clients: configuration.instances * configuration.clients,
      traffic: world.meter.counts, history: verdict, untouched: found, failures: world.recorder.failures,
      backfill: outcome.backfill.result, verify: outcome.verify, sweep: outcome.sweep, steps: outcome.steps, control: outcome.control,
      records: outcome.records, participants: outcome.participants, moment: world.time.wallClock.now(), virtual: last,
      digest: try world.log.finish())
    let step = RehearsalStep(
      stage: .judge, began: last, ended: last, operations: 0,
      sentence:
        "\(result.operations.grouped) operations judged: \(result.lost.grouped) lost, \(result.resurrected.grouped) resurrected, \(result.overwritten.grouped) overwritten"
    )
    progress(.ended(step))
    return result
  }

  private func play(_ world: RehearsalWorld, _ stock: Stock, _ stop: StopSignal) async throws -> RehearsalDirector.Outcome {
    try await world.makeTables()
    try await stock.fill(world, stop)
    let step = RehearsalStep(
      stage: .prepare, began: .zero, ended: world.elapsed, operations: 0, sentence: "\(stock.count.grouped) items in the old table")
    world.ended(step)
    world.simulator.setFaults(configuration.faults.plan(seed: configuration.seed))
    let service = RehearsedService(world)
    let director = RehearsalDirector(world: world, service: service, items: stock.count, stop: stop)
    let outcome = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      let outcome: RehearsalDirector.Outcome
      do {
        outcome = try await director.run(&group)
      } catch {
        world.meter.finish()
        group.cancelAll()
        throw error
      }
      world.meter.finish()
      try await group.waitForAll()
      return outcome
    }
    try await audit(world)
    return outcome
  }

  /// Lets everything that is still on its way arrive, and reads every register once more.
  private func audit(_ world: RehearsalWorld) async throws {
    var calm = FaultPlan(seed: configuration.seed)
    calm.delay = .milliseconds(1) ... .milliseconds(10)
    world.simulator.setFaults(calm)
    try await world.time.sleep(for: .seconds(1_900))
    let instance = Instance(
      world.machine(400), old: RehearsalWorld.old, new: RehearsalWorld.new, control: RehearsalWorld.control,
      mapping: configuration.mapping, fixed: .new)
    let auditor = ModelClient(number: 0, instance: instance, forms: world.catalog, recorder: world.recorder)
    let names = world.catalog.registers.map(\.name)
    for start in stride(from: 0, to: names.count, by: 100) {
      let batch = Array(names[start..<min(start + 100, names.count)])
      if await !auditor.readAll(batch) { world.recorder.failed("The last look at all items got no answer.") }
    }
  }
}
