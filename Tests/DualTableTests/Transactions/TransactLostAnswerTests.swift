import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// What becomes of a transaction whose answer is lost.
@Suite("transact write: a lost answer") struct TransactLostAnswerTests {
  static let live: Item = ["id": "n-a", "v": 7]
  static let old: [Item] = [["id": "c", "p": ["v": 3]]]

  static func tokens(_ bench: Bench) -> [String?] {
    bench.requests.filter { $0.operation == "TransactWriteItems" }.map { $0.text("ClientRequestToken") }
  }

  static func input(_ token: String? = nil) -> TransactWriteItemsInput {
    .init(
      transactItems: [TransactWriteTests.add("n-a"), TransactWriteTests.put("n-b", if: "attribute_not_exists(locked)")],
      clientRequestToken: token)
  }

  @Test(
    "It is sent again under the same token and lands once, with a token of the caller's or without", arguments: [nil, "mine"],
    [Fate.lost(applied: true), .lost(applied: false), .failed(applied: true), .failed(applied: false)])
  func landsOnce(_ token: String?, _ fate: Fate) async throws {
    let bench = Bench(old: Self.old, new: [Self.live, ["id": "n-b", "v": 1]], fates: [fate])
    _ = try await bench.repository().transactWriteItems(Self.input(token))
    #expect(bench.stored("n-a")?["v"] == 17)
    let tokens = Self.tokens(bench)
    #expect(tokens.count == 2 && tokens[0] != nil && Set(tokens).count == 1)
    #expect(tokens[0] != "mine")
  }

  @Test("A token per body: it moves on to another body under another token, and only after a definite answer")
  func tokensOfBodies() async throws {
    let bench = Bench(old: Self.old, new: [Self.live])
    let repository = try bench.repository()
    let input = TransactWriteItemsInput(
      transactItems: [TransactWriteTests.add("n-a"), TransactWriteTests.put("n-c", if: "v = :x", [":x": 3])], clientRequestToken: "mine")
    _ = try await repository.transactWriteItems(input)
    let tokens = Self.tokens(bench)
    #expect(tokens.count == 2 && Set(tokens).count == 2)
    // The same body is the same transaction, in another call too.
    let other = Bench(old: Self.old, new: [Self.live])
    _ = try await other.repository().transactWriteItems(input)
    #expect(Self.tokens(other) == tokens)
  }

  @Test(
    "Refused after a lost answer it is `outcomeUnknown`, never a false `conditionFailed`, and goes no further: the lost one may arrive yet",
    arguments: [nil, "mine"])
  func goesNoFurther(_ token: String?) async throws {
    let bench = Bench(old: Self.old, new: [Self.live], fates: [.lost(applied: false)])
    let error = await bench.failure(of: Self.input(token), try bench.repository())
    #expect(error?.code == .outcomeUnknown)
    #expect(bench.requests.count == 2)
  }

  @Test("`retryUnknownWrites: false` stops all resends", arguments: [true, false])
  func stopsResends(_ applied: Bool) async throws {
    let bench = Bench(old: Self.old, new: [Self.live, ["id": "n-b", "v": 1]], fates: [.lost(applied: applied)])
    let error = await bench.failure(of: Self.input("mine"), try bench.repository(retryUnknownWrites: false))
    #expect(error?.code == .outcomeUnknown)
    #expect(bench.requests.count == 1)
  }

  @Test("Lost once, and then refused for load until the tries are spent: it may have happened") func spendsItsTries() async throws {
    let bench = Bench(old: [], new: [Self.live], fates: [.lost(applied: true), .throttled, .throttled, .throttled])
    let error = await bench.failure(of: .init(transactItems: [TransactWriteTests.add("n-a")]), try bench.repository())
    #expect(error?.code == .outcomeUnknown)
    let conflict = Fate.cancelled(["TransactionConflict"])
    let conflicts = Bench(old: [], new: [Self.live], fates: [.lost(applied: false), conflict, conflict, conflict])
    #expect(
      await conflicts.failure(of: .init(transactItems: [TransactWriteTests.add("n-a")]), try conflicts.repository())?.code
        == .outcomeUnknown)
  }

  @Test("A lost promotion doesn't matter: step 1 tells", arguments: [true, false])
  func goesOnAfterALostPromotion(_ applied: Bool) async throws {
    let bench = Bench(
      old: Self.old, new: [Self.live], fates: [.answered, .answered, .answered, .lost(applied: applied), .answered])
    _ = try await bench.repository(retryUnknownWrites: false).transactWriteItems(
      .init(transactItems: [TransactWriteTests.add("n-a"), TransactWriteTests.add("n-c")]))
    #expect(bench.stored("n-a")?["v"] == 17 && bench.stored("n-c")?["v"] == 13)
  }
}
