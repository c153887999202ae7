internal import ArgumentParsing
internal import DualTableMapping
internal import DynamoDBClient
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
        .init("items", [SharedSettings.old.declaration, MappingDiff.sample.declaration]), MappingDiff.place, SharedSettings.output,
      ], positionals: [MappingSettings.file], run: MappingDiff.run)
  }
}

enum MappingDiff {
  static let sample = Setting.number("sample", "Items to read.", in: 1...10_000, default: "100")
  static let place = SettingGroup(
    "where the table is",
    [SharedSettings.endpoint, SharedSettings.oldEndpoint, SharedSettings.region, SharedSettings.oldRegion].map(\.declaration))

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let mapping = try context.mapping(at: context.mappingFile)
    let table = try context.settings.required(SharedSettings.old)
    let count = try context.settings.value(sample) ?? 100
    let isJSON = try context.settings.isOn(SharedSettings.json)
    guard let items = try await context.withClients(connections: 1, { try await read(count, from: table, $0.old) }) else {
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
      for (number, piece) in pieces.enumerated() { context.terminal.result(piece.text(number: number + 1, isColored: isColored)) }
      context.terminal.result(MappedItem.summary(pieces))
    }
    return pieces.contains { $0.isFailed } ? .findings : .done
  }

  /// `count` items from all over the table, fewer if it hasn't so many.
  private static func read(_ count: Int, from table: String, _ client: DynamoDBClient) async throws -> [Item] {
    let segments = min(count, 16)
    // A page of each segment in turn, so that no part of the table speaks for all of it.
    var open = (0..<segments).map { ScanInput(tableName: table, segment: $0, totalSegments: segments) }
    var items: [Item] = []
    while !open.isEmpty && items.count < count {
      var next: [ScanInput] = []
      for var input in open {
        let missing = count - items.count
        if missing == 0 { break }
        input.limit = min(missing, max(1, count / segments))
        let page = try await client.scan(input)
        items += page.items
        if let start = page.lastEvaluatedKey {
          input.exclusiveStartKey = start
          next.append(input)
        }
      }
      open = next
    }
    return items
  }
}
