internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableRehearsal
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import Synchronization

extension ToolCommand {
  /// Creates two tables and fills the old one with made-up items.
  static func seed(tool: String) -> ToolCommand {
    ToolCommand(
      name: "seed", abstract: "Creates both tables as a mapping says and fills the old one with items to try with.",
      discussion: "The items are awkward on purpose: every type, odd names and numbers, deep nesting. The same seed makes the same items.\n"
        + "Tables that are there already are used if they are empty.",
      examples: [
        .init(
          "\(tool) seed --old users --new users-v2 --items 20000 --endpoint-url http://127.0.0.1:8000 --region us-east-1",
          "Makes up 20,000 items at a local engine.")
      ],
      groups: [
        SharedSettings.tables(mappingDefault: "users.yaml, built in"), SharedSettings.places, SeedSettings.group, SharedSettings.output,
      ],
      run: SeedSettings.run)
  }
}

enum SeedSettings {
  static let items = Setting.number("items", "How many items.", in: 0...1_000_000_000, default: "1000")
  static let seed = Setting.seed("seed", "What the items are drawn from.", default: "1")
  static let group = SettingGroup("the items", [items.declaration, seed.declaration, RunSettings.connections.declaration])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping(builtIn: BuiltInMapping.users)
    let connections = try settings.value(RunSettings.connections) ?? 64
    let count = try settings.value(items) ?? 1_000
    let maker = ItemMaker(mapping: mapping, seed: try settings.value(seed) ?? 1)
    let isJSON = try settings.isOn(SharedSettings.json)
    // What can't be made is told before a table is created for it.
    if count > 0 { _ = try maker.item(0) }

    let made = try await context.withClients(connections: connections) { clients in
      let tables = try seedTables(mapping, clients, old: old, new: new)
      var missing: [SeedTable] = []
      for table in tables where try await !table.exists() { missing.append(table) }
      for table in missing { try await table.create(on: context.surroundings.clock) }
      return try await fill(tables[0], count, maker, workers: connections, context)
    }
    if let made {
      let table = ResultTable(rows: [("items", .count(made.items)), ("bytes", .count(made.bytes))])
      context.terminal.result(isJSON ? table.json : table.text)
      if made.items == count { return .done }
    }
    context.log.info("Interrupted; delete both tables and run the same command again.")
    return .interrupted
  }

  private static func seedTables(
    _ mapping: any TableMapping, _ clients: Clients, old: String, new: String
  ) throws(CommandError) -> [SeedTable] {
    if old == new && clients.old.endpoint == clients.new.endpoint {
      throw CommandError("The old and the new table are both \(old); a migration needs two tables.")
    }
    let indexes = (mapping as? CompiledMapping)?.indexes
    return [
      SeedTable(client: clients.old, name: old, role: "old", keys: mapping.oldSchema, indexes: indexes?.old ?? []),
      SeedTable(client: clients.new, name: new, role: "new", keys: mapping.newSchema, indexes: indexes?.new ?? []),
    ]
  }

  /// Puts items until all are there or somebody asks to stop; returns what was put.
  private static func fill(
    _ table: SeedTable, _ count: Int, _ maker: ItemMaker, workers: Int, _ context: CommandContext
  ) async throws -> (items: Int, bytes: Int) {
    let counts = SeedCounts()
    let stop = context.surroundings.stop
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<min(workers, max(count, 1)) {
        let loops = table.client.transport.loops
        group.addTask(executorPreference: loops[worker % loops.count]) {
          while stop.reason == nil {
            let number = counts.next.add(1, ordering: .relaxed).oldValue
            guard number < count else { return }
            let item = try maker.item(number)
            do throws(DynamoDBError) {
              _ = try await table.client.putItem(
                PutItemInput(tableName: table.name, item: item), options: CallOptions(retry: .bulk()))
            } catch {
              throw table.failure(error, "takes no more items")
            }
            counts.bytes.add(item.sizeInBytes, ordering: .relaxed)
            let done = counts.put.add(1, ordering: .relaxed).newValue
            if done % 500 == 0 { context.terminal.showLive("seed  \(Figures.count(done)) / \(Figures.count(count))") }
          }
        }
      }
      try await group.waitForAll()
    }
    return (counts.put.load(ordering: .relaxed), counts.bytes.load(ordering: .relaxed))
  }
}

/// What the workers share.
private final class SeedCounts: Sendable {
  /// The number of the next item.
  let next = Atomic<Int>(0)
  let put = Atomic<Int>(0)
  let bytes = Atomic<Int>(0)
}
