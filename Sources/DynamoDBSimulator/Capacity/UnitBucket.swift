/// Capacity units that fill up with time and are taken by requests.
///
/// A request is let in while anything is left, whatever it costs: what it takes beyond that is a debt, and nothing is let in until time
/// has paid it. So a page of a scan passes a table of five units, and the next ones wait.
struct UnitBucket: Sendable, Hashable {
  /// Units a second.
  var rate: Double
  /// What is kept at most of units that nobody took, in seconds' worth.
  let seconds: Double
  private var level: Double
  /// When `level` held, in milliseconds.
  private var moment: Int64

  /// Makes a bucket that holds one second's worth.
  init(rate: Double, seconds: Double, at now: Int64) {
    self.rate = rate
    self.seconds = seconds
    level = rate
    moment = now
  }

  /// True if a request may take something now.
  mutating func hasUnits(at now: Int64) -> Bool {
    if now > moment {
      level = min(rate * seconds, level + rate * Double(now - moment) / 1_000)
      moment = now
    }
    return level > 0
  }

  /// Takes units; `hasUnits` was asked at this very moment.
  mutating func take(_ units: Double) { level -= units }
}
