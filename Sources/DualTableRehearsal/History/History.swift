/// What every client of a run saw, key by key.
package struct History: Sendable {
  /// In the order in which they ended.
  package private(set) var events: [HistoryEvent] = []

  package init(_ events: [HistoryEvent] = []) { self.events = events }

  package mutating func add(_ event: HistoryEvent) { events.append(event) }

  /// The keys, in order.
  package var keys: [String] { Set(events.map(\.key)).sorted() }

  /// One key's events, in the order of their starts.
  package func events(of key: String) -> [HistoryEvent] {
    events.filter { $0.key == key }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
  }

  /// The keys whose histories no register could have, each with the event that can't be explained.
  package var violations: [(key: String, verdict: LinearizabilityChecker.Verdict)] {
    let byKey = Dictionary(grouping: events, by: \.key)
    return byKey.keys.sorted().compactMap { key in
      let verdict = LinearizabilityChecker.check(byKey[key] ?? [])
      return verdict == .linearizable ? nil : (key, verdict)
    }
  }
}
