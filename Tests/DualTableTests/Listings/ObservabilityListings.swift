import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Telemetry
import Testing

struct LogEvents: EventSink {
  let logger: Logger

  func wants(_ level: TelemetryEvent.Level) -> Bool { logger.logLevel <= (level == .debug ? .debug : .info) }

  func record(_ event: TelemetryEvent) {
    var metadata = Logger.Metadata()
    for field in event.fields { metadata[field.key.rawValue] = "\(field.value)" }
    logger.log(level: event.level == .debug ? .debug : .info, "\(event.message)", metadata: metadata)
  }
}

struct ServiceMetrics: MetricSink {
  func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void {
    let counter = Counter(label: name, dimensions: labels)
    return { counter.increment(by: $0) }
  }

  func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void {
    let gauge = Gauge(label: name, dimensions: labels)
    return { gauge.record($0) }
  }

  func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void {
    let timer = Timer(label: name, dimensions: labels)
    return { timer.recordNanoseconds(Int64($0 / .nanoseconds(1))) }
  }
}

struct ServiceSpan: TelemetrySpan {
  let span: any Span

  func end(error: String?, _ fields: [TelemetryField]) {
    for field in fields { span.attributes[field.key.rawValue] = "\(field.value)" }
    if let error { span.setStatus(SpanStatus(code: .error, message: error)) }
    span.end()
  }
}

struct ServiceSpans: SpanSink {
  func start(_ name: String, parent: (any TelemetrySpan)?, _ fields: [TelemetryField]) -> any TelemetrySpan {
    let context = (parent as? ServiceSpan)?.span.context ?? .current ?? .topLevel
    let span = startSpan(name, context: context, ofKind: .client)
    for field in fields { span.attributes[field.key.rawValue] = "\(field.value)" }
    return ServiceSpan(span: span)
  }
}

/// The article's setup; what it needs of a service is handed in.
func observedListing(
  _ configuration: DynamoDBClient.Configuration, _ logger: Logger, _ mapping: any TableMapping
) -> DualTableRepository {
  var configuration = configuration
  let sinks = TelemetrySinks(events: LogEvents(logger: logger), metrics: ServiceMetrics(), spans: ServiceSpans())
  configuration.telemetry = sinks
  let dynamo = DynamoDBClient(configuration: configuration)
  let users = DualTableRepository(
    old: dynamo, oldTable: "users", new: dynamo, newTable: "users-2", mapping: mapping, phase: .fixed(.dualTable), telemetry: sinks)
  return users
}

/// The adapters of the article take what a repository and its client tell to a service's logging, metrics and tracing.
@Suite(.serialized) struct ObservabilityListings {
  @Test func adaptersAdapt() async throws {
    let logger = Logger()
    let sinks = TelemetrySinks(events: LogEvents(logger: logger), metrics: ServiceMetrics(), spans: ServiceSpans())
    let bench = Bench(old: [DualTableRepositoryTests.oldItem, ["id": "broken"]], new: [])
    let users = try bench.repository(telemetry: sinks)
    let request = startSpan("request", context: .topLevel, ofKind: .internal)
    let parent = ServiceSpan(span: request)
    _ = try await users.getItem(.init(tableName: "new", key: ["id": "n-a"]), options: CallOptions(parent: parent))
    _ = await failure { () throws(DualTableError) in
      try await users.getItem(.init(tableName: "new", key: ["id": "n-broken"]), options: CallOptions(parent: parent))
    }
    parent.end(error: nil, [])
    #expect(
      RecordedSpan.ended.all == [
        "/request/DualTable.GetItem/DynamoDB.GetItem attempt=1 operation=GetItem table=new",
        "/request/DualTable.GetItem/DynamoDB.GetItem attempt=1 operation=GetItem table=old",
        "/request/DualTable.GetItem operation=GetItem table=new",
        "/request/DualTable.GetItem/DynamoDB.GetItem attempt=1 operation=GetItem table=new",
        "/request/DualTable.GetItem/DynamoDB.GetItem attempt=1 operation=GetItem table=old",
        "/request/DualTable.GetItem operation=GetItem table=new error unconvertible", "/request",
      ])
    #expect(
      logger.lines.all == [
        "debug: asked the old table for what the new one lacks operation=GetItem outcome=found table=new",
        "info: met an item of the old table that can't be converted operation=GetItem table=new",
      ])
    #expect(MetricsSystem.value("dualtable_reads_total{operation=GetItem,table=new,outcome=fallback_found}") == 1)
    #expect(MetricsSystem.value("dynamodb_client_call_seconds{operation=GetItem,table=old}.count") == 2, "latency by table")
  }

  @Test func setUp() throws {
    let endpoint = try DynamoDBEndpoint.resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:1")
    let credentials = StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"))
    _ = observedListing(.init(endpoint: endpoint, credentials: credentials), Logger(), TestMapping())
  }
}
