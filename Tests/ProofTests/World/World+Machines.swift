import DualTable
import DualTableRehearsal
import DynamoDBClient
import DynamoDBSimulator
import MigrationControl

extension Machine {
  /// One of a world's, broken as the world is.
  convenience init(_ world: World, _ role: Role, _ clocks: Clocks = Clocks(), seed: UInt64) {
    self.init(time: world.time, simulator: world.simulator, tampering: Tampering(world.defect, role, world), clocks, seed: seed)
  }
}

extension Instance {
  /// One of a fleet's, or one in a fixed phase.
  convenience init(_ world: World, _ machine: Machine, fixed: MigrationPhase? = nil) {
    self.init(
      machine, old: Dialect.old.table, new: Dialect.new.table, control: "control", mapping: Dialect.mapping, fixed: fixed)
  }

  convenience init(of world: World, _ clocks: Machine.Clocks = .init(), seed: UInt64) {
    self.init(world, Machine(world, .service, clocks, seed: seed))
  }

  /// Keeps it up beside its work until the acts are over.
  func serve(_ world: World, _ acts: Acts, _ work: @escaping @Sendable () async -> Void) async {
    world.began(machine)
    defer { world.ended(machine) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: machine.process) { [self] in try? await repository.run() }
      group.addTask(executorPreference: machine.process) { await work() }
      while !acts.isOver { await acts.next(after: acts.current) }
      group.cancelAll()
    }
  }
}
