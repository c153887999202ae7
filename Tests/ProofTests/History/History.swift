/// What every client of a run saw, key by key.
struct History: Sendable {
  private(set) var events: [HistoryEvent] = []

  init(_ events: [HistoryEvent] = []) { self.events = events }

  mutating func add(_ event: HistoryEvent) { events.append(event) }

  /// The keys, in order.
  var keys: [String] { Set(events.map(\.key)).sorted() }

  /// One key's events, in the order of their starts.
  func events(of key: String) -> [HistoryEvent] {
    events.filter { $0.key == key }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
  }

  /// The keys whose histories no register could have, each with the event that can't be explained.
  var violations: [(key: String, verdict: LinearizabilityChecker.Verdict)] {
    keys.compactMap { key in
      let verdict = LinearizabilityChecker.check(events(of: key))
      return verdict == .linearizable ? nil : (key, verdict)
    }
  }
}
