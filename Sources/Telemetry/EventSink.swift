/// Something that happened: a fixed message, and the particulars as fields.
public struct TelemetryEvent: Sendable {
  /// How much it matters; the kit never warns on a service's behalf, its errors are thrown.
  public enum Level: Int, Sendable, Comparable, CaseIterable {
    /// For whoever looks for the cause of something.
    case debug
    /// Rare, and worth knowing.
    case info

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// How much it matters.
  public let level: Level
  /// What happened; the same text each time.
  public let message: StaticString
  /// The particulars.
  public let fields: [TelemetryField]

  /// Makes an event.
  public init(_ level: Level, _ message: StaticString, _ fields: [TelemetryField] = []) {
    self.level = level
    self.message = message
    self.fields = fields
  }
}

/// A service's logging.
///
/// An adapter to swift-log:
///
///     struct LogEvents: EventSink {
///       let logger: Logger
///       func wants(_ level: TelemetryEvent.Level) -> Bool { logger.logLevel <= (level == .debug ? .debug : .info) }
///       func record(_ event: TelemetryEvent) {
///         var metadata = Logger.Metadata()
///         for field in event.fields { metadata[field.key.rawValue] = "\(field.value)" }
///         logger.log(level: event.level == .debug ? .debug : .info, "\(event.message)", metadata: metadata)
///       }
///     }
public protocol EventSink: Sendable {
  /// True if events of `level` are wanted; asked before one is made.
  func wants(_ level: TelemetryEvent.Level) -> Bool
  /// Takes an event. Called from the kit's calls, on whatever thread they are: it must not block.
  func record(_ event: TelemetryEvent)
}

extension TelemetrySinks {
  /// Records an event, which is only made where somebody wants it.
  package func record(_ level: TelemetryEvent.Level, _ message: StaticString, _ fields: @autoclosure () -> [TelemetryField]) {
    guard let events, events.wants(level) else { return }
    events.record(TelemetryEvent(level, message, fields()))
  }
}
