import AWSAuth
import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import MigrationControl
import Synchronization
import TestSupport

/// Workers of a service on the same few keys, with transactions and single operations, beside a backfill, under faults by seed, in
/// simulated time; what each saw is recorded.
final class TransactionScene: Sendable {
  struct Settings: Sendable {
    /// The phase of each worker; two phases are neighbors.
    var workers: [MigrationPhase] = [.dualTable, .dualTable, .dualTable]
    var operations = 6
    var faults =
      "lost-answer=0.04,lost-request=0.03,failed-after=0.03,late=0.04,throttled=0.02,lateness=5ms..3s,delay=1ms..15ms,reordered=0.05,transaction=4ms"
    var defect: TransactionDefect?
  }

  struct Result: Sendable {
    var isSerializable: Bool
    /// What shouldn't be said to a caller.
    var complaints: [String]
    var committed: Int
    var records: Int
  }

  private struct State {
    var count = 0
    var records: [TransactionRecord] = []
    var complaints: [String] = []
  }

  static let keys: [Item] = ["n-a", "n-b", "t-b", "x-c"].map { ["id": .string($0)] }
  static let mapping = TestMapping()

  let settings: Settings
  let seed: UInt64
  let time: SimulatedTime
  let simulator: DynamoDBSimulator
  private let state = Mutex(State())

  init(_ settings: Settings, seed: UInt64) throws {
    self.settings = settings
    self.seed = seed
    time = SimulatedTime(seed: seed)
    simulator = DynamoDBSimulator(time: time)
  }

  // MARK: - Running

  func run() throws -> Result { try judge(try time.run { try await self.live() }) }

  /// Whether there is an order of all that was recorded.
  func judge(_ initial: [Item?]) throws -> Result {
    let state = state.withLock { $0 }
    var checker = SerializabilityChecker(initial, keys: Self.keys, state.records)
    let committed = state.records.count { if case .committed = $0.outcome { true } else { false } }
    return Result(
      isSerializable: checker.isSerializable(), complaints: state.complaints, committed: committed, records: state.records.count)
  }

  /// Runs everything to its end; returns the values that the keys had at the beginning.
  private func live() async throws -> [Item?] {
    let admin = simulator.client(on: time)
    for table in ["old", "new"] {
      _ = try await admin.createTable(CreateTableInput(tableName: table, keys: Self.mapping.newSchema))
    }
    let initial = fill()
    simulator.setFaults(try FaultPlan(text: settings.faults, seed: seed))
    await withTaskGroup { group in
      for (number, phase) in settings.workers.enumerated() { group.addTask { await self.work(number, phase) } }
      if settings.workers.allSatisfy({ $0 <= .dualTable }) { group.addTask { await self.backfill() } }
    }
    // Whatever is on its way yet arrives before all is read once more.
    try await time.sleep(for: .seconds(10))
    simulator.setFaults(FaultPlan(seed: seed))
    let reader = repository(settings.workers.count, settings.workers.max() ?? .new)
    await perform(.read(Array(Self.keys.indices)), isSingle: false, reader)
    return initial
  }

  /// Puts some items in both tables; where not all workers fall back, the backfill is over.
  private func fill() -> [Item?] {
    var random = SeededGenerator(seed: seed)
    let isOver = settings.workers.contains { $0 > .dualTable }
    return simulator.change { service in
      var values: [Item?] = Array(repeating: nil, count: Self.keys.count)
      for id in ["a", "b"] where !random.one(in: 5) {
        var item: Item = ["id": .string(id), "p": ["v": 1], "n": 5]
        if id == "b" { item["twin"] = true }
        service.put(item, in: "old")
        for converted in (try? Self.mapping.convert(item)) ?? [] {
          guard let place = Self.keys.firstIndex(where: { Self.mapping.newSchema.key(of: converted) == $0 }) else { continue }
          values[place] = converted
          if isOver { service.put(converted, in: "new") }
        }
      }
      for place in Self.keys.indices {
        var item = Self.keys[place]
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
          item["v"] = 1
          values[place] = item
        case 1 where settings.workers.min() != .new:
          item["_dt"] = 5
          values[place] = nil
        default: continue
        }
        service.put(item, in: "new")
      }
      return values
    }
  }

  func client(_ number: Int) -> DynamoDBClient {
    let plain = simulator.client(on: time, seed: seed &* 97 &+ UInt64(number))
    guard let defect = settings.defect, let credentials = try? AWSCredentials(accessKeyID: "SIMULATED", secretAccessKey: "SIMULATED") else {
      return plain
    }
    return DynamoDBClient(
      configuration: .init(endpoint: plain.endpoint, credentials: StaticCredentialProvider(credentials)),
      transport: DefectiveTransport(simulator, defect), wallClock: time.wallClock, clock: time, seed: seed &* 97 &+ UInt64(number))
  }

  /// Transactions and single writes with a token are sent again under their tokens; other writes, which may land twice so, aren't.
  private func repository(_ number: Int, _ phase: MigrationPhase, retries: Bool = true) -> DualTableRepository {
    let client = client(number)
    return DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: Self.mapping, phase: .fixed(phase), retryUnknownWrites: retries)
  }

  private func work(_ number: Int, _ phase: MigrationPhase) async {
    let repository = repository(number, phase)
    let single = self.repository(100 + number, phase, retries: false)
    var random = SeededGenerator(seed: seed &* 31 &+ UInt64(number))
    for turn in 0..<settings.operations {
      let (call, isSingle) = Self.call(serial: 100 * (number + 1) + turn, mayWrite: phase >= .dualTable, using: &random)
      await perform(call, isSingle: isSingle, isSingle && !call.hasToken ? single : repository)
      try? await time.sleep(for: .milliseconds(Int.random(in: 0..<20, using: &random)))
    }
  }

  /// Copies OLD's items, long after it read them.
  private func backfill() async {
    let client = simulator.client(on: time, seed: seed &+ 1_000)
    var random = SeededGenerator(seed: seed &+ 1_000)
    let scanned = simulator.items(in: "old")
    for item in scanned.flatMap({ (try? Self.mapping.convert($0)) ?? [] }) {
      try? await time.sleep(for: .milliseconds(Int.random(in: 0..<100, using: &random)))
      _ = try? await client.putItem(.init(tableName: "new", item: item, conditionExpression: "attribute_not_exists(id)"))
    }
  }

  // MARK: - Calls

  static func call(serial: Int, mayWrite: Bool, using random: inout SeededGenerator) -> (TransactionRecord.Call, Bool) {
    let places = Array(keys.indices).shuffled(using: &random)
    let choice = Int.random(in: 0..<10, using: &random)
    if !mayWrite || choice < 3 { return (.read(Array(places.prefix(Int.random(in: 2...4, using: &random)))), false) }
    if choice == 3 { return (.read([places[0]]), true) }
    let count = choice < 6 ? 1 : Int.random(in: 1...3, using: &random)
    var actions = places.prefix(count).map { action($0, serial: serial, isSingle: choice < 6, using: &random) }
    if choice == 5 { actions[0].token = "token \(serial)" }
    return (.write(actions), choice < 6)
  }

  private static func action(_ key: Int, serial: Int, isSingle: Bool, using random: inout SeededGenerator) -> TransactionRecord.Action {
    let number = AttributeValue.number(DynamoDBNumber(serial))
    var action: TransactionRecord.Action
    switch Int.random(in: 0..<(isSingle ? 5 : 7), using: &random) {
    case 0:
      var item = keys[key]
      item["v"] = number
      action = .init(key: key, change: .put(item))
    case 1: action = .init(key: key, change: .update("SET w = :x", [":x": number]))
    case 2: action = .init(key: key, change: .update("ADD n :x", [":x": 1]))
    case 3, 4: action = .init(key: key, change: .delete)
    default: action = .init(key: key, change: .check, condition: "attribute_exists(id)")
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: action.condition = "attribute_exists(id)"
    case 1: action.condition = "attribute_not_exists(id)"
    case 2: (action.condition, action.conditionValues) = ("v = :old", [":old": 1])
    case 3: (action.condition, action.conditionValues) = ("v <> :old", [":old": 1])
    case 4: action.condition = "attribute_not_exists(w) OR n > v"
    default: break
    }
    return action
  }

  func perform(_ call: TransactionRecord.Call, isSingle: Bool, _ repository: DualTableRepository) async {
    await record {
      do throws(DualTableError) {
        return (call, try await self.ask(call, isSingle: isSingle, repository))
      } catch {
        return (call, self.judge(error, call))
      }
    }
  }

  /// Records what `body` does: which call it was, and what came of it.
  func record(_ body: () async -> (TransactionRecord.Call, TransactionRecord.Outcome)) async {
    let id = state.withLock { state in
      state.count += 1
      state.records.append(TransactionRecord(call: .read([]), began: state.count))
      return state.records.count - 1
    }
    let (call, outcome) = await body()
    state.withLock { state in
      state.count += 1
      state.records[id].call = call
      state.records[id].ended = state.count
      state.records[id].outcome = outcome
    }
  }

  func ask(
    _ call: TransactionRecord.Call, isSingle: Bool, _ repository: DualTableRepository
  ) async throws(DualTableError) -> TransactionRecord.Outcome {
    switch call {
    case .read(let places) where isSingle:
      return .read([try await repository.getItem(.init(tableName: "new", key: Self.keys[places[0]], consistentRead: true)).item])
    case .read(let places):
      let reads = places.map { TransactGetItem(tableName: "new", key: Self.keys[$0]) }
      return .read(try await repository.transactGetItems(.init(transactItems: reads)).responses)
    case .write(let actions) where isSingle: try await write(actions[0], repository)
    case .write(let actions):
      _ = try await repository.transactWriteItems(.init(transactItems: actions.map { $0.transactItem(Self.keys[$0.key]) }))
    }
    return .committed
  }

  private func write(_ action: TransactionRecord.Action, _ repository: DualTableRepository) async throws(DualTableError) {
    switch action.change {
    case .put(let item):
      _ = try await repository.putItem(
        .init(
          tableName: "new", item: item, conditionExpression: action.condition, expressionAttributeValues: action.values,
          returnValuesOnConditionCheckFailure: .allOld), idempotencyToken: action.token)
    case .update(let text, _):
      _ = try await repository.updateItem(
        .init(
          tableName: "new", key: Self.keys[action.key], updateExpression: text, conditionExpression: action.condition,
          expressionAttributeValues: action.values, returnValuesOnConditionCheckFailure: .allOld), idempotencyToken: action.token)
    case .delete, .check:
      _ = try await repository.deleteItem(
        .init(
          tableName: "new", key: Self.keys[action.key], conditionExpression: action.condition, expressionAttributeValues: action.values,
          returnValuesOnConditionCheckFailure: .allOld), idempotencyToken: action.token)
    }
  }

  func judge(_ error: DualTableError, _ call: TransactionRecord.Call) -> TransactionRecord.Outcome {
    switch error.code {
    case .outcomeUnknown: return .unknown
    case .contention: return .nothing
    case .conditionFailed:
      guard case .write(let actions) = call else { break }
      guard !error.cancellationReasons.isEmpty else { return .refused([(0, error.item)]) }
      if error.cancellationReasons.count != actions.count { complain("\(actions.count) actions, \(error)") }
      return .refused(
        error.cancellationReasons.enumerated().compactMap { place, reason in
          reason?.code == "ConditionalCheckFailed" ? (place, reason?.item) : nil
        })
    case .requestFailed:
      // Faults that outlasted all tries, or that single writes aren't sent again after.
      if (error.cause as? DynamoDBError)?.isRetryable == true { return .nothing }
    default: break
    }
    complain("\(error)")
    return .nothing
  }

  func complain(_ text: String) { state.withLock { $0.complaints.append(text) } }
}
