internal import DynamoDBClient
internal import MigrationControl

extension SharedSettings {
  /// For commands that can do without a control table.
  static let control = Setting.table(
    "control", "The table in which the migration's phase stands, beside the new table.", isRequired: false)
}

extension CommandContext {
  /// The control table as it concerns the migration from `old` to `new`; nil where the settings name none.
  func controlTable(_ clients: Clients, old: String, new: String) throws(CommandError) -> ControlTable? {
    guard let name = try settings.value(SharedSettings.control) else { return nil }
    return ControlTable(client: clients.new, name: name, oldTable: old, newTable: new)
  }
}
