internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBModel

extension ToolCommand {
  /// Converts the items of standard input.
  static func mappingApply(tool: String) -> ToolCommand {
    ToolCommand(
      name: "apply", abstract: "Converts items from standard input, a line of DynamoDB JSON each, and prints the results.",
      discussion: "An item that can't be converted is told on standard error, by line, rule, path and type; the others go on.\n"
        + "Exit status: 0 done; 1 some items can't be converted; 2 could not; 130 interrupted.",
      examples: [
        .init("\(tool) mapping apply users.yaml < items.jsonl", "Converts the items of a file."),
        .init("\(tool) mapping apply users.yaml --plain < items.jsonl", "The same with items as an application's own JSON has them."),
      ],
      groups: [.init("items", [MappingApply.plain.declaration]), SharedSettings.diagnostics], positionals: [MappingSettings.file],
      run: MappingApply.run)
  }
}

enum MappingApply {
  static let plain = Setting.flag(
    "plain", "Items and results are plain JSON, without types: sets are printed as lists and binaries as base64.")

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let mapping = try context.mapping(at: context.mappingFile)
    let isPlain = try context.settings.isOn(plain)
    var lines = InputLines(context.surroundings.input)
    var number = 0
    var status = ToolStatus.done
    while let line = try lines.next() {
      number += 1
      do {
        guard let item = try item(in: line, isPlain: isPlain) else { continue }
        for result in try mapping.convert(item) { context.terminal.result(isPlain ? result.plainJSON : result.description) }
      } catch {
        context.log.error("Line \(number): \(error)")
        status = .findings
      }
    }
    return context.surroundings.stop.reason == nil ? status : .interrupted
  }

  /// The item on a line; nil on a blank one.
  private static func item(in line: InputLines.Line, isPlain: Bool) throws -> Item? {
    switch line {
    case .tooLong: throw CommandError("The line has over \(Figures.count(InputLines.longest)) bytes, which no item has.")
    case .bytes(let bytes):
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
      return isPlain ? try Item(plainJSON: bytes.span) : try Item(wire: bytes.span)
    }
  }
}
