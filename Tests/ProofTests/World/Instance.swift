import DynamoDBClient
import MigrationControl
import Synchronization

@testable import DualTable

/// One instance of the service: a process with a repository.
final class Instance: Sendable {
  private let world: World
  let machine: Machine
  let repository: DualTableRepository
  /// What it reaches the tables by.
  let client: DynamoDBClient
  /// True if a control table says the phase, which may be one in which OLD is written.
  let isFleet: Bool
  private let dead = Atomic(false)
  private let leaving = Atomic(false)

  init(_ world: World, _ machine: Machine, phase: PhaseSource) {
    self.world = world
    self.machine = machine
    isFleet = if case .controlTable = phase.kind { true } else { false }
    client = machine.client()
    repository = DualTableRepository(
      old: client, oldTable: Dialect.old.table, new: client, newTable: Dialect.new.table, mapping: Dialect.mapping, phase: phase,
      retryUnknownWrites: false)
  }

  /// One of a fleet's.
  convenience init(of world: World, _ clocks: Machine.Clocks = .init(), seed: UInt64) {
    let machine = Machine(world, .service, clocks, seed: seed)
    self.init(world, machine, phase: .controlTable("control", client: machine.client(1)))
  }

  /// Keeps it up beside its work until the acts are over.
  func serve(_ acts: Acts, _ work: @escaping @Sendable () async -> Void) async {
    world.began(machine)
    defer { world.ended(machine) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: machine.process) { [self] in try? await repository.run() }
      group.addTask(executorPreference: machine.process) { await work() }
      while !acts.isOver { await acts.next(after: acts.current) }
      group.cancelAll()
    }
  }

  /// True once it vanished: whatever its tasks still do, nobody hears of it.
  var isDead: Bool { dead.load(ordering: .relaxed) }

  /// True once it begins nothing any more.
  var isLeaving: Bool { leaving.load(ordering: .relaxed) }

  func leave() { leaving.store(true, ordering: .relaxed) }

  func vanish() {
    dead.store(true, ordering: .relaxed)
    machine.transport.cut()
  }
}
