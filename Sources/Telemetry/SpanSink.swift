/// Something that takes time, from its start to its end, as part of something larger.
public protocol TelemetrySpan: Sendable {
  /// Ends it; called once.
  ///
  /// - Parameters:
  ///   - error: the code of the error that it ended with; nil for success.
  ///   - fields: what was only known at the end.
  func end(error: String?, _ fields: [TelemetryField])
}

/// A service's tracing.
///
/// An adapter to swift-distributed-tracing keeps its span in a class that conforms to `TelemetrySpan` and starts with
/// `startSpan(name, context: (parent as? ServiceSpan)?.span.context ?? .current ?? .topLevel)`.
public protocol SpanSink: Sendable {
  /// Starts a span.
  ///
  /// - Parameters:
  ///   - name: one of few, as in `DynamoDB.GetItem`.
  ///   - parent: what it is a part of, as this sink made it; nil: whatever the service's own context says.
  func start(_ name: String, parent: (any TelemetrySpan)?, _ fields: [TelemetryField]) -> any TelemetrySpan
}
