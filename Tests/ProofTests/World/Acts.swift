import Synchronization

/// What a migration's run is divided into: clients do a little in each act and wait for the next, so that they are busy whenever something
/// happens, and idle through the hours in between.
final class Acts: Sendable {
  private struct State {
    var current = 0
    var isOver = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  var current: Int { state.withLock { $0.current } }
  var isOver: Bool { state.withLock { $0.isOver } }

  func advance() { wake { $0.current += 1 } }
  func finish() { wake { $0.isOver = true } }

  private func wake(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns once an act after `act` has begun, or none will.
  func next(after act: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        guard state.current <= act && !state.isOver else { return true }
        state.waiting.append(continuation)
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
