import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Single writes with the caller's idempotency token.
@Suite("idempotencyToken") struct IdempotentWriteTests {
  static let oldItem = DualTableRepositoryTests.oldItem
  static let live: Item = ["id": "n-a", "v": 7]
  static let tombstone: Item = ["id": "n-a", "_dt": 5]
  static let key: Item = ["id": "n-a"]

  static func add(_ repository: DualTableRepository, if condition: String? = nil, token: String = "t") async throws(DualTableError) {
    _ = try await repository.updateItem(
      .init(
        tableName: "new", key: key, updateExpression: "ADD v :one", conditionExpression: condition, expressionAttributeValues: [":one": 1]),
      idempotencyToken: token)
  }

  static func adding(_ bench: Bench) async throws -> DualTableError? {
    let repository = try bench.repository()
    return await failure { () throws(DualTableError) in try await add(repository) }
  }

  static func tokens(_ bench: Bench) -> [String] { bench.requests.compactMap { $0.text("ClientRequestToken") } }

  /// NEW, OLD, and what is left behind.
  static let states: [([Item], [Item], Item, [String])] = [
    ([live], [oldItem], ["id": "n-a", "v": 8], ["TransactWriteItems"]),
    ([tombstone], [oldItem], ["id": "n-a", "v": 1], ["TransactWriteItems", "TransactWriteItems"]),
    ([], [oldItem], ["id": "n-a", "v": 2], ["TransactWriteItems", "GetItem", "GetItem", "PutItem", "TransactWriteItems"]),
    ([], [], ["id": "n-a", "v": 1], ["TransactWriteItems", "GetItem", "GetItem", "TransactWriteItems"]),
  ]

  @Test("any single write goes as a one-action TransactWriteItems, each rewritten body with its own token", arguments: states)
  func updates(_ new: [Item], _ old: [Item], _ after: Item, _ asked: [String]) async throws {
    let bench = Bench(old: old, new: new)
    try await Self.add(bench.repository())
    #expect(bench.stored("n-a") == after)
    #expect(bench.requests.map(\.operation) == asked)
    let bodies = bench.requests.filter { $0.operation == "TransactWriteItems" }
    for request in bodies {
      #expect(request["TransactItems"]?.array?.count == 1)
      #expect((request.text("ClientRequestToken")?.utf8.count ?? 0) == 32)
    }
    // One token, one body; the promotion leads back to the body that it was made for.
    let pairs = Set(bodies.map { "\($0["TransactItems"].map { "\($0)" } ?? "")" })
    #expect(Set(Self.tokens(bench)).count == pairs.count)
  }

  @Test("puts and deletes too, in every phase that writes", arguments: [MigrationPhase.dualTable, .newWithTombstones, .new])
  func putsAndDeletes(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: [], new: [Self.live])
    let repository = try bench.repository(phase)
    _ = try await repository.putItem(
      .init(
        tableName: "new", item: ["id": "n-a", "v": 8], conditionExpression: "v = :v", expressionAttributeValues: [":v": 7],
        returnConsumedCapacity: .total), idempotencyToken: "one")
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 8])
    let deleted = try await repository.deleteItem(
      .init(tableName: "new", key: Self.key, returnConsumedCapacity: .total), idempotencyToken: "two")
    #expect(deleted.consumedCapacity?.capacityUnits == 2, "twice the price")
    #expect((bench.stored("n-a")?["_dt"] != nil) == (phase < .new))
    #expect(bench.asked == ["TransactWriteItems ", "TransactWriteItems "])
  }

  @Test("exact within one call: lost answers don't make it count twice, or not at all", arguments: [true, false], [true, false])
  func isExact(_ applied: Bool, _ fails: Bool) async throws {
    for (new, expected) in [([Self.live], 8), ([Self.tombstone], 1)] {
      for at in 0..<new.count + 1 {
        let fate = fails ? Fate.failed(applied: applied) : .lost(applied: applied)
        let bench = Bench(old: [], new: new, fates: Array(repeating: .answered, count: at) + [fate])
        let error = try await Self.adding(bench)
        // A lost body that is then refused may still be under way: nothing that came after it would be exact.
        let isRefused = new == [Self.tombstone] && at == 0
        #expect(error?.code == (isRefused ? .outcomeUnknown : nil))
        #expect(bench.stored("n-a")?["v"] == (isRefused ? nil : .some(.number(DynamoDBNumber(expected)))))
      }
    }
  }

  @Test("it moves on to another body only after a definite answer") func waitsForADefiniteAnswer() async throws {
    // The first body is lost on its way to a tombstone and may arrive at any time; sent again it is refused.
    let bench = Bench(old: [], new: [Self.tombstone], fates: [.lost(applied: false)])
    let error = try await Self.adding(bench)
    #expect(error?.code == .outcomeUnknown)
    #expect(Set(Self.tokens(bench)).count == 1)
    #expect(bench.stored("n-a") == Self.tombstone)
  }

  @Test("the same call made again with its token lands once, where it meets the same state") func isOneWriteOverCalls() async throws {
    let bench = Bench(old: [], new: [Self.live], fates: [.lost(applied: true)])
    let careful = try bench.repository(retryUnknownWrites: false)
    #expect(await failure { () throws(DualTableError) in try await Self.add(careful) }?.code == .outcomeUnknown)
    try await Self.add(careful)
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 8])
    try await Self.add(careful, token: "another")
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 9])
  }

  @Test("a false condition is told, with the item") func tellsConditions() async throws {
    for new in [[Self.live], [Self.tombstone], []] {
      let bench = Bench(old: [Self.oldItem], new: new)
      let repository = try bench.repository()
      let error = await failure { () throws(DualTableError) in
        try await repository.deleteItem(
          .init(
            tableName: "new", key: Self.key, conditionExpression: "v = :v", expressionAttributeValues: [":v": 100],
            returnValuesOnConditionCheckFailure: .allOld), idempotencyToken: "t")
      }
      #expect(error?.code == .conditionFailed)
      #expect(error?.item == (new == [Self.live] ? Self.live : new.isEmpty ? ["id": "n-a", "v": 1] : nil))
      #expect(bench.stored("n-a") == new.first)
    }
  }

  @Test("a conflict with another transaction is waited out") func triesConflictsAgain() async throws {
    let conflict = DynamoDBError(
      .transactionCanceled, "", httpStatus: 400, cancellationReasons: [ActionError(code: "TransactionConflict")])
    #expect(conflict.isRetryable)
    let bench = Bench(old: [], new: [Self.live], fates: [.conflicts, .conflicts])
    try await Self.add(bench.repository())
    #expect(bench.requests.count == 3 && Set(Self.tokens(bench)).count == 1)
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 8])
  }

  static let wrong: [(String, @Sendable (DualTableRepository) async throws(DualTableError) -> Void)] = [
    ("an empty token", { (r) throws(DualTableError) in try await add(r, token: "") }),
    (
      "return values",
      { (r) throws(DualTableError) in
        _ = try await r.putItem(.init(tableName: "new", item: key, returnValues: .allOld), idempotencyToken: "t")
      }
    ),
    (
      "an update of nothing",
      { (r) throws(DualTableError) in _ = try await r.updateItem(.init(tableName: "new", key: key), idempotencyToken: "t") }
    ),
  ]

  @Test("no return values: what a transaction can't do is refused before anything is sent", arguments: wrong.indices)
  func refuses(_ index: Int) async throws {
    let bench = Bench(old: [], new: [Self.live])
    let repository = try bench.repository()
    let error = await failure { () throws(DualTableError) in try await Self.wrong[index].1(repository) }
    #expect(error?.code == .invalidToken, "\(Self.wrong[index].0)")
    #expect(bench.asked.isEmpty)
  }
}
