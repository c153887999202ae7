internal import ArgumentParsing
internal import DualTableMapping

extension ToolCommand {
  /// Prints the mapping that leads back.
  static func mappingInvert(tool: String) -> ToolCommand {
    ToolCommand(
      name: "invert", abstract: "Prints the inverse of a mapping file: the mapping by which a rollback moves the items back.",
      discussion: "A mapping that loses something has no inverse, unless its own 'revert' says what the way back does instead; what stands "
        + "against it is told on standard error, each at its line and column.\n"
        + "Exit status: 0 the inverse is printed; 1 there is none; 2 the file can't be read or used.",
      examples: [.init("\(tool) mapping invert users.yaml > users-back.yaml", "Writes the inverse of users.yaml to a file.")],
      groups: [SharedSettings.diagnostics], positionals: [MappingSettings.file]
    ) { context in
      let mapping = try context.mapping(at: context.mappingFile)
      do throws(MappingFindings) {
        context.terminal.result(String(try mapping.inverse().dropLast()))
        return .done
      } catch {
        for finding in error.findings { context.log.error(finding.description) }
        return .findings
      }
    }
  }
}
