internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import MigrationControl

/// How a verification knows that the migration is in a phase in which a missing id is a loss: 3 or 4. In 5 deletes leave nothing behind.
enum VerifyPhase: Sendable {
  /// The user says so.
  case assumed
  /// The control table does.
  case controlled(ControlledMigration)

  /// A phase that a whole service can be said to be in.
  enum Assumed: String, Sendable, CaseIterable {
    case dualTable, newWithTombstones
  }

  static let offline = Setting.flag("offline", "Nothing else writes to either table.")
  static let assumePhase = Setting<Assumed>.choice(
    "assume-phase", "phase", "The whole service is in this phase, where no control table knows.")

  /// What the settings say; exactly one of them must.
  init(_ context: CommandContext, _ clients: Clients, old: TableSide, new: TableSide) throws(CommandError) {
    let settings = context.settings
    let control = try context.controlTable(clients, old: old.table, new: new.table)
    let isOffline = try settings.isOn(Self.offline)
    let phase = try settings.value(Self.assumePhase)
    switch [control != nil, isOffline, phase != nil].count(where: { $0 }) {
    case 0:
      throw CommandError(
        "A verification runs in phase dualTable or newWithTombstones, and nothing says which this is; give --control with the control "
          + "table, --assume-phase if the whole service is in one of them, or --offline if nothing writes to either table.")
    case 1: self = control.map { .controlled(ControlledMigration(clients: clients, old: old, new: new, control: $0)) } ?? .assumed
    default:
      throw CommandError("--control, --assume-phase and --offline each say which phase this is; give one of them.")
    }
  }

  /// Sees to it that the phase is one of the two, by the control item as it is now.
  ///
  /// - Parameter mapping: the one at hand, which must be the migration's.
  func check(_ mapping: any TableMapping) async throws {
    guard case .controlled(let migration) = self else { return }
    let table = migration.control
    let item = try await CommandContext.told { try await migration.controlItem() }
    guard item.phase == .dualTable || item.phase == .newWithTombstones else {
      throw CommandError(
        "The migration \(table.migration) is in phase \(item.phase), and a verification tells only in dualTable and newWithTombstones.")
    }
    if item.mapping == mapping.digest { return }
    // What a redrive took across by a mended mapping is verified by that one.
    let records = try await CommandContext.told { try await table.records() }
    guard records.contains(where: { $0.command == .redrive && $0.mapping == mapping.digest }) else {
      throw CommandError(
        "The migration \(table.migration) is on with another mapping; verify with the one that 'phase init' was given, or with the one "
          + "that 'redrive' was.")
    }
  }

  /// Runs `work` with the participant that repairs; nil where there is no control table to take part in.
  func withParticipant<Value: Sendable>(
    _ context: CommandContext, _ clients: Clients,
    _ work: @escaping @Sendable (Participant?) async throws -> Value
  ) async throws -> Value {
    guard case .controlled(let migration) = self else { return try await work(nil) }
    // The migration's own, whichever is verified by: it is what participants agree on.
    let mapping = try await CommandContext.told { try await migration.controlItem().mapping }
    let participant = Participant(
      table: migration.control, mapping: mapping, clients: [clients.old, clients.new], wallClock: context.surroundings.wallClock,
      clock: context.surroundings.clock
    ) { "verify-\(clients.new.uniqueName())" }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try await participant.run()
        return nil
      }
      group.addTask { try await work(participant) }
      while let value = try await group.next() {
        guard let value else { continue }
        group.cancelAll()
        // The participant takes its leave; that it may not is told here.
        try await group.waitForAll()
        return value
      }
      throw CancellationError()
    }
  }

  /// Keeps the result of a complete run where `cutover check` looks for it.
  func record(_ record: RunRecord) async throws {
    guard case .controlled(let migration) = self else { return }
    try await CommandContext.told { try await migration.control.record(record) }
  }
}
