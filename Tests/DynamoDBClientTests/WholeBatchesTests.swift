import DynamoDBClient
import DynamoDBModel
import TestSupport
import Testing

@Suite struct WholeBatchesTests {
  private static func gets(_ count: Int, tables: [String] = ["t"]) -> BatchGetItemInput {
    var input = BatchGetItemInput(requestItems: [:], returnConsumedCapacity: .total)
    for table in tables {
      input.requestItems[table] = KeysAndAttributes(
        keys: (0..<count).map { ["id": .string("\(table)\($0)")] }, consistentRead: true, projectionExpression: "#x",
        expressionAttributeNames: ["#x": "x"])
    }
    return input
  }

  private static func unprocessed(_ ids: [String]) -> String {
    #"{"t":{"Keys":[\#(ids.map { #"{"id":{"S":"\#($0)"}}"# }.joined(separator: ","))]}}"#
  }

  private static func ids(in body: String) -> [String] {
    body.split(separator: #"{"id":{"S":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  @Test func partsOfAHundred() async throws {
    let answer = #"{"Responses":{"t":[{"x":{"S":"a"}}]},"ConsumedCapacity":[{"TableName":"t","CapacityUnits":2}]}"#
    let test = try TestClient(Array(repeating: .answer(200, answer), count: 3))
    let output = try await test.client.batchGetAllItems(Self.gets(130, tables: ["t", "u"]))
    let sent = test.transport.sent.map(\.body)
    #expect(sent.map { Self.ids(in: $0).count } == [100, 100, 60] && test.clock.sleeps.isEmpty)
    #expect(sent.flatMap(Self.ids(in:)) == (0..<130).map { "t\($0)" } + (0..<130).map { "u\($0)" })
    // A table's settings go with each of its parts.
    #expect(sent[1].components("\"ProjectionExpression\":\"#x\"") == 2 && sent[1].components("\"ConsistentRead\":true") == 2)
    #expect(output.responses["t"]?.count == 3 && output.unprocessedKeys.isEmpty && output.consumedCapacity.count == 3)
    let none = try await test.client.batchGetAllItems(BatchGetItemInput(requestItems: [:]))
    #expect(none == BatchGetItemOutput() && test.transport.sent.count == 3)
  }

  /// What is left goes first in the next part, and the pause grows only while nothing is done.
  @Test func unprocessedKeysAreAskedForAgain() async throws {
    func left(_ ids: [String]) -> ScriptedTransport.Step {
      .answer(200, #"{"Responses":{"t":[]},"UnprocessedKeys":\#(Self.unprocessed(ids))}"#)
    }
    let test = try TestClient([
      left(["t1", "t2"]), left(["t1", "t2"]), left(["t1", "t2"]), left(["t2"]), .answer(200, #"{"Responses":{"t":[{"x":{"S":"b"}}]}}"#),
    ])
    let output = try await test.client.batchGetAllItems(Self.gets(3))
    #expect(output.responses["t"] == [["x": .string("b")]] && output.unprocessedKeys.isEmpty)
    #expect(
      test.transport.sent.map { Self.ids(in: $0.body) } == [["t0", "t1", "t2"], ["t1", "t2"], ["t1", "t2"], ["t1", "t2"], ["t2"]])
    #expect(test.clock.sleeps.count == 4)
    for (sleep, longest) in zip(test.clock.sleeps, [25, 1_000, 2_000, 25]) { #expect(sleep < .milliseconds(longest)) }
    // The service's own list of what is left says nothing of projections.
    #expect(test.transport.sent.allSatisfy { $0.body.contains("\"ProjectionExpression\":\"#x\"") })
  }

  @Test(arguments: [RetryPolicy.requestPath, .bulk(deadline: .seconds(50))]) func whatIsLeftIsTold(_ policy: RetryPolicy) async throws {
    let nothing = ScriptedTransport.Step.answer(
      200,
      #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"id":{"S":"b"}}}}]},"ConsumedCapacity":[{"TableName":"t","CapacityUnits":1}]}"#)
    let test = try TestClient(Array(repeating: nothing, count: 1_000))
    let writes: [WriteRequest] =
      [.put(["id": .string("a")]), .put(["id": .string("b")])] + (0..<30).map { .delete(key: ["id": .string("\($0)")]) }
    var failure: IncompleteBatch<BatchWriteItemOutput>?
    do {
      _ = try await test.client.batchWriteAllItems(BatchWriteItemInput(requestItems: ["t": writes]), options: CallOptions(retry: policy))
    } catch {
      failure = error
    }
    // All of the first part but one is done; the parts behind it are left as one whose only write is never done.
    let left = try #require(failure)
    #expect(left.cause.code == .unprocessed && left.cause.isThrottling && left.output.unprocessedItems["t"]?.first == writes[1])
    #expect(left.output.consumedCapacity.count == test.transport.sent.count)
    let waited = test.clock.sleeps.reduce(.zero, +)
    #expect(waited < policy.deadline)
    #expect(left.description.contains("Unprocessed") && !left.description.contains("\"b\""))
  }

  @Test func refusalsTellWhatIsLeftToo() async throws {
    let test = try TestClient([.answer(200, "{}"), .failure(.reset)])
    let writes: [WriteRequest] = (0..<40).map { .put(["id": .string("\($0)")]) }
    do {
      _ = try await test.client.batchWriteAllItems(
        BatchWriteItemInput(requestItems: ["t": writes]), options: CallOptions(resend: .never))
      Issue.record("the reset is lost")
    } catch {
      #expect(error.cause.code == .connectionLost && error.cause.outcomeUnknown)
      #expect(error.output.unprocessedItems["t"] == Array(writes[25...]))
    }
  }

  @Test func theDeadlineCoversTheWholeBatch() async throws {
    let test = try TestClient(
      [.answer(200, #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"id":{"S":"0"}}}}]}}"#), .answer(200, "{}")])
    test.clock.advance(by: .seconds(5))
    _ = try await test.client.batchWriteAllItems(
      BatchWriteItemInput(requestItems: ["t": [.put(["id": .string("0")])]]), options: CallOptions(retry: .bulk(deadline: .seconds(20))))
    let totals = test.transport.sent.map(\.total)
    #expect(totals.count == 2 && totals[0] == .seconds(20) && totals[1] == .seconds(20) - test.clock.sleeps[0])
  }
}

extension String {
  /// How often `text` stands in it.
  fileprivate func components(_ text: String) -> Int {
    indices.count { self[$0...].hasPrefix(text) }
  }
}
