import DynamoDBClient
import DynamoDBModel
import Synchronization
import Telemetry
import TestSupport
import Testing

/// What a service that listens hears of calls.
@Suite struct ObservationTests {
  private static let get = GetItemInput(tableName: "users", key: ["id": .string("SECRET")], returnConsumedCapacity: .total)
  private static let answer = ScriptedTransport.Step.answer(
    200, #"{"Item":{"id":{"S":"SECRET"}},"ConsumedCapacity":{"TableName":"users","CapacityUnits":0.5}}"#)

  private func client(_ script: [ScriptedTransport.Step], _ sink: Recorder) throws -> TestClient {
    try TestClient(script, telemetry: TelemetrySinks(events: sink, metrics: sink, spans: sink))
  }

  @Test func aCallThatSucceedsAtOnce() async throws {
    let sink = Recorder()
    let test = try client([Self.answer], sink)
    _ = try await test.client.getItem(Self.get)
    let labels = "operation=GetItem,table=users"
    let sent = try #require(test.transport.sent.first)
    #expect(sink.counts["dynamodb_client_calls_total{\(labels),outcome=success}"] == 1)
    #expect(sink.counts["dynamodb_client_tries_total{\(labels)}"] == 1)
    #expect(sink.counts["dynamodb_client_sent_bytes_total{\(labels)}"] == sent.head.utf8.count + sent.body.utf8.count)
    #expect(try #require(sink.counts["dynamodb_client_received_bytes_total{\(labels)}"]) > 80)
    #expect(sink.counts["dynamodb_client_consumed_capacity_milliunits_total{\(labels)}"] == 500)
    #expect(sink.times["dynamodb_client_call_seconds{\(labels)}"] == [.zero])
    #expect(sink.spans == ["DynamoDB.GetItem of nobody: \(labels) ended attempt=1"] && sink.events.isEmpty)
    #expect(!sink.holds("SECRET"))
  }

  @Test func retriesAndFailures() async throws {
    let sink = Recorder()
    let quoting = #"{"__type":"x#ThrottlingException","message":"SECRET"}"#
    let test = try client(
      [.answer(400, quoting), .failure(.reset), .answer(400, #"{"__type":"x#ValidationException","message":"SECRET"}"#)], sink)
    let parent = sink.start("work", parent: nil, [])
    _ = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get, options: CallOptions(parent: parent)) }
    let labels = "operation=GetItem,table=users"
    #expect(sink.counts["dynamodb_client_calls_total{\(labels),outcome=refused}"] == 1)
    #expect(sink.counts["dynamodb_client_tries_total{\(labels)}"] == 3)
    #expect(sink.times["dynamodb_client_call_seconds{\(labels)}"] == [test.clock.sleeps.reduce(.zero, +)])
    let waits = test.clock.sleeps.map { "waitMilliseconds=\(Int($0 / .milliseconds(1)))" }
    #expect(
      sink.events == [
        "debug trying a request again \(labels),attempt=1,\(waits[0]),code=ThrottlingException,status=400,requestID=REQUEST",
        "debug trying a request again \(labels),attempt=2,\(waits[1]),code=ConnectionLost",
      ])
    #expect(
      sink.spans == [
        "DynamoDB.GetItem of work: \(labels) failed ValidationException attempt=3,code=ValidationException,status=400,requestID=REQUEST"
      ])
    #expect(!sink.holds("SECRET"))
  }

  @Test(
    arguments: [
      ([refusal("ConditionalCheckFailedException")], "condition_failed"),
      ([refusal("TransactionCanceledException")], "transaction_canceled"),
      ([refusal("ThrottlingException")], "throttled"), ([refusal("NeverHeardOf")], "refused"), ([.failure(.reset)], "no_answer"),
      ([refusal("InternalServerError", status: 500)], "service_failed"), ([.neverPulled], "cancelled"), ([.answer(200, "{}")], "success"),
    ] as [([ScriptedTransport.Step], String)]) func outcomes(_ script: [ScriptedTransport.Step], _ outcome: String) async throws
  {
    let sink = Recorder()
    let test = try client(script, sink)
    _ = await failure { () throws(DynamoDBError) in
      try await test.client.putItem(PutItemInput(tableName: "t", item: [:]), options: CallOptions(resend: .never))
    }
    let counted = sink.counts.filter { $0.key.hasPrefix("dynamodb_client_calls_total") && $0.value > 0 }
    #expect(counted == ["dynamodb_client_calls_total{operation=PutItem,table=t,outcome=\(outcome)}": 1])
  }

  /// A service with a table a tenant doesn't get a series a tenant.
  @Test func labelsAreBounded() async throws {
    let sink = Recorder()
    let test = try client(Array(repeating: .answer(200, "{}"), count: 80), sink)
    for number in 0..<80 { _ = try await test.client.getItem(GetItemInput(tableName: "tenant-\(number)", key: [:])) }
    let series = sink.counts.filter { $0.key.hasPrefix("dynamodb_client_tries_total") }
    #expect(series.count == 51 && series["dynamodb_client_tries_total{operation=GetItem,table=other}"] == 30)
  }

  @Test func tablesOfBatchesAndResources() async throws {
    let sink = Recorder()
    let capacity =
      #"{"Responses":{},"ConsumedCapacity":[{"TableName":"a","CapacityUnits":1},{"TableName":"arn:aws:dynamodb:r:1:table/b/index/i","CapacityUnits":2}]}"#
    let test = try client([.answer(200, capacity), .answer(200, #"{"Tags":[]}"#)], sink)
    let keys = KeysAndAttributes(keys: [["id": .string("x")]])
    _ = try await test.client.batchGetItem(BatchGetItemInput(requestItems: ["a": keys, "b": keys]))
    _ = try await test.client.listTagsOfResource(ListTagsOfResourceInput(resourceArn: "arn:aws:dynamodb:r:1:table/b"))
    #expect(sink.counts["dynamodb_client_tries_total{operation=BatchGetItem,table=-}"] == 1)
    #expect(sink.counts["dynamodb_client_tries_total{operation=ListTagsOfResource,table=b}"] == 1)
    #expect(sink.counts["dynamodb_client_consumed_capacity_milliunits_total{operation=BatchGetItem,table=a}"] == 1_000)
    #expect(sink.counts["dynamodb_client_consumed_capacity_milliunits_total{operation=BatchGetItem,table=b}"] == 2_000)
  }

  @Test func correctionsOfTheClock() async throws {
    let sink = Recorder()
    let test = try client(
      [
        .answer(400, #"{"__type":"x#InvalidSignatureException"}"#, fields: ["Date: Tue, 14 Nov 2023 23:13:20 GMT"]), .answer(200, "{}"),
      ], sink)
    _ = try await test.client.getItem(Self.get)
    #expect(sink.events.first == "info corrected the clock after a refused signature offsetMilliseconds=3600000")
  }

  @Test func nobodyListens() async throws {
    let test = try TestClient([Self.answer], telemetry: .none)
    #expect(try await test.client.getItem(Self.get).item != nil)
  }
}

/// Keeps all it is told, as text.
private final class Recorder: EventSink, MetricSink, SpanSink {
  private struct State {
    var counts: [String: Int] = [:]
    var times: [String: [Duration]] = [:]
    var events: [String] = []
    var spans: [String] = []
  }

  private let state = Mutex(State())

  var counts: [String: Int] { state.withLock { $0.counts } }
  var times: [String: [Duration]] { state.withLock { $0.times } }
  var events: [String] { state.withLock { $0.events } }
  var spans: [String] { state.withLock { $0.spans } }

  func holds(_ text: String) -> Bool {
    state.withLock { state in
      (state.events + state.spans + state.counts.keys + state.times.keys).contains { $0.contains(text) }
    }
  }

  func wants(_ level: TelemetryEvent.Level) -> Bool { true }

  func record(_ event: TelemetryEvent) {
    state.withLock { $0.events.append("\(event.level) \(event.message) \(Self.text(event.fields))") }
  }

  func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void {
    let key = Self.key(name, labels)
    return { count in self.state.withLock { $0.counts[key, default: 0] += count } }
  }

  func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void {
    let key = Self.key(name, labels)
    return { value in self.state.withLock { $0.counts[key] = Int(value) } }
  }

  func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void {
    let key = Self.key(name, labels)
    return { time in self.state.withLock { $0.times[key, default: []].append(time) } }
  }

  func start(_ name: String, parent: (any TelemetrySpan)?, _ fields: [TelemetryField]) -> any TelemetrySpan {
    let parent = (parent as? Span)?.name ?? "nobody"
    return Span(name: name, text: "\(name) of \(parent): \(Self.text(fields))", recorder: self)
  }

  private static func text(_ fields: [TelemetryField]) -> String { fields.map { "\($0.key.rawValue)=\($0.value)" }.joined(separator: ",") }

  private static func key(_ name: String, _ labels: [(String, String)]) -> String {
    "\(name){\(labels.map { "\($0)=\($1)" }.joined(separator: ","))}"
  }

  private struct Span: TelemetrySpan {
    let name: String
    let text: String
    let recorder: Recorder

    func end(error: String?, _ fields: [TelemetryField]) {
      recorder.state.withLock { $0.spans.append("\(text) \(error.map { "failed \($0)" } ?? "ended") \(Recorder.text(fields))") }
    }
  }
}
