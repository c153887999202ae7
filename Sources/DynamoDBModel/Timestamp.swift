package import HTTPTransport

/// A moment of UTC in milliseconds since 1970, from year 0 to year 9999 of the proleptic Gregorian calendar, without leap seconds.
///
/// All arithmetic is on whole numbers: an exact decimal comes in, an exact decimal or text goes out.
package struct Timestamp: Hashable, Sendable {
  package let milliseconds: Int64

  /// Why there is no such moment, or no such text of it.
  package enum Fault: Error {
    /// Not a moment of these years, or not text of one.
    case invalid
    /// What would be written isn't what was read.
    case inexact
  }

  /// 0000-01-01T00:00:00Z.
  package static let first: Int64 = -62_167_219_200_000
  /// 9999-12-31T23:59:59.999Z.
  package static let last: Int64 = 253_402_300_799_999

  package init(milliseconds: Int64) throws(Fault) {
    guard milliseconds >= Self.first && milliseconds <= Self.last else { throw .invalid }
    self.milliseconds = milliseconds
  }

  /// Reads a number's text as a count of units of `unit` milliseconds; a fraction of a unit is cut off if `isLossy`.
  package init(number text: Span<UInt8>, unit: Int64, isLossy: Bool) throws(Fault) {
    let count = try Self.wholeNumber(text, isLossy: isLossy)
    let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow else { throw .invalid }
    try self.init(milliseconds: milliseconds)
  }

  /// Writes the moment as a count of units of `unit` milliseconds.
  package func appendNumber(unit: Int64, isLossy: Bool, to out: inout ByteBuffer) throws(Fault) {
    let (count, rest) = milliseconds.flooredDivision(by: unit)
    guard rest == 0 || isLossy else { throw .inexact }
    out.appendDecimal(Int(count))
  }

  private static func wholeNumber(_ text: Span<UInt8>, isLossy: Bool) throws(Fault) -> Int64 {
    // Plain digits of a number that fits come first: they are all but every timestamp there is.
    var index = 0
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    var value: Int64 = 0
    if text.count > index && text.count <= 17 {
      while index < text.count {
        let digit = text[index] &- UInt8(ascii: "0")
        if digit > 9 { break }
        value = value &* 10 &+ Int64(digit)
        index += 1
      }
      if index == text.count { return isNegative ? -value : value }
    }
    return try wholeNumber(decimal: text, isLossy: isLossy)
  }

  @inline(never)
  private static func wholeNumber(decimal text: Span<UInt8>, isLossy: Bool) throws(Fault) -> Int64 {
    guard let decimal = try? Decimal38(text) else { throw .invalid }
    guard decimal.exponent + decimal.digits <= 18 else { throw .invalid }
    var value = decimal.coefficient
    if decimal.exponent >= 0 {
      for _ in 0..<decimal.exponent { value *= 10 }
      return decimal.isNegative ? -Int64(value) : Int64(value)
    }
    guard isLossy else { throw .inexact }
    for _ in 0..<min(-decimal.exponent, 39) { value /= 10 }
    // Cut off towards the past, before 1970 too.
    return decimal.isNegative ? -Int64(value) - 1 : Int64(value)
  }
}

extension Int64 {
  /// Quotient towards minus infinity, and the rest, which is never negative.
  @inline(__always)
  func flooredDivision(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }
}
