internal import ArgumentParsing

extension ToolCommand {
  /// What can be done with a mapping file alone, without tables.
  static func mapping(tool: String) -> ToolCommand {
    ToolCommand(
      name: "mapping", abstract: "Checks mapping files and tries them out.",
      examples: [.init("\(tool) mapping check users.yaml", "Shows everything that is wrong with the file.")],
      subcommands: [mappingCheck(tool: tool), mappingApply(tool: tool)])
  }
}

enum MappingSettings {
  static let file = Positional("file", "The mapping file.", .file)
}

extension CommandContext {
  /// The file that the command line names.
  var mappingFile: String {
    guard let file = settings.invocation.positionals.first else { preconditionFailure("the parser asks for the file") }
    return file
  }
}
