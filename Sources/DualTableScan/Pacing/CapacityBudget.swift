/// How many capacity units a second a run may use of a table, as its operator says it.
package enum CapacityBudget: Sendable, Hashable, CustomStringConvertible {
  /// Units a second.
  case units(Double)
  /// Per cent of what the table is provisioned with.
  case percent(Double)

  /// More than any table has.
  private static let most = 1e9

  /// Reads `400`, `12.5` or `80%`; nil for anything else, zero and below included.
  package init?(_ text: String) {
    let isPercent = text.hasSuffix("%")
    let number = isPercent ? text.dropLast() : text[...]
    guard let first = number.first, first.isASCII && first.isNumber, let value = Double(number), value > 0, value <= Self.most else {
      return nil
    }
    self = isPercent ? .percent(value) : .units(value)
  }

  /// Units a second; nil for a percentage of a table that nothing is provisioned for.
  ///
  /// - Parameter provisioned: what DescribeTable says; 0 for an on-demand table.
  package func units(provisioned: Int) -> Double? {
    switch self {
    case .units(let units): units
    case .percent(let percent): provisioned > 0 ? min(Double(provisioned) * percent / 100, Self.most) : nil
    }
  }

  /// Why `units` came to nothing, where it did.
  ///
  /// - Parameter table: whose capacity it is.
  package func refusal(_ table: String) -> String {
    "The table \(table) is on demand, so nothing is provisioned to take \(self) of: give a number of units a second."
  }

  package var description: String {
    func text(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
    return switch self {
    case .units(let units): text(units)
    case .percent(let percent): "\(text(percent))%"
    }
  }
}
