internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBModel

extension ToolCommand {
  /// Shows what the mapping makes of items of a table.
  static func mappingDiff(tool: String) -> ToolCommand {
    ToolCommand(
      name: "diff", abstract: "Shows items of a table before and after the mapping, attribute by attribute.",
      discussion: "Reads some items from all over the table and writes nothing. What an item loses or changes stands behind a '-', what it "
        + "gains behind a '+'; an item that can't be converted is told on standard error, too.\n"
        + "Exit status: 0 every item can be converted or is skipped; 1 some can't be converted; 2 could not; 130 interrupted.",
      examples: [
        .init("\(tool) mapping diff users.yaml --old users --sample 20", "Shows what becomes of twenty items of the table users.")
      ],
      groups: [
        .init("items", [SharedSettings.old.declaration, MappingDiff.sample.declaration]), SharedSettings.oldPlace, SharedSettings.output,
      ], positionals: [MappingSettings.file], run: MappingDiff.run)
  }
}

enum MappingDiff {
  static let sample = Setting.number("sample", "Items to read.", in: 1...10_000, default: "100")

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let mapping = try context.mapping(at: context.mappingFile)
    let table = try context.settings.required(SharedSettings.old)
    let count = try context.settings.value(sample) ?? 100
    let isJSON = try context.settings.isOn(SharedSettings.json)
    guard
      let items = try await context.withClients(
        connections: 1, oldOnly: true,
        {
          try await TableSample(count, of: TableSide(client: $0.old, table: table)).items
        })
    else {
      return context.interrupted()
    }
    let pieces = items.map { MappedItem($0, mapping) }
    for (number, piece) in pieces.enumerated() {
      if case .failed(let error) = piece.outcome { context.log.error("Item \(number + 1): \(error)") }
    }
    if isJSON {
      context.terminal.result(MappedItem.json(pieces).text)
    } else {
      let isColored = context.terminal.hasColors && context.surroundings.environment["NO_COLOR", default: ""].isEmpty
      for (number, piece) in pieces.enumerated() {
        context.terminal.result(piece.text(number: number + 1, isColored: isColored), isStyled: true)
      }
      context.terminal.result(MappedItem.summary(pieces))
    }
    return pieces.contains { $0.isFailed } ? .findings : .done
  }
}
