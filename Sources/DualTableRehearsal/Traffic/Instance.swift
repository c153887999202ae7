internal import AWSAuth
package import DualTable
package import DualTableMapping
package import DynamoDBClient
package import MigrationControl
internal import Synchronization

/// One instance of the service: a process with a repository.
package final class Instance: Sendable {
  package let machine: Machine
  package let repository: DualTableRepository
  /// What it reaches the tables by.
  package let client: DynamoDBClient
  /// True if a control table says the phase, which may be one in which OLD is written.
  package let isFleet: Bool
  private let dead = Atomic(false)
  private let leaving = Atomic(false)

  /// - Parameter fixed: the phase; nil: the control table `control` says it.
  package init(_ machine: Machine, old: String, new: String, control: String, mapping: any TableMapping, fixed: MigrationPhase? = nil) {
    self.machine = machine
    isFleet = fixed == nil
    client = machine.client()
    repository = DualTableRepository(
      old: client, oldTable: old, new: client, newTable: new, mapping: mapping,
      phase: fixed.map { .fixed($0) } ?? .controlTable(control, client: machine.client(1)), retryUnknownWrites: false)
  }

  /// True once it vanished: whatever its tasks still do, nobody hears of it.
  package var isDead: Bool { dead.load(ordering: .relaxed) }

  /// True once it begins nothing any more.
  package var isLeaving: Bool { leaving.load(ordering: .relaxed) }

  package func leave() { leaving.store(true, ordering: .relaxed) }

  package func vanish() {
    dead.store(true, ordering: .relaxed)
    machine.transport.cut()
  }
}
