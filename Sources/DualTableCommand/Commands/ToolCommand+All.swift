extension ToolCommand {
  /// Every command, in the order of the help.
  static func all(tool: String) -> [ToolCommand] {
    [seed(tool: tool), backfill(tool: tool), verify(tool: tool), completions(tool: tool)]
  }
}
