import DynamoDBClient
import DynamoDBModel
import TestSupport
import Testing

@Suite struct TableWaitTests {
  /// A table's description as the service says it, but for what isn't looked at.
  private static func table(_ status: String, _ index: String = "") -> String {
    #"{"Table":{"TableName":"t","TableStatus":"\#(status)","GlobalSecondaryIndexes":[\#(index)]}}"#
  }

  private static func index(_ status: String, more: String = "") -> String {
    #"{"IndexName":"g","KeySchema":[],"IndexStatus":"\#(status)"\#(more)}"#
  }

  private static let gone = refusal("ResourceNotFoundException")

  /// What is waited for, what the looks see, and how many looks there are; 0: it fails.
  @Test(
    arguments: [
      (.active, [table("ACTIVE")], 1), (.active, [table("CREATING"), table("CREATING"), table("ACTIVE")], 3),
      (.active, [table("UPDATING"), table("ACTIVE")], 2), (.active, [nil, table("ACTIVE")], 2), (.active, [table("ARCHIVED")], 0),
      (.active, [table("INACCESSIBLE_ENCRYPTION_CREDENTIALS")], 0), (.gone, [nil], 1), (.gone, [table("DELETING"), nil], 2),
      (.gone, [table("ARCHIVED"), nil], 2), (.indexActive("g"), [table("ACTIVE", index("ACTIVE"))], 1),
      (.indexActive("g"), [table("UPDATING", index("CREATING")), table("ACTIVE", index("ACTIVE"))], 2),
      (.indexActive("g"), [table("ACTIVE"), table("ACTIVE", index("ACTIVE"))], 2),
      (
        .indexActive("g"),
        [
          table("ACTIVE", index("ACTIVE", more: #","Backfilling":true"#)), table("ACTIVE", index("ACTIVE", more: #","Backfilling":false"#)),
        ], 2
      ),
      (
        .indexActive("h"),
        [table("ACTIVE", index("ACTIVE")), table("ACTIVE", #"{"IndexName":"h","KeySchema":[],"IndexStatus":"ACTIVE"}"#)], 2
      ),
      (.indexGone("g"), [table("ACTIVE", index("DELETING")), table("UPDATING"), table("ACTIVE")], 3),
    ] as [(TableState, [String?], Int)]) func waits(_ state: TableState, _ seen: [String?], _ looks: Int) async throws
  {
    let test = try TestClient(seen.map { $0.map { .answer(200, $0) } ?? Self.gone })
    let error = await failure { () throws(DynamoDBError) in try await test.client.wait(for: state, of: "t") }
    #expect(error?.code == (looks == 0 ? .stateNotReached : nil))
    #expect(test.transport.sent.count == max(looks, 1) && test.clock.sleeps.count == max(looks, 1) - 1)
    #expect(test.clock.sleeps.allSatisfy { $0 > .seconds(1) && $0 <= .seconds(2) }, "half of the interval, and a draw of the other half")
  }

  @Test func deadlineAndInterval() async throws {
    let test = try TestClient(Array(repeating: .answer(200, Self.table("CREATING")), count: 1_000))
    let policy = WaitPolicy(deadline: .seconds(10), interval: .milliseconds(500))
    let error = await failure { () throws(DynamoDBError) in try await test.client.wait(for: .active, of: "t", policy: policy) }
    #expect(error?.code == .stateNotReached && error?.message.contains("it is CREATING") == true)
    let waited = test.clock.sleeps.reduce(.zero, +)
    #expect(waited < .seconds(10) && waited > .seconds(9) && test.transport.sent.count == test.clock.sleeps.count + 1)
    #expect(Set(test.clock.sleeps).count > 10, "looks are spread")
  }

  @Test func otherRefusalsEndIt() async throws {
    let test = try TestClient([refusal("AccessDeniedException")])
    let error = await failure { () throws(DynamoDBError) in try await test.client.wait(for: .gone, of: "t") }
    #expect(error?.code == .accessDenied)
  }

  @Test func cancelledWhileItWaits() async throws {
    let test = try TestClient([.answer(200, Self.table("CREATING"))], onPull: { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } })
    let client = test.client
    let error = await withTaskGroup { group in
      group.addTask { await failure { () throws(DynamoDBError) in try await client.wait(for: .active, of: "t") } }
      return await group.next() ?? nil
    }
    #expect(error?.code == .cancelled)
  }
}
