package import HTTPTransport

extension Timestamp {
  private static let millisecondsADay: Int64 = 86_400_000

  /// Reads `2024-02-29T12:34:56.5Z`.
  ///
  /// Without `isLossy` only the text that `appendISO8601` would write is read; with it any offset, small letters, and any fraction, of which
  /// what lies below the millisecond is cut off. `24:00` and leap seconds are never read.
  package init(iso8601 text: Span<UInt8>, isLossy: Bool) throws(Fault) {
    guard text.count >= 20 else { throw .invalid }
    let year = try Self.digits(text, 0, 4)
    let month = try Self.digits(text, 5, 2)
    let day = try Self.digits(text, 8, 2)
    let hour = try Self.digits(text, 11, 2)
    let minute = try Self.digits(text, 14, 2)
    let second = try Self.digits(text, 17, 2)
    guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
      text[10] | 0x20 == UInt8(ascii: "t"), month >= 1, month <= 12, day >= 1, day <= Self.days(in: month, of: year),
      hour < 24, minute < 60, second < 60
    else { throw .invalid }
    var index = 19
    let fraction = try Self.fraction(text, &index)
    let offset = try Self.offset(text, &index)
    guard index == text.count else { throw .invalid }
    let time = ((hour * 60 + minute) * 60 + second) * 1_000 + fraction.milliseconds
    try self.init(milliseconds: Self.dayNumber(year, month, day) * Self.millisecondsADay + time - offset.milliseconds)
    if !isLossy && !(fraction.isExact && offset.isUTC && text[10] == UInt8(ascii: "T")) { throw .inexact }
  }

  /// Writes `2024-02-29T12:34:56.5Z`: UTC, and a fraction only if it isn't zero, without needless zeros.
  package func appendISO8601(to out: inout ByteBuffer) {
    let (dayNumber, time) = milliseconds.flooredDivision(by: Self.millisecondsADay)
    let (year, month, day) = Self.date(ofDay: dayNumber)
    let seconds = UInt32(truncatingIfNeeded: time / 1_000)
    // Nineteen characters of fixed width, in one go.
    out.appendUninitialized(19) { place in
      Self.put(year / 100, place, 0)
      Self.put(year % 100, place, 2, UInt8(ascii: "-"))
      Self.put(month, place, 5, UInt8(ascii: "-"))
      Self.put(day, place, 8, UInt8(ascii: "T"))
      Self.put(seconds / 3_600, place, 11, UInt8(ascii: ":"))
      Self.put(seconds / 60 % 60, place, 14, UInt8(ascii: ":"))
      Self.put(seconds % 60, place, 17)
      return 19
    }
    var fraction = time % 1_000
    if fraction != 0 {
      out.append(UInt8(ascii: "."))
      var divisor: Int64 = 100
      while fraction != 0 {
        out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / divisor))
        fraction %= divisor
        divisor /= 10
      }
    }
    out.append(UInt8(ascii: "Z"))
  }

  /// Two digits at `offset`, and what follows them.
  @inline(__always)
  private static func put(_ value: UInt32, _ place: UnsafeMutableRawBufferPointer, _ offset: Int, _ next: UInt8? = nil) {
    place[offset] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
    place[offset + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
    if let next { place[offset + 2] = next }
  }

  private static func digits(_ text: Span<UInt8>, _ start: Int, _ count: Int) throws(Fault) -> Int64 {
    var value: Int64 = 0
    for index in start..<start + count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { throw .invalid }
      value = value * 10 + Int64(digit)
    }
    return value
  }

  /// `.5` and the like at `index`; exact is what `appendISO8601` would write.
  private static func fraction(
    _ text: Span<UInt8>, _ index: inout Int
  ) throws(Fault) -> (milliseconds: Int64, isExact: Bool) {
    guard text[index] == UInt8(ascii: ".") else { return (0, true) }
    index += 1
    let start = index
    var milliseconds: Int64 = 0
    var unit: Int64 = 100
    while index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") {
      milliseconds += Int64(text[index] - UInt8(ascii: "0")) * unit
      unit /= 10
      index += 1
    }
    guard index > start else { throw .invalid }
    return (milliseconds, index - start <= 3 && text[index - 1] != UInt8(ascii: "0"))
  }

  /// `Z`, `+02:00` and the like at `index`.
  private static func offset(
    _ text: Span<UInt8>, _ index: inout Int
  ) throws(Fault) -> (milliseconds: Int64, isUTC: Bool) {
    guard index < text.count else { throw .invalid }
    if text[index] | 0x20 == UInt8(ascii: "z") {
      index += 1
      return (0, text[index - 1] == UInt8(ascii: "Z"))
    }
    let isNegative = text[index] == UInt8(ascii: "-")
    guard isNegative || text[index] == UInt8(ascii: "+"), index + 6 <= text.count, text[index + 3] == UInt8(ascii: ":") else {
      throw .invalid
    }
    let hours = try digits(text, index + 1, 2)
    let minutes = try digits(text, index + 4, 2)
    guard hours < 24, minutes < 60 else { throw .invalid }
    index += 6
    let offset = (hours * 60 + minutes) * 60_000
    return (isNegative ? -offset : offset, false)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // Years are reckoned from March, so that the leap day is the last of its year, and in cycles of 400 years (146,097 days). Days before a
  // month, counted from March: 153 days every five months, which (153 * month + 2) / 5 hits exactly.

  /// Days from 1970-01-01 to a date from year 0 on.
  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    // One cycle later, so that January and February of year 0 don't fall below it.
    let marchYear = year + 400 - (month <= 2 ? 1 : 0)
    let monthFromMarch = month <= 2 ? month + 9 : month - 3
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - daysToEpoch
  }

  /// Days from the first of March of year −400 to 1970-01-01.
  private static let daysToEpoch: Int64 = 719_468 + 146_097

  /// The date of a day from year 0 on.
  @inline(__always)
  private static func date(ofDay number: Int64) -> (year: UInt32, month: UInt32, day: UInt32) {
    // Division by a constant is cheapest in 32 bits without sign, and no day in range needs more.
    let days = UInt32(truncatingIfNeeded: number + daysToEpoch)
    let cycle = days / 146_097
    let inCycle = days % 146_097
    // A century has 36,524 days but the last, a leap cycle 1,461, a year 365: what is left over counts into the last one.
    let century = min(inCycle / 36_524, 3)
    let inCentury = inCycle - century * 36_524
    let leapCycle = inCentury / 1_461
    let inLeapCycle = inCentury % 1_461
    let year = min(inLeapCycle / 365, 3)
    let dayOfYear = inLeapCycle - year * 365
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (cycle * 400 + century * 100 + leapCycle * 4 + year + (month <= 2 ? 1 : 0) - 400, month, day)
  }
}
