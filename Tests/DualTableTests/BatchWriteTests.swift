import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Batches of writes: whole items, and tombstones for deletes.
@Suite struct BatchWriteTests {
  static let oldItem = DualTableRepositoryTests.oldItem
  static let live = DualTableRepositoryTests.live
  static let tombstone: Item = ["id": "n-a", "_dt": 1_700_000_000_000]

  static func write(_ repository: DualTableRepository, _ writes: [WriteRequest], options: CallOptions = CallOptions())
    async throws(DualTableError) -> BatchWriteItemOutput
  {
    try await repository.batchWriteItem(.init(requestItems: ["new": writes]), options: options)
  }

  static func failing(
    _ bench: Bench, _ writes: [WriteRequest], in phase: MigrationPhase = .dualTable, retryUnknownWrites: Bool = true
  ) async throws -> DualTableError.Code? {
    let repository = try bench.repository(phase, retryUnknownWrites: retryUnknownWrites)
    return await failure { () throws(DualTableError) in try await write(repository, writes) }?.code
  }

  /// What the wire had: each write as `put` or `delete`.
  static func sent(_ bench: Bench) throws -> [[String]] {
    try bench.requests.map { request in
      let tables = try #require(request["RequestItems"]?.object)
      return tables.flatMap { $0.value.array ?? [] }.compactMap { $0.object?.first?.name }
    }
  }

  @Test(
    "batch write: all puts (a delete is a tombstone put), BatchWriteItem on NEW", arguments: [MigrationPhase.dualTable, .newWithTombstones])
  func deletesByPutting(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: [Self.oldItem, ["id": "b", "p": ["v": 2]]], new: [Self.live, ["id": "x-a", "v": 1]])
    let output = try await Self.write(
      bench.repository(phase), [.put(["id": "n-b", "v": 8]), .delete(key: ["id": "n-a"]), .delete(key: ["id": "n-gone"])])
    #expect(output.unprocessedItems.isEmpty)
    #expect(bench.asked == ["BatchWriteItem "])
    #expect(try Self.sent(bench) == [["PutRequest", "PutRequest", "PutRequest"]])
    #expect(bench.stored("n-a") == Self.tombstone)
    #expect(bench.stored("n-gone") == ["id": "n-gone", "_dt": 1_700_000_000_000])
    #expect(bench.stored("n-b") == ["id": "n-b", "v": 8])
  }

  @Test(
    "batch write: a real delete where oldKey is nil, and in 5",
    arguments: [(MigrationPhase.dualTable, "x-a"), (.newWithTombstones, "x-a"), (.new, "n-a")])
  func deletes(_ phase: MigrationPhase, _ id: String) async throws {
    let bench = Bench(old: [Self.oldItem], new: [["id": .string(id), "v": 1]])
    _ = try await Self.write(bench.repository(phase), [.delete(key: ["id": .string(id)])])
    #expect(bench.stored(id) == nil)
    #expect(try Self.sent(bench) == [["DeleteRequest"]])
  }

  @Test("batch write: unprocessed parts are sent again with backoff") func sendsAgain() async throws {
    let bench = Bench(old: [Self.oldItem], new: [Self.live])
    bench.stayBusy("new", with: ["n-a", "n-b"])
    let output = try await Self.write(bench.repository(), [.delete(key: ["id": "n-a"]), .put(["id": "n-b", "v": 2]), .put(["id": "n-c"])])
    #expect(output.unprocessedItems.isEmpty)
    #expect(try Self.sent(bench).map(\.count) == [3, 2])
    #expect(bench.stored("n-a") == Self.tombstone)
    #expect(bench.stored("n-b") == ["id": "n-b", "v": 2])
  }

  @Test("batch write: unprocessed parts that are left come back as the caller wrote them") func handsBack() async throws {
    let bench = Bench(old: [Self.oldItem], new: [Self.live])
    bench.stayBusy("new", with: ["n-a", "n-b", "x-a"])
    let writes: [WriteRequest] = [.delete(key: ["id": "n-a"]), .put(["id": "n-b", "v": 2]), .delete(key: ["id": "x-a"])]
    let repository = try bench.repository()
    let output = try await Self.write(repository, writes, options: .init(retry: RetryPolicy(maximumAttempts: 1)))
    #expect(output.unprocessedItems == ["new": writes])
    #expect(bench.stored("n-a") == Self.live)
    #expect(try await repository.batchWriteItem(.init(requestItems: output.unprocessedItems)).unprocessedItems.isEmpty)
    #expect(bench.stored("n-a") == Self.tombstone)
  }

  @Test("batch write: takes any number of writes, 25 a request") func takesAnyNumber() async throws {
    let bench = Bench(old: [], new: [])
    _ = try await Self.write(bench.repository(), (0..<60).map { .put(["id": .string("n-\($0)")]) })
    #expect(try Self.sent(bench).map(\.count) == [25, 25, 10])
    #expect(bench.stored("n-59") != nil)
  }

  /// Where a part failed after others had happened, nobody is told that nothing was written.
  @Test("batch write: says that some of it happened, or may have")
  func saysWhatHappened() async throws {
    let writes: [WriteRequest] = (0..<30).map { .put(["id": .string("n-\($0)")]) }
    let second = Bench(old: [], new: [], fates: [.answered, .throttled, .throttled, .throttled, .throttled])
    #expect(try await Self.failing(second, writes) == .outcomeUnknown)
    #expect(second.stored("n-0") != nil && second.stored("n-29") == nil)
    let first = Bench(old: [], new: [], fates: [.throttled, .throttled, .throttled, .throttled])
    #expect(try await Self.failing(first, writes) == .requestFailed)
    #expect(first.stored("n-0") == nil)
    let lost = Bench(old: [], new: [], fates: [.lost(applied: true)])
    #expect(try await Self.failing(lost, writes, retryUnknownWrites: false) == .outcomeUnknown)
    #expect(lost.requests.count == 1)
  }

  static let wrong: [(String, [WriteRequest], DualTableError.Code)] = [
    ("a key twice", [.put(["id": "n-a", "v": 1]), .delete(key: ["id": "n-a"])], .invalidKey),
    ("no key", [.put(["v": 1])], .invalidKey), ("too much of a key", [.delete(key: ["id": "n-a", "v": 1])], .invalidKey),
    ("a key of another type", [.put(["id": 1])], .invalidKey), ("the reserved name", [.put(["id": "n-a", "_dt": 1])], .reservedName),
  ]

  @Test("batch write: what no single write could do is refused before anything is sent", arguments: wrong)
  func refuses(_ name: String, _ writes: [WriteRequest], _ code: DualTableError.Code) async throws {
    let bench = Bench(old: [], new: [])
    #expect(try await Self.failing(bench, [.put(["id": "n-z"])] + writes) == code, "\(name)")
    #expect(bench.asked.isEmpty, "\(name)")
  }

  @Test("batch write: in 1 and 2 a write in NEW's format throws wrongPhase", arguments: [MigrationPhase.old, .dualRead])
  func refusesBeforeItsTime(_ phase: MigrationPhase) async throws {
    let bench = Bench(old: [], new: [])
    #expect(try await Self.failing(bench, [.put(["id": "n-a"])], in: phase) == .wrongPhase)
    #expect(bench.asked.isEmpty)
  }
}
