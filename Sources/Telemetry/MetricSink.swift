/// A service's metrics: makes counters, gauges and timings, once for each name and set of labels.
///
/// Units are in the names. The labels' names are those of `TelemetryKey`, and their values are bounded in number. What is made is kept for
/// the life of its client and called from any thread, so it must not block.
///
/// An adapter to swift-metrics:
///
///     struct ServiceMetrics: MetricSink {
///       func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void {
///         let counter = Counter(label: name, dimensions: labels)
///         return { counter.increment(by: $0) }
///       }
///       func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void {
///         let gauge = Gauge(label: name, dimensions: labels)
///         return { gauge.record($0) }
///       }
///       func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void {
///         let timer = Timer(label: name, dimensions: labels)
///         return { timer.recordNanoseconds(Int64($0 / .nanoseconds(1))) }
///       }
///     }
public protocol MetricSink: Sendable {
  /// Makes something that adds to a sum.
  func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void
  /// Makes something that says how much there is now.
  func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void
  /// Makes something that collects how long things took.
  func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void
}
