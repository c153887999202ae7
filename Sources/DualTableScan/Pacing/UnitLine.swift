/// A line for capacity units: each request that must wait takes its place at the end, and places come up at a steady rate. A pure value.
///
/// It is a token bucket whose tokens are handed out in order, so that nobody who waits is overtaken and nothing is lost between two who
/// look at different moments. A request may go once all that was taken before it has come up; its own units hold up those behind it.
/// Whoever has a place sleeps until it comes up, so where nobody looks in time the whole process was suspended or starved: that time
/// isn't made up for.
package struct UnitLine: Sendable, Equatable {
  /// What is kept of units that nobody took, in seconds' worth: any second has at most so much more than its own.
  package static let depth = 0.01
  /// How late somebody may look without time being lost.
  private static let patience = Duration.seconds(depth)
  private static let never = Duration.seconds(1 << 40)
  /// The longest that anybody sleeps without a look at the line.
  static let longestSleep = Duration.milliseconds(250)

  /// A place in the line.
  package struct Place: Sendable, Equatable {
    fileprivate let id: Int
    fileprivate let start: Double
    fileprivate let units: Double
  }

  private struct Look: Sendable, Equatable {
    let id: Int
    var at: Duration
  }

  /// Units a second; 0: nothing comes up.
  package private(set) var rate: Double
  /// Units that have come up by `moment`, all told.
  private var served = 0.0
  /// Units that were taken, all told.
  private var taken = 0.0
  /// When those who wait will look again; .max: nobody counts on it.
  private var looks: [Look] = []
  private var lastID = 0
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

  /// Lets a request of `units` go at once if nobody waits and nothing is owed; false, and nothing taken, if it must wait.
  package mutating func goes(_ units: Double, at now: Duration) -> Bool {
    pass(to: now)
    guard looks.isEmpty, hasCome(taken) else { return false }
    taken += units
    return true
  }

  /// Takes a place for a request of `units`.
  package mutating func take(_ units: Double, at now: Duration) -> Place {
    pass(to: now)
    defer { taken += units }
    lastID += 1
    looks.append(Look(id: lastID, at: Self.never))
    return Place(id: lastID, start: taken, units: units)
  }

  /// How long to sleep before the next look at `place`; nil once it has come up, and its request has gone.
  package mutating func wait(for place: Place, at now: Duration) -> Duration? {
    pass(to: now)
    guard !hasCome(place.start) else {
      end(place)
      return nil
    }
    let wait = rate > 0 ? min(.seconds(min((place.start - served) / rate, 1)), Self.longestSleep) : Self.longestSleep
    if let index = looks.firstIndex(where: { $0.id == place.id }) { looks[index].at = now + wait }
    return wait
  }

  /// Gives a place back that no request will take.
  package mutating func leave(_ place: Place) {
    served += place.units
    end(place)
  }

  /// Corrects what was taken, once it is known better: more holds up all who wait, less lets them go earlier.
  ///
  /// It moves the whole line and not just its end: what was taken too much would else be made up for when others have taken it, too.
  package mutating func charge(_ units: Double) { served -= units }

  // A millionth of a unit is what adding up leaves behind.
  private func hasCome(_ place: Double) -> Bool { place <= served + 1e-6 }

  private mutating func end(_ place: Place) { looks.removeAll { $0.id == place.id } }

  private mutating func pass(to now: Duration) {
    guard now > moment else { return }
    var end = now
    for index in looks.indices where looks[index].at + Self.patience < now {
      end = max(moment, min(end, looks[index].at + Self.patience))
      // Who doesn't come at all holds up nobody for longer than this once.
      looks[index].at = Self.never
    }
    let passed = rate * ((end - moment) / .seconds(1))
    served = looks.isEmpty ? max(served, min(served + passed, taken + rate * Self.depth)) : served + passed
    moment = now
  }
}
