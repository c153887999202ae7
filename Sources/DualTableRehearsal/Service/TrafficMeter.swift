internal import Synchronization

/// How much the service's clients are to do, and what they did.
final class TrafficMeter: Sendable {
  private struct State {
    var counts = TrafficCounts()
    /// Operations up to which clients are busy; beyond them they only trickle.
    var target = 0
    var isOldWritten = true
    var isOver = false
  }

  private let state = Mutex(State())

  /// Has clients do so many operations more; returns how many they will have done then.
  @discardableResult func ask(for operations: Int) -> Int {
    state.withLock { state in
      state.target = state.counts.operations + operations
      return state.target
    }
  }

  /// True in phases 1 and 2, as far as the clients' choice of what to do goes.
  var isOldWritten: Bool {
    get { state.withLock { $0.isOldWritten } }
    set { state.withLock { $0.isOldWritten = newValue } }
  }

  func finish() { state.withLock { $0.isOver = true } }

  var counts: TrafficCounts { state.withLock { $0.counts } }
  var isOver: Bool { state.withLock { $0.isOver } }
  /// True while there is more to do than wait.
  var isBusy: Bool { state.withLock { $0.counts.operations < $0.target } }

  func count(_ kind: TrafficCounts.Kind, keys: Int = 1, isDecided: Bool) {
    state.withLock { state in
      state.counts.byKind[kind, default: 0] += 1
      state.counts.operations += keys
      if !isDecided { state.counts.undecided += 1 }
    }
  }
}

/// What the service's clients did.
package struct TrafficCounts: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case get, batchGet, query, transactGet, put, create, update, replace, delete, transactWrite
  }

  /// Requests of clients, by what they asked.
  package internal(set) var byKind: [Kind: Int] = [:]
  /// Operations on one key each: a batch of five is five.
  package internal(set) var operations = 0
  /// Requests that got no answer, or none that says whether it happened.
  package internal(set) var undecided = 0
}
