/// What the service seems to bear, learned from its throttling: additive increase, multiplicative decrease. A pure value.
///
/// As long as nothing is throttled there is no limit. The first throttling sets one below what went through; each later second of
/// throttling lowers it, each quiet one raises it, and once it binds nothing any more it is gone.
package struct AdaptiveRate: Sendable, Equatable {
  static let decrease = 0.8
  /// Of the limit that was met, a second.
  static let increase = 0.02
  /// Quiet seconds after which the steps double, and double again: the capacity was raised.
  static let patience = 10

  /// Units a second, nil: no limit.
  package private(set) var limit: Double?
  /// Where the last decrease began.
  private var met = 0.0
  private var decreasedAt: Duration?
  private var quietSeconds = 0
  private var lastStep: Duration = .zero

  private var windowStart: Duration
  private var windowUnits = 0.0
  /// Units a second that went through lately.
  private var flow: Double?

  package init(at now: Duration) { windowStart = now }

  /// Notes units that went through.
  package mutating func used(_ units: Double, at now: Duration) {
    windowUnits += units
    let length = (now - windowStart) / .seconds(1)
    guard length >= 1 else { return }
    let rate = windowUnits / length
    flow = flow.map { ($0 + rate) / 2 } ?? rate
    (windowStart, windowUnits) = (now, 0)
  }

  /// Notes that a request was refused for its rate. Many are at once, so a second of it counts once.
  ///
  /// - Parameter budget: the limit that holds besides.
  package mutating func throttled(budget: Double?, at now: Duration) {
    quietSeconds = 0
    lastStep = now
    if let decreasedAt, now - decreasedAt < .seconds(1) { return }
    decreasedAt = now
    let sofar = max(1, windowUnits / max(0.1, (now - windowStart) / .seconds(1)))
    met = min(limit ?? .infinity, budget ?? .infinity)
    if met == .infinity { met = max(sofar, flow ?? 0) }
    limit = max(1, met * Self.decrease)
  }

  /// Lets time pass.
  ///
  /// - Returns: true if the limit changed.
  package mutating func pass(to now: Duration, budget: Double?) -> Bool {
    guard let before = limit, now - lastStep >= .seconds(1) else { return false }
    var limit = before
    // A process that slept has learned nothing meanwhile.
    var steps = min(Int((now - lastStep) / .seconds(1)), 5)
    lastStep = now
    while steps > 0 {
      steps -= 1
      quietSeconds += 1
      limit += max(1, met * Self.increase) * Double(1 << min(6, quietSeconds / Self.patience))
    }
    let isIdle = quietSeconds > Self.patience && limit > 2 * (flow ?? .infinity) + 10
    self.limit = isIdle || limit >= budget ?? .infinity ? nil : limit
    return true
  }
}
