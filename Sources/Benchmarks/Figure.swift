/// One line of the result.
struct Figure {
  enum Unit: String {
    case ratio, itemsPerSecond, megabytesPerSecond, microsecondsPerItem, megabytes, blocks

    /// A value as a person reads it.
    func text(_ value: Double) -> String {
      switch self {
      case .ratio: "\(decimals(value, 2)) ×"
      case .itemsPerSecond: "\(decimals(value / 1_000, 1)) k/s"
      case .megabytesPerSecond: "\(decimals(value, 0)) MB/s"
      case .microsecondsPerItem: "\(decimals(value, 2)) µs"
      case .megabytes: "\(decimals(value, 1)) MB"
      case .blocks: decimals(value, 2)
      }
    }
  }

  /// What the kit promises.
  enum Goal {
    case atLeast(Double)
    case atMost(Double)

    func isReached(by value: Double) -> Bool {
      switch self {
      case .atLeast(let bound): value >= bound
      case .atMost(let bound): value <= bound
      }
    }
  }

  /// For machines, as in `backfill.put.loops2.ratio`.
  let name: String
  /// For people.
  let title: String
  let unit: Unit
  let series: Series
  var goal: Goal?

  /// Whether less of it is better: work and time are, rates aren't.
  var isBetterLow: Bool {
    if case .atMost = goal { return true }
    return name.hasSuffix(".work.ratio")
  }

  private var goalText: String {
    switch goal {
    case .atLeast(let bound): "≥ \(unit.text(bound)) \(goal!.isReached(by: series.median) ? "✓" : "✗")"
    case .atMost(let bound): "≤ \(unit.text(bound)) \(goal!.isReached(by: series.median) ? "✓" : "✗")"
    case nil: ""
    }
  }

  /// A line of the table: title, median, spread, goal.
  var line: String {
    let spread = series.values.count > 1 ? "\(unit.text(series.low)) … \(unit.text(series.high))" : ""
    let columns = [padded(title, 52), padded(unit.text(series.median), 12, right: true), padded(spread, 28, right: true), goalText]
    var line = columns.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }

  /// The same as a JSON object.
  var json: String {
    let goal =
      switch goal {
      case .atLeast(let bound): #","atLeast":\#(bound)"#
      case .atMost(let bound): #","atMost":\#(bound)"#
      case nil: ""
      }
    let values = series.values.map { decimals($0, 4) }.joined(separator: ",")
    return #"{"name":"\#(name)","unit":"\#(unit.rawValue)","median":\#(decimals(series.median, 4)),"values":[\#(values)]\#(goal)}"#
  }
}

/// `value` with so many digits behind the point.
func decimals(_ value: Double, _ count: Int) -> String {
  guard value.isFinite else { return "null" }
  var scale = 1.0
  for _ in 0..<count { scale *= 10 }
  let scaled = Int((value.magnitude * scale).rounded())
  let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int(scale))
  let digits = String(rest)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return count == 0 ? "\(sign)\(whole)" : "\(sign)\(whole)." + String(repeating: "0", count: count - digits.count) + digits
}

func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
  let blanks = String(repeating: " ", count: max(0, width - text.count))
  return right ? blanks + text : text + blanks
}
