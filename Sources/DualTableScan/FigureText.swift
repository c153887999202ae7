internal import AWSAuth

extension Int {
  /// With its thousands apart, as in `1,204,331`.
  package var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return self < 0 ? "-\(text)" : text
  }

  /// With a noun, as in `1 item` and `1,204 items`.
  package func grouped(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

extension Double {
  /// With `places` digits behind the point, rounded; nil where it is no number that could be written so.
  ///
  /// - Parameter grouped: true for people, who read thousands apart.
  package func fixed(places: Int, grouped: Bool = false) -> String? {
    guard isFinite else { return nil }
    var scale: UInt = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((Swift.min(Swift.max(self, -1e12), 1e12) * Double(scale)).rounded())
    let whole = Int(scaled.magnitude / scale)
    let fraction = String(scaled.magnitude % scale)
    let behind = places > 0 ? ".\(String(repeating: "0", count: places - fraction.count))\(fraction)" : ""
    return "\(scaled < 0 ? "-" : "")\(grouped ? whole.grouped : String(whole))\(behind)"
  }
}

extension Int64 {
  /// Day and time of a moment in milliseconds since 1970, by UTC, with a text between them: `2026-11-21 09:00:00`.
  package func moment(between: String) -> String {
    let text = SigningDate(seconds: self / 1_000).string
    let parts = [(0, 4, "-"), (4, 2, "-"), (6, 2, between), (9, 2, ":"), (11, 2, ":"), (13, 2, "")]
    return parts.map { text.dropFirst($0.0).prefix($0.1) + $0.2 }.joined()
  }
}
