public import DualTableMapping
public import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl
internal import Synchronization

/// Reads and writes items in the new table's format while they move there from the old one.
///
/// The operations take and return what the client's do, always for the new table and in its format. Where the phase says so they look
/// into the old table for what isn't there yet, convert it, and guard every write, so that a backfill can run beside them. A deleted
/// item leaves a tombstone until phase 5, which nothing shows.
public final class DualTableRepository: Sendable {
  internal let new: DynamoDBClient
  internal let newTable: String
  internal let old: OldTable
  internal let mapping: any TableMapping
  internal let retryUnknownWrites: Bool
  /// Who knows the phase.
  internal let phase: Phase
  /// Set once NEW's engine was seen to send an item along with a refusal. Until then a refusal without one is followed by a read: some
  /// engines never send it.
  private let sawItemInRefusal = Atomic(false)

  /// Makes a repository over two tables, which may be in different accounts and Regions.
  ///
  /// - Parameters:
  ///   - old: reads the old table; nothing is ever written to it.
  ///   - oldTable: the old table's name or ARN.
  ///   - new: reads and writes the new table.
  ///   - newTable: the new table's name or ARN; requests name it too.
  ///   - mapping: how an item of the old table becomes items of the new one; the backfill's.
  ///   - phase: which table counts.
  ///   - retryUnknownWrites: false to send no write again whose answer was lost, and to throw `outcomeUnknown` instead. Default true, as
  ///     every AWS SDK does: such a write may land twice, around another writer's. What depends on the item it meets (`ADD`,
  ///     `SET a = a + :x`) is never sent again.
  public init(
    old: DynamoDBClient, oldTable: String, new: DynamoDBClient, newTable: String, mapping: any TableMapping, phase: PhaseSource,
    retryUnknownWrites: Bool = true
  ) {
    self.new = new
    self.newTable = newTable
    self.old = OldTable(client: old, name: oldTable, mapping: mapping)
    self.mapping = mapping
    self.retryUnknownWrites = retryUnknownWrites
    switch phase.kind {
    case .fixed(let phase): self.phase = .fixed(phase)
    case .controlTable(let name, let client):
      self.phase = .participant(
        Participant(
          table: ControlTable(client: client, name: name, oldTable: oldTable, newTable: newTable), mapping: mapping.digest,
          clients: [old, new], wallClock: new.wallClock, clock: new.clock
        ) { client.uniqueName() })
    }
  }

  internal enum Phase: Sendable {
    /// Nobody changes it.
    case fixed(MigrationPhase)
    case participant(Participant)
  }

  /// Takes part in the migration until the task is cancelled: tells the control table that this instance is there, and learns the phase.
  ///
  /// Operations wait until it has run for the first time. With a fixed phase there is nothing to do but to wait.
  ///
  /// - Throws: `MigrationControlError` before the phase was ever known: `notInitialized`, `otherMapping`.
  public func run() async throws {
    switch phase {
    case .fixed: while !Task.isCancelled { try? await new.clock.sleep(for: .seconds(3_600)) }
    case .participant(let participant): try await participant.run()
    }
  }

  // MARK: - What every operation begins with

  internal var reserved: String { mapping.reservedAttribute }

  internal func check(table: String) throws(DualTableError) {
    guard table == newTable else {
      throw DualTableError(.wrongTable, "The repository serves the table \(newTable), not \(table): name the new table in requests.")
    }
  }

  /// The key as NEW's schema has it.
  internal func check(key: Item) throws(DualTableError) -> Item {
    guard let proper = mapping.newSchema.key(of: key), proper.count == key.count else { throw invalidKey }
    return proper
  }

  internal var invalidKey: DualTableError {
    let names = mapping.newSchema.attributes.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: " and ")
    return DualTableError(.invalidKey, "A key of the new table is \(names).")
  }

  internal var refusalsCarryItems: Bool { sawItemInRefusal.load(ordering: .relaxed) }

  internal func noteItemInRefusal() { sawItemInRefusal.store(true, ordering: .relaxed) }
}
