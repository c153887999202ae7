/// A second of the calendar as signatures spell it: `20150830T123600Z`, whose first eight digits are the day.
package struct SigningDate: Sendable {
  /// The 16 characters.
  package private(set) var text: InlineArray<16, UInt8>
  /// Since 1970 UTC.
  package let seconds: Int64

  /// Makes the text of a time in seconds since 1970 UTC, of the years 0 to 9999.
  package init(seconds: Int64) {
    self.seconds = seconds
    text = .init(repeating: UInt8(ascii: "T"))
    let days = Self.floorDivide(seconds, 86_400)
    let clock = Int(seconds - days * 86_400)
    // Civil date of a day count: years begin in March, so that the leap day ends them, in eras of 400 years, which are all alike.
    let shifted = days + 719_468
    let era = Self.floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    write(Int(year), digits: 4, at: 0)
    write(Int(month), digits: 2, at: 4)
    write(Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1), digits: 2, at: 6)
    write(clock / 3_600, digits: 2, at: 9)
    write(clock / 60 % 60, digits: 2, at: 11)
    write(clock % 60, digits: 2, at: 13)
    text[15] = UInt8(ascii: "Z")
  }

  /// Reads such a text; nil where it is none, or names no second of the calendar.
  package init?(parsing text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      digits[range].reduce(0) { sum, digit in
        sum.flatMap { (0x30...0x39).contains(digit) ? $0 * 10 + Int64(digit - 0x30) : nil }
      }
    }
    guard let year = number(0..<4), let month = number(4..<6), (1...12).contains(month), let day = number(6..<8),
      let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15)
    else { return nil }
    // The inverse of what `init(seconds:)` does.
    let marchYear = month <= 2 ? year - 1 : year
    let era = Self.floorDivide(marchYear, 400)
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    self.init(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second)
    // The 31st of February, or minute 60, come back as another text.
    guard string == text else { return nil }
  }

  /// The day alone: `20150830`.
  package var day: String { String(string.prefix(8)) }
  /// All of it.
  package var string: String { String(decoding: (0..<16).map { text[$0] }, as: UTF8.self) }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  private mutating func write(_ number: Int, digits: Int, at offset: Int) {
    var rest = number
    for index in stride(from: offset + digits - 1, through: offset, by: -1) {
      text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
