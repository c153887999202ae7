internal import DualTableBackfill
internal import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import Synchronization

/// The night on which a migration slowed down: 5.1 GB in 1.5 million items, a new table of 400 write units, one scanner in hash order.
///
/// Unused units of the first minutes let the scanner start at what one partition takes, 1,000 units a second. Once they are spent it falls
/// to the table's 400. Then somebody raises the capacity, and nothing much happens: one scanner writes one partition at a time. The
/// backfill beside it holds what the table is given from the first minute to the last, and follows where more is given.
///
/// Capacities are smaller than that by a factor, and items so many that the run is over in half an hour of virtual time.
package struct Slowdown: Sendable {
  /// Write units a second of NEW, before and after somebody raises them.
  package static let writeUnits = (before: 400.0, after: 2_500.0)
  /// Read units a second of OLD, likewise.
  package static let readUnits = (before: 100.0, after: 600.0)
  /// When they are raised, since the start.
  package static let raise: Duration = .seconds(600)
  /// Write units that one item takes: it has more than 3 KB and less than 4.
  package static let unitsPerItem = 4.0
  /// Seconds between two points of a curve.
  package static let interval = 20

  /// What one way came to.
  package struct Curve: Sendable {
    /// Write units a second, at full size, in each interval that was worked through.
    package internal(set) var writeUnits: [Double] = []
    package internal(set) var seconds = 0.0
  }

  package struct Result: Sendable {
    package let scanner: Curve
    package let backfill: Curve
  }

  private let seed: UInt64
  private let items: Int
  private let scale: Double
  private let directory: String

  /// - Parameters:
  ///   - items: how many are moved, each of about 3.4 KB.
  ///   - scale: how many times smaller capacities are than they are told to be.
  ///   - directory: an empty one, for the backfill's state.
  package init(seed: UInt64, items: Int = Self.defaultItems, scale: Double = Self.defaultScale, directory: String) {
    self.seed = seed
    self.items = items
    self.scale = scale
    self.directory = directory
  }

  package static let defaultItems = 24_000
  package static let defaultScale = 10.0

  /// Runs both ways, one after the other, on tables of their own.
  ///
  /// - Parameter progress: told what goes on.
  package func run(stop: StopSignal, progress: @escaping @Sendable (String) -> Void) throws -> Result {
    let scanner = try SlowdownTables(seed: seed, items: items, scale: scale)
    let fallen = try scanner.time.run {
      try await scanner.measure(stop, { progress("one scanner in hash order: \($0) of \(items) items") }) { done in
        try await HashOrderScanner(client: scanner.client(1), width: max(1, Int(24 / scale))).run(done, stop)
      }
    }
    let tables = try SlowdownTables(seed: seed, items: items, scale: scale)
    let held = try tables.time.run {
      try await tables.measure(stop, { progress("dualtable backfill: \($0) of \(items) items") }) { done in
        var configuration = Backfill.Configuration(
          old: .init(client: tables.client(2), table: SlowdownTables.old), new: .init(client: tables.client(3), table: SlowdownTables.new),
          mapping: SlowdownTables.mapping, stateDirectory: StatePath(directory), seed: seed)
        configuration.readBudget = .percent(100)
        configuration.writeBudget = .percent(100)
        configuration.checkpointExecutor = InlineSerialExecutor()
        let result = try await Backfill(configuration).run(stop: stop) { done.set($0.pass.totals[.scanned]) }
        // Of the last second nobody is told.
        done.set(result.counts[.scanned])
      }
    }
    return Result(scanner: fallen, backfill: held)
  }
}

/// How many items are through.
final class ItemCount: Sendable {
  private let count = Atomic(0)
  var value: Int { count.load(ordering: .relaxed) }
  func add(_ items: Int) { count.add(items, ordering: .relaxed) }
  func set(_ items: Int) { count.store(items, ordering: .relaxed) }
}

/// The scanner of that night: reads the table from its first hash to its last, and puts what it read, many at a time, as SDKs do.
struct HashOrderScanner: Sendable {
  let client: DynamoDBClient
  /// Puts at a time.
  let width: Int

  func run(_ done: ItemCount, _ stop: StopSignal) async throws {
    var input = ScanInput(tableName: SlowdownTables.old)
    input.limit = 200
    repeat {
      let page = try await client.scan(input, options: CallOptions(retry: .bulk()))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, item) in page.items.enumerated() {
          if number >= width { try await group.next() }
          group.addTask {
            _ = try await client.putItem(
              PutItemInput(tableName: SlowdownTables.new, item: item), options: CallOptions(retry: .bulk()))
            done.add(1)
          }
        }
        try await group.waitForAll()
      }
      input.exclusiveStartKey = page.lastEvaluatedKey
      if stop.reason != nil { throw CancellationError() }
    } while input.exclusiveStartKey != nil
  }
}

/// Both tables of that night, full and empty, whose capacity somebody raises at some time.
struct SlowdownTables: Sendable {
  static let (old, new) = ("old", "new")
  let time: SimulatedTime
  private let simulator: DynamoDBSimulator
  private let seed: UInt64
  private let items: Int
  private let scale: Double

  static let mapping: CompiledMapping = {
    let yaml = "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nrest: keep\n"
    guard let mapping = try? CompiledMapping(yaml: Array(yaml.utf8), file: "slowdown.yaml") else { preconditionFailure("it is a mapping") }
    return mapping
  }()

  init(seed: UInt64, items: Int, scale: Double) throws {
    (self.seed, self.items, self.scale) = (seed, items, scale)
    time = SimulatedTime(seed: seed)
    var faults = FaultPlan(seed: seed)
    faults.delay = .milliseconds(1) ... .milliseconds(5)
    simulator = DynamoDBSimulator(faults: faults, time: time, hasLimits: true)
  }

  func client(_ number: UInt64) -> DynamoDBClient { simulator.client(on: time, retry: .bulk(), seed: seed &+ number) }

  /// Makes and fills the tables, lets them stand for a while, and writes down how fast `work` goes.
  func measure(
    _ stop: StopSignal, _ progress: @escaping @Sendable (Int) -> Void, _ work: @escaping @Sendable (ItemCount) async throws -> Void
  ) async throws -> Slowdown.Curve {
    simulator.change { $0.scalePartitions(by: 1 / scale) }
    try await make(Self.old, read: Slowdown.readUnits.before, write: 1)
    try await make(Self.new, read: 10, write: Slowdown.writeUnits.before)
    simulator.change { service in
      let text = AttributeValue.string(String(repeating: "x", count: 3_380))
      for number in 0..<items { service.put(["id": .string("u-\(number)"), "text": text], in: Self.old) }
    }
    // Nobody uses them: units pile up, five minutes' worth at most.
    try await time.sleep(for: .seconds(360))
    let done = ItemCount()
    return try await withThrowingTaskGroup(of: Slowdown.Curve?.self) { group in
      group.addTask {
        try await work(done)
        return nil
      }
      group.addTask { try await watch(done, stop, progress) }
      var curve: Slowdown.Curve?
      for try await ended in group { curve = ended ?? curve }
      guard let curve else { throw CancellationError() }
      return curve
    }
  }

  private func make(_ table: String, read: Double, write: Double) async throws {
    var input = CreateTableInput(tableName: table, keys: Self.mapping.oldSchema)
    input.billingMode = .provisioned
    input.provisionedThroughput = throughput(read, write)
    _ = try await client(9).createTable(input)
  }

  private func throughput(_ read: Double, _ write: Double) -> ProvisionedThroughput {
    ProvisionedThroughput(readCapacityUnits: max(1, Int(read / scale)), writeCapacityUnits: max(1, Int(write / scale)))
  }

  /// Looks every interval at how far it is, and raises the capacity when it is time.
  private func watch(_ done: ItemCount, _ stop: StopSignal, _ progress: @Sendable (Int) -> Void) async throws -> Slowdown.Curve {
    var curve = Slowdown.Curve()
    var (last, isRaised) = (0, false)
    let start = time.now
    while last < items {
      try await time.sleep(for: .seconds(Slowdown.interval))
      if stop.reason != nil { throw CancellationError() }
      let count = done.value
      // In the last interval it wasn't at work all the time.
      if count < items || curve.writeUnits.isEmpty {
        curve.writeUnits.append(Double(count - last) / Double(Slowdown.interval) * scale * Slowdown.unitsPerItem)
      }
      last = count
      progress(count)
      if !isRaised, start.duration(to: time.now) >= Slowdown.raise {
        isRaised = true
        for (table, read, write) in [(Self.old, Slowdown.readUnits.after, 1.0), (Self.new, 10, Slowdown.writeUnits.after)] {
          _ = try await client(9).updateTable(UpdateTableInput(tableName: table, provisionedThroughput: throughput(read, write)))
        }
      }
    }
    curve.seconds = start.duration(to: time.now) / .seconds(1)
    return curve
  }
}
