import Synchronization
import Telemetry
import Testing

@Suite struct TelemetryTests {
  @Test func firstNamesStandForThemselves() {
    var labels = BoundedLabels(limit: 2)
    #expect(["a", "b", "a", "c", "b", "d"].map { labels.label(for: $0) } == ["a", "b", "a", "other", "b", "other"])
    var none = BoundedLabels(limit: 0)
    #expect(none.label(for: "a") == "other")
  }

  /// The particulars of an event that nobody wants are never put together.
  @Test(arguments: [(TelemetryEvent.Level?.none, 0, 0), (.info, 1, 1), (.debug, 2, 2)]) func eventsAreMadeOnDemand(
    _ threshold: TelemetryEvent.Level?, _ made: Int, _ recorded: Int
  ) {
    let sink = Threshold(threshold)
    var count = 0
    func fields() -> [TelemetryField] {
      count += 1
      return [TelemetryField(.attempt, count), TelemetryField(.table, "t")]
    }
    let sinks = TelemetrySinks(events: threshold == nil ? nil : sink)
    sinks.record(.debug, "a detail", fields())
    sinks.record(.info, "a fact", fields())
    #expect(count == made && sink.texts.count == recorded)
    if recorded > 0 { #expect(sink.texts.last == "a fact attempt=\(recorded) table=t") }
  }

  @Test func keysAreDistinctWords() {
    let words = TelemetryKey.allCases.map(\.rawValue)
    #expect(Set(words.map { $0.lowercased() }).count == words.count && words.allSatisfy { $0.allSatisfy(\.isLetter) })
  }
}

private final class Threshold: EventSink {
  private let level: TelemetryEvent.Level?
  private let recorded = Mutex<[String]>([])

  init(_ level: TelemetryEvent.Level?) { self.level = level }

  var texts: [String] { recorded.withLock { $0 } }

  func wants(_ level: TelemetryEvent.Level) -> Bool { self.level.map { $0 <= level } ?? false }

  func record(_ event: TelemetryEvent) {
    let fields = event.fields.map { " \($0.key.rawValue)=\($0.value)" }.joined()
    recorded.withLock { $0.append("\(event.message)\(fields)") }
  }
}
