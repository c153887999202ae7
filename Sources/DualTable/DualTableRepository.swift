public import DualTableMapping
public import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl
internal import Synchronization
public import Telemetry

/// Reads and writes items in the new table's format while they move there from the old one.
///
/// The operations take and return what the client's do, always for the new table and in its format. Where the phase says so they look
/// into the old table for what isn't there yet, convert it, and guard every write, so that a backfill can run beside them. A deleted
/// item leaves a tombstone until phase 5, which nothing shows.
public final class DualTableRepository: Sendable {
  internal let new: DynamoDBClient
  internal let newTable: String
  internal let old: OldTable
  internal let mapping: any TableMapping
  /// The mapping's, kept because every operation looks at them.
  private let keys: KeySchema
  internal let reserved: String
  internal let retryUnknownWrites: Bool
  internal let pages: PageSupport
  /// Who knows the phase.
  internal let phase: Phase
  /// Tells whoever listens; nil where nobody does.
  internal let observer: RepositoryObserver?
  /// Set once NEW's engine was seen to send an item along with a refusal. Until then a refusal without one is followed by a read: some
  /// engines never send it.
  private let sawItemInRefusal = Atomic(false)
  /// The same of a canceled transaction's reasons: an engine may send the one and not the other.
  private let sawItemInReason = Atomic(false)
  /// Writes under way in a fixed phase; a participant counts its own operations.
  private let underWay = Atomic(0)

  /// Makes a repository over two tables, which may be in different accounts and Regions.
  ///
  /// - Parameters:
  ///   - old: reads the old table, and writes it in `oldWrite` alone.
  ///   - oldTable: the old table's name or ARN.
  ///   - new: reads and writes the new table.
  ///   - newTable: the new table's name or ARN; requests name it too.
  ///   - mapping: how an item of the old table becomes items of the new one; the backfill's.
  ///   - phase: which table counts.
  ///   - retryUnknownWrites: false to send no write again whose answer was lost, and to throw `outcomeUnknown` instead. Default true, as
  ///     every AWS SDK does: such a write may land twice, around another writer's. What depends on the item it meets (`ADD`,
  ///     `SET a = a + :x`) is never sent again.
  ///   - telemetry: who is told of hits, fallbacks, tombstones, retries and phases. Default: nobody. Requests and their times by table are the
  ///     clients' to tell.
  public init(
    old: DynamoDBClient, oldTable: String, new: DynamoDBClient, newTable: String, mapping: any TableMapping, phase: PhaseSource,
    retryUnknownWrites: Bool = true, telemetry: TelemetrySinks = .none
  ) {
    self.new = new
    self.newTable = newTable
    self.old = OldTable(client: old, name: oldTable, mapping: mapping)
    self.mapping = mapping
    keys = mapping.newSchema
    reserved = mapping.reservedAttribute
    self.retryUnknownWrites = retryUnknownWrites
    observer = RepositoryObserver(telemetry, table: newTable, clock: new.clock)
    pages = PageSupport(mapping)
    switch phase.kind {
    case .fixed(let phase): self.phase = .fixed(phase)
    case .controlTable(let name, let client):
      self.phase = .participant(
        Participant(
          table: ControlTable(client: client, name: name, oldTable: oldTable, newTable: newTable), mapping: mapping.digest,
          clients: [old, new], wallClock: new.wallClock, clock: new.clock, telemetry: telemetry
        ) { client.uniqueName() })
    }
  }

  internal enum Phase: Sendable {
    /// Nobody changes it.
    case fixed(MigrationPhase)
    case participant(Participant)
  }

  /// Takes part in the migration until the task is cancelled, and then takes its leave.
  ///
  /// It tells the control table that this instance is there, and learns the phase and every change of it; until it runs, operations wait.
  /// Once cancelled it awaits the operations under way, lets none begin, and signs off, so that no switch of phase waits for this instance.
  /// Run it for as long as the repository is used, once at a time:
  ///
  ///     try await withThrowingDiscardingTaskGroup { group in
  ///       group.addTask { try await repository.run() }
  ///       …
  ///     }
  ///
  /// In a service of swift-service-lifecycle it is `try await cancelWhenGracefulShutdown { try await repository.run() }`. With a fixed phase
  /// it only waits, and awaits the writes under way.
  ///
  /// - Throws: `MigrationControlError` before the phase was ever known: `notInitialized`, `otherMapping`.
  public func run() async throws {
    switch phase {
    case .fixed:
      while !Task.isCancelled { try? await new.clock.sleep(for: .seconds(3_600)) }
      await uncancelled {
        while self.underWay.load(ordering: .relaxed) > 0 { try? await self.new.clock.sleep(for: .milliseconds(20)) }
      }
    case .participant(let participant): try await participant.run()
    }
  }

  /// Performs a write that `run` awaits.
  @inline(__always)
  internal func countingInFixedPhase<Output, Failure>(_ body: () async throws(Failure) -> Output) async throws(Failure) -> Output {
    underWay.add(1, ordering: .relaxed)
    defer { underWay.subtract(1, ordering: .relaxed) }
    return try await body()
  }

  // MARK: - What every operation begins with

  internal func check(table: String) throws(DualTableError) {
    guard table == newTable else {
      throw DualTableError(.wrongTable, "The repository serves the table \(newTable), not \(table): name the new table in requests.")
    }
  }

  /// The key, which has the attributes of NEW's and no others.
  internal func check(key: Item) throws(DualTableError) -> Item {
    guard key.has(keys.hash), keys.range.map(key.has) ?? true, key.count == (keys.range == nil ? 1 : 2) else { throw invalidKey }
    return key
  }

  /// The keys of a batch.
  ///
  /// - Throws: `invalidKey`, also where two are one: the service refuses that within one request, and a batch may take several.
  internal func check(keys: [Item]) throws(DualTableError) -> [Item] {
    var proper: [Item] = []
    var known: Set<Item> = []
    for key in keys {
      let key = try check(key: key)
      guard known.insert(key).inserted else { throw DualTableError(.invalidKey, "The batch names one key twice.") }
      proper.append(key)
    }
    return proper
  }

  /// The key of an item that a caller puts, which is judged.
  internal func check(item: Item) throws(DualTableError) -> Item {
    guard let key = mapping.newSchema.key(of: item) else { throw invalidKey }
    guard item[reserved] == nil else { throw .reservedName(reserved) }
    return key
  }

  internal var invalidKey: DualTableError {
    let names = mapping.newSchema.attributes.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: " and ")
    return DualTableError(.invalidKey, "A key of the new table is \(names).")
  }

  internal func refusalsCarryItems(inTransactions: Bool) -> Bool {
    (inTransactions ? sawItemInReason.load(ordering: .relaxed) : sawItemInRefusal.load(ordering: .relaxed))
  }

  internal func noteItemInRefusal(inTransaction: Bool) {
    if inTransaction { sawItemInReason.store(true, ordering: .relaxed) } else { sawItemInRefusal.store(true, ordering: .relaxed) }
  }
}

extension AttributeMap {
  /// True if it has a key attribute, of its type.
  fileprivate func has(_ attribute: KeySchema.Attribute) -> Bool { self[attribute.name]?.type == AttributeType(attribute.type) }
}
