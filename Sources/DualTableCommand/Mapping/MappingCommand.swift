internal import ArgumentParsing
internal import DualTableMapping
internal import DynamoDBModel

extension ToolCommand {
  /// What can be done with a mapping file alone, without tables.
  static func mapping(tool: String) -> ToolCommand {
    ToolCommand(
      name: "mapping", abstract: "Checks mapping files and tries them out.",
      examples: [.init("\(tool) mapping check users.yaml", "Shows everything that is wrong with the file.")],
      subcommands: [
        mappingCheck(tool: tool), mappingApply(tool: tool), mappingDiff(tool: tool), mappingInvert(tool: tool), mappingSchema(tool: tool),
      ])
  }
}

extension ToolCommand {
  /// Prints what editors complete and check mapping files by.
  private static func mappingSchema(tool: String) -> ToolCommand {
    ToolCommand(
      name: "schema", abstract: "Prints the JSON Schema of mapping files, by which editors complete and check them.",
      examples: [.init("\(tool) mapping schema > mapping.schema.json", "Writes it to a file that an editor can be pointed to.")]
    ) { context in
      context.terminal.result(MappingSchema.json.text)
      return .done
    }
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
