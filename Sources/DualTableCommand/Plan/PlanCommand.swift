internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

extension ToolCommand {
  /// Looks at both tables before anything begins.
  static func plan(tool: String) -> ToolCommand {
    ToolCommand(
      name: "plan", abstract: "Looks at both tables before anything begins: what stands in the way, how long it takes, what it costs.",
      discussion: "Reads settings and a sample of the old table, and writes nothing. The estimate rests on the service's count of items, "
        + "which is up to six hours old, and on prices that may not be yours.\n"
        + "Whether these credentials may do what a role does is seen by requests that can't change anything: writes whose condition is false "
        + "of every item, at a write unit each, 12 at most for a role.\n"
        + "With --create-table-json it prints the request that makes the new table, keyed and indexed as the mapping says and with the old "
        + "table's billing, encryption, tags and warm throughput, and nothing else.\n"
        + "Exit status: 0 nothing stands in the way; 1 something does; 2 could not; 130 interrupted.",
      examples: [
        .init("\(tool) plan --old users --new users-v2 --mapping users.yaml", "Lists what was found, and estimates time and cost."),
        .init(
          "\(tool) plan --create-table-json --old users --new users-v2 --mapping users.yaml",
          "Prints what aws dynamodb create-table --cli-input-json takes."),
      ],
      groups: [SharedSettings.tables, SharedSettings.places, PlanSettings.group, SharedSettings.output], run: PlanSettings.run)
  }
}

enum PlanSettings {
  static let sample = Setting.number("sample", "Items of the old table to look at.", in: 1...100_000, default: "1000")
  static let priceRead = Setting.amount(
    "price-read", "dollars", "What a million read units cost.", default: "\(PriceList.builtIn.readPerMillion)")
  static let priceWrite = Setting.amount(
    "price-write", "dollars", "What a million write units cost.", default: "\(PriceList.builtIn.writePerMillion)")
  static let createTable = Setting.flag("create-table-json", "Only print the request that makes the new table.")
  static let role = Setting<MigrationRole>.choice("role", "role", "Whose permissions to look for.", default: "backfill")
  static let group = SettingGroup(
    "the plan",
    [
      SharedSettings.control.declaration, role.declaration, BackfillSettings.writeMode.declaration, sample.declaration,
      RunSettings.openSegments.declaration, priceRead.declaration, priceWrite.declaration, createTable.declaration,
    ])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping()
    let count = try settings.value(sample) ?? 1_000
    let printsRequest = try settings.isOn(createTable)
    let openSegments = try settings.value(RunSettings.openSegments) ?? 16
    let prices = try prices(settings)
    let control = try settings.value(SharedSettings.control)
    let permissions =
      printsRequest
      ? []
      : Permission.needed(
        by: try settings.value(role) ?? .backfill, writeMode: try settings.value(BackfillSettings.writeMode) ?? .put,
        hasControl: control != nil)
    let facts = try await context.withClients(connections: 2) { clients in
      try await PlanReader(
        old: TableSide(client: clients.old, table: old), new: TableSide(client: clients.new, table: new),
        control: control.map { TableSide(client: clients.new, table: $0) }, mapping: mapping, permissions: permissions
      ).read(sample: printsRequest ? 1 : count)
    }
    guard let facts else {
      context.log.info("Interrupted; run the same command again.")
      return .interrupted
    }
    if printsRequest {
      context.terminal.result(request(facts, new, mapping))
      return .done
    }
    let estimate = facts.sample.flatMap { $0.items == 0 ? nil : $0 }.map { sample in
      PlanEstimate(
        oldItems: facts.old.description.itemCount ?? 0, oldBytes: facts.old.description.tableSizeBytes ?? 0, sample: sample,
        newWriteUnits: facts.new?.description.writeUnits ?? 0, newReadUnits: facts.new?.description.readUnits ?? 0,
        openSegments: openSegments, prices: prices)
    }
    let findings = FindingList(findings: PlanFindings(facts, mapping: mapping, estimate: estimate).all)
    let result = PlanResult(facts: facts, findings: findings, estimate: estimate)
    context.terminal.result(try settings.isOn(SharedSettings.json) ? result.json.text : result.text)
    return findings.status
  }

  static func prices(_ settings: Settings) throws(CommandError) -> PriceList {
    let (read, write) = (try settings.value(priceRead), try settings.value(priceWrite))
    var prices = PriceList.builtIn
    guard read != nil || write != nil else { return prices }
    prices.readPerMillion = read ?? prices.readPerMillion
    prices.writePerMillion = write ?? prices.writePerMillion
    (prices.source, prices.date) = ("given", nil)
    return prices
  }

  private static func request(_ facts: PlanFacts, _ table: String, _ mapping: any TableMapping) -> String {
    let input = NewTableRequest.make(
      table: table, keys: mapping.newSchema, indexes: (mapping as? CompiledMapping)?.indexes.new ?? [], old: facts.old.description,
      tags: facts.tags)
    var body = ByteBuffer()
    input.encode(into: &body)
    return String(decoding: (0..<body.count).map { body[$0] }, as: UTF8.self)
  }
}
