import DualTable
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import MigrationControl
import Synchronization
import Testing

/// Workers of a service, and a backfill, on the same few keys, in an order that the seed draws.
///
/// Every worker that is alive has one request waiting before one of them is let through: so nothing depends on threads, and one seed is one
/// run. Requests meet faults; some that seem lost are applied much later.
final class Simulation: Sendable {
  struct Settings: Sendable, CustomTestStringConvertible {
    var phase: MigrationPhase
    var refusalsCarryItems = true
    var retryUnknownWrites = true
    var defect: Defect?
    var testDescription: String {
      "phase \(phase), refusals \(refusalsCarryItems ? "speak" : "are silent"), \(retryUnknownWrites ? "resends" : "no resends")"
    }
  }

  /// What an implementation that gets it wrong would put on the wire, or hear from it.
  enum Defect: String, CaseIterable, Sendable {
    case deleteWithoutTombstone, updateUnguarded, promotionUnguarded, putUnguarded, replacementUnguarded
    case lostAnswerTakenForNone, additionSentAgain, tombstoneLeaks
  }

  @TaskLocal static var operation = -1

  private struct State {
    var engine: TableEngine
    var random: SeededGenerator
    var ledger: Ledger
    var alive: Int
    var waiting: [Int: (continuation: CheckedContinuation<Fate, Never>, request: WireRequest)] = [:]
    var late: [(operation: Int, request: WireRequest)] = []
  }

  private let settings: Settings
  private let seed: UInt64
  private let state: Mutex<State>
  private let mapping = TestMapping()
  private static let keys: [Item] = ["n-a", "n-b", "x-c"].map { ["id": .string($0)] }
  private static let workers = 3
  private static let operations = 5

  init(_ settings: Settings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    let mapping = TestMapping()
    var old: [Item] = []
    for id in ["a", "b"] where !random.one(in: 4) { old.append(["id": .string(id), "p": ["v": 1], "n": 5]) }
    var new: [Item] = []
    for key in Self.keys {
      var item = key
      switch Int.random(in: 0..<4, using: &random) {
      case 0: item["v"] = 1
      case 1: item["_dt"] = 5
      default: continue
      }
      new.append(item)
    }
    var tables = [(name: "new", keys: mapping.newSchema, items: new)]
    if settings.phase <= .dualTable { tables.append((name: "old", keys: mapping.oldSchema, items: old)) }
    let engine = TableEngine(tables: tables, refusalsCarryItems: settings.refusalsCarryItems)
    var values: [Item: Item?] = [:]
    for key in Self.keys { values[key] = .some(Self.value(key, engine)) }
    state = Mutex(
      State(
        engine: engine, random: random, ledger: Ledger(values, retryUnknownWrites: settings.retryUnknownWrites),
        alive: Self.workers + (settings.phase == .dualTable ? 1 : 0)))
  }

  /// What a key's value is by the state of both tables.
  private static func value(_ key: Item, _ engine: TableEngine) -> Item? {
    let mapping = TestMapping()
    if let item = engine.item(key, in: "new") { return item["_dt"] == nil ? item : nil }
    guard engine.has("old"), let oldKey = (try? mapping.oldKey(for: key)) ?? nil, let item = engine.item(oldKey, in: "old") else {
      return nil
    }
    return (try? mapping.convert(item))?.first { mapping.newSchema.key(of: $0) == key }
  }

  // MARK: - Running

  /// Runs to the end, and returns what was wrong, and how many requests it took.
  func run() async throws -> (findings: [String], steps: Int) {
    let transport = EngineTransport(
      fate: { await self.turn($0) }, execute: { self.execute($0, for: Self.operation) },
      keep: { request in self.state.withLock { $0.late.append((Self.operation, request)) } })
    let client = try transport.client(seed: seed)
    let repository = DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: mapping, phase: .fixed(settings.phase),
      retryUnknownWrites: settings.retryUnknownWrites)
    // All begin before any runs: who comes first would be the threads' choice, and what the seed draws depends on it.
    let workers = (0..<Self.workers).map { worker in
      var random = SeededGenerator(seed: seed &* 31 &+ UInt64(worker))
      return (worker: worker, first: begin(0, of: worker, &random), random: random)
    }
    let copies = settings.phase == .dualTable ? beginBackfill() : []
    await withTaskGroup { group in
      for (worker, first, random) in workers { group.addTask { await self.work(worker, repository, first, random) } }
      if settings.phase == .dualTable { group.addTask { await self.backfill(client, copies) } }
    }
    while let (operation, request) = state.withLock({ $0.late.popLast() }) { _ = execute(request, for: operation) }
    return state.withLock { ($0.ledger.findings, $0.ledger.step) }
  }

  private typealias Begun = (id: Int, operation: SimulatedOperation)

  private func begin(_ number: Int, of worker: Int, _ random: inout SeededGenerator) -> Begun {
    let operation = SimulatedOperation.random(Self.keys, serial: 100 * (worker + 1) + number, using: &random)
    return (state.withLock { $0.ledger.begin(operation) }, operation)
  }

  private func work(_ worker: Int, _ repository: DualTableRepository, _ first: Begun, _ random: SeededGenerator) async {
    var random = random
    for number in 0..<Self.operations {
      let (id, operation) = number == 0 ? first : begin(number, of: worker, &random)
      await Self.$operation.withValue(id) { await call(id, operation, repository) }
    }
    finish()
  }

  private func call(_ id: Int, _ operation: SimulatedOperation, _ repository: DualTableRepository) async {
    do throws(DualTableError) {
      switch operation.kind {
      case .put where operation.isBatch, .delete where operation.isBatch:
        let write: WriteRequest = if case .put(let item) = operation.kind { .put(item) } else { .delete(key: operation.key) }
        let left = try await repository.batchWriteItem(.init(requestItems: ["new": [write]])).unprocessedItems
        state.withLock {
          precondition(left.isEmpty)
          $0.ledger.succeeded(id, returned: nil)
        }
      case .get(let consistent):
        let output = try await repository.getItem(.init(tableName: "new", key: operation.key, consistentRead: consistent))
        state.withLock { $0.ledger.read(id, operation.key, output.item) }
      case .batchGet(let keys):
        let items = try await repository.batchGetItem(.init(requestItems: ["new": .init(keys: keys)])).responses["new"] ?? []
        state.withLock { state in
          for key in keys { state.ledger.read(id, key, items.first { mapping.newSchema.key(of: $0) == key }) }
        }
      case .put(let item):
        let output = try await repository.putItem(
          .init(
            tableName: "new", item: item, conditionExpression: operation.condition, expressionAttributeValues: operation.values,
            returnValues: operation.returnValues), idempotencyToken: operation.token)
        state.withLock { $0.ledger.succeeded(id, returned: output.attributes) }
      case .update(let text, _):
        let output = try await repository.updateItem(
          .init(
            tableName: "new", key: operation.key, updateExpression: text, conditionExpression: operation.condition,
            expressionAttributeValues: operation.values, returnValues: operation.returnValues), idempotencyToken: operation.token)
        state.withLock { $0.ledger.succeeded(id, returned: output.attributes) }
      case .delete:
        let output = try await repository.deleteItem(
          .init(
            tableName: "new", key: operation.key, conditionExpression: operation.condition, expressionAttributeValues: operation.values,
            returnValues: operation.returnValues), idempotencyToken: operation.token)
        state.withLock { $0.ledger.succeeded(id, returned: output.attributes) }
      case .backfill: break
      }
    } catch {
      state.withLock { $0.ledger.failed(id, error) }
    }
  }

  /// What a backfill puts: OLD's items as they are scanned.
  private func beginBackfill() -> [(id: Int, item: Item)] {
    state.withLock { state in
      let scanned = ["a", "b"].compactMap { state.engine.item(["id": .string($0)], in: "old") }
      return scanned.flatMap { (try? mapping.convert($0)) ?? [] }.map { item in
        let key = mapping.newSchema.key(of: item) ?? item
        return (state.ledger.begin(SimulatedOperation(key: key, kind: .backfill(item))), item)
      }
    }
  }

  /// Puts OLD's items where nothing is, as a backfill does, long after it scanned them.
  private func backfill(_ client: DynamoDBClient, _ copies: [(id: Int, item: Item)]) async {
    for (id, item) in copies {
      await Self.$operation.withValue(id) {
        _ = try? await client.putItem(.init(tableName: "new", item: item, conditionExpression: "attribute_not_exists(id)"))
      }
    }
    finish()
  }

  // MARK: - Taking turns

  private func turn(_ request: WireRequest) async -> Fate {
    await withCheckedContinuation { continuation in
      let next = state.withLock { state in
        state.waiting[Self.operation] = (continuation, request)
        return Self.next(&state, settings)
      }
      next?.0.resume(returning: next?.1 ?? .answered)
    }
  }

  private func finish() {
    let next = state.withLock { state in
      state.alive -= 1
      return Self.next(&state, settings)
    }
    next?.0.resume(returning: next?.1 ?? .answered)
  }

  /// Picks who goes on, once everyone waits, and what becomes of the request.
  private static func next(_ state: inout State, _ settings: Settings) -> (CheckedContinuation<Fate, Never>, Fate)? {
    guard state.waiting.count == state.alive, !state.waiting.isEmpty else { return nil }
    while !state.late.isEmpty, state.random.one(in: 3) {
      let (operation, request) = state.late.remove(at: Int.random(in: 0..<state.late.count, using: &state.random))
      _ = execute(request, for: operation, &state, settings)
    }
    let ids = state.waiting.keys.sorted()
    let id = ids[Int.random(in: 0..<ids.count, using: &state.random)]
    guard let (continuation, request) = state.waiting.removeValue(forKey: id) else { return nil }
    let fate = fate(of: request, &state.random)
    if fate != .answered, fate != .throttled, isOwn(request, state.ledger.entries[id].operation) { state.ledger.noteLost(id) }
    return (continuation, settings.defect?.change(fate, of: request) ?? fate)
  }

  private static func fate(of request: WireRequest, _ random: inout SeededGenerator) -> Fate {
    guard random.one(in: 5) else { return .answered }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .lost(applied: true)
    case 1: return .lost(applied: false)
    case 2: return .failed(applied: true)
    case 3: return .failed(applied: false)
    case 4: return request.isRead ? .throttled : .late
    default: return .throttled
    }
  }

  // MARK: - Applying

  private func execute(_ request: WireRequest, for operation: Int) -> WireReply {
    state.withLock { Self.execute(request, for: operation, &$0, settings) }
  }

  private static func execute(_ request: WireRequest, for id: Int, _ state: inout State, _ settings: Settings) -> WireReply {
    let operation = state.ledger.entries[id].operation
    let request = settings.defect?.change(request, of: operation) ?? request
    guard !request.isRead else {
      var engine = state.engine
      if settings.defect == .tombstoneLeaks { engine.change("new") { item in Item(item.filter { $0.name != "_dt" }) } }
      return engine.execute(request)
    }
    let before = value(operation.key, state.engine)
    let writes = state.engine.writeCount
    let reply = state.engine.execute(request)
    // A transaction whose token has landed already is answered with success, and does nothing.
    if reply.isSuccess && state.engine.writeCount > writes {
      state.ledger.applied(
        id, isOwn: isOwn(request, operation), key: operation.key, before: before, after: value(operation.key, state.engine))
    }
    return reply
  }

  /// False for what only reads, and for copies of OLD's item.
  private static func isOwn(_ request: WireRequest, _ operation: SimulatedOperation) -> Bool {
    switch operation.kind {
    // A promotion is a put, whatever it is for.
    case .update: request.operation == "UpdateItem" || request.operation == "TransactWriteItems"
    case .backfill: false
    default: !request.isRead
    }
  }
}

extension WireRequest {
  var isRead: Bool { ["GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"].contains(operation) }
}

extension Simulation.Defect {
  /// The request as the broken implementation would have sent it.
  fileprivate func change(_ request: WireRequest, of operation: SimulatedOperation) -> WireRequest {
    let condition = request.text("ConditionExpression") ?? ""
    let isUpdate = if case .update = operation.kind { true } else { false }
    switch (self, request.operation) {
    case (.deleteWithoutTombstone, "PutItem"): return request.item("Item")?["_dt"] == nil ? request : request.asDelete
    case (.updateUnguarded, "UpdateItem") where condition.hasPrefix("attribute_exists(#_0) AND "):
      return request.replacing("attribute_exists(#_0) AND", with: "(attribute_exists(#_0) OR attribute_not_exists(#_0)) AND")
    case (.promotionUnguarded, "PutItem") where isUpdate,
      (.putUnguarded, "PutItem") where condition == "attribute_not_exists(#_0)" && !isUpdate,
      (.replacementUnguarded, "PutItem") where condition == "attribute_exists(#_0)":
      return request.without(["ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"])
    default: return request
    }
  }

  /// The fate as the broken implementation would have met it.
  fileprivate func change(_ fate: Fate, of request: WireRequest) -> Fate {
    switch (self, fate) {
    case (.lostAnswerTakenForNone, .lost(let applied)): .mistaken(applied: applied)
    case (.additionSentAgain, .lost(true)) where request.text("UpdateExpression")?.contains("ADD") == true: .appliedTwice
    default: fate
    }
  }
}
