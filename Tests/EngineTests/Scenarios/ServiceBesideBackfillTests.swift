import DualTable
import DualTableBackfill
import DualTableMapping
import DualTableScan
import DualTableVerify
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Synchronization
import TestSupport
import Testing

/// A service on the repository reads, writes and deletes while the backfill copies; afterwards boto3 finds every acknowledged write and no
/// deleted item, and the phases that follow read alike.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(10))) struct ServiceBesideBackfillTests {
  static let clients = 8
  static let counters = ["u-0", "u-1", "u-2"]

  @Test(arguments: Engine.served) func everyWriteSurvives(_ engine: Engine) async throws {
    let seed: UInt64 = 20_261
    try await engine.withClient { client in
      try await client.withTable { old in
        try await client.withTable { new in
          let run = Run(engine: engine, client: client, old: old, new: new, mapping: try OldUsers.mapping(), seed: seed)
          try await run.whole(items: engine.name == "dynoxide" ? 3_000 : 600)
        }
      }
    }
  }
}

/// How far service and backfill have come.
private final class Progress: Sendable {
  let backfillIsDone = Atomic(false)
  let steps = Atomic(0)
}

private struct Run {
  let engine: Engine
  let client: DynamoDBClient
  let old: String
  let new: String
  let mapping: CompiledMapping
  let seed: UInt64

  func whole(items: Int) async throws {
    let seeded = try await OldUsers.seed(client, old, count: items, seed: seed)
    var expected: [String: Item?] = [:]
    for item in seeded {
      let converted = try mapping.convert(item)
      guard case .string(let id) = item["id"] else { continue }
      expected[id] = .some(converted.first)
    }
    for number in 0..<items / 20 { expected["new-\(number)"] = .some(nil) }
    let folder = TemporaryDirectory()
    let service = try await beside(expected, folder)
    try await judge(service)
    try await verify(folder)
    try await again(items, folder)
    try await judge(service)
    try await later(service)
  }

  /// Runs service and backfill at once; returns what the service left at the ids that it wrote.
  private func beside(_ expected: [String: Item?], _ folder: TemporaryDirectory) async throws -> [String: Item?] {
    let progress = Progress()
    let repository = repository(.dualTable)
    let own = expected.filter { !ServiceBesideBackfillTests.counters.contains($0.key) }
    let ids = own.keys.sorted()
    return try await withThrowingTaskGroup(of: ServiceClient?.self) { group in
      for number in 0..<ServiceBesideBackfillTests.clients {
        let mine = Set(stride(from: number, to: ids.count, by: ServiceBesideBackfillTests.clients).map { ids[$0] })
        let made = ServiceClient(repository, table: new, model: own.filter { mine.contains($0.key) }, seed: seed + UInt64(number))
        group.addTask {
          var each = made
          var left = 40
          while left > 0 {
            if progress.backfillIsDone.load(ordering: .relaxed) { left -= 1 }
            try await each.step(counters: ServiceBesideBackfillTests.counters)
            progress.steps.add(1, ordering: .relaxed)
          }
          return each
        }
      }
      group.addTask {
        defer { progress.backfillIsDone.store(true, ordering: .relaxed) }
        // The service is to be well under way, so that the backfill meets what it wrote and deleted.
        while progress.steps.load(ordering: .relaxed) < 400 { try await ContinuousClock().sleep(for: .milliseconds(1)) }
        let before = progress.steps.load(ordering: .relaxed)
        let result = try await backfill(folder, "first").run(stop: StopSignal()) { _ in }
        let counts = result.counts
        #expect(result.addsUp && !result.more && counts[.failed] == 0 && counts[.migrated] > 0, "seed \(seed)")
        #expect(counts[.superseded] > 0 && counts[.deleted] > 0, "seed \(seed)")
        #expect(progress.steps.load(ordering: .relaxed) > before, "the service did nothing beside the backfill")
        return nil
      }
      return try await collect(&group, expected)
    }
  }

  private func collect(
    _ group: inout ThrowingTaskGroup<ServiceClient?, any Error>, _ expected: [String: Item?]
  ) async throws -> [String: Item?] {
    var service: [String: Item?] = [:]
    var hits: [String: Int] = [:]
    for try await each in group {
      guard let each else { continue }
      for id in each.touched { service[id] = each.model[id] }
      hits.merge(each.hits, uniquingKeysWith: +)
    }
    for (id, count) in hits {
      var item = expected[id] ?? nil
      item?["hits"] = .number(DynamoDBNumber(count))
      service[id] = .some(item)
    }
    return service
  }

  private func judge(_ service: [String: Item?]) async throws {
    let engine = engine
    let (old, new) = (old, new)
    try Judge.compare(engine, old: old, new: new, service: service, "seed \(seed)")
  }

  private func verify(_ folder: TemporaryDirectory) async throws {
    let configuration = Verification.Configuration(
      old: .init(client: client, table: old), new: .init(client: client, table: new), mapping: mapping,
      stateDirectory: StatePath("\(folder.path)/verify"), seed: seed)
    let result = try await Verification(configuration).run(stop: StopSignal()) { _ in }
    #expect(result.verdict == .clean && result.missing == 0 && result.tombstones > 0, "seed \(seed)")
  }

  /// A second backfill finds everything there and writes nothing.
  private func again(_ items: Int, _ folder: TemporaryDirectory) async throws {
    let counts = try await backfill(folder, "second").run(stop: StopSignal()) { _ in }.counts
    // A put that goes out while its server closes the kept connection is a lost try, and what it finds then counts as its own.
    let mayBeLost = engine.name == "dynalite" ? 8 : 0
    #expect(counts[.scanned] == items && counts[.migrated] <= mayBeLost && counts[.failed] == 0, "seed \(seed)")
    #expect(counts[.alreadyThere] > 0 && counts[.superseded] > 0 && counts[.deleted] > 0, "seed \(seed)")
  }

  /// Phases 4 and 5 show what 3 left; a delete leaves a tombstone in 4 and nothing in 5.
  private func later(_ service: [String: Item?]) async throws {
    for phase in [MigrationPhase.newWithTombstones, .new] {
      let repository = repository(phase)
      for (id, item) in service.sorted(by: { $0.key < $1.key }) {
        let key: Item = ["id": .string(id)]
        let output = try await repository.getItem(GetItemInput(tableName: new, key: key, consistentRead: true))
        #expect(output.item == item, "\(phase), seed \(seed)")
        let raw = try await client.getItem(GetItemInput(tableName: new, key: key, consistentRead: true)).item
        #expect(item != nil || raw?["_dt"] != nil, "a deleted item left no tombstone; seed \(seed)")
      }
      let live = try #require(service.filter { $0.value != nil }.keys.sorted().first { !ServiceBesideBackfillTests.counters.contains($0) })
      if phase == .new {
        _ = try await repository.deleteItem(DeleteItemInput(tableName: new, key: ["id": .string(live)]))
        let raw = try await client.getItem(GetItemInput(tableName: new, key: ["id": .string(live)], consistentRead: true)).item
        #expect(raw == nil)
      }
    }
  }

  private func repository(_ phase: MigrationPhase) -> DualTableRepository {
    DualTableRepository(old: client, oldTable: old, new: client, newTable: new, mapping: mapping, phase: .fixed(phase))
  }

  private func backfill(_ folder: TemporaryDirectory, _ name: String) -> Backfill {
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: old), new: .init(client: client, table: new), mapping: mapping,
      stateDirectory: StatePath("\(folder.path)/\(name)"), seed: seed)
    configuration.segments = 16
    configuration.openSegments = 4
    return Backfill(configuration)
  }
}
