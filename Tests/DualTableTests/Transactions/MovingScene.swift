import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization

/// A whole migration, phase by phase, under a service of several instances that learn of it from the control table.
///
/// In phases 1 and 2 its writers write OLD, in OLD's format: an item of which two keys of NEW come, or two items at once.
final class MovingScene: Sendable {
  /// One item of OLD, as the service writes it; no value: it is deleted.
  struct OldChange: Sendable {
    let id: String
    let value: Int?
    let hasTwin: Bool
  }

  private static let instances = 3
  private static let operations = 9

  private let scene: TransactionScene
  private let seed: UInt64
  /// False for a migration in which answers are lost. Attempts whose outcome nobody knows hold up 4→5 for half an hour, so it ends in 4.
  private let isCalm: Bool
  private let reached = Mutex(MigrationPhase.old)

  init(seed: UInt64) throws {
    self.seed = seed
    isCalm = seed % 2 == 0
    scene = try TransactionScene(.init(workers: []), seed: seed)
  }

  func run() throws -> (result: TransactionScene.Result, phase: MigrationPhase) {
    let initial = try scene.time.run { [self] in try await live() }
    return (try scene.judge(initial), reached.withLock { $0 })
  }

  private func live() async throws -> [Item?] {
    let admin = scene.simulator.client(on: scene.time)
    for (name, schema) in [
      ("old", TransactionScene.mapping.oldSchema), ("new", TransactionScene.mapping.newSchema), ("control", ControlTable.schema),
    ] {
      _ = try await admin.createTable(CreateTableInput(tableName: name, keys: schema))
    }
    let first = OldChange(id: "b", value: 1, hasTwin: true)
    scene.simulator.change { service in service.put(Self.item(first) ?? [:], in: "old") }
    var initial: [Item?] = TransactionScene.keys.map { _ in nil }
    for action in Self.actions(first) {
      if case .put(let item) = action.change { initial[action.key] = item }
    }
    let digest = TransactionScene.mapping.digest
    _ = try await table.initialize(ControlItem(phase: .old, epoch: 1, mapping: digest))
    let delays = "delay=1ms..15ms,reordered=0.05,throttled=0.01,transaction=4ms"
    scene.simulator.setFaults(try FaultPlan(text: delays, seed: seed))
    let repositories = (0..<Self.instances).map { repository($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for repository in repositories { group.addTask { try await repository.run() } }
      await withTaskGroup(of: Void.self) { workers in
        for (number, repository) in repositories.enumerated() { workers.addTask { await self.work(number, repository) } }
        workers.addTask { await self.move() }
      }
      try await scene.time.sleep(for: .seconds(10))
      await scene.perform(.read(Array(TransactionScene.keys.indices)), isSingle: false, repositories[0])
      group.cancelAll()
    }
    return initial
  }

  private var table: ControlTable {
    ControlTable(client: scene.simulator.client(on: scene.time, seed: seed &+ 7), name: "control", oldTable: "old", newTable: "new")
  }

  private func repository(_ number: Int) -> DualTableRepository {
    let client = scene.client(number)
    return DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: TransactionScene.mapping,
      phase: .controlTable("control", client: scene.client(50 + number)))
  }

  // MARK: - The migration

  private func move() async {
    var random = SeededGenerator(seed: seed &+ 2_000)
    for phase in [MigrationPhase.dualRead, .dualTable, .newWithTombstones, .new] {
      try? await scene.time.sleep(for: .milliseconds(Int.random(in: 0..<4_000, using: &random)))
      if phase == .newWithTombstones { await backfill(&random) }
      if phase == .new && !isCalm { return }
      let machine = SwitchStateMachine(to: phase, patience: .seconds(60))
      let outcome = try? await PhaseSwitch(table: table, wallClock: scene.time.wallClock, clock: scene.time).perform(machine)
      guard case .done = outcome else { return scene.complain("\(phase) was not reached: \(String(describing: outcome))") }
      reached.withLock { $0 = phase }
      if phase == .dualTable && !isCalm {
        let losses = "lost-answer=0.04,lost-request=0.03,failed-after=0.03,late=0.04,lateness=5ms..3s,delay=1ms..15ms,transaction=4ms"
        if let plan = try? FaultPlan(text: losses, seed: seed) { scene.simulator.setFaults(plan) }
      }
    }
  }

  /// Copies every item of OLD, and goes on until each is known to be there.
  private func backfill(_ random: inout SeededGenerator) async {
    let client = scene.client(60)
    for item in scene.simulator.items(in: "old").flatMap({ (try? TransactionScene.mapping.convert($0)) ?? [] }) {
      try? await scene.time.sleep(for: .milliseconds(Int.random(in: 0..<500, using: &random)))
      while true {
        do throws(DynamoDBError) {
          _ = try await client.putItem(.init(tableName: "new", item: item, conditionExpression: "attribute_not_exists(id)"))
          break
        } catch {
          if error.code == .conditionalCheckFailed { break }
        }
      }
    }
  }

  // MARK: - The service

  private func work(_ number: Int, _ repository: DualTableRepository) async {
    var random = SeededGenerator(seed: seed &* 31 &+ UInt64(number))
    for turn in 0..<Self.operations {
      let serial = 100 * (number + 1) + turn
      let (call, _) = TransactionScene.call(serial: serial, mayWrite: true, using: &random)
      if case .read = call {
        await scene.perform(call, isSingle: false, repository)
      } else {
        let changes = Self.changes(serial, using: &random)
        await scene.record { await write(call, or: changes, repository) }
      }
      let pause = random.one(in: 3) ? Int.random(in: 500..<5_000, using: &random) : Int.random(in: 0..<10, using: &random)
      try? await scene.time.sleep(for: .milliseconds(pause))
    }
  }

  /// Writes in the format of the phase that holds, and says which of the two it was.
  private func write(
    _ call: TransactionRecord.Call, or changes: [OldChange], _ repository: DualTableRepository
  ) async -> (TransactionRecord.Call, TransactionRecord.Outcome) {
    let oldCall = TransactionRecord.Call.write(changes.flatMap { Self.actions($0) })
    var sent = oldCall
    do {
      let outcome: TransactionRecord.Outcome = try await repository.write(
        old: { old in
          sent = oldCall
          _ = try await old.transactWriteItems(.init(transactItems: changes.map { Self.transactItem($0) }))
          return .committed
        },
        new: { new in
          sent = call
          return try await scene.ask(call, isSingle: false, new)
        })
      return (sent, outcome)
    } catch let error as DynamoDBError {
      return (sent, error.outcomeUnknown ? .unknown : .nothing)
    } catch let error as DualTableError {
      return (sent, scene.judge(error, sent))
    } catch {
      scene.complain("\(error)")
      return (sent, .nothing)
    }
  }

  private static func changes(_ serial: Int, using random: inout SeededGenerator) -> [OldChange] {
    let ids = [["a"], ["b"], ["a", "b"]].randomElement(using: &random) ?? []
    return ids.map { OldChange(id: $0, value: random.one(in: 4) ? nil : serial, hasTwin: $0 == "b" && random.one(in: 2)) }
  }

  private static func item(_ change: OldChange) -> Item? {
    change.value.map { value in
      var item: Item = ["id": .string(change.id), "p": ["v": .number(DynamoDBNumber(value))]]
      if change.hasTwin { item["twin"] = true }
      return item
    }
  }

  private static func transactItem(_ change: OldChange) -> TransactWriteItem {
    TransactWriteItem(tableName: "old", action: item(change).map { .put($0) } ?? .delete(key: ["id": .string(change.id)]))
  }

  /// What the change does to NEW's keys.
  private static func actions(_ change: OldChange) -> [TransactionRecord.Action] {
    let converted = item(change).flatMap { try? TransactionScene.mapping.convert($0) } ?? []
    let keys = ["n-\(change.id)", "t-\(change.id)"].map { Item([(name: "id", value: .string($0))]) }
    return keys.compactMap { key in
      TransactionScene.keys.firstIndex(of: key).map { place in
        let item = converted.first { TransactionScene.mapping.newSchema.key(of: $0) == key }
        return .init(key: place, change: item.map { .put($0) } ?? .delete)
      }
    }
  }
}
