internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBSimulator
internal import HTTPTransport
internal import MigrationControl
internal import Synchronization

/// A backfill that is killed in the middle and taken up by another process.
///
/// Killed means: its process stops at some instruction, and no further one of its ever runs while the migration goes on. What it had
/// sent arrives, and its files are what they were. Much later it wakes, as a machine does that was only paused, and must do no harm.
struct RehearsedBackfill: Sendable {
  let world: RehearsalWorld
  let move: RehearsedMove
  /// Units a second of NEW that it may take.
  let writeUnits: Double
  /// How long the killed process lies still.
  static let death: Duration = .seconds(9_000)

  struct Outcome: Sendable {
    let result: BackfillResult
    /// Items that had been scanned when the first process was killed; 0: it was through before anybody could.
    let killedAt: Int
    /// When, in virtual time.
    let killedTime: Duration
  }

  /// Runs to the end; the killed process goes on as a child of `group`.
  func run(_ group: inout ThrowingTaskGroup<Void, any Error>, items: Int) async throws -> Outcome {
    let number: UInt64 = move.direction == .forth ? 200 : 210
    let (machine, path, watch) = (world.machine(number, .backfill), "\(move.directory)/killed", BackfillWatch())
    group.addTask { await live(machine, at: path, watch) }
    guard let killedAt = try await wait(for: watch, items, upTo: items * 2 / 5) else {
      try Self.copyDisk(from: path, to: move.directory)
      return Outcome(result: try watch.result(), killedAt: 0, killedTime: .zero)
    }
    let killedTime = world.elapsed
    machine.process.suspend(for: Self.death)
    // Where a report looks for a backfill.
    let resumed = move.directory
    try Self.copyDisk(from: path, to: resumed)
    try await world.time.sleep(for: .seconds(5))
    let (second, secondWatch) = (world.machine(number + 1, .backfill), BackfillWatch())
    group.addTask { await live(second, at: resumed, secondWatch) }
    _ = try await wait(for: secondWatch, items, upTo: .max)
    return Outcome(result: try secondWatch.result(), killedAt: killedAt, killedTime: killedTime)
  }

  /// The disk as it was when the process was killed is what another one finds.
  private static func copyDisk(from path: String, to other: String) throws(StateError) {
    try File.makeDirectory(other)
    for name in try File.names(in: path) where name != "lock" {
      let bytes = try File.contents(of: "\(path)/\(name)")
      try File.replace("\(other)/\(name)", with: bytes.span)
    }
  }

  /// Waits until so many items were scanned, and returns how many; nil once the backfill has ended.
  private func wait(for watch: BackfillWatch, _ items: Int, upTo limit: Int) async throws -> Int? {
    while !watch.hasEnded {
      try await world.time.sleep(for: .milliseconds(100))
      guard let progress = watch.progress else { continue }
      let scanned = progress.pass.totals[.scanned]
      world.at(.backfill, "\(scanned.grouped) of \(items.grouped) items")
      if scanned >= limit { return scanned }
    }
    return nil
  }

  private func live(_ machine: Machine, at path: String, _ watch: BackfillWatch) async {
    let client = machine.client(retry: .bulk())
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: move.old), new: .init(client: client, table: move.new),
      mapping: move.mapping, stateDirectory: StatePath(path), seed: world.configuration.seed)
    configuration.writeBudget = .units(writeUnits)
    configuration.checkpointExecutor = InlineSerialExecutor()
    configuration.participant = Participant(
      table: world.controlTable(machine, move), mapping: move.mapping.digest, clients: [client], wallClock: machine.wallClock,
      clock: machine.clock
    ) { client.uniqueName() }
    let backfill = Backfill(configuration)
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: machine.process) { await watch.run(backfill) }
    }
  }
}

/// What the rehearsal sees of a backfill's process.
private final class BackfillWatch: Sendable {
  private struct State: Sendable {
    var progress: BackfillProgress?
    var end: End?
  }

  private enum End: Sendable {
    case done(BackfillResult)
    case failed(BackfillError)
  }

  private let state = Mutex(State())

  var progress: BackfillProgress? { state.withLock { $0.progress } }
  var hasEnded: Bool { state.withLock { $0.end != nil } }

  func result() throws -> BackfillResult {
    switch state.withLock({ $0.end }) {
    case .done(let result)?: return result
    case .failed(let error)?: throw error
    case nil: throw RehearsalError(.stuck, "The backfill never ended.")
    }
  }

  func note(_ progress: BackfillProgress) { state.withLock { $0.progress = progress } }

  /// Performs a run, and keeps how it ended.
  func run(_ backfill: Backfill) async {
    do throws(BackfillError) {
      let result = try await backfill.run(stop: StopSignal()) { self.note($0) }
      state.withLock { $0.end = .done(result) }
    } catch {
      state.withLock { $0.end = .failed(error) }
    }
  }
}
