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
    let moves = moves(try stock.catalog())
    let world = try RehearsalWorld(configuration, progress)
    let outcomes = try world.time.run { try await play(moves, world, stock, stop) }
    world.at(.judge, "")
    let verdict = HistoryVerdict(world.recorder.history)
    let last = outcomes.last?.steps.last?.ended ?? .zero
    let result = RehearsalResult(
      seed: configuration.seed, operations: world.log.operations, clients: moves.count * configuration.instances * configuration.clients,
      history: verdict, failures: world.recorder.failures, moves: zip(moves, outcomes).map { $1.result(of: $0) },
      moment: world.time.wallClock.now(), virtual: last, digest: try world.log.finish())
    let step = RehearsalStep(
      stage: .judge, began: last, ended: last, operations: 0,
      sentence:
        "\(result.operations.grouped) operations judged: \(result.lost.grouped) lost, \(result.resurrected.grouped) resurrected, \(result.overwritten.grouped) overwritten"
    )
    progress(.ended(step))
    return result
  }

  /// The migration, and the one back.
  private func moves(_ catalog: Catalog) -> [RehearsedMove] {
    let operations = configuration.inverse == nil ? configuration.operations : configuration.operations / 2
    var moves = [
      RehearsedMove(
        direction: .forth, mapping: configuration.mapping, catalog: catalog, directory: configuration.directory, control: "control",
        operations: operations)
    ]
    if let inverse = configuration.inverse {
      moves.append(
        RehearsedMove(
          direction: .back, mapping: inverse, catalog: catalog.returning(by: inverse, to: "old-again"),
          directory: "\(configuration.directory)/back", control: "control-back", operations: operations))
    }
    return moves
  }

  private func play(
    _ moves: [RehearsedMove], _ world: RehearsalWorld, _ stock: Stock, _ stop: StopSignal
  ) async throws -> [RehearsalDirector.Outcome] {
    try await world.makeTables(moves[0])
    try await stock.fill(world, moves[0], stop)
    world.ended(
      RehearsalStep(
        stage: .prepare, began: .zero, ended: world.elapsed, operations: 0, sentence: "\(stock.count.grouped) items in the old table"))
    world.simulator.setFaults(configuration.faults.plan(seed: configuration.seed))
    var outcomes = [try await play(moves[0], world, items: stock.count, earliestFreeze: .zero, stop)]
    for move in moves.dropFirst() {
      let began = world.elapsed
      try await world.makeTables(move)
      world.ended(
        RehearsalStep(
          stage: .turn, began: began, ended: world.elapsed, operations: 0,
          sentence: "a fresh table of the old format, a new control table, the service deployed anew: back through the inverse mapping"))
      let items = outcomes.last.map { $0.sweep.scanned - $0.sweep.swept } ?? 0
      // No table knows of the service's earlier version: its last writes are waited for, as long as they are good for.
      outcomes.append(try await play(move, world, items: items, earliestFreeze: began + .seconds(1_860), stop))
    }
    if let last = moves.last { try await audit(world, last) }
    return outcomes
  }

  private func play(
    _ move: RehearsedMove, _ world: RehearsalWorld, items: Int, earliestFreeze: Duration, _ stop: StopSignal
  ) async throws -> RehearsalDirector.Outcome {
    let service = RehearsedService(world, move)
    let director = RehearsalDirector(
      world: world, move: move, service: service, items: items, earliestFreeze: earliestFreeze, stop: stop)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      let outcome: RehearsalDirector.Outcome
      do {
        outcome = try await director.run(&group)
      } catch {
        move.meter.finish()
        group.cancelAll()
        throw error
      }
      move.meter.finish()
      try await group.waitForAll()
      return outcome
    }
  }

  /// Lets everything that is still on its way arrive, and reads every register once more.
  private func audit(_ world: RehearsalWorld, _ move: RehearsedMove) async throws {
    var calm = FaultPlan(seed: configuration.seed)
    calm.delay = .milliseconds(1) ... .milliseconds(10)
    world.simulator.setFaults(calm)
    try await world.time.sleep(for: .seconds(1_900))
    let instance = Instance(
      world.machine(3), old: move.old, new: move.new, control: move.control, mapping: move.mapping, fixed: .new)
    let auditor = ModelClient(number: 0, instance: instance, forms: move.catalog, recorder: world.recorder)
    let names = move.catalog.registers.map(\.name)
    for start in stride(from: 0, to: names.count, by: 100) {
      let batch = Array(names[start..<min(start + 100, names.count)])
      if await !auditor.readAll(batch) { world.recorder.failed("The last look at all items got no answer.") }
    }
  }
}

extension RehearsalDirector.Outcome {
  fileprivate func result(of move: RehearsedMove) -> MoveResult {
    MoveResult(
      direction: move.direction, directory: move.directory, mapping: move.mapping, backfill: backfill.result, verify: verify, sweep: sweep,
      untouched: frozen.judge(), traffic: move.meter.counts, steps: steps, control: control, records: records, participants: participants)
  }
}
