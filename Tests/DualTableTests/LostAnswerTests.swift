import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// What becomes of a write whose answer is lost.
@Suite struct LostAnswerTests {
  static let key: Item = ["id": "n-a"]
  static let live: Item = ["id": "n-a", "v": 7]

  enum Write: String, CaseIterable, Sendable { case put, conditionalPut, set, conditionalSet, remove, add, sum, delete, conditionalDelete }

  private func perform(_ write: Write, on repository: DualTableRepository) async -> DualTableError? {
    await failure { () throws(DualTableError) in
      switch write {
      case .put: _ = try await repository.putItem(.init(tableName: "new", item: ["id": "n-a", "v": 8]))
      case .conditionalPut:
        _ = try await repository.putItem(
          .init(tableName: "new", item: ["id": "n-a", "v": 8], conditionExpression: "v = :v", expressionAttributeValues: [":v": 7]))
      case .set: try await update("SET v = :x", repository, values: [":x": 8])
      case .conditionalSet: try await update("SET v = :x", repository, values: [":x": 8, ":v": 7], condition: "v = :v")
      case .remove: try await update("REMOVE v", repository)
      case .add: try await update("ADD v :x", repository, values: [":x": 1])
      case .sum: try await update("SET v = v + :x", repository, values: [":x": 1])
      case .delete: _ = try await repository.deleteItem(.init(tableName: "new", key: Self.key))
      case .conditionalDelete:
        _ = try await repository.deleteItem(
          .init(tableName: "new", key: Self.key, conditionExpression: "v = :v", expressionAttributeValues: [":v": 7]))
      }
    }
  }

  private func update(
    _ text: String, _ repository: DualTableRepository, values: AttributeMap? = nil, condition: String? = nil
  ) async throws(DualTableError) {
    _ = try await repository.updateItem(
      .init(
        tableName: "new", key: Self.key, updateExpression: text, conditionExpression: condition, expressionAttributeValues: values))
  }

  /// What the caller hears when the first answer is lost: nil for success.
  static let outcomes: [(Write, Bool, DualTableError.Code?)] = [
    (.put, true, nil), (.put, false, nil), (.set, true, nil), (.set, false, nil), (.remove, true, nil), (.remove, false, nil),
    (.delete, true, nil), (.delete, false, nil), (.conditionalPut, false, nil), (.conditionalSet, false, nil),
    (.conditionalDelete, false, nil),
    // The condition is false by the write's own doing, and nobody can tell.
    (.conditionalPut, true, .outcomeUnknown), (.conditionalSet, true, .outcomeUnknown), (.conditionalDelete, true, .outcomeUnknown),
    // What counts twice if sent twice isn't.
    (.add, true, .outcomeUnknown), (.add, false, .outcomeUnknown), (.sum, true, .outcomeUnknown), (.sum, false, .outcomeUnknown),
  ]

  @Test(
    "a lost answer: whole items and SETs are sent again; a refused condition is outcomeUnknown; updates that read are not sent again",
    arguments: outcomes)
  func sendsAgainWhatMayBe(_ write: Write, _ applied: Bool, _ code: DualTableError.Code?) async throws {
    for fate in [Fate.lost(applied: applied), .failed(applied: applied)] {
      let bench = Bench(old: [], new: [Self.live], fates: [fate])
      let error = await perform(write, on: try bench.repository())
      #expect(error?.code == code)
      #expect(bench.asked.count == (write == .add || write == .sum ? 1 : 2))
      if write == .add || write == .sum { #expect(bench.stored("n-a")?["v"] == (applied ? 8 : 7)) }
    }
  }

  @Test("retryUnknownWrites: false stops all resends and reports outcomeUnknown", arguments: Write.allCases, [true, false])
  func sendsNothingAgainIfToldSo(_ write: Write, _ applied: Bool) async throws {
    let bench = Bench(old: [], new: [Self.live], fates: [.lost(applied: applied)])
    let error = await perform(write, on: try bench.repository(retryUnknownWrites: false))
    #expect(error?.code == .outcomeUnknown)
    #expect(bench.asked.count == 1)
  }

  @Test(arguments: Write.allCases) func sendsAgainWhatWasRefusedForLoad(_ write: Write) async throws {
    let bench = Bench(old: [], new: [Self.live], fates: [.throttled])
    #expect(await perform(write, on: try bench.repository(retryUnknownWrites: false)) == nil)
    #expect(bench.asked.count == 2)
  }

  @Test func neverTakesALostTryForAFailedOne() async throws {
    // Lost once, then refused for load until the tries are spent: the first may have landed all the same.
    let bench = Bench(old: [], new: [Self.live], fates: [.lost(applied: true), .throttled, .throttled, .throttled])
    #expect(await perform(.put, on: try bench.repository())?.code == .outcomeUnknown)
    let refused = Bench(old: [], new: [Self.live], fates: [.throttled, .throttled, .throttled, .throttled])
    #expect(await perform(.put, on: try refused.repository())?.code == .requestFailed)
    #expect(refused.stored("n-a") == Self.live)
  }

  @Test func remembersALostTryThroughTheSteps() async throws {
    // The lost try met nothing; sent again, the upsert goes on, and fails: whether it happened depends on a try that nobody heard of.
    let bench = Bench(
      old: [], new: [], fates: [.lost(applied: false), .answered, .answered, .answered, .throttled, .throttled, .throttled, .throttled])
    #expect(await perform(.set, on: try bench.repository())?.code == .outcomeUnknown)
  }

  @Test(arguments: [true, false]) func goesOnAfterALostPromotion(_ applied: Bool) async throws {
    let bench = Bench(
      old: [["id": "a", "p": ["v": 1]]], new: [],
      fates: [.answered, .answered, .answered, .lost(applied: applied), .answered, .answered, .answered])
    #expect(await perform(.add, on: try bench.repository(retryUnknownWrites: false)) == nil)
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 2])
  }
}
