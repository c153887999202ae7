import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Transactions that read, on each state of both tables, with what they send.
@Suite("transact get") struct TransactGetTests {
  static let old: [Item] = [["id": "a", "p": ["v": 1]], ["id": "b", "p": ["v": 2], "twin": true], ["id": "c", "p": ["v": 3]]]
  static let live: Item = ["id": "n-a", "v": 7]
  static let ids = ["n-a", "n-b", "t-b", "n-c", "n-gone", "x-z"]

  static func read(_ id: String, _ table: String = "new", _ projection: String? = nil) -> TransactGetItem {
    TransactGetItem(tableName: table, key: ["id": .string(id)], projectionExpression: projection)
  }

  static func input(_ ids: [String]) -> TransactGetItemsInput { .init(transactItems: ids.map { read($0) }) }

  @Test(
    "transact get: TransactGetItems on NEW; the missing ones from OLD, which can't change. In 1 and 2 TransactGetItems on OLD, in 2 after NEW",
    arguments: [
      (MigrationPhase.old, [], ["a", "b", "b", "c"], ["TransactGetItems old"]),
      (.dualRead, [], ["a", "b", "b", "c"], ["TransactGetItems new", "TransactGetItems old"]),
      (
        .dualTable, [live, ["id": "n-c", "_dt": 5], ["id": "x-z", "v": 9]], ["live", "b", "b", nil, nil, "z"],
        ["TransactGetItems new", "BatchGetItem old"]
      ),
      (
        .newWithTombstones, [live, ["id": "n-c", "_dt": 5], ["id": "x-z", "v": 9]], ["live", nil, nil, nil, nil, "z"],
        ["TransactGetItems new"]
      ),
      (.new, [live, ["id": "n-c", "_dt": 5]], ["live"], ["TransactGetItems new"]),
    ] as [(MigrationPhase, [Item], [String?], [String])])
  func reads(_ phase: MigrationPhase, _ new: [Item], _ found: [String?], _ asked: [String]) async throws {
    let bench = Bench(old: Self.old, new: new)
    let output = try await bench.repository(phase).transactGetItems(Self.input(Self.ids))
    let values: [String: AttributeValue] = ["a": 1, "b": 2, "c": 3, "live": 7, "z": 9]
    let expected = zip(Self.ids, found + Array(repeating: nil, count: Self.ids.count - found.count)).map { id, name in
      name.map { Item([(name: "id", value: .string(id)), (name: "v", value: values[$0] ?? nil)]) }
    }
    #expect(output.responses == expected)
    #expect(bench.transactionsAsked == asked)
    // Several keys of one old item ask for it once: the service refuses a transaction that names a key twice.
    for request in bench.requests where request.operation == "TransactGetItems" {
      let keys = request["TransactItems"]?.array?.compactMap { $0["Get"]?["Key"]?["id"]?["S"]?.string } ?? []
      #expect(Set(keys).count == keys.count)
    }
    if phase == .dualTable {
      let part = try bench.requests[1].batch()[0]
      #expect(part.part["ConsistentRead"]?.bool == true && part.keys == [["id": "b"], ["id": "gone"]])
    }
  }

  @Test("transact get: a transaction that hits costs one request") func hits() async throws {
    let bench = Bench(old: Self.old, new: [Self.live, ["id": "n-c", "_dt": 5]])
    #expect(try await bench.repository().transactGetItems(Self.input(["n-a", "n-c"])).responses == [Self.live, nil])
    #expect(bench.requests.count == 1)
  }

  @Test("transact get: every projection sent to NEW includes `_dt`, and nothing shows it; OLD is asked for whole items")
  func projects() async throws {
    let bench = Bench(old: [["id": "a", "p": ["v": 1], "n": 3]], new: [["id": "n-b", "_dt": 5], ["id": "n-c", "w": 8]])
    let output = try await bench.repository().transactGetItems(
      .init(transactItems: [Self.read("n-a", "new", "v"), Self.read("n-b", "new", "v"), Self.read("n-c", "new", "v")]))
    #expect(output.responses == [["v": 1], nil, [:]])
    let names = bench.requests[0]["TransactItems"]?.array?.map { part in
      part["Get"]?["ExpressionAttributeNames"]?.object?.compactMap(\.value.string).sorted()
    }
    #expect(names == Array(repeating: ["_dt", "id", "v"], count: 3))
  }

  @Test(
    "transact get: an OLD item that can't be converted is an error, never absent", arguments: [MigrationPhase.old, .dualRead, .dualTable])
  func isUnconvertible(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: [["id": "a"]], new: [])
    let error = await bench.failure(of: Self.input(["n-a", "n-b"]), try bench.repository(phase))
    #expect(error?.code == .unconvertible)
  }

  @Test(
    "transact get: another table's items come of the same moment, or not at all", arguments: MigrationPhase.allCases, [1, 2])
  func passesOn(_ phase: MigrationPhase, _ clients: Int) async throws {
    let bench = Bench(old: Self.old, new: phase >= .dualRead ? [Self.live] : [], other: [["id": "o", "w": 1], ["id": "n-a", "w": 2]])
    let repository = try bench.repository(phase, clients: clients)
    let input = TransactGetItemsInput(
      transactItems: [Self.read("o", "other", "w"), Self.read("n-b"), Self.read("n-a", "other"), Self.read("n-a")])
    guard phase >= .dualTable || clients == 1 else {
      // Two requests are of two moments while OLD is written.
      let error = await bench.failure(of: input, repository)
      #expect(error?.code == .wrongTable)
      #expect(bench.requests.isEmpty)
      return
    }
    let output = try await repository.transactGetItems(input)
    let hit: Item = phase == .old ? ["id": "n-a", "v": 1] : Self.live
    #expect(output.responses == [["w": 1], phase <= .dualTable ? ["id": "n-b", "v": 2] : nil, ["id": "n-a", "w": 2], hit])
    #expect(bench.requests.count { $0.operation == "TransactGetItems" } == 1)
  }

  @Test("A transaction's limits are the service's, and count what is sent") func limits() async throws {
    let bench = Bench(old: Self.old, new: [])
    let hundred = (0..<100).map { "n-\($0)" }
    for (phase, ids, isRefused) in [
      (MigrationPhase.dualTable, [], true), (.dualTable, hundred, false), (.dualTable, hundred + ["n-100"], true),
      (.old, ["n-a", "n-b", "n-a"], true), (.dualTable, ["n-a", "n-a"], true),
    ] {
      let error = await bench.failure(of: Self.input(ids), try bench.repository(phase))
      #expect((error?.code == .invalidTransaction) == isRefused && (error == nil) == !isRefused)
    }
    let withOther = TransactGetItemsInput(transactItems: hundred.prefix(60).map { Self.read($0) } + [Self.read("o", "other")])
    let error = await bench.failure(of: withOther, try bench.repository(.dualRead))
    #expect(error?.code == .invalidTransaction)
    #expect(try await bench.repository(.dualTable).transactGetItems(withOther).responses.count == 61)
  }

  @Test("Either table by another name would go by the guards", arguments: ["old", "arn:aws:dynamodb:eu-central-1:1:table/new"])
  func refusesOtherNames(_ table: String) async throws {
    let bench = Bench(old: [], new: [])
    let repository = try bench.repository()
    let read = await bench.failure(of: .init(transactItems: [Self.read("n-a", table)]), repository)
    let write = await bench.failure(of: .init(transactItems: [.init(tableName: table, action: .put(["id": "n-a"]))]), repository)
    #expect(read?.code == .wrongTable && write?.code == .wrongTable)
    #expect(bench.requests.isEmpty)
  }

  @Test("transact get: writers in the way are waited for, and named if they stay", arguments: [1, 8])
  func retriesConflicts(_ conflicts: Int) async throws {
    let bench = Bench(old: Self.old, new: [], fates: Array(repeating: .cancelled([nil, "TransactionConflict"]), count: conflicts))
    let repository = try bench.repository()
    guard conflicts > 1 else {
      #expect(
        try await repository.transactGetItems(Self.input(["n-a", "n-b"])).responses == [["id": "n-a", "v": 1], ["id": "n-b", "v": 2]])
      return
    }
    let error = await bench.failure(of: Self.input(["n-a", "n-b"]), repository)
    #expect(error?.code == .requestFailed)
    #expect(error?.cancellationReasons.map { $0?.code } == [nil, "TransactionConflict"])
  }
}

extension Bench {
  func failure(of input: TransactGetItemsInput, _ repository: DualTableRepository) async -> DualTableError? {
    do throws(DualTableError) {
      _ = try await repository.transactGetItems(input)
      return nil
    } catch {
      return error
    }
  }

  func failure(of input: TransactWriteItemsInput, _ repository: DualTableRepository) async -> DualTableError? {
    do throws(DualTableError) {
      _ = try await repository.transactWriteItems(input)
      return nil
    } catch {
      return error
    }
  }

  /// What was sent, with each transaction's tables.
  var transactionsAsked: [String] {
    requests.map { request in
      let parts = request["TransactItems"]?.array ?? []
      let tables = parts.compactMap { $0.object?.first?.value["TableName"]?.string }
      if request.operation == "BatchGetItem" { return "BatchGetItem \(((try? request.batch()) ?? []).map(\.table).joined(separator: ","))" }
      return "\(request.operation) \(tables.isEmpty ? request.table : Set(tables).sorted().joined(separator: ","))"
    }
  }
}
