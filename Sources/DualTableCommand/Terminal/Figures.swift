internal import DualTableScan

/// Numbers as people read them.
enum Figures {
  /// `1,204,331`.
  static func count(_ value: Int) -> String { value.grouped }

  /// `1 item`, `1,204 items`.
  static func count(_ value: Int, _ noun: String) -> String { value.grouped(noun) }

  /// `00:12:41`, hours going on beyond 99.
  static func clock(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  /// A moment, given in milliseconds since 1970, as in `2026-11-21T09:00:00Z`.
  static func moment(_ milliseconds: Int64) -> String { "\(milliseconds.moment(between: "T"))Z" }

  /// Rows as columns, each as wide as its widest text, two blanks apart; the last one as it is.
  static func columns(_ rows: [[String]]) -> String {
    let widths = (rows.map(\.count).max() ?? 0)
    let width = (0..<widths).map { column in rows.compactMap { column < $0.count - 1 ? $0[column].count : nil }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, text in
        column == row.count - 1 ? text : text + String(repeating: " ", count: width[column] - text.count + 2)
      }.joined()
    }.joined(separator: "\n")
  }

  /// With `places` digits behind the point, rounded; for JSON too.
  static func decimal(_ value: Double, places: Int) -> String { value.fixed(places: places) ?? "0" }

  /// `16MB`, `512KB`, `1GB` or plain bytes, by powers of 1,024; nil for anything else.
  static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 0, "B": 0, "KB": 10, "MB": 20, "GB": 30]
    guard let number = Int(digits), number <= 1 << 30, let shift = units[text.dropFirst(digits.count).uppercased()] else { return nil }
    return number << shift
  }

  /// `14m`, `1h30m`, `90s`: whole numbers, each with one of d, h, m, s, the larger first; nil for anything else.
  static func duration(_ text: String) -> Duration? {
    let units: [(Character, Int)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
    var rest = text[...]
    var seconds = 0
    var smallest = -1
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), number <= 1_000_000 else { return nil }
      rest = rest.dropFirst(digits.count)
      guard let unit = rest.popFirst(), let place = units.firstIndex(where: { $0.0 == unit }), place > smallest else { return nil }
      smallest = place
      seconds += number * units[place].1
    }
    return smallest < 0 ? nil : .seconds(seconds)
  }
}
