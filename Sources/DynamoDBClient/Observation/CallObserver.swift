internal import Synchronization
internal import Telemetry

/// Tells whoever listens what a client does; there is none where nobody listens, and a call costs one look at that.
final class CallObserver: Sendable {
  private let sinks: TelemetrySinks
  private let metrics: Mutex<CallMetricsTable?>

  init?(_ sinks: TelemetrySinks) {
    if sinks.events == nil && sinks.metrics == nil && sinks.spans == nil { return nil }
    self.sinks = sinks
    metrics = Mutex(sinks.metrics.map(CallMetricsTable.init))
  }

  /// A call begins.
  func begin(_ operation: DynamoDBOperation, table: String?, parent: (any TelemetrySpan)?) -> ObservedCall {
    let fields = [TelemetryField(.operation, operation.rawValue), TelemetryField(.table, table ?? CallMetricsTable.noTable)]
    return ObservedCall(
      fields: fields, sinks: sinks, metrics: metrics.withLock { $0?.metrics(operation, table) },
      span: sinks.spans?.start("DynamoDB.\(operation.rawValue)", parent: parent, fields))
  }

  /// An answer said what its request cost.
  func consumed(_ report: some CapacityReport, by operation: DynamoDBOperation) {
    for consumed in report.consumedCapacity.byTable {
      guard let units = consumed.capacityUnits else { continue }
      metrics.withLock { $0?.metrics(operation, consumed.tableName) }?.capacity(Int(units * 1_000))
    }
  }

  /// The clock that signatures are dated with was corrected.
  func corrected(by milliseconds: Int64) {
    sinks.record(.info, "corrected the clock after a refused signature", [TelemetryField(.offsetMilliseconds, Int(milliseconds))])
  }
}

/// One call that somebody listens to.
struct ObservedCall: Sendable {
  private let fields: [TelemetryField]
  private let sinks: TelemetrySinks
  private let metrics: CallMetrics?
  private let span: (any TelemetrySpan)?

  fileprivate init(fields: [TelemetryField], sinks: TelemetrySinks, metrics: CallMetrics?, span: (any TelemetrySpan)?) {
    self.fields = fields
    self.sinks = sinks
    self.metrics = metrics
    self.span = span
  }

  /// A try is over, whatever came of it.
  func tried(_ exchange: Exchange) {
    guard let metrics else { return }
    metrics.tries(1)
    metrics.bytesSent(exchange.bytesSent)
    metrics.bytesReceived(exchange.bytesReceived)
  }

  /// Another try follows.
  func retries(after error: DynamoDBError, _ tries: Int, in wait: Duration) {
    sinks.record(
      .debug, "trying a request again",
      fields + [
        TelemetryField(.attempt, tries), TelemetryField(.waitMilliseconds, Int(wait / .milliseconds(1))),
      ] + Self.particulars(error))
  }

  /// The call has succeeded.
  func succeeded(tries: Int, took time: Duration) {
    metrics?.ended(.success)
    metrics?.seconds(time)
    span?.end(error: nil, [TelemetryField(.attempt, tries)])
  }

  /// The call has failed for good.
  func failed(_ error: DynamoDBError, took time: Duration) {
    metrics?.ended(CallOutcome(error))
    metrics?.seconds(time)
    span?.end(error: error.code.rawValue, [TelemetryField(.attempt, error.attempts)] + Self.particulars(error))
  }

  /// What may be told of an error: never its message, in which the service may quote an item.
  private static func particulars(_ error: DynamoDBError) -> [TelemetryField] {
    var fields = [TelemetryField(.code, error.code.rawValue)]
    if let status = error.httpStatus { fields.append(TelemetryField(.status, status)) }
    if let id = error.requestID { fields.append(TelemetryField(.requestID, id)) }
    return fields
  }
}
