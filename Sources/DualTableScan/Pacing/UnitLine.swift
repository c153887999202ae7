/// A line for capacity units: each request takes its place at the end, and places come up at a steady rate. A pure value.
///
/// It is a token bucket whose tokens are handed out in order, so that nobody who waits is overtaken and nothing is lost between two who
/// look at different moments. A request may go once all that was taken before it has come up; its own units hold up those behind it.
package struct UnitLine: Sendable, Equatable {
  /// What is kept of units that nobody took, in seconds' worth: any second has at most so much more than its own.
  package static let depth = 0.01

  /// Units a second; 0: nothing comes up.
  package private(set) var rate: Double
  /// Units that have come up by `moment`, all told.
  private var served = 0.0
  /// Units that were taken, all told.
  private var taken = 0.0
  private var moment: Duration

  /// - Parameter now: monotonic; so is every later one.
  package init(rate: Double, at now: Duration) {
    self.rate = rate
    moment = now
  }

  /// Goes on at another rate; who stands in the line keeps the place.
  package mutating func setRate(_ rate: Double, at now: Duration) {
    pass(to: now)
    self.rate = rate
  }

  /// Takes a place for a request of `units`.
  package mutating func take(_ units: Double, at now: Duration) -> Double {
    pass(to: now)
    taken = max(taken, served - rate * Self.depth)
    defer { taken += units }
    return taken
  }

  /// Corrects what was taken, once it is known better: more holds up all who wait, less lets them go earlier.
  ///
  /// It moves the whole line and not just its end: what was taken too much would else be made up for when others have taken it, too.
  package mutating func charge(_ units: Double) { served -= units }

  /// How long until `place` comes up; nil once it has.
  package mutating func wait(for place: Double, at now: Duration) -> Duration? {
    pass(to: now)
    // A millionth of a unit is what adding up leaves behind.
    guard place > served + 1e-6 else { return nil }
    return rate > 0 ? .seconds(min((place - served) / rate, 3_600)) : .seconds(3_600)
  }

  private mutating func pass(to now: Duration) {
    guard now > moment else { return }
    served += rate * ((now - moment) / .seconds(1))
    moment = now
  }
}
