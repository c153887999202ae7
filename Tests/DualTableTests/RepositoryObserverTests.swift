import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Telemetry
import Testing

/// What a service that listens hears of a repository's operations.
@Suite struct RepositoryObserverTests {
  static let key: Item = ["id": "n-a"]
  static let oldItem = DualTableRepositoryTests.oldItem
  static let live: Item = ["id": "n-a", "v": 7]
  static let tombstone: Item = ["id": "n-a", "_dt": 5]

  static let reads: [(MigrationPhase, String, [Item], [Item], String)] = [
    (.dualTable, "n-a", [live], [oldItem], "hit"), (.dualTable, "n-a", [tombstone], [oldItem], "tombstone"),
    (.dualTable, "n-a", [], [oldItem], "fallback_found"), (.dualTable, "n-a", [], [], "fallback_not_found"),
    (.dualTable, "x-a", [], [oldItem], "absent"), (.dualRead, "n-a", [], [oldItem], "fallback_found"), (.old, "n-a", [], [oldItem], "old"),
    (.newWithTombstones, "n-a", [], [oldItem], "absent"), (.new, "n-a", [live], [], "hit"),
  ]

  @Test("a read's outcome is counted: hits, fallbacks, tombstones", arguments: reads)
  func countsReads(_ phase: MigrationPhase, _ id: String, _ new: [Item], _ old: [Item], _ outcome: String) async throws {
    let ear = Ear()
    let repository = try Bench(old: old, new: new).repository(phase, telemetry: TelemetrySinks(metrics: ear))
    _ = try await repository.getItem(.init(tableName: "new", key: ["id": .string(id)]))
    _ = try await repository.batchGetItem(.init(requestItems: ["new": .init(keys: [["id": .string(id)]])]))
    for operation in ["GetItem", "BatchGetItem"] {
      #expect(
        ear.counted("dualtable_reads_total").filter { $0.key.contains("operation=\(operation),") } == [
          "operation=\(operation),table=new,outcome=\(outcome)": 1
        ])
      #expect(ear.counted("dualtable_operations_total")["operation=\(operation),table=new,outcome=success"] == 1)
      #expect(ear.timed("dualtable_operation_seconds", "operation=\(operation),table=new") == 1)
    }
  }

  @Test("what pages and transactions find in OLD alone is counted, too") func countsOtherReads() async throws {
    let ear = Ear()
    let bench = Bench(old: [Self.oldItem, ["id": "b", "p": ["v": 2]]], new: [["id": "n-b", "v": 3]])
    let repository = try bench.repository(telemetry: TelemetrySinks(metrics: ear))
    let scanned = try await repository.scan(.init(tableName: "new"))
    #expect(scanned.count == 2)
    let read = try await repository.transactGetItems(.init(transactItems: [.init(tableName: "new", key: Self.key)]))
    #expect(read.responses.count == 1)
    #expect(ear.counted("dualtable_reads_total")["operation=Scan,table=new,outcome=fallback_found"] == 1)
    #expect(ear.counted("dualtable_reads_total")["operation=TransactGetItems,table=new,outcome=fallback_found"] == 1)
  }

  /// For `dualtable cutover check`: the figure of each instance is its participant's, and comes with the next beat.
  @Test("fallbacks are told to the participant, those of reads and of writes") func tellsTheParticipant() throws {
    let time = SimulatedTime(seed: 3)
    let simulator = DynamoDBSimulator(time: time)
    try time.run {
      let dynamo = simulator.client(on: time)
      let mapping = TestMapping()
      for (name, schema) in [("old", mapping.oldSchema), ("new", mapping.newSchema), ("control", ControlTable.schema)] {
        _ = try await dynamo.createTable(
          CreateTableInput(
            tableName: name,
            attributeDefinitions: schema.attributes.map { AttributeDefinition(attributeName: $0.name, attributeType: $0.type) },
            keySchema: zip(schema.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) },
            billingMode: .payPerRequest))
      }
      try await time.sleep(for: .seconds(60))
      _ = try await dynamo.putItem(.init(tableName: "old", item: Self.oldItem))
      let control = ControlTable(client: dynamo, name: "control", oldTable: "old", newTable: "new")
      _ = try await control.initialize(ControlItem(phase: .dualTable, epoch: 1, mapping: mapping.digest))
      let repository = DualTableRepository(
        old: dynamo, oldTable: "old", new: dynamo, newTable: "new", mapping: mapping, phase: .controlTable("control", client: dynamo))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await repository.run() }
        _ = try await repository.getItem(.init(tableName: "new", key: Self.key))
        _ = try await repository.getItem(.init(tableName: "new", key: ["id": "n-gone"]))
        _ = try await repository.updateItem(.init(tableName: "new", key: Self.key, updateExpression: "REMOVE z"))
        _ = try await repository.getItem(.init(tableName: "new", key: Self.key))
        let last = time.wallClock.now()
        try await time.sleep(for: .seconds(12))
        let participants = try await control.participants()
        #expect(participants.map(\.fallbacks) == [2], "found once by a get, once by an update; what neither has isn't one")
        #expect(participants.first?.lastFallback.map { $0 <= last } == true)
        group.cancelAll()
      }
    }
  }

  static let writes: [([Item], [Item], [String])] = [
    ([live], [oldItem], []), ([tombstone], [oldItem], ["tombstone"]), ([], [oldItem], ["promotion"]), ([], [], ["missing"]),
  ]

  @Test("a write's further requests are counted by reason", arguments: writes)
  func countsRetries(_ new: [Item], _ old: [Item], _ reasons: [String]) async throws {
    let ear = Ear()
    let repository = try Bench(old: old, new: new).repository(telemetry: TelemetrySinks(metrics: ear))
    _ = try await repository.updateItem(.init(tableName: "new", key: Self.key, updateExpression: "REMOVE z"))
    #expect(
      ear.counted("dualtable_write_retries_total")
        == Dictionary(uniqueKeysWithValues: reasons.map { ("operation=UpdateItem,table=new,reason=\($0)", 1) }))
  }

  @Test("a write that met another writer's is counted, too") func countsOtherWriters() async throws {
    // Lost once; sent again it meets what it has itself left behind, and goes on as after another writer.
    let ear = Ear()
    let bench = Bench(old: [], new: [], fates: [.answered, .answered, .answered, .lost(applied: true)])
    let repository = try bench.repository(telemetry: TelemetrySinks(metrics: ear))
    _ = try await repository.updateItem(
      .init(tableName: "new", key: Self.key, updateExpression: "SET v = :v", expressionAttributeValues: [":v": 1]))
    let counted = ear.counted("dualtable_write_retries_total")
    #expect(counted["operation=UpdateItem,table=new,reason=other_writer"] == 1)
    #expect(counted["operation=UpdateItem,table=new,reason=missing"] == 1)
  }

  @Test("errors are counted by code, and nothing that is told holds an item") func countsErrors() async throws {
    let ear = Ear()
    let bench = Bench(old: [["id": "a", "secret": "SECRET"]], new: [])
    let repository = try bench.repository(telemetry: TelemetrySinks(events: ear, metrics: ear, spans: ear))
    _ = await failure { () throws(DualTableError) in try await repository.getItem(.init(tableName: "new", key: Self.key)) }
    #expect(ear.counted("dualtable_operations_total") == ["operation=GetItem,table=new,outcome=unconvertible": 1])
    #expect(ear.spans.last == "DualTable.GetItem of nobody: unconvertible")
    #expect(!ear.all.contains { $0.contains("SECRET") || $0.contains("n-a") })
  }

  @Test("spans: start, end, parent handed through to each request") func handsSpansThrough() async throws {
    let ear = Ear()
    let repository = try Bench(old: [Self.oldItem], new: []).repository(telemetry: TelemetrySinks(spans: ear))
    let work = ear.start("work", parent: nil, [])
    _ = try await repository.updateItem(
      .init(tableName: "new", key: Self.key, updateExpression: "REMOVE z"), options: CallOptions(parent: work))
    let parts = ["UpdateItem", "GetItem", "GetItem", "PutItem", "UpdateItem"].map { "DynamoDB.\($0) of DualTable.UpdateItem" }
    #expect(ear.spans.map { String($0.prefix { $0 != ":" }) } == parts + ["DualTable.UpdateItem of work"])
  }

  @Test("the caller's options count: nothing is sent again that he forbids") func heedsTheCallersOptions() async throws {
    let bench = Bench(old: [], new: [Self.live], fates: [.throttled])
    let repository = try bench.repository()
    let error = await failure { () throws(DualTableError) in
      try await repository.getItem(.init(tableName: "new", key: Self.key), options: CallOptions(resend: .never))
    }
    #expect(error?.code == .requestFailed)
    #expect(bench.requests.count == 1)
  }
}

/// Keeps what it is told.
private final class Ear: EventSink, MetricSink, SpanSink {
  private struct State {
    var counts: [String: [String: Int]] = [:]
    var times: [String: Int] = [:]
    var events: [String] = []
    var spans: [String] = []
  }

  private let state = Mutex(State())

  /// What a counter has come to, by its labels; those at zero aside.
  func counted(_ name: String) -> [String: Int] { state.withLock { $0.counts[name] ?? [:] } }
  func timed(_ name: String, _ labels: String) -> Int { state.withLock { $0.times["\(name) \(labels)"] ?? 0 } }
  var spans: [String] { state.withLock { $0.spans } }
  var all: [String] { state.withLock { $0.spans + $0.events + $0.counts.values.flatMap(\.keys) } }

  func wants(_ level: TelemetryEvent.Level) -> Bool { true }
  func record(_ event: TelemetryEvent) {
    state.withLock { $0.events.append("\(event.message) \(event.fields.map { "\($0.value)" })") }
  }

  private static func text(_ labels: [(String, String)]) -> String { labels.map { "\($0)=\($1)" }.joined(separator: ",") }

  func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void {
    let key = Self.text(labels)
    return { count in self.state.withLock { $0.counts[name, default: [:]][key, default: 0] += count } }
  }

  func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void { { _ in } }

  func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void {
    let key = "\(name) \(Self.text(labels))"
    return { _ in self.state.withLock { $0.times[key, default: 0] += 1 } }
  }

  func start(_ name: String, parent: (any TelemetrySpan)?, _ fields: [TelemetryField]) -> any TelemetrySpan {
    Part(name: name, parent: (parent as? Part)?.name ?? "nobody", ear: self)
  }

  private struct Part: TelemetrySpan {
    let name: String
    let parent: String
    let ear: Ear

    func end(error: String?, _ fields: [TelemetryField]) {
      ear.state.withLock { $0.spans.append("\(name) of \(parent): \(error ?? "ended")") }
    }
  }
}
