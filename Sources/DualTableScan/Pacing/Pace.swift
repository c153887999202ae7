internal import Synchronization

/// The pace of one kind of access, reading or writing, shared by all workers of a run: the operator's budget and what the service bears.
///
/// Without either it costs a look at a flag. What a request will cost is taken before it goes and corrected by what it is known to have
/// cost, so that retries and refusals count too.
package final class Pace: Sendable {
  /// What binds, and how tightly.
  package struct Status: Sendable, Equatable {
    /// The operator's, in units a second; nil: none.
    package var budget: Double?
    /// What the service seems to bear, nil: nothing was throttled lately.
    package var adaptive: Double?
    /// The limit that the service named last.
    package var throttling: String?
    package var isPaused: Bool

    /// Units a second while nothing is paused; nil: as many as there can be.
    package var limit: Double? { budget.map { min($0, adaptive ?? .infinity) } ?? adaptive }
    /// Units a second; nil: as many as there can be.
    package var rate: Double? { isPaused ? 0 : limit }
  }

  private struct State {
    var line: UnitLine
    var adaptive: AdaptiveRate
    var budget: Double?
    var throttling: String?
    var isPaused = false
    var cost: Double?
    /// When the budget ends.
    var end: Duration?

    var status: Status { Status(budget: budget, adaptive: adaptive.limit, throttling: throttling, isPaused: isPaused) }
  }

  /// What of a limit is used: costs are known only afterwards, and a second's surprises must not exceed its budget.
  private static let margin = 0.985
  /// What a turn is worth at least, in seconds: some two hundred turns a second are enough for any rate.
  private static let turn = 0.005

  private let state: Mutex<State>
  private let free: Atomic<Bool>
  private let landed = Atomic(0)
  private let now: @Sendable () -> Duration

  /// - Parameters:
  ///   - budget: units a second; nil: no limit of the operator's.
  ///   - now: monotonic time.
  package init(budget: Double? = nil, now: @escaping @Sendable () -> Duration) {
    let start = now()
    state = Mutex(State(line: UnitLine(rate: (budget ?? 0) * Self.margin, at: start), adaptive: AdaptiveRate(at: start), budget: budget))
    free = Atomic(budget == nil)
    self.now = now
  }

  package var status: Status { state.withLock(\.status) }

  /// True where nothing limits the pace.
  package var isFree: Bool { free.load(ordering: .relaxed) }

  /// What a worker may take at a turn: `units`, or more where a turn for each request would cost more than the request.
  package func portion(atLeast units: Double) -> Double { state.withLock { max(units, $0.line.rate * Self.turn) } }

  /// Lets a request that will probably cost `units` go at once if nobody waits; false, and nothing taken, if it must wait.
  package func goes(_ units: Double) -> Bool { isFree || change { state, now in state.line.goes(units, at: now) } }

  /// Takes a place for a request that will probably cost `units`; nil where none is needed.
  func take(_ units: Double) -> UnitLine.Place? {
    isFree ? nil : change { state, now in state.line.take(units, at: now) }
  }

  /// How long until a request may go; nil: it goes now, and its place is no longer its own.
  func wait(for place: UnitLine.Place) -> Duration? {
    change { state, now in
      guard state.status.rate != nil else {
        state.line.leave(place)
        return nil
      }
      return state.line.wait(for: place, at: now)
    }
  }

  /// Gives a place back that no request will take.
  func leave(_ place: UnitLine.Place) { state.withLock { $0.line.leave(place) } }

  /// Corrects what was taken.
  package func charge(_ units: Double) {
    guard !isFree, units != 0 else { return }
    state.withLock { $0.line.charge(units) }
  }

  /// What a request costs lately, as all workers learned it; nil: none went.
  package var cost: Double? { state.withLock(\.cost) }

  /// Notes what a worker's requests cost lately, so that the others needn't find out.
  package func learned(cost: Double) { state.withLock { $0.cost = (($0.cost ?? cost) + cost) / 2 } }

  /// Requests that went through so far, as far as workers told.
  package var landings: Int { landed.load(ordering: .relaxed) }

  /// Notes that so many requests went through.
  package func landed(_ count: Int) { landed.add(count, ordering: .relaxed) }

  /// Notes units that went through, since the last call of the same worker.
  package func used(_ units: Double) {
    let now = now()
    state.withLock { $0.adaptive.used(units, at: now) }
  }

  /// Slows everybody down, since the table or the account gives no more.
  ///
  /// - Parameter limit: the service's name for what was met.
  package func throttled(by limit: String) {
    change { state, now in
      state.throttling = limit
      state.adaptive.throttled(budget: state.budget, at: now)
      settle(&state, now)
    }
  }

  /// Goes on by another budget.
  ///
  /// - Parameter end: when it ends, by `now`: from then on there is none, until another one is set. Default never.
  package func setBudget(_ budget: Double?, until end: Duration? = nil) {
    change { state, now in
      state.budget = budget
      state.end = end
      settle(&state, now)
    }
  }

  /// Stops everything, or lets it go on.
  package func setPaused(_ isPaused: Bool) {
    change { state, now in
      state.isPaused = isPaused
      settle(&state, now)
    }
  }

  private func change<Value>(_ body: (inout State, Duration) -> Value) -> Value {
    let now = now()
    return state.withLock { state in
      if let end = state.end, now >= end, state.budget ?? 0 > 0 {
        // A process that was suspended finds out here that its part of a budget is somebody else's by now.
        state.budget = 0
        settle(&state, end)
      }
      if state.adaptive.pass(to: now, budget: state.budget) { settle(&state, now) }
      return body(&state, now)
    }
  }

  private func settle(_ state: inout State, _ now: Duration) {
    let rate = state.status.rate
    state.line.setRate((rate ?? 0) * Self.margin, at: now)
    free.store(rate == nil, ordering: .relaxed)
  }
}
