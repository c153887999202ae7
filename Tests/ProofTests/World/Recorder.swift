import DynamoDBModel
import DynamoDBSimulator
import Synchronization

/// Writes down what clients see, in the order in which they see it.
final class Recorder: Sendable {
  fileprivate struct State {
    var history = History()
    var last: Int64 = 0
    var serial = 0
    /// The last values that were seen or written, by key.
    var seen: [String: [String]] = [:]
    var trace: [String] = []
    var failures: [String] = []
  }

  private let time: SimulatedTime
  private let state = Mutex(State())

  init(_ time: SimulatedTime) { self.time = time }

  var history: History { state.withLock { $0.history } }

  /// A moment later than all moments before.
  func stamp() -> Int64 {
    let now = time.now.nanoseconds
    return state.withLock { state in
      state.last = max(now, state.last + 1)
      return state.last
    }
  }

  /// A value unlike any other.
  func fresh(_ client: Int) -> String {
    state.withLock { state in
      state.serial += 1
      return "c\(client)-\(state.serial)"
    }
  }

  func seen(_ key: String) -> [String] { state.withLock { $0.seen[key] ?? [] } }

  func initial(_ key: String, _ value: String?) {
    state.withLock { state in
      state.history.add(HistoryEvent(key: key, operation: .initial, value: value))
      state.note(value, key)
    }
  }

  /// Notes that something that must work doesn't.
  func failed(_ sentence: String) { state.withLock { $0.failures.append(sentence) } }

  var failures: [String] { state.withLock { $0.failures } }

  /// Notes a request that the service carries out, and what NEW holds before.
  func trace(_ request: String, before items: [Item]) {
    let now = time.now.nanoseconds
    state.withLock { $0.trace.append("\(now) \(request) at \(items)") }
  }

  /// The requests that concern a key, of those that were carried out while they were traced.
  func trace(of key: String) -> [String] {
    state.withLock { $0.trace.filter { $0.contains("\"\(key)\"") || $0.contains("\"\(key.dropFirst(2))\"") } }
  }

  /// Notes what became of an operation; nothing, if it certainly didn't happen.
  func add(_ call: Call, client: Int, start: Int64, _ told: Told) {
    let end = stamp()
    var event = HistoryEvent(client: client, key: call.key, operation: call.operation, value: call.value, expect: call.expect)
    (event.start, event.end) = (start, end)
    switch told {
    case .ok(let result, let tells): (event.result, event.tellsResult) = (result, tells)
    case .refused: event.outcome = .refused
    case .unknown: event.outcome = .unknown
    case .nothing: return
    }
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

/// What a client was told of one operation.
enum Told: Sendable {
  /// It happened; `result` is what a read saw or a write replaced, where `tells`.
  case ok(result: String?, tells: Bool)
  case refused
  case unknown
  /// It certainly didn't happen.
  case nothing

  var isDecided: Bool {
    switch self {
    case .ok, .refused: true
    case .unknown, .nothing: false
    }
  }
}
