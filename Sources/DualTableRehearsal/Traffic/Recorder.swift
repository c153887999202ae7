package import DynamoDBSimulator
internal import Synchronization

/// Writes down what clients see, in the order in which they see it.
package final class Recorder: Sendable {
  fileprivate struct State {
    var history = History()
    var last: Int64 = 0
    var serial = 0
    /// The last values that were seen or written, by key.
    var seen: [String: [String]] = [:]
    var failures: [String] = []
  }

  private let time: SimulatedTime
  /// Told of every event as it comes.
  private let sink: (@Sendable (HistoryEvent) -> Void)?
  private let state = Mutex(State())

  package init(_ time: SimulatedTime, sink: (@Sendable (HistoryEvent) -> Void)? = nil) {
    self.time = time
    self.sink = sink
  }

  package var history: History { state.withLock { $0.history } }

  /// A moment later than all moments before.
  package func stamp() -> Int64 {
    let now = time.now.nanoseconds
    return state.withLock { state in
      state.last = max(now, state.last + 1)
      return state.last
    }
  }

  /// A value unlike any other.
  package func fresh(_ client: Int) -> String {
    state.withLock { state in
      state.serial += 1
      return "c\(client)-\(state.serial)"
    }
  }

  package func seen(_ key: String) -> [String] { state.withLock { $0.seen[key] ?? [] } }

  package func initial(_ key: String, _ value: String?) {
    let event = HistoryEvent(key: key, operation: .initial, value: value)
    sink?(event)
    state.withLock { state in
      state.history.add(event)
      state.note(value, key)
    }
  }

  /// Notes that something that must work doesn't.
  package func failed(_ sentence: String) { state.withLock { $0.failures.append(sentence) } }

  package var failures: [String] { state.withLock { $0.failures } }

  /// Notes what became of an operation; nothing, if it certainly didn't happen.
  package func add(_ call: Call, client: Int, start: Int64, _ told: Told) {
    var event = HistoryEvent(client: client, key: call.key, operation: call.operation, value: call.value, expect: call.expect)
    (event.start, event.end) = (start, stamp())
    switch told {
    case .ok(let result, let tells): (event.result, event.tellsResult) = (result, tells)
    case .refused: event.outcome = .refused
    case .unknown: event.outcome = .unknown
    case .nothing: return
    }
    sink?(event)
    state.withLock { state in
      state.history.add(event)
      state.note(event.result ?? event.value, call.key)
    }
  }
}

extension Recorder.State {
  fileprivate mutating func note(_ value: String?, _ key: String) {
    guard let value else { return }
    seen[key, default: []].append(value)
    if seen[key, default: []].count > 3 { seen[key]?.removeFirst() }
  }
}
