/// What a service plugs in to see what the kit does: its logging, its metrics, its tracing. Whatever is missing costs nothing.
///
/// The kit hands out names, counts, times and codes: never a part of an item, a key, an expression's values or credentials.
public struct TelemetrySinks: Sendable {
  /// Where events go; nil: nowhere.
  public var events: (any EventSink)?
  /// Where counters, gauges and timings go; nil: nowhere.
  public var metrics: (any MetricSink)?
  /// Where spans go; nil: nowhere.
  public var spans: (any SpanSink)?

  /// Makes a set of sinks; by default nobody listens.
  public init(events: (any EventSink)? = nil, metrics: (any MetricSink)? = nil, spans: (any SpanSink)? = nil) {
    self.events = events
    self.metrics = metrics
    self.spans = spans
  }

  /// Nobody listens.
  public static let none = TelemetrySinks()
}
