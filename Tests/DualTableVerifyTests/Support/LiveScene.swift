import DualTable
import DualTableBackfill
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import TestSupport

@testable import DualTableVerify

/// A service at work on both tables, a backfill, and a verification, all at once in simulated time, with losses that nothing mends.
final class LiveScene: Sendable {
  /// What is wrong with an id, from the beginning to the end.
  enum Loss: CaseIterable, Sendable {
    case removed, misKeyed, changed
  }

  /// What came of it.
  struct Outcome {
    var result: VerifyResult
    var findings: [String]
    /// What is planted, as a finding each.
    var planted: [String]
    /// Ids that the new table lacked when the recheck asked, because the backfill hadn't come to them.
    var notYetThere: Set<String>
    var writes: Int
    /// Results of a shared verification's workers, and what each found.
    var others: [(result: VerifyResult, findings: [String])]
  }

  private struct Watch: Sendable {
    var notYetThere: Set<String> = []
    var backfillIsDone = false
    var verifyIsDone = false
    var writes = 0
  }

  let seed: UInt64
  /// Processes that share the verification, one of which dies where `kills`; 0: one alone, with a directory of its own.
  let workers: Int
  let kills: Bool
  let mapping: any TableMapping
  let comparesContent: Bool
  private let time: SimulatedTime
  private let engine: DynamoDBSimulator
  private let faults: FaultPlan
  private let losses: [Int: Loss]
  private let count: Int
  private let directory = TemporaryDirectory()
  private let watch = Mutex(Watch())

  init(seed: UInt64, workers: Int = 0, kills: Bool = false, mapping: any TableMapping = TestMapping()) {
    self.seed = seed
    self.workers = workers
    self.kills = kills
    self.mapping = mapping
    var generator = SeededGenerator(seed: seed)
    comparesContent = seed % 2 == 0
    count = 40 + generator.below(60)
    time = SimulatedTime(seed: seed)
    var faults = FaultPlan(seed: seed)
    (faults.throttled, faults.lostAnswer, faults.failedAfter, faults.unavailable) = (0.01, 0.01, 0.01, 0.01)
    faults.delay = .milliseconds(1) ... .milliseconds(15)
    self.faults = faults
    engine = DynamoDBSimulator(
      faults: FaultPlan(seed: seed), time: time, lag: seed % 3 == 0 ? .milliseconds(400) : .zero, itemsInPage: 1 + generator.below(12))
    var losses: [Int: Loss] = [:]
    for loss in Loss.allCases where comparesContent || loss != .changed {
      for _ in 0..<generator.below(3) {
        let number = generator.below(count)
        if losses[number] == nil { losses[number] = loss }
      }
    }
    self.losses = losses
  }

  func run() throws -> Outcome { try time.run { try await self.simulate() } }

  private func simulate() async throws -> Outcome {
    var generator = SeededGenerator(seed: seed &+ 1)
    let client = engine.client(on: time, retry: .bulk(), seed: seed)
    _ = try await client.createTable(CreateTableInput(tableName: "old", keys: mapping.oldSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "new", keys: mapping.newSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
    let share = generator.below(4)
    for number in 0..<count {
      let item = VerifyScene.item(number, number % 5 == 0 ? "twin" : "")
      let isThere = generator.below(4) < share
      engine.change { [mapping] service in
        service.put(item, in: "old")
        if isThere { for result in (try? mapping.convert(item)) ?? [] { service.put(result, in: "new") } }
      }
    }
    engine.follow { [self] call, service in
      for (number, loss) in losses.sorted(by: { $0.key < $1.key }) { plant(loss, number, &service) }
      if call.operation == "BatchGetItem", watch.withLock({ !$0.backfillIsDone }) {
        let there = Set(service.items(in: "new").compactMap { mapping.newSchema.key(of: $0) })
        let absent = (0..<count).filter {
          !there.contains(newKey($0)) || $0 % 5 == 0 && !there.contains(newKey($0, twin: true))
        }
        watch.withLock { $0.notYetThere.formUnion(absent.map { "missing u-\($0)" }) }
      }
      return nil
    }
    engine.setFaults(faults)
    let results = try await atOnce(client, verifyAfter: .milliseconds(generator.below(400)))
    engine.follow(nil)
    let found = try results.map { (result: $0.result, findings: try findings($0.file)) }
    let planted = losses.map { "\($0.value == .changed ? "differing" : "missing") u-\($0.key)" }.sorted()
    return watch.withLock { watch in
      Outcome(
        result: found[0].result, findings: found[0].findings, planted: planted, notYetThere: watch.notYetThere, writes: watch.writes,
        others: Array(found.dropFirst()))
    }
  }

  private func findings(_ file: String) throws -> [String] {
    try directory.text(file).split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8).span)
      return "\(json["reason"]?.string ?? "?") \(json["key"]?["id"]?["S"]?.string ?? "?")"
    }.sorted()
  }

  private func newKey(_ number: Int, twin: Bool = false) -> Item {
    var key = VerifyScene.newKey(number, twin: twin)
    if mapping is KeptKeyMapping { key["pk"] = .string("u-\(number)") }
    return key
  }

  /// Sees to it that the loss is there, whatever backfill or repair did since the last request.
  private func plant(_ loss: Loss, _ number: Int, _ service: inout SimulatedService) {
    let key = newKey(number)
    switch loss {
    case .removed: service.delete(key, in: "new")
    case .misKeyed:
      service.delete(key, in: "new")
      service.put(["pk": .string("USR#u-\(number)"), "n": .number(DynamoDBNumber(7))], in: "new")
    case .changed:
      var item = key
      item["v"] = .string("changed")
      service.put(item, in: "new")
    }
  }

  /// What became of a verification, and where its findings are.
  private typealias Verified = (result: VerifyResult, file: String)

  private func atOnce(_ client: DynamoDBClient, verifyAfter wait: Duration) async throws -> [Verified] {
    try await withThrowingTaskGroup(of: [Verified].self) { group in
      for number in 0..<3 as Range<UInt64> {
        group.addTask {
          try await self.serve(client, seed: self.seed &* 31 &+ number)
          return []
        }
      }
      group.addTask {
        try await self.backfill(client)
        return []
      }
      group.addTask {
        try await self.time.sleep(for: wait)
        defer { self.watch.withLock { $0.verifyIsDone = true } }
        if self.workers > 0 { return try await self.verifyByAll() }
        let result = try await self.verify(client) { _ in }
        return [(result, "keys.jsonl")]
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private func verifyByAll() async throws -> [Verified] {
    try await withThrowingTaskGroup(of: Verified?.self) { group in
      for number in 0..<workers {
        group.addTask {
          try await self.live("w\(number)", until: self.kills && number == 0 ? .milliseconds(100 + Int(self.seed % 7) * 100) : nil)
        }
      }
      return try await group.reduce(into: []) { results, one in if let one { results.append(one) } }
    }
  }

  /// One of the processes that share it, which may have only so long to live; nil where it died.
  private func live(_ name: String, until death: Duration?) async throws -> Verified? {
    let process = SimulatedProcess(on: time)
    let network = CutTransport(engine, loops: [process])
    let client = try VerifyFleet.client(network, time, seed: seed &+ UInt64(name.utf8.last ?? 0))
    return try await withThrowingTaskGroup(of: Verified?.self) { group in
      group.addTask(executorPreference: process) {
        while true {
          do throws(VerifyError) {
            return try await self.verify(by: name, client)
          } catch {
            // One that came when the others had their findings begins anew; an engine starts whoever was at the old ones again.
            guard (error.cause as? StateError)?.code == .mismatch else { throw error }
          }
        }
      }
      if let death {
        group.addTask {
          try await self.time.sleep(for: death)
          network.cut()
          return nil
        }
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  private func verify(by name: String, _ client: DynamoDBClient) async throws(VerifyError) -> Verified {
    let result = try await verify(client) { configuration in
      let table = ControlTable(client: client, name: "control", oldTable: "old", newTable: "new")
      configuration.shared = .init(table: table, worker: name)
      configuration.keysOut = "\(directory.path)/\(name)"
      configuration.segments = 8
      configuration.patience = .seconds(10)
    }
    return (result, name)
  }

  /// One client of the service: creates, updates and deletes through the repository, until the verification is done.
  private func serve(_ client: DynamoDBClient, seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let repository = DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: mapping, phase: .fixed(.dualTable))
    while watch.withLock({ !$0.verifyIsDone }) {
      let number = generator.below(count * 5 / 4)
      guard losses[number] == nil else { continue }
      let key = newKey(number)
      let stamp = AttributeValue.number(
        DynamoDBNumber(
          watch.withLock { watch in
            watch.writes += 1
            return watch.writes
          }))
      do throws(DualTableError) {
        switch generator.below(3) {
        case 0:
          var item = key
          (item["v"], item["at"]) = (.string("put"), stamp)
          _ = try await repository.putItem(PutItemInput(tableName: "new", item: item))
        case 1:
          _ = try await repository.updateItem(
            UpdateItemInput(
              tableName: "new", key: key, updateExpression: "SET v = :v, #at = :at", expressionAttributeNames: ["#at": "at"],
              expressionAttributeValues: [":v": .string("updated"), ":at": stamp]))
        default: _ = try await repository.deleteItem(DeleteItemInput(tableName: "new", key: key))
        }
      } catch {
        // Faults are the service's everyday life; what is judged here is the verification.
      }
      try await time.sleep(for: .milliseconds(generator.below(20)))
    }
  }

  private func backfill(_ client: DynamoDBClient) async throws {
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: StatePath("\(directory.path)/backfill"), seed: seed)
    configuration.openSegments = 3
    configuration.segments = 5
    configuration.checkpointExecutor = InlineSerialExecutor()
    _ = try await Backfill(configuration).run(stop: StopSignal()) { _ in }
    watch.withLock { $0.backfillIsDone = true }
  }

  private func verify(
    _ client: DynamoDBClient, _ change: (inout Verification.Configuration) -> Void
  ) async throws(VerifyError) -> VerifyResult {
    var configuration = Verification.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: StatePath("\(directory.path)/verify"), seed: seed)
    configuration.openSegments = 2
    configuration.segments = 3
    configuration.comparesContent = comparesContent
    configuration.writtenAttribute = comparesContent ? "at" : nil
    configuration.keysOut = "\(directory.path)/keys.jsonl"
    configuration.diskExecutor = { InlineSerialExecutor() }
    change(&configuration)
    return try await Verification(configuration).run(stop: StopSignal()) { _ in }
  }
}
