internal import Dispatch
internal import Synchronization

/// What clients' histories show: in how many keys something was lost, resurrected or overwritten.
package struct HistoryVerdict: Sendable, Hashable {
  /// Keys that seemed to have no item although one was acknowledged.
  package internal(set) var lost = 0
  /// Keys whose deleted item was seen again.
  package internal(set) var resurrected = 0
  /// Keys that showed something else than the last acknowledged write.
  package internal(set) var overwritten = 0
  /// Keys with too many operations of unknown outcome to tell.
  package internal(set) var undecided = 0
  /// The first few events that nothing explains, as lines of the history, by key.
  package internal(set) var examples: [String] = []

  package init() {}

  /// Judges every key's history, on all cores.
  package init(_ history: History) {
    let byKey = Dictionary(grouping: history.events, by: \.key)
    let keys = byKey.keys.sorted()
    let verdicts = Mutex<[(Int, HistoryEvent?)]>([])
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      while case let index = next.add(1, ordering: .relaxed).oldValue, index < keys.count {
        switch LinearizabilityChecker.check(byKey[keys[index]] ?? []) {
        case .linearizable: break
        case .undecided: verdicts.withLock { $0.append((index, nil)) }
        case .broken(let event): verdicts.withLock { $0.append((index, event)) }
        }
      }
    }
    for (index, event) in verdicts.withLock({ $0 }).sorted(by: { $0.0 < $1.0 }) {
      guard let event else {
        undecided += 1
        continue
      }
      switch Self.harm(event, in: byKey[keys[index]] ?? []) {
      case .lost: lost += 1
      case .resurrected: resurrected += 1
      case .overwritten: overwritten += 1
      }
      if examples.count < 5 { examples.append(event.line) }
    }
  }

  private enum Harm { case lost, resurrected, overwritten }

  /// What an event that nothing explains shows of its key.
  private static func harm(_ event: HistoryEvent, in events: [HistoryEvent]) -> Harm {
    let sawItem: Bool
    switch (event.operation, event.outcome) {
    case _ where event.tellsResult: sawItem = event.result != nil
    // A create goes through where there is nothing, an update where there is something.
    case (.create, let outcome): sawItem = outcome == .refused
    case (.update, let outcome): sawItem = outcome != .refused
    default: return .overwritten
    }
    guard sawItem else { return .lost }
    let last = events.filter { $0.end < event.start && $0.outcome == .ok && $0.operation != .get }.max { $0.end < $1.end }
    return last?.operation == .delete ? .resurrected : .overwritten
  }
}
