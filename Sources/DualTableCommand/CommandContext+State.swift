internal import ArgumentParsing
internal import DualTableScan

extension CommandContext {
  /// Where a run keeps its state: `--state`, else `.dualtable/<old>-<new>`.
  func stateDirectory(old: String, new: String) throws(CommandError) -> StatePath {
    func name(_ table: String) -> Substring { table.split(separator: "/").last ?? table[...] }
    return StatePath(try settings.value(RunSettings.state) ?? ".dualtable/\(name(old))-\(name(new))")
  }
}

/// Settings of commands that run over a whole table.
enum RunSettings {
  static let state = Setting.text("state", "directory", "Where the run keeps its state.", .directory, default: ".dualtable/<old>-<new>")
  static let segments = Setting.number(
    "segments", "How many segments the table is scanned in.", in: 1...1_000_000, default: "by the tables' size and capacity")
  static let openSegments = Setting.number("open-segments", "Segments worked on at once.", in: 1...4_096, default: "16")
  static let connections = Setting.number("connections", "Connections to an endpoint, at most.", in: 1...4_096, default: "64")
  static let group = SettingGroup(
    "the run", [state.declaration, segments.declaration, openSegments.declaration, connections.declaration])
}
