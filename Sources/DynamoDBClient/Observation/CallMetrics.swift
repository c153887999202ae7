internal import Telemetry

/// The metrics of one operation on one table, made once.
struct CallMetrics: Sendable {
  let tries: @Sendable (Int) -> Void
  let seconds: @Sendable (Duration) -> Void
  let bytesSent: @Sendable (Int) -> Void
  let bytesReceived: @Sendable (Int) -> Void
  /// Thousandths, since reads cost halves.
  let capacity: @Sendable (Int) -> Void
  private let calls: [@Sendable (Int) -> Void]

  init(_ sink: any MetricSink, _ operation: DynamoDBOperation, table: String) {
    let labels = [(TelemetryKey.operation.rawValue, operation.rawValue), (TelemetryKey.table.rawValue, table)]
    tries = sink.counter("dynamodb_client_tries_total", labels: labels)
    seconds = sink.timing("dynamodb_client_call_seconds", labels: labels)
    bytesSent = sink.counter("dynamodb_client_sent_bytes_total", labels: labels)
    bytesReceived = sink.counter("dynamodb_client_received_bytes_total", labels: labels)
    capacity = sink.counter("dynamodb_client_consumed_capacity_milliunits_total", labels: labels)
    calls = CallOutcome.allCases.map { outcome in
      sink.counter("dynamodb_client_calls_total", labels: labels + [(TelemetryKey.outcome.rawValue, outcome.rawValue)])
    }
  }

  /// Counts a call that ended.
  func ended(_ outcome: CallOutcome) {
    guard let index = CallOutcome.allCases.firstIndex(of: outcome) else { return }
    calls[index](1)
  }
}

/// The metrics of all operations and tables that a client has met: a bounded number.
struct CallMetricsTable {
  /// Tables with metrics of their own; all others share one label.
  static let mostTables = 50
  /// The label of requests about no table or several.
  static let noTable = "-"

  private struct Key: Hashable {
    let operation: DynamoDBOperation
    let table: String
  }

  private let sink: any MetricSink
  private var labels = BoundedLabels(limit: mostTables)
  private var known: [Key: CallMetrics] = [:]

  init(_ sink: any MetricSink) { self.sink = sink }

  /// The metrics of an operation on `table`, a name or an ARN.
  mutating func metrics(_ operation: DynamoDBOperation, _ table: String?) -> CallMetrics {
    let name = table.map { $0.hasPrefix("arn:") ? String($0.drop { $0 != "/" }.dropFirst().prefix { $0 != "/" }) : $0 }
    let key = Key(operation: operation, table: name.map { labels.label(for: $0) } ?? Self.noTable)
    if let found = known[key] { return found }
    let made = CallMetrics(sink, operation, table: key.table)
    known[key] = made
    return made
  }
}
