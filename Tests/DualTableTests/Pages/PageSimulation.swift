import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBExpressions
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization

/// A reader of pages beside writers, a backfill and the phases of a migration; what each page says is held against a model: one map from key
/// to item, with the times of every change.
final class PageSimulation: Sendable {
  struct Settings: Sendable {
    var tables: PageTables
    var isScan = false
    var defects: ReadDefects = []
  }

  /// Who is at work in which phase, and whether writers wait for the next one.
  private struct Progress {
    var phase: MigrationPhase
    var running: [(id: Int, phase: MigrationPhase, isWrite: Bool)] = []
    var isDraining = false
    var serial = 0
    var backfilled = false
    var readersDone = false
  }

  static let lag = Duration.milliseconds(15)
  private static let lagInNanoseconds: Int64 = 15_000_000

  private let settings: Settings
  private let seed: UInt64
  private let time: SimulatedTime
  private let simulator: DynamoDBSimulator
  private let client: DynamoDBClient
  private let repositories: [MigrationPhase: DualTableRepository]
  private let model: Mutex<PageModel>
  private let progress: Mutex<Progress>
  private let isLagging: Bool
  private let isCut: Bool

  init(_ settings: Settings, seed: UInt64) throws {
    self.settings = settings
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    var faults = FaultPlan(seed: seed)
    faults.delay = .microseconds(500) ... .milliseconds(3)
    time = SimulatedTime(seed: seed)
    isLagging = random.one(in: 2)
    isCut = random.one(in: 2)
    simulator = DynamoDBSimulator(
      faults: faults, time: time, lag: isLagging ? Self.lag : .zero, itemsInPage: isCut ? 2 + random.below(3) : .max)
    client = simulator.client(on: time, seed: seed)
    var repositories: [MigrationPhase: DualTableRepository] = [:]
    for phase in MigrationPhase.allCases {
      let repository = DualTableRepository(
        old: client, oldTable: "old", new: client, newTable: "new", mapping: settings.tables.mapping, phase: .fixed(phase))
      repository.seed(settings.defects)
      repositories[phase] = repository
    }
    self.repositories = repositories
    model = Mutex(PageModel(settings.tables))
    let phases: [MigrationPhase] = [.old, .dualRead, .dualTable, .dualTable, .newWithTombstones]
    progress = Mutex(Progress(phase: phases[random.below(phases.count)]))
  }

  private var now: Int64 { time.now.nanoseconds }
  private func pause(_ random: inout SeededGenerator, upTo milliseconds: Int) async {
    try? await time.sleep(for: .microseconds(random.below(milliseconds * 1_000)))
  }

  /// Runs to the end.
  ///
  /// - Returns: what was wrong, and how many pages were read.
  func run() throws -> (findings: [String], pages: Int) {
    try time.run { [self] in
      var random = SeededGenerator(seed: seed &+ 1)
      try await prepare(&random)
      try await withThrowingTaskGroup { group in
        for writer in 0..<2 { group.addTask { try await self.write(writer) } }
        group.addTask { try await self.backfill() }
        group.addTask { await self.migrate() }
        for reader in 0..<2 { group.addTask { try await self.read(reader) } }
        try await group.waitForAll()
      }
    }
    return model.withLock { ($0.findings, $0.pages) }
  }

  // MARK: - The beginning

  private func prepare(_ random: inout SeededGenerator) async throws {
    let tables = settings.tables
    _ = try await client.createTable(tables.oldTable)
    _ = try await client.createTable(tables.newTable)
    for table in ["old", "new"] { try await client.wait(for: .active, of: table) }
    let phase = progress.withLock { $0.phase }
    for place in tables.places where random.below(4) > 0 {
      let item = tables.oldItem(place, serial: 0, &random)
      _ = try await client.putItem(.init(tableName: "old", item: item))
      for converted in try tables.mapping.convert(item) { try await prepare(converted, phase, &random) }
    }
    // What the engine is slow to show is older than the first read.
    try await time.sleep(for: .milliseconds(100))
  }

  /// NEW's item or tombstone, or nothing yet, as the phase allows.
  private func prepare(_ converted: Item, _ phase: MigrationPhase, _ random: inout SeededGenerator) async throws {
    let tables = settings.tables
    let key = tables.key(of: converted)
    var value: Item? = converted
    switch (phase, random.below(4)) {
    case (.old, _), (.dualRead, _), (.dualTable, 2...): break
    case (.dualTable, 0), (.newWithTombstones, 0):
      value = nil
      _ = try await client.putItem(.init(tableName: "new", item: key.merging(["_dt": 1])))
    case (_, 1):
      value = tables.changed(converted, serial: 1, &random)
      _ = try await client.putItem(.init(tableName: "new", item: value ?? converted))
    default: _ = try await client.putItem(.init(tableName: "new", item: converted))
    }
    model.withLock { $0.begin(key, value) }
  }

  // MARK: - Phases

  /// Begins an operation, in the phase that holds; a write waits while writers are drained.
  private func begin(isWrite: Bool) async -> (id: Int, phase: MigrationPhase) {
    while true {
      let begun: (id: Int, phase: MigrationPhase)? = progress.withLock { progress in
        guard !isWrite || !progress.isDraining else { return nil }
        progress.serial += 1
        progress.running.append((progress.serial, progress.phase, isWrite))
        return (progress.serial, progress.phase)
      }
      if let begun { return begun }
      try? await time.sleep(for: .milliseconds(1))
    }
  }

  private func end(_ id: Int) { progress.withLock { progress in progress.running.removeAll { $0.id == id } } }

  /// Takes the migration on, phase by phase, until nobody reads any more. Each waits for what began before the last one.
  private func migrate() async {
    var random = SeededGenerator(seed: seed &+ 2)
    while progress.withLock({ !$0.readersDone && $0.phase < .new }) {
      await pause(&random, upTo: 120)
      let phase = progress.withLock { $0.phase }
      if phase == .dualTable {
        guard progress.withLock({ $0.backfilled }) else { continue }
        try? await time.sleep(for: Self.lag)
      }
      let drains = phase == .dualRead || phase == .newWithTombstones
      if drains { progress.withLock { $0.isDraining = true } }
      while progress.withLock({ progress in
        progress.running.contains { $0.phase < phase || drains && $0.isWrite && $0.phase == phase }
      }) {
        try? await time.sleep(for: .milliseconds(1))
      }
      progress.withLock { progress in
        if let next = MigrationPhase(rawValue: progress.phase.rawValue + 1) { progress.phase = next }
        progress.isDraining = false
      }
    }
  }

  /// Puts OLD's items where nothing is, as long as it takes.
  private func backfill() async throws {
    var random = SeededGenerator(seed: seed &+ 3)
    while progress.withLock({ $0.phase < .dualTable && !$0.readersDone }) { await pause(&random, upTo: 5) }
    guard progress.withLock({ $0.phase == .dualTable }) else { return }
    let items = client.scanPages(.init(tableName: "old", consistentRead: true)).items
    for try await item in items {
      for converted in try settings.tables.mapping.convert(item) {
        await pause(&random, upTo: 8)
        let key = settings.tables.mapping.newSchema.hash.name
        do throws(DynamoDBError) {
          _ = try await client.putItem(
            .init(
              tableName: "new", item: converted, conditionExpression: "attribute_not_exists(#k)", expressionAttributeNames: ["#k": key]))
        } catch {
          guard error.code == .conditionalCheckFailed else { throw error }
        }
      }
    }
    progress.withLock { $0.backfilled = true }
  }

  // MARK: - Writers

  /// Writes the items of every other place: each key has one writer, so that its values have an order.
  private func write(_ writer: Int) async throws {
    var random = SeededGenerator(seed: seed &+ 10 &+ UInt64(writer))
    let places = settings.tables.places.enumerated().filter { $0.offset % 2 == writer }.map(\.element)
    var serial = 100 * (writer + 1)
    while progress.withLock({ !$0.readersDone }) {
      await pause(&random, upTo: 12)
      serial += 1
      let place = places[random.below(places.count)]
      let (id, phase) = await begin(isWrite: true)
      defer { end(id) }
      if phase < .dualTable { try await writeOld(place, serial, &random) } else { try await writeNew(place, serial, phase, &random) }
    }
  }

  private func writeOld(_ place: PageTables.Place, _ serial: Int, _ random: inout SeededGenerator) async throws {
    let tables = settings.tables
    let item = tables.oldItem(place, serial: serial, &random)
    let isDeletion = random.one(in: 3)
    let values = try tables.mapping.convert(item)
    let began = now
    model.withLock { model in
      for value in values { model.write(tables.key(of: value), isDeletion ? nil : value, inOld: true, at: began) }
    }
    if isDeletion {
      _ = try await client.deleteItem(.init(tableName: "old", key: tables.mapping.oldSchema.key(of: item) ?? item))
    } else {
      _ = try await client.putItem(.init(tableName: "old", item: item))
    }
    model.withLock { model in for value in values { model.wrote(tables.key(of: value), at: now) } }
  }

  private func writeNew(
    _ place: PageTables.Place, _ serial: Int, _ phase: MigrationPhase, _ random: inout SeededGenerator
  ) async throws {
    let tables = settings.tables
    let templates = try tables.mapping.convert(tables.oldItem(place, serial: serial, &random))
    guard let repository = repositories[phase], !templates.isEmpty else { return }
    let value = tables.changed(templates[random.below(templates.count)], serial: serial, &random)
    let key = tables.key(of: value)
    switch random.below(3) {
    case 0:
      model.withLock { $0.write(key, nil, at: now) }
      _ = try await repository.deleteItem(.init(tableName: "new", key: key))
    case 1:
      model.withLock { $0.write(key, value, at: now) }
      _ = try await repository.putItem(.init(tableName: "new", item: value))
    default:
      // What an update meets is known: nobody else writes this key.
      let before = model.withLock { $0.value(key) }
      let after = (before ?? key).merging(["v": .number(DynamoDBNumber(serial))])
      guard before != nil else { return }
      model.withLock { $0.write(key, after, at: now) }
      _ = try await repository.updateItem(
        .init(
          tableName: "new", key: key, updateExpression: "SET v = :v", expressionAttributeValues: [":v": .number(DynamoDBNumber(serial))]))
    }
    model.withLock { $0.wrote(key, at: now) }
  }

  // MARK: - Readers

  private func read(_ reader: Int) async throws {
    var random = SeededGenerator(seed: seed &+ 20 &+ UInt64(reader))
    for _ in 0..<3 {
      var read = PageRead(settings.tables, isScan: settings.isScan, &random)
      if isLagging, !read.isConsistent { read.lag = Self.lagInNanoseconds }
      try await finish(&read, &random)
      model.withLock { [read] in $0.check(read) }
    }
    if reader == 0 { progress.withLock { $0.readersDone = true } }
  }

  private func finish(_ read: inout PageRead, _ random: inout SeededGenerator) async throws {
    var cursor: Item?
    repeat {
      guard let page = try await page(of: read, cursor, &random) else {
        read.isGivenUp = true
        return
      }
      read.pages.append(page)
      cursor = page.output.lastEvaluatedKey.map { key in random.one(in: 2) ? key : PageSimulation.kept(key) }
      await pause(&random, upTo: random.one(in: 3) ? 80 : 4)
      guard read.pages.count < 400 else {
        read.hasNoEnd = true
        return
      }
    } while cursor != nil
  }

  /// The next page; nil where the pages can't go on: a scan, or an index, that began while OLD counted, when OLD may be gone.
  private func page(of read: PageRead, _ cursor: Item?, _ random: inout SeededGenerator) async throws -> PageRead.Page? {
    let (id, phase) = await begin(isWrite: false)
    defer { end(id) }
    guard let repository = repositories[phase] else { return nil }
    let began = now
    let limit = random.below(4) == 0 ? nil : 1 + random.below(4)
    do throws(DualTableError) {
      let output =
        settings.isScan
        ? try await repository.scan(read.scan(cursor, limit)) : try await repository.query(read.query(cursor, limit))
      return .init(began: began, ended: now, phase: phase, limit: limit, isCut: isCut, output: output)
    } catch {
      guard error.code == .invalidCursor, phase == .new, cursor != nil else { throw error }
      return nil
    }
  }

  /// A cursor that was kept as text.
  private static func kept(_ key: Item) -> Item { (try? Item(wire: Array(key.description.utf8).span)) ?? key }
}

extension Item {
  func merging(_ other: Item) -> Item {
    var item = self
    for (name, value) in other { item[name] = value }
    return item
  }
}
