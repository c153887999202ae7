internal import AWSAuth

/// A second of the calendar as HTTP's `date` field spells it: `Sun, 30 Aug 2015 12:36:00 GMT`.
struct HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  let text: String

  /// - Parameter seconds: since 1970 UTC, which was a Thursday.
  init(seconds: Int64) {
    let digits = Array(SigningDate(seconds: seconds).string.utf8)
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    let month = Self.months[(Int(part(4..<6)) ?? 1) - 1]
    let day = Self.days[Int(((seconds >= 0 ? seconds : seconds - 86_399) / 86_400 % 7 + 7) % 7)]
    text = "\(day), \(part(6..<8)) \(month) \(part(0..<4)) \(part(9..<11)):\(part(11..<13)):\(part(13..<15)) GMT"
  }
}
