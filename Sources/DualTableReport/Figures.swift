internal import DualTableScan

/// Numbers as the report's readers read them.
enum Figures {
  /// `1,204,331`.
  static func count(_ value: Int) -> String { value.grouped }

  /// `1 item`, `1,204 items`.
  static func count(_ value: Int, _ noun: String) -> String { value.grouped(noun) }

  /// With `places` digits behind the point, rounded, thousands grouped.
  static func decimal(_ value: Double, places: Int) -> String { value.fixed(places: places, grouped: true) ?? "–" }

  /// Of a rate or an amount: as many digits as tell something.
  static func amount(_ value: Double) -> String { decimal(value, places: value >= 100 ? 0 : value >= 10 ? 1 : 2) }

  /// `4.2 %`; what isn't nothing never reads as nothing, and what isn't all never as all.
  static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "–" }
    let percent = Double(part) / Double(whole) * 100
    if part > 0 && percent < 0.01 { return "< 0.01 %" }
    if part < whole && percent > 99.99 { return "> 99.99 %" }
    return "\(decimal(percent, places: percent == percent.rounded() ? 0 : 2)) %"
  }

  /// `850 ms`, `12.5 s`, `3 min 5 s`, `2 h 14 min`, `3 d 4 h`.
  static func span(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    if seconds < 1 { return "\(decimal(seconds * 1_000, places: seconds < 0.01 ? 2 : 0)) ms" }
    if seconds < 59.95 { return "\(decimal(seconds, places: seconds < 9.995 ? 2 : 1)) s" }
    let whole = Int(min(seconds, 1e12).rounded())
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
    let first = parts.firstIndex { $0.0 > 0 } ?? 3
    return parts[first..<min(first + 2, 4)].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }

  /// A moment, given in milliseconds since 1970, as in `2026-11-21 09:00:00 UTC`.
  static func moment(_ milliseconds: Int64) -> String { "\(milliseconds.moment(between: " ")) UTC" }

  /// The same without its day, to a tenth of a second, as in `09:00:00.4`.
  static func timeOfDay(_ milliseconds: Int64) -> String {
    "\(moment(milliseconds).dropFirst(11).prefix(8)).\(milliseconds % 1_000 / 100)"
  }

  /// `$0.42`, `$1,204.00`; less than a cent as such.
  static func dollars(_ value: Double) -> String { value > 0 && value < 0.01 ? "less than $0.01" : "$\(decimal(value, places: 2))" }
}
