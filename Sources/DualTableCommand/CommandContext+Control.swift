internal import DualTableScan
internal import DynamoDBClient
internal import MigrationControl

extension SharedSettings {
  private static func control(isRequired: Bool) -> Setting<String> {
    Setting.table("control", "The table in which the migration's phase stands, beside the new table.", isRequired: isRequired)
  }

  /// For commands that can do without a control table.
  static let control = control(isRequired: false)
  /// For commands that can't.
  static let requiredControl = control(isRequired: true)
}

/// A migration that has a control table, and the clients that reach all three tables.
struct ControlledMigration: Sendable {
  let clients: Clients
  let old: TableSide
  let new: TableSide
  let control: ControlTable

  /// The control item.
  ///
  /// - Throws: `CommandError` where the migration has none.
  func controlItem() async throws -> ControlItem {
    guard let item = try await control.controlItem() else { throw await Self.unknown(control) }
    return item
  }

  /// There is no control item; maybe one of another migration was meant.
  static func unknown(_ control: ControlTable) async -> CommandError {
    let others = ((try? await control.migrations()) ?? []).prefix(3).joined(separator: " and ")
    let known = others.isEmpty ? "" : ", but \(others)"
    return CommandError(
      "The control table \(control.name) knows no migration \(control.migration)\(known); run 'phase init', or check --old, --new, the "
        + "region and the endpoint.")
  }
}

extension CommandContext {
  /// The control table as it concerns the migration from `old` to `new`; nil where the settings name none.
  func controlTable(_ clients: Clients, old: String, new: String) throws(CommandError) -> ControlTable? {
    guard let name = try settings.value(SharedSettings.control) else { return nil }
    return ControlTable(client: clients.new, name: name, oldTable: old, newTable: new)
  }

  /// Lends `work` the migration that the settings name, as `withClients` lends clients.
  ///
  /// - Throws: what is wrong with the control table or a fence, as one sentence.
  func withMigration<Value: Sendable>(
    connections: Int = 8, _ work: @escaping @Sendable (ControlledMigration) async throws -> Value
  ) async throws -> Value? {
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let name = try settings.required(SharedSettings.requiredControl)
    return try await withClients(connections: connections) { clients in
      let control = ControlTable(client: clients.new, name: name, oldTable: old, newTable: new)
      return try await Self.told {
        try await work(
          ControlledMigration(
            clients: clients, old: TableSide(client: clients.old, table: old), new: TableSide(client: clients.new, table: new),
            control: control))
      }
    }
  }

  /// Runs `work`; what the rooms below say of the control table, of a fence or of the tables becomes one sentence.
  static func told<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      return try await work()
    } catch let error as MigrationControlError {
      throw CommandError(error.cause.map { "\(error.message) (\($0))" } ?? error.message)
    } catch let error as Preflight.Failure {
      throw CommandError(error.message)
    }
  }
}
