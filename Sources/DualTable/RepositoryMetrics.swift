internal import Telemetry

/// The metrics of one operation of a repository, made once.
internal struct RepositoryMetrics: Sendable {
  private let seconds: @Sendable (Duration) -> Void
  private let succeeded: @Sendable (Int) -> Void
  private let failed: [DualTableError.Code: @Sendable (Int) -> Void]
  private let reads: [RepositoryObserver.Read: @Sendable (Int) -> Void]
  private let retries: [RepositoryObserver.Retry: @Sendable (Int) -> Void]

  internal init(_ sink: any MetricSink, operation: String, table: String) {
    let labels = [(TelemetryKey.operation.rawValue, operation), (TelemetryKey.table.rawValue, table)]
    func counters<Label: Hashable>(_ name: String, _ key: TelemetryKey, _ all: [Label], _ text: (Label) -> String)
      -> [Label: @Sendable (Int) -> Void]
    {
      var made: [Label: @Sendable (Int) -> Void] = [:]
      for label in all { made[label] = sink.counter(name, labels: labels + [(key.rawValue, text(label))]) }
      return made
    }
    seconds = sink.timing("dualtable_operation_seconds", labels: labels)
    succeeded = sink.counter("dualtable_operations_total", labels: labels + [(TelemetryKey.outcome.rawValue, "success")])
    failed = counters("dualtable_operations_total", .outcome, DualTableError.Code.allCodes, \.description)
    reads = counters("dualtable_reads_total", .outcome, RepositoryObserver.Read.allCases, \.rawValue)
    retries = counters("dualtable_write_retries_total", .reason, RepositoryObserver.Retry.allCases, \.rawValue)
  }

  internal func read(_ read: RepositoryObserver.Read) { reads[read]?(1) }

  internal func retried(_ reason: RepositoryObserver.Retry) { retries[reason]?(1) }

  /// Counts an operation that ended, with an error or without.
  internal func ended(_ error: DualTableError.Code?, took time: Duration) {
    if let error { failed[error]?(1) } else { succeeded(1) }
    seconds(time)
  }
}
