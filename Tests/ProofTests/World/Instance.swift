import DualTable
import DynamoDBClient
import MigrationControl
import Synchronization

/// One instance of the service: a process with a repository.
final class Instance: Sendable {
  let machine: Machine
  let repository: DualTableRepository
  private let dead = Atomic(false)

  init(_ world: World, _ machine: Machine, phase: PhaseSource) {
    self.machine = machine
    let client = machine.client()
    repository = DualTableRepository(
      old: client, oldTable: Dialect.old.table, new: client, newTable: Dialect.new.table, mapping: Dialect.mapping, phase: phase,
      retryUnknownWrites: false)
  }

  /// True once it vanished: whatever its tasks still do, nobody hears of it.
  var isDead: Bool { dead.load(ordering: .relaxed) }

  func vanish() {
    dead.store(true, ordering: .relaxed)
    machine.transport.cut()
  }
}
