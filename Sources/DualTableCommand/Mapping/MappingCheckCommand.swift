internal import ArgumentParsing
internal import DualTableMapping
internal import DynamoDBModel

extension ToolCommand {
  /// Shows everything that is wrong with a mapping file.
  static func mappingCheck(tool: String) -> ToolCommand {
    ToolCommand(
      name: "check", abstract: "Shows everything that is wrong with a mapping file, each at its line and column.",
      discussion: "A file in order shows its digest, by which runs and services tell mappings apart.\n"
        + "Exit status: 0 the file can be used; 1 it can't; 2 it can't be read.",
      examples: [.init("\(tool) mapping check users.yaml", "Checks users.yaml.")],
      groups: [SharedSettings.output], positionals: [MappingSettings.file]
    ) { context in
      let check = MappingCheck(file: context.mappingFile, try context.mappingBytes(at: context.mappingFile))
      context.terminal.result(try context.settings.isOn(SharedSettings.json) ? check.json : check.text)
      return check.mapping == nil ? .findings : .done
    }
  }
}

/// What the compiler says of a mapping file.
private struct MappingCheck {
  let file: String
  let findings: [MappingFinding]
  /// Nil if the file can't be used.
  let mapping: CompiledMapping?

  init(file: String, _ yaml: [UInt8]) {
    self.file = file
    do {
      let mapping = try CompiledMapping(yaml: yaml, file: file)
      findings = mapping.warnings + mapping.inverseWarnings
      self.mapping = mapping
    } catch {
      findings = error.findings
      mapping = nil
    }
  }

  var text: String { (findings.map(\.description) + (mapping.map { ["\(file): digest \($0.digest)"] } ?? [])).joined(separator: "\n") }

  var json: String {
    JSONValue.object([
      .init("file", .string(file)), .init("digest", mapping.map { .string($0.digest) } ?? .null),
      .init("inverse", mapping.map { .bool($0.inverseWarnings.isEmpty) } ?? .null),
      .init("keepsOrder", mapping.map { .bool($0.keepsOrder) } ?? .null), .init("queries", mapping.map { .bool($0.hasQueries) } ?? .null),
      .init("findings", .array(findings.map(Self.json))),
    ]).text
  }

  private static func json(_ finding: MappingFinding) -> JSONValue {
    .object([
      .init("line", .number("\(finding.line)")), .init("column", .number("\(finding.column)")),
      .init("severity", .string(finding.severity.rawValue)), .init("code", .string("\(finding.code)")),
      .init("sentence", .string(finding.sentence)),
    ])
  }
}
