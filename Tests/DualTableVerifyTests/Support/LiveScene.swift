import DualTable
import DualTableBackfill
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
  }

  private struct Watch: Sendable {
    var notYetThere: Set<String> = []
    var backfillIsDone = false
    var verifyIsDone = false
    var writes = 0
  }

  let seed: UInt64
  let comparesContent: Bool
  private let time: SimulatedTime
  private let engine: DynamoDBSimulator
  private let faults: FaultPlan
  private let losses: [Int: Loss]
  private let count: Int
  private let directory = TemporaryDirectory()
  private let watch = Mutex(Watch())

  init(seed: UInt64) {
    self.seed = seed
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
    let mapping = TestMapping()
    _ = try await client.createTable(CreateTableInput(tableName: "old", keys: mapping.oldSchema))
    _ = try await client.createTable(CreateTableInput(tableName: "new", keys: mapping.newSchema))
    let share = generator.below(4)
    for number in 0..<count {
      let item = VerifyScene.item(number, number % 5 == 0 ? "twin" : "")
      let isThere = generator.below(4) < share
      engine.change { service in
        service.put(item, in: "old")
        if isThere { for result in (try? mapping.convert(item)) ?? [] { service.put(result, in: "new") } }
      }
    }
    engine.follow { [self] call, service in
      for (number, loss) in losses.sorted(by: { $0.key < $1.key }) { Self.plant(loss, number, &service) }
      if call.operation == "BatchGetItem", watch.withLock({ !$0.backfillIsDone }) {
        let there = Set(service.items(in: "new").compactMap { mapping.newSchema.key(of: $0) })
        let absent = (0..<count).filter {
          !there.contains(VerifyScene.newKey($0)) || $0 % 5 == 0 && !there.contains(VerifyScene.newKey($0, twin: true))
        }
        watch.withLock { $0.notYetThere.formUnion(absent.map { "missing u-\($0)" }) }
      }
      return nil
    }
    engine.setFaults(faults)
    let result = try await atOnce(client, verifyAfter: .milliseconds(generator.below(400)))
    engine.follow(nil)
    let lines = try directory.text("keys.jsonl").split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8).span)
      return "\(json["reason"]?.string ?? "?") \(json["key"]?["id"]?["S"]?.string ?? "?")"
    }
    let planted = losses.map { "\($0.value == .changed ? "differing" : "missing") u-\($0.key)" }.sorted()
    return watch.withLock { watch in
      Outcome(result: result, findings: lines.sorted(), planted: planted, notYetThere: watch.notYetThere, writes: watch.writes)
    }
  }

  /// Sees to it that the loss is there, whatever backfill or repair did since the last request.
  private static func plant(_ loss: Loss, _ number: Int, _ service: inout SimulatedService) {
    let key = VerifyScene.newKey(number)
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

  private func atOnce(_ client: DynamoDBClient, verifyAfter wait: Duration) async throws -> VerifyResult {
    try await withThrowingTaskGroup(of: VerifyResult?.self) { group in
      for number in 0..<3 as Range<UInt64> {
        group.addTask {
          try await self.serve(client, seed: self.seed &* 31 &+ number)
          return nil
        }
      }
      group.addTask {
        try await self.backfill(client)
        return nil
      }
      group.addTask {
        try await self.time.sleep(for: wait)
        return try await self.verify(client)
      }
      var found: VerifyResult?
      for try await result in group { found = found ?? result }
      return found ?? VerifyResult()
    }
  }

  /// One client of the service: creates, updates and deletes through the repository, until the verification is done.
  private func serve(_ client: DynamoDBClient, seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let repository = DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: TestMapping(), phase: .fixed(.dualTable))
    while watch.withLock({ !$0.verifyIsDone }) {
      let number = generator.below(count * 5 / 4)
      guard losses[number] == nil else { continue }
      let key = VerifyScene.newKey(number)
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
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: TestMapping(),
      stateDirectory: StatePath("\(directory.path)/backfill"), seed: seed)
    configuration.openSegments = 3
    configuration.segments = 5
    configuration.checkpointExecutor = InlineSerialExecutor()
    _ = try await Backfill(configuration).run(stop: StopSignal()) { _ in }
    watch.withLock { $0.backfillIsDone = true }
  }

  private func verify(_ client: DynamoDBClient) async throws -> VerifyResult {
    defer { watch.withLock { $0.verifyIsDone = true } }
    var configuration = Verification.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: TestMapping(),
      stateDirectory: StatePath("\(directory.path)/verify"), seed: seed)
    configuration.openSegments = 2
    configuration.segments = 3
    configuration.comparesContent = comparesContent
    configuration.writtenAttribute = comparesContent ? "at" : nil
    configuration.keysOut = "\(directory.path)/keys.jsonl"
    configuration.diskExecutor = { InlineSerialExecutor() }
    return try await Verification(configuration).run(stop: StopSignal()) { _ in }
  }
}
