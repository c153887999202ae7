/// A second of the calendar as signatures spell it: `20150830T123600Z`, whose first eight digits are the day.
package struct SigningDate: Sendable {
  /// The 16 characters.
  package private(set) var text: InlineArray<16, UInt8>

  /// Makes the text of a time in seconds since 1970 UTC, of the years 0 to 9999.
  package init(seconds: Int64) {
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
