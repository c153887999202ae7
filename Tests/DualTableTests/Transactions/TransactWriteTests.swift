import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Transactions that write, on each state of both tables, with what they send and leave behind.
@Suite("transact write") struct TransactWriteTests {
  static let old: [Item] = [
    ["id": "a", "p": ["v": 1]], ["id": "b", "p": ["v": 2]], ["id": "c", "p": ["v": 3]], ["id": "d", "p": ["v": 4]],
  ]
  static let live: Item = ["id": "n-a", "v": 7]
  static func tombstone(_ id: String) -> Item { ["id": .string(id), "_dt": 5] }
  static func key(_ id: String) -> Item { ["id": .string(id)] }

  static func put(_ id: String, if condition: String? = nil, _ values: AttributeMap? = nil) -> TransactWriteItem {
    action(.put(["id": .string(id), "v": 50]), condition, values)
  }
  static func add(_ id: String, if condition: String? = nil) -> TransactWriteItem {
    action(.update(key: key(id), updateExpression: "ADD v :ten"), condition, [":ten": 10])
  }
  static func delete(_ id: String, if condition: String? = nil, _ values: AttributeMap? = nil) -> TransactWriteItem {
    action(.delete(key: key(id)), condition, values)
  }
  static func check(_ id: String, _ condition: String, _ values: AttributeMap? = nil) -> TransactWriteItem {
    action(.conditionCheck(key: key(id)), condition, values)
  }
  private static func action(_ action: TransactWriteItem.Action, _ condition: String?, _ values: AttributeMap?) -> TransactWriteItem {
    TransactWriteItem(
      tableName: "new", action: action, conditionExpression: condition, expressionAttributeValues: values,
      returnValuesOnConditionCheckFailure: .allOld)
  }

  static func actions(of request: WireRequest) -> [(kind: String, condition: String?)] {
    (request["TransactItems"]?.array ?? []).compactMap { part in
      part.object?.first.map { ($0.name, $0.value["ConditionExpression"]?.string) }
    }
  }

  private static let exists = "attribute_exists(#_0) AND attribute_not_exists(#_1)"

  @Test("transact write: each action with step 1's guard, sent at once: where NEW has the items it is one request")
  func isOneRequest() async throws {
    let new: [Item] = ["n-a", "n-b", "n-c", "n-d"].map { ["id": .string($0), "v": 7] }
    let bench = Bench(old: Self.old, new: new)
    _ = try await bench.repository().transactWriteItems(
      .init(transactItems: [
        Self.put("n-a", if: "v = :x", [":x": 7]), Self.add("n-b"), Self.delete("n-c", if: "attribute_exists(v)"),
        Self.check("n-d", "v < :x", [":x": 8]),
      ]))
    #expect(bench.transactionsAsked == ["TransactWriteItems new"])
    let sent = Self.actions(of: bench.requests[0])
    #expect(sent.map(\.kind) == ["Put", "Update", "Put", "ConditionCheck"])
    #expect(
      sent.map(\.condition) == [
        "\(Self.exists) AND #_2=:_0", Self.exists, "\(Self.exists) AND attribute_exists(#_2)", "\(Self.exists) AND #_2<:_0",
      ])
    #expect(bench.stored("n-a")?["v"] == 50 && bench.stored("n-b")?["v"] == 17 && bench.stored("n-d")?["v"] == 7)
    #expect(bench.stored("n-c") == ["id": "n-c", "_dt": 1_700_000_000_000])
  }

  @Test("Whole items and deletes without a condition go out without a guard, whatever is there")
  func needsNoGuard() async throws {
    let bench = Bench(old: Self.old, new: [Self.tombstone("n-b")])
    _ = try await bench.repository().transactWriteItems(
      .init(transactItems: [Self.put("n-a"), Self.put("n-b"), Self.delete("n-c"), Self.delete("x-z")]))
    #expect(Self.actions(of: bench.requests[0]).map(\.condition) == [nil, nil, nil, nil])
    // A key that can have no item in OLD leaves no tombstone.
    #expect(Self.actions(of: bench.requests[0]).map(\.kind) == ["Put", "Put", "Put", "Delete"])
    #expect(bench.requests.count == 1 && bench.stored("n-c")?["_dt"] != nil && bench.stored("x-z") == nil)
  }

  /// On a live item, a tombstone, OLD's item, nothing at all: what is there after an action that happens.
  @Test(
    "transact write: cancelled: the reasons say which keys are missing or tombstones; read OLD for them, evaluate, promote where step 4 does, turn the action as 3 and 4 do",
    arguments: [true, false])
  func turns(_ speaks: Bool) async throws {
    let new: [Item] = [["id": "n-a", "v": 7], Self.tombstone("n-b")]
    let bench = Bench(old: Self.old, new: new, refusalsCarryItems: speaks)
    let repository = try bench.repository()
    // From here on it is known whether refusals carry items.
    _ = await bench.failure(of: .init(transactItems: [Self.check("n-a", "v = :x", [":x": 0])]), repository)
    let before = bench.requests.count
    _ = try await repository.transactWriteItems(
      .init(transactItems: [Self.add("n-a"), Self.add("n-b"), Self.add("n-c"), Self.add("n-gone")]))
    #expect(["n-a", "n-b", "n-c", "n-gone"].map { bench.stored($0)?["v"] } == [17, 10, 13, 10])
    #expect(bench.stored("n-b")?["_dt"] == nil, "an update of a deleted item takes the tombstone's mark away")
    let asked = bench.transactionsAsked.dropFirst(before)
    #expect(asked.first == "TransactWriteItems new" && asked.last == "TransactWriteItems new")
    let between = speaks ? ["BatchGetItem old", "PutItem "] : ["BatchGetItem new", "BatchGetItem old", "PutItem "]
    #expect(asked.dropFirst().dropLast().map { $0 == "PutItem new" ? "PutItem " : $0 } == between)
    let turned = Self.actions(of: bench.requests[bench.requests.count - 1]).map(\.condition)
    #expect(turned == [Self.exists, "attribute_exists(#_0)", Self.exists, "attribute_not_exists(#_0)"])
  }

  @Test("ConditionCheck stays atomic with the rest: live, tombstone, missing with OLD's item and without", arguments: [true, false])
  func checks(_ speaks: Bool) async throws {
    let bench = Bench(old: Self.old, new: [["id": "n-a", "v": 7], Self.tombstone("n-b")], refusalsCarryItems: speaks)
    _ = try await bench.repository().transactWriteItems(
      .init(transactItems: [
        Self.check("n-a", "v = :x", [":x": 7]), Self.check("n-b", "attribute_not_exists(id)"), Self.check("n-c", "v = :x", [":x": 3]),
        Self.check("n-gone", "attribute_not_exists(v)"), Self.put("n-d"),
      ]))
    let sent = Self.actions(of: bench.requests[bench.requests.count - 1])
    #expect(sent.map(\.kind) == ["ConditionCheck", "ConditionCheck", "ConditionCheck", "ConditionCheck", "Put"])
    // OLD can't change: what was true of its item is true as long as NEW has none. So a check copies nothing.
    #expect(
      sent.map(\.condition) == [
        "\(Self.exists) AND #_2=:_0", "attribute_exists(#_0)", "attribute_not_exists(#_0)", "attribute_not_exists(#_0)", nil,
      ])
    #expect(bench.stored("n-c") == nil && bench.stored("n-gone") == nil && bench.stored("n-d")?["v"] == 50)
    #expect(!bench.asked.contains("PutItem new"))
  }

  @Test(
    "transact write: a caller's own false condition is reported with its index, the item if asked, as many reasons as actions",
    arguments: [true, false])
  func reportsIndexes(_ speaks: Bool) async throws {
    let bench = Bench(old: Self.old, new: [Self.live, Self.tombstone("n-b")], refusalsCarryItems: speaks)
    var unasked = Self.check("n-d", "v = :x", [":x": 0])
    unasked.returnValuesOnConditionCheckFailure = nil
    let error = await bench.failure(
      of: .init(transactItems: [
        Self.put("x-1"), Self.add("n-c"), Self.put("n-a", if: "v = :x", [":x": 8]), Self.delete("n-b", if: "attribute_exists(v)"),
        unasked, Self.check("n-gone", "attribute_exists(id)"), Self.put("x-2", if: "attribute_not_exists(id)"),
      ]), try bench.repository())
    #expect(error?.code == .conditionFailed)
    let reasons = error?.cancellationReasons ?? []
    #expect(reasons.map { $0?.code } == [nil, nil] + Array(repeating: "ConditionalCheckFailed", count: 4) + [nil])
    #expect(reasons.map { $0?.item } == [nil, nil, Self.live, nil, nil, nil, nil])
    #expect(error?.description.contains("2, 3, 4, 5") == true)
    #expect(bench.stored("n-c") == nil, "nothing is copied for a transaction that can't happen")
    let asked = await bench.failure(
      of: .init(transactItems: [Self.put("x-1"), Self.check("n-d", "v = :x", [":x": 0])]), try bench.repository())
    #expect(asked?.cancellationReasons.last??.item == ["id": "n-d", "v": 4], "OLD's item, in NEW's format")
  }

  @Test("transact write: `TransactionConflict` is retried, also beside a guard that another try mends", arguments: [true, false])
  func retriesConflicts(_ isMixed: Bool) async throws {
    let reasons: [String?] = isMixed ? ["TransactionConflict", "ConditionalCheckFailed"] : ["TransactionConflict", nil]
    let bench = Bench(old: Self.old, new: [Self.live], fates: [.cancelled(reasons)])
    _ = try await bench.repository().transactWriteItems(.init(transactItems: [Self.add("n-a"), Self.add("n-c")]))
    #expect(bench.stored("n-a")?["v"] == 17 && bench.stored("n-c")?["v"] == 13)
    let stuck = Bench(old: [], new: [Self.live], fates: Array(repeating: .cancelled(["TransactionConflict"]), count: 20))
    let error = await stuck.failure(of: .init(transactItems: [Self.add("n-a")]), try stuck.repository())
    #expect(error?.code == .contention && error?.cancellationReasons.map { $0?.code } == ["TransactionConflict"])
    #expect(stuck.stored("n-a")?["v"] == 7)
  }

  @Test("What the service refuses for another reason is told with its index, and guards are none of the caller's business")
  func reportsOtherReasons() async throws {
    let bench = Bench(old: Self.old, new: [["id": "n-a", "v": "text"]])
    let error = await bench.failure(of: .init(transactItems: [Self.add("n-c"), Self.add("n-a")]), try bench.repository())
    #expect(error?.code == .requestFailed)
    #expect(error?.cancellationReasons.map { $0?.code } == [nil, "ValidationError"])
    #expect(bench.stored("n-c") == nil)
  }

  // MARK: - Phases

  @Test("In phases 1 and 2 a write in NEW's format throws `wrongPhase`", arguments: [MigrationPhase.old, .dualRead])
  func refusesEarlyPhases(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: Self.old, new: [])
    #expect(await bench.failure(of: .init(transactItems: [Self.put("n-a")]), try bench.repository(phase))?.code == .wrongPhase)
    #expect(bench.requests.isEmpty)
  }

  @Test(
    "In phases 4 and 5 a missing key is absent, step 1's guard is `NOT tomb AND (C)`; 4 still deletes with tombstones, 5 deletes",
    arguments: [MigrationPhase.newWithTombstones, .new])
  func latePhases(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: Self.old, new: [Self.live, Self.tombstone("n-b"), ["id": "n-d", "v": 7]])
    _ = try await bench.repository(phase).transactWriteItems(
      .init(transactItems: [
        Self.add("n-a"), Self.put("n-b", if: "attribute_not_exists(id)"), Self.put("n-c", if: "attribute_not_exists(id)"),
        Self.delete("n-d", if: "attribute_exists(id)"), Self.check("n-gone", "attribute_not_exists(v)"),
      ]))
    #expect(bench.transactionsAsked == ["TransactWriteItems new", "TransactWriteItems new"], "the fallback is gone")
    #expect(
      Self.actions(of: bench.requests[0]).map { $0.condition?.hasPrefix("attribute_not_exists(#_0)") } == Array(repeating: true, count: 5))
    #expect(bench.stored("n-b")?["v"] == 50 && bench.stored("n-c")?["v"] == 50)
    #expect((bench.stored("n-d")?["_dt"] != nil) == (phase == .newWithTombstones))
    if phase == .new { #expect(bench.stored("n-d") == nil) }
  }

  // MARK: - Limits and names

  @Test("Two actions on one item are refused as the service does, and so are over a hundred; copies don't count")
  func limits() async throws {
    let bench = Bench(old: Self.old, new: [])
    let repository = try bench.repository()
    let twice = await bench.failure(of: .init(transactItems: [Self.put("n-a"), Self.check("n-a", "attribute_exists(v)")]), repository)
    #expect(twice?.code == .invalidTransaction && twice?.message == "Transaction request cannot include multiple operations on one item")
    let hundred = (0..<96).map { Self.put("x-\($0)") } + ["n-a", "n-b", "n-c", "n-d"].map { Self.add($0) }
    #expect(await bench.failure(of: .init(transactItems: hundred + [Self.put("x-y")]), repository)?.code == .invalidTransaction)
    #expect(await bench.failure(of: .init(transactItems: []), repository)?.code == .invalidTransaction)
    #expect(bench.requests.isEmpty)
    _ = try await repository.transactWriteItems(.init(transactItems: hundred))
    #expect(["n-a", "n-b", "n-c", "n-d"].map { bench.stored($0)?["v"] } == [11, 12, 13, 14])
  }

  @Test("No action may name `_dt`, and every name goes out by an alias")
  func names() async throws {
    let bench = Bench(old: [], new: [])
    let repository = try bench.repository()
    for item in [
      Self.check("n-a", "attribute_exists(#_dt)".replacing("#", with: "")), .init(tableName: "new", action: .put(["id": "n-a", "_dt": 1])),
    ] {
      #expect(await bench.failure(of: .init(transactItems: [item]), repository)?.code == .reservedName)
    }
    let wrong = TransactWriteItem(tableName: "new", action: .delete(key: ["id": "n-a", "v": 1]))
    #expect(await bench.failure(of: .init(transactItems: [wrong]), repository)?.code == .invalidKey)
    let long = "attribute_exists(v)" + String(repeating: " OR attribute_exists(v)", count: 220)
    #expect(await bench.failure(of: .init(transactItems: [Self.check("n-a", long)]), repository)?.code == .expressionTooLong)
    #expect(bench.requests.isEmpty)
  }

  @Test("Actions on other tables go along untouched, and land or don't with the rest")
  func passesOn() async throws {
    let bench = Bench(old: Self.old, new: [], other: [["id": "o", "w": 1]])
    let repository = try bench.repository()
    let other = TransactWriteItem(
      tableName: "other", action: .update(key: ["id": "o"], updateExpression: "SET #w = #w + :w"), conditionExpression: "#w < :most",
      expressionAttributeNames: ["#w": "w"], expressionAttributeValues: [":w": 1, ":most": 2], returnValuesOnConditionCheckFailure: .allOld)
    let input = TransactWriteItemsInput(transactItems: [Self.add("n-a"), other])
    _ = try await repository.transactWriteItems(input)
    #expect(bench.stored("n-a")?["v"] == 11 && bench.stored("o", in: "other")?["w"] == 2)
    for request in bench.requests where request.operation == "TransactWriteItems" {
      #expect(request["TransactItems"]?[1]?["Update"]?["ConditionExpression"]?.string == "#w < :most")
    }
    let error = await bench.failure(of: input, repository)
    #expect(error?.code == .conditionFailed && error?.cancellationReasons.map { $0?.item } == [nil, ["id": "o", "w": 2]])
    #expect(bench.stored("n-a")?["v"] == 11)
  }
}
