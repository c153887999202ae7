import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Batches of reads through both tables.
@Suite struct BatchReadTests {
  static let oldItem = DualTableRepositoryTests.oldItem
  static let converted = DualTableRepositoryTests.converted
  static let live = DualTableRepositoryTests.live
  static let key = DualTableRepositoryTests.key

  @Test("batch get: BatchGetItem on NEW; the missing ones from OLD, as get") func getsBatches() async throws {
    let old: [Item] = [
      Self.oldItem, ["id": "b", "p": ["v": 2], "twin": true], ["id": "c", "p": ["v": 3]], ["id": "d", "skip": true],
      ["id": "e", "p": ["v": 5]],
    ]
    let new: [Item] = [Self.live, ["id": "n-c", "_dt": 5], ["id": "x-z", "v": 9]]
    let bench = Bench(old: old, new: new)
    let keys: [Item] = ["n-a", "n-b", "t-b", "n-c", "n-d", "n-gone", "x-z", "x-gone", "n-e"].map { ["id": .string($0)] }
    let output = try await bench.repository().batchGetItem(.init(requestItems: ["new": .init(keys: keys, consistentRead: true)]))
    let expected: [Item] = [Self.live, ["id": "n-b", "v": 2], ["id": "t-b", "v": 2], ["id": "x-z", "v": 9], ["id": "n-e", "v": 5]]
    #expect(Set(output.responses["new"] ?? []) == Set(expected))
    #expect(output.responses["new"]?.count == expected.count)
    #expect(output.unprocessedKeys.isEmpty)
    #expect(bench.asked == ["BatchGetItem new", "BatchGetItem old"])
    // Two keys of one old item ask for it once: the service refuses a batch that names a key twice.
    let asked = try bench.requests[1].batch()[0]
    #expect(asked.keys == ["b", "d", "gone", "e"].map { ["id": .string($0)] })
    #expect(asked.part["ConsistentRead"]?.bool == true)
  }

  @Test("batch get: unprocessed keys are sent again with backoff, to either table") func asksAgain() async throws {
    let bench = Bench(old: [Self.oldItem, ["id": "b", "p": ["v": 2], "twin": true]], new: [["id": "n-c", "v": 3]])
    bench.stayBusy("new", with: ["n-c"])
    bench.stayBusy("old", with: ["b"])
    let output = try await bench.repository().batchGetItem(.init(requestItems: ["new": Self.wanted("n-a", "n-b", "t-b", "n-c")]))
    #expect(Set(output.responses["new"] ?? []) == [["v": 1], ["v": 2], ["v": 3]])
    #expect(output.responses["new"]?.count == 4)
    #expect(output.unprocessedKeys.isEmpty)
    #expect(bench.asked == ["BatchGetItem new", "BatchGetItem new", "BatchGetItem old", "BatchGetItem old"])
  }

  /// What a table was too busy for to the end comes back as the caller asked for it.
  @Test("batch get: unprocessed keys that are left come back", arguments: ["new", "old"])
  func handsBack(_ table: String) async throws {
    let bench = Bench(old: [["id": "b", "p": ["v": 2], "twin": true]], new: [])
    bench.stayBusy(table, with: table == "new" ? ["n-b", "t-b"] : ["b"])
    let repository = try bench.repository()
    let first = try await repository.batchGetItem(
      .init(requestItems: ["new": Self.wanted("n-b", "t-b")]), options: .init(retry: RetryPolicy(maximumAttempts: 1)))
    #expect(first.responses["new"] == [])
    #expect(first.unprocessedKeys["new"] == Self.wanted("n-b", "t-b"))
    let second = try await repository.batchGetItem(.init(requestItems: first.unprocessedKeys))
    #expect(second.responses["new"] == [["v": 2], ["v": 2]])
    #expect(second.unprocessedKeys.isEmpty)
  }

  static func wanted(_ ids: String...) -> KeysAndAttributes {
    KeysAndAttributes(keys: ids.map { ["id": .string($0)] }, projectionExpression: "v")
  }

  @Test("batch get: takes any number of keys, 100 a request") func takesAnyNumber() async throws {
    let ids = (0..<250).map { "n-\($0)" }
    let bench = Bench(
      old: (0..<250).filter { $0 % 2 == 0 }.map { ["id": .string("\($0)"), "p": ["v": 1]] },
      new: (0..<250).filter { $0 % 2 == 1 }.map { ["id": .string("n-\($0)"), "v": 2] })
    let output = try await bench.repository().batchGetItem(
      .init(requestItems: ["new": .init(keys: ids.map { ["id": .string($0)] })]))
    #expect(Set((output.responses["new"] ?? []).compactMap { $0["id"]?.stringValue }) == Set(ids))
    #expect(bench.asked == Array(repeating: "BatchGetItem new", count: 3) + Array(repeating: "BatchGetItem old", count: 2))
  }

  @Test("batch get: one key twice is refused, as the service does within a request") func refusesAKeyTwice() async throws {
    let bench = Bench(old: [], new: [])
    let repository = try bench.repository()
    let error = await failure { () throws(DualTableError) in
      try await repository.batchGetItem(.init(requestItems: ["new": .init(keys: [Self.key, Self.key])]))
    }
    #expect(error?.code == .invalidKey)
    #expect(bench.asked.isEmpty)
  }

  @Test(arguments: [MigrationPhase.newWithTombstones, .new]) func batchesAskOneTableOnceOldDoesNotCount(_ phase: MigrationPhase)
    async throws
  {
    let bench = Bench(old: [Self.oldItem], new: [])
    let output = try await bench.repository(phase).batchGetItem(.init(requestItems: ["new": .init(keys: [Self.key])]))
    #expect(output.responses["new"] == [])
    #expect(bench.asked == ["BatchGetItem new"])
  }

  @Test func asksOldAloneInPhaseOne() async throws {
    let bench = Bench(old: [Self.oldItem], new: [Self.live])
    let output = try await bench.repository(.old).batchGetItem(.init(requestItems: ["new": .init(keys: [Self.key])]))
    #expect(output.responses["new"] == [Self.converted])
    #expect(bench.asked == ["BatchGetItem old"])
  }
}
