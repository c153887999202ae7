import DualTable
import DynamoDBClient
import DynamoDBModel
import Foundation
import MigrationControl
import Synchronization
import Testing

/// The table of requests and capacity units in the documentation is what the wire shows.
@Suite struct CostTests {
  /// Requests, read units and write units of one operation.
  struct Cost: Hashable, CustomStringConvertible {
    var requests = 0
    var read = 0.0
    var write = 0.0

    var description: String { "\(requests) · \(Self.text(read)) · \(Self.text(write))" }

    private static func text(_ units: Double) -> String { units == units.rounded() ? "\(Int(units))" : "\(units)" }
  }

  /// What each column of the table stands for: NEW, OLD.
  static let states: [(name: String, new: [Item], old: [Item])] = [
    ("live", [["id": "n-a", "v": 7]], [["id": "a", "p": ["v": 1]]]),
    ("tombstone", [["id": "n-a", "_dt": 5]], [["id": "a", "p": ["v": 1]]]),
    ("only in the old table", [], [["id": "a", "p": ["v": 1]]]), ("in neither", [], []),
  ]

  static let key: Item = ["id": "n-a"]
  static let item: Item = ["id": "n-a", "v": 8]
  /// True of every state, but the service doesn't know that.
  static let harmless = "attribute_not_exists(locked)"

  typealias Operation = @Sendable (DualTableRepository) async throws(DualTableError) -> Void

  static let operations: [(name: String, perform: Operation)] = [
    ("get", { (r) throws(DualTableError) in _ = try await r.getItem(.init(tableName: "new", key: key, consistentRead: true)) }),
    ("get, eventual", { (r) throws(DualTableError) in _ = try await r.getItem(.init(tableName: "new", key: key)) }),
    (
      "batch get, each key",
      { (r) throws(DualTableError) in _ = try await r.batchGetItem(.init(requestItems: ["new": .init(keys: [key], consistentRead: true)])) }
    ),
    (
      "query, a partition of one item",
      { (r) throws(DualTableError) in
        _ = try await r.query(
          .init(tableName: "new", keyConditionExpression: "id = :id", consistentRead: true, expressionAttributeValues: [":id": "n-a"]))
      }
    ),
    (
      "scan, a table of one item",
      { (r) throws(DualTableError) in _ = try await r.scan(.init(tableName: "new", consistentRead: true)) }
    ),
    ("put", { (r) throws(DualTableError) in _ = try await r.putItem(.init(tableName: "new", item: item)) }),
    (
      "put with a condition",
      { (r) throws(DualTableError) in _ = try await r.putItem(.init(tableName: "new", item: item, conditionExpression: harmless)) }
    ),
    (
      "put that returns the old value",
      { (r) throws(DualTableError) in _ = try await r.putItem(.init(tableName: "new", item: item, returnValues: .allOld)) }
    ),
    (
      "create",
      { (r) throws(DualTableError) in
        _ = try await r.putItem(.init(tableName: "new", item: item, conditionExpression: "attribute_not_exists(id)"))
      }
    ),
    (
      "update",
      { (r) throws(DualTableError) in _ = try await r.updateItem(.init(tableName: "new", key: key, updateExpression: "REMOVE z")) }
    ),
    ("delete", { (r) throws(DualTableError) in _ = try await r.deleteItem(.init(tableName: "new", key: key)) }),
    (
      "delete with a condition",
      { (r) throws(DualTableError) in _ = try await r.deleteItem(.init(tableName: "new", key: key, conditionExpression: harmless)) }
    ),
    (
      "delete that returns the old value",
      { (r) throws(DualTableError) in _ = try await r.deleteItem(.init(tableName: "new", key: key, returnValues: .allOld)) }
    ),
    (
      "batch write, each item",
      { (r) throws(DualTableError) in _ = try await r.batchWriteItem(.init(requestItems: ["new": [.put(item)]])) }
    ),
    (
      "transact get, each key",
      { (r) throws(DualTableError) in _ = try await r.transactGetItems(.init(transactItems: [.init(tableName: "new", key: key)])) }
    ),
    ("transact put, delete", { (r) throws(DualTableError) in try await transact(.put(item), nil, r) }),
    ("transact put with a condition", { (r) throws(DualTableError) in try await transact(.put(item), harmless, r) }),
    ("transact update", { (r) throws(DualTableError) in try await transact(.update(key: key, updateExpression: "REMOVE z"), nil, r) }),
    ("transact check", { (r) throws(DualTableError) in try await transact(.conditionCheck(key: key), harmless, r) }),
    (
      "put with a token",
      { (r) throws(DualTableError) in _ = try await r.putItem(.init(tableName: "new", item: item), idempotencyToken: "t") }
    ),
    (
      "update with a token",
      { (r) throws(DualTableError) in
        _ = try await r.updateItem(.init(tableName: "new", key: key, updateExpression: "REMOVE z"), idempotencyToken: "t")
      }
    ),
  ]

  private static func transact(
    _ action: TransactWriteItem.Action, _ condition: String?, _ repository: DualTableRepository
  ) async throws(DualTableError) {
    _ = try await repository.transactWriteItems(
      .init(transactItems: [.init(tableName: "new", action: action, conditionExpression: condition)]))
  }

  /// What an operation takes in one state; nil where the phase has no such operation.
  static func cost(of operation: Operation, _ phase: MigrationPhase, new: [Item], old: [Item]) async throws -> Cost? {
    let spent = Mutex(Cost())
    let bench = Bench(
      old: old, new: new + [["id": "n-other", "_dt": 5]],
      meter: { request, reply in
        spent.withLock { $0.add(request, reply) }
      })
    let repository = try bench.repository(phase)
    if phase >= .dualTable {
      // The repository has seen that this engine sends an item along with a refusal, alone and in a transaction.
      for token in [nil, "t"] {
        _ = try await repository.putItem(
          .init(tableName: "new", item: ["id": "n-other"], conditionExpression: harmless), idempotencyToken: token)
        bench.put(["id": "n-other", "_dt": 5])
      }
    }
    spent.withLock { $0 = Cost() }
    do {
      try await operation(repository)
    } catch {
      if error.code == .wrongPhase { return nil }
      guard error.code == .conditionFailed else { throw error }
    }
    return spent.withLock { $0 }
  }

  static let page = DocumentationTests.catalog.appending(path: "Costs.md")

  /// The rows of the page's table that have a phase: operation, phases, cells.
  static func rows() throws -> [(operation: String, phases: [MigrationPhase], cells: [String])] {
    try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 6 else { return nil }
      let phases = cells[1].split(separator: ",").compactMap { number in
        Int(number.trimmingCharacters(in: .whitespaces)).flatMap(MigrationPhase.init(rawValue:))
      }
      return phases.isEmpty ? nil : (cells[0], phases, Array(cells[2...]))
    }
  }

  @Test("each operation's requests and capacity units, in each state and phase, are those of the documentation's table")
  func tableIsTrue() async throws {
    let rows = try Self.rows()
    var shown: Set<String> = []
    for (name, phases, cells) in rows {
      let operation = try #require(Self.operations.first { $0.name == name }, "the table has an operation that no test performs: \(name)")
      for phase in phases {
        #expect(shown.insert("\(name) \(phase)").inserted)
        for (state, cell) in zip(Self.states, cells) {
          let cost = try await Self.cost(of: operation.perform, phase, new: state.new, old: state.old)
          #expect(cost?.description == cell, "\(name) in \(phase), \(state.name)")
        }
      }
    }
    for (name, perform) in Self.operations {
      for phase in MigrationPhase.allCases {
        let isThere = try await Self.cost(of: perform, phase, new: [], old: []) != nil
        #expect(shown.contains("\(name) \(phase)") == isThere, "\(name) in \(phase)")
      }
    }
  }

  @Test("get: a hit costs exactly one request", arguments: [MigrationPhase.dualRead, .dualTable, .newWithTombstones, .new])
  func hitsCostOneRequest(_ phase: MigrationPhase) async throws {
    for name in ["get", "get, eventual", "batch get, each key"] {
      let operation = try #require(Self.operations.first { $0.name == name })
      #expect(try await Self.cost(of: operation.perform, phase, new: Self.states[0].new, old: Self.states[0].old)?.requests == 1)
    }
  }
}

extension CostTests.Cost {
  /// Adds what one request took, as the service counts: a write that its condition refused takes what the item there would have.
  fileprivate mutating func add(_ request: WireRequest, _ reply: WireReply) {
    requests += 1
    let answer = try? JSONValue(parsing: Array(reply.body.utf8).span)
    let consumed = answer?["ConsumedCapacity"]
    let units = (consumed?.array ?? consumed.map { [$0] } ?? []).reduce(0) { $0 + ($1["CapacityUnits"]?.double ?? 0) }
    if request.isRead {
      read += units
    } else if reply.isSuccess {
      write += units
    } else {
      // All items here are small: one unit, and two in a transaction.
      write += request.operation == "TransactWriteItems" ? 2 : 1
    }
  }
}
