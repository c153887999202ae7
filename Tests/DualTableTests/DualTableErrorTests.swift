import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

@Suite struct DualTableErrorTests {
  static let key: Item = ["id": "n-a"]

  /// A request, and what is wrong with it.
  static let wrong: [(String, @Sendable (DualTableRepository) async throws(DualTableError) -> Void, DualTableError.Code)] = [
    ("another table", { (r) throws(DualTableError) in _ = try await r.getItem(.init(tableName: "old", key: key)) }, .wrongTable),
    (
      "a batch of another table",
      { (r) throws(DualTableError) in _ = try await r.batchGetItem(.init(requestItems: ["old": .init(keys: [key])])) }, .wrongTable
    ),
    ("no key", { (r) throws(DualTableError) in _ = try await r.putItem(.init(tableName: "new", item: ["v": 1])) }, .invalidKey),
    (
      "a key of another type", { (r) throws(DualTableError) in _ = try await r.getItem(.init(tableName: "new", key: ["id": 1])) },
      .invalidKey
    ),
    (
      "too much of a key", { (r) throws(DualTableError) in _ = try await r.deleteItem(.init(tableName: "new", key: ["id": "a", "v": 1])) },
      .invalidKey
    ),
    (
      "the reserved name in an item",
      { (r) throws(DualTableError) in _ = try await r.putItem(.init(tableName: "new", item: ["id": "n-a", "_dt": 1])) }, .reservedName
    ),
    (
      "the reserved name in a condition",
      { (r) throws(DualTableError) in
        _ = try await r.deleteItem(
          .init(tableName: "new", key: key, conditionExpression: "attribute_exists(#d)", expressionAttributeNames: ["#d": "_dt"]))
      }, .reservedName
    ),
    (
      "the reserved name in an update",
      { (r) throws(DualTableError) in _ = try await r.updateItem(.init(tableName: "new", key: key, updateExpression: "REMOVE _dt")) },
      .reservedName
    ),
    (
      "the reserved name in what is read by an update",
      { (r) throws(DualTableError) in _ = try await r.updateItem(.init(tableName: "new", key: key, updateExpression: "SET v = _dt")) },
      .reservedName
    ),
    (
      "the reserved name in a projection",
      { (r) throws(DualTableError) in _ = try await r.getItem(.init(tableName: "new", key: key, projectionExpression: "_dt")) },
      .reservedName
    ),
    (
      "bad syntax",
      { (r) throws(DualTableError) in _ = try await r.deleteItem(.init(tableName: "new", key: key, conditionExpression: "v =")) },
      .invalidExpression
    ),
    (
      "unused names",
      { (r) throws(DualTableError) in _ = try await r.getItem(.init(tableName: "new", key: key, expressionAttributeNames: ["#d": "d"])) },
      .invalidExpression
    ),
    (
      "a long condition",
      { (r) throws(DualTableError) in
        _ = try await r.deleteItem(
          .init(tableName: "new", key: key, conditionExpression: Array(repeating: "a<b", count: 149).joined(separator: " OR ") + " AND a<b")
        )
      }, .expressionTooLong
    ),
    (
      "a condition without room for guards",
      { (r) throws(DualTableError) in
        // As few operators as it takes: every name stands for itself, so that no alias makes it shorter.
        let names = (0..<99).map { "a.b\($0).c\($0).d\($0).e\($0)" }
        _ = try await r.deleteItem(
          .init(
            tableName: "new", key: key,
            conditionExpression: (0..<2).map { part in "a IN (\(names.map { "\($0).f\(part)" }.joined(separator: ",")))" }.joined(
              separator: " OR ")))
      }, .expressionTooLong
    ),
  ]

  @Test("160 bytes in every phase, the reserved name, keys of another type: refused before anything is sent", arguments: wrong.indices)
  func refuses(_ index: Int) async throws {
    let (name, operation, code) = Self.wrong[index]
    for phase in [MigrationPhase.dualTable, .newWithTombstones, .new] {
      let bench = Bench(old: [], new: [])
      let repository = try bench.repository(phase)
      let error = await failure { () throws(DualTableError) in try await operation(repository) }
      #expect(error?.code == code, "\(name)")
      #expect(bench.asked.isEmpty, "\(name)")
    }
  }

  /// What is let in fits with every guard, whichever aliases the guards leave for the caller's names.
  @Test("160 bytes are kept for the guards: what is let in fits with every guard") func whatIsLetInFitsWithEveryGuard() async throws {
    let names = (0..<10).map { "x\($0)" }
    var longest = 0
    var refused = 0
    for uses in stride(from: 700, through: 1_000, by: 5) {
      let list = (0..<uses).map { names[8 + $0 % 2] }
      let lists = stride(from: 0, to: list.count, by: 90).map { "x0 IN (\(list[$0..<min($0 + 90, list.count)].joined(separator: ",")))" }
      let condition = names.map { "attribute_not_exists(\($0))" }.joined(separator: " OR ") + " OR " + lists.joined(separator: " OR ")
      let bench = Bench(old: [], new: [["id": "n-a", "_dt": 5]])
      let repository = try bench.repository()
      let error = await failure { () throws(DualTableError) in
        try await repository.updateItem(
          .init(tableName: "new", key: Self.key, updateExpression: "REMOVE z", conditionExpression: condition))
      }
      let lengths = bench.requests.compactMap { $0.text("ConditionExpression")?.utf8.count }
      if let error {
        #expect(error.code == .expressionTooLong)
        #expect(lengths.isEmpty)
        refused += 1
      }
      longest = max(longest, lengths.max() ?? 0)
    }
    #expect((3_900...4_096).contains(longest))
    #expect(refused > 0)
  }

  @Test(arguments: [MigrationPhase.old, .dualRead]) func refusesToWriteBeforeItsTime(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: [], new: [])
    let repository = try bench.repository(phase)
    let put = await failure { () throws(DualTableError) in try await repository.putItem(.init(tableName: "new", item: ["id": "n-a"])) }
    let delete = await failure { () throws(DualTableError) in try await repository.deleteItem(.init(tableName: "new", key: Self.key)) }
    #expect(put?.code == .wrongPhase)
    #expect(delete?.code == .wrongPhase)
    #expect(bench.asked.isEmpty)
  }

  @Test("an OLD item that can't be converted is an error, never absent, for reads and for writes")
  func neverTakesAnItemForAbsentThatItCannotConvert() async throws {
    let bench = Bench(old: [["id": "a", "secret": "s3cr3t"]], new: [])
    let repository = try bench.repository()
    let errors = [
      await failure { () throws(DualTableError) in _ = try await repository.getItem(.init(tableName: "new", key: Self.key)) },
      await failure { () throws(DualTableError) in
        _ = try await repository.batchGetItem(.init(requestItems: ["new": .init(keys: [Self.key])]))
      },
      await failure { () throws(DualTableError) in
        _ = try await repository.updateItem(.init(tableName: "new", key: Self.key, updateExpression: "REMOVE z"))
      },
      await failure { () throws(DualTableError) in
        _ = try await repository.putItem(.init(tableName: "new", item: Self.key, conditionExpression: "attribute_not_exists(id)"))
      },
      await failure { () throws(DualTableError) in
        _ = try await repository.deleteItem(.init(tableName: "new", key: Self.key, returnValues: .allOld))
      },
    ]
    for error in errors {
      #expect(error?.code == .unconvertible)
      #expect(error.map { "\($0)" }?.contains("p.v") == true)
      #expect(error.map { "\($0)" }?.contains("s3cr3t") == false)
    }
    #expect(bench.stored("n-a") == nil)

    // What needs nothing of it goes through.
    _ = try await repository.deleteItem(.init(tableName: "new", key: Self.key))
    _ = try await repository.putItem(.init(tableName: "new", item: ["id": "n-a", "v": 1]))
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 1])
  }

  @Test func saysThatAPutHappenedThoughWhatItReplacedIsUnknown() async throws {
    let bench = Bench(old: [["id": "a"]], new: [])
    let repository = try bench.repository()
    let error = await failure { () throws(DualTableError) in
      try await repository.putItem(.init(tableName: "new", item: ["id": "n-a", "v": 1], returnValues: .allOld))
    }
    #expect(error?.code == .replacedItemUnknown)
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 1])
  }

  @Test func passesOnWhatTheServiceRefuses() async throws {
    let bench = Bench(old: [], new: [["id": "n-a"]])
    let repository = try bench.repository()
    let error = await failure { () throws(DualTableError) in
      try await repository.updateItem(.init(tableName: "new", key: Self.key, updateExpression: "SET v = w"))
    }
    #expect(error?.code == .requestFailed)
    #expect((error?.cause as? DynamoDBError)?.code == .validation)
  }
}
