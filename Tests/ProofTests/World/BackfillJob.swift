import DualTableBackfill
import DualTableMapping
import DualTableRehearsal
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import TestSupport

/// A backfill that is killed and started again until its table is done.
struct BackfillJob {
  let world: World
  let seed: UInt64
  /// After how long each life but the last is killed.
  var lives: [Duration] = []
  /// True if a control table says the phase: each life is a participant then.
  private let isControlled: Bool
  private let directory = TemporaryDirectory()

  init(_ world: World, isControlled: Bool = true, using random: inout SeededGenerator) {
    self.world = world
    self.isControlled = isControlled
    seed = random.next()
    for _ in 0..<max(0, random.below(5) - 2) { lives.append(.milliseconds(20 + random.below(200))) }
  }

  /// Runs to the end; what became of every item.
  func run() async -> Result? {
    var number: UInt64 = 0
    var lives = lives
    while number < 100 {
      let machine = Machine(world, .backfill, seed: seed &+ number)
      number += 1
      if let result = await live(machine, killedAfter: lives.popLast()) {
        return Result(backfill: result, deadLetters: (try? directory.text("state/dead-letters.jsonl")) ?? "")
      }
      try? await world.time.sleep(for: .seconds(1))
    }
    world.recorder.failed("a hundred lives of the backfill were not enough")
    return nil
  }

  /// One life; nil if it ended before its table did.
  private func live(_ machine: Machine, killedAfter length: Duration?) async -> BackfillResult? {
    let client = machine.client(retry: .bulk())
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: Dialect.old.table), new: .init(client: client, table: Dialect.new.table),
      mapping: Dialect.mapping, stateDirectory: StatePath("\(directory.path)/state"), seed: seed)
    configuration.segments = 2
    configuration.openSegments = 2
    configuration.checkpointExecutor = InlineSerialExecutor()
    if isControlled {
      configuration.participant = Participant(
        table: ControlTable(
          client: machine.client(1), name: "control", oldTable: Dialect.old.table, newTable: Dialect.new.table),
        mapping: Dialect.mapping.digest, clients: [client], wallClock: machine.wallClock, clock: machine.clock
      ) { client.uniqueName() }
    }
    world.defect?.change(&configuration)
    let backfill = Backfill(configuration)
    return await withTaskGroup(of: BackfillResult??.self) { group in
      group.addTask(executorPreference: machine.process) {
        do {
          return .some(try await backfill.run(stop: StopSignal()) { _ in })
        } catch {
          if !Task.isCancelled { world.recorder.failed("the backfill ended: \(error)") }
          return .some(nil)
        }
      }
      if let length {
        group.addTask {
          try? await world.time.sleep(for: length)
          return nil
        }
      }
      guard let first = await group.next(), let result = first else {
        machine.transport.cut()
        group.cancelAll()
        await group.waitForAll()
        return nil
      }
      group.cancelAll()
      return result?.more == false ? result : nil
    }
  }

  struct Result: Sendable {
    let backfill: BackfillResult
    let deadLetters: String
  }
}
