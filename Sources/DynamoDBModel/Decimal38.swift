package import HTTPTransport

/// A number as DynamoDB keeps it: up to 38 significant digits and a power of ten, in the one form that each value has.
///
/// The coefficient has no trailing zeros, zero is all zeros, so equal values have equal fields.
package struct Decimal38: Sendable, Hashable {
  package var isNegative: Bool
  /// The significant digits as a whole number, at most 38 of them.
  package var coefficient: UInt128
  /// The power of ten of the coefficient's last digit.
  package var exponent: Int
  /// Significant digits; 0 for zero.
  package var digits: Int

  package static let zero = Decimal38(isNegative: false, coefficient: 0, exponent: 0, digits: 0)

  /// Reads a number's text: sign, digits with an optional point, optional exponent.
  ///
  /// Errors carry offsets in `text`.
  package init(_ text: Span<UInt8>) throws(DynamoDBModelError) {
    var index = 0
    let count = text.count
    var sign = false
    if index < count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      sign = text[index] == UInt8(ascii: "-")
      index += 1
    }
    var value: UInt128 = 0
    var significant = 0
    var pendingZeros = 0
    var fraction = 0
    var sawDigit = false
    var sawPoint = false
    while index < count {
      let byte = text[index]
      if byte == UInt8(ascii: ".") && !sawPoint {
        sawPoint = true
      } else if byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
        sawDigit = true
        if sawPoint { fraction += 1 }
        if byte != UInt8(ascii: "0") {
          significant += pendingZeros + 1
          guard significant <= 38 else { throw DynamoDBModelError(.numberTooPrecise, at: index) }
          for _ in 0...pendingZeros { value *= 10 }
          value += UInt128(byte &- UInt8(ascii: "0"))
          pendingZeros = 0
        } else if significant > 0 {
          pendingZeros += 1
        }
      } else {
        break
      }
      index += 1
    }
    guard sawDigit else { throw DynamoDBModelError(.invalidNumber, at: index) }
    let power = try Self.power(text, from: index)
    if significant == 0 {
      self = .zero
      return
    }
    let last = power - fraction + pendingZeros
    let first = last + significant - 1
    guard first >= -130 && first <= 125 else { throw DynamoDBModelError(.numberOutOfRange, at: 0) }
    self.init(isNegative: sign, coefficient: value, exponent: last, digits: significant)
  }

  /// Reads `e`, sign and digits, to the end of the text; 0 if there is nothing.
  private static func power(_ text: Span<UInt8>, from start: Int) throws(DynamoDBModelError) -> Int {
    guard start < text.count else { return 0 }
    guard text[start] | 0x20 == UInt8(ascii: "e") else { throw DynamoDBModelError(.invalidNumber, at: start) }
    var index = start + 1
    var negative = false
    if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      negative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    guard index < text.count else { throw DynamoDBModelError(.invalidNumber, at: index) }
    var power = 0
    while index < text.count {
      let byte = text[index]
      guard byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") else { throw DynamoDBModelError(.invalidNumber, at: index) }
      // Far beyond any value in range, whatever the text's point does (an item has 400 KB): more digits change nothing.
      if power < 100_000_000 { power = power * 10 + Int(byte &- UInt8(ascii: "0")) }
      index += 1
    }
    return negative ? -power : power
  }

  private init(isNegative: Bool, coefficient: UInt128, exponent: Int, digits: Int) {
    self.isNegative = isNegative
    self.coefficient = coefficient
    self.exponent = exponent
    self.digits = digits
  }

  /// The value `coefficient × 10^exponent`, brought into its one form.
  package init(isNegative: Bool, coefficient: UInt128, exponent: Int) throws(DynamoDBModelError) {
    guard coefficient != 0 else {
      self = .zero
      return
    }
    var value = coefficient
    var last = exponent
    while value % 10 == 0 {
      value /= 10
      last += 1
    }
    var digits = 0
    var rest = value
    while rest != 0 {
      rest /= 10
      digits += 1
    }
    guard digits <= 38 else { throw DynamoDBModelError(.numberTooPrecise) }
    let first = last + digits - 1
    guard first >= -130 && first <= 125 else { throw DynamoDBModelError(.numberOutOfRange) }
    self.init(isNegative: isNegative, coefficient: value, exponent: last, digits: digits)
  }

  /// The number's share of an item's size: a byte, half a byte a significant digit, and one for a minus sign.
  package var sizeInBytes: Int { 1 + (digits + 1) / 2 + (isNegative ? 1 : 0) }
}

extension Decimal38: Comparable {
  package static func < (left: Decimal38, right: Decimal38) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    let (low, high) = left.isNegative ? (right, left) : (left, right)
    return low.magnitudeIsLess(than: high)
  }

  private func magnitudeIsLess(than other: Decimal38) -> Bool {
    if digits == 0 || other.digits == 0 { return digits == 0 && other.digits != 0 }
    let first = exponent + digits
    let otherFirst = other.exponent + other.digits
    if first != otherFirst { return first < otherFirst }
    // Both start at the same power of ten, so the longer coefficient has at most 38 digits more to align: 38 in all.
    if digits < other.digits { return coefficient * Self.powerOfTen(other.digits - digits) < other.coefficient }
    return coefficient < other.coefficient * Self.powerOfTen(digits - other.digits)
  }

  private static func powerOfTen(_ power: Int) -> UInt128 {
    var value: UInt128 = 1
    for _ in 0..<power { value *= 10 }
    return value
  }

  /// The exact sum.
  ///
  /// - Throws: `numberTooPrecise` if it has more than 38 significant digits, `numberOutOfRange`.
  package func adding(_ other: Decimal38) throws(DynamoDBModelError) -> Decimal38 {
    if digits == 0 { return other }
    if other.digits == 0 { return self }
    let low = min(exponent, other.exponent)
    let high = max(exponent + digits, other.exponent + other.digits)
    // Over 39 places from first to last digit the sum has more than 38 digits whatever the signs; within 39, what doesn't fit 128 bits
    // exceeds three times anything that 38 digits could take away.
    guard high - low <= 39 else { throw DynamoDBModelError(.numberTooPrecise) }
    let (left, leftOver) = coefficient.multipliedReportingOverflow(by: Self.powerOfTen(exponent - low))
    let (right, rightOver) = other.coefficient.multipliedReportingOverflow(by: Self.powerOfTen(other.exponent - low))
    guard !leftOver && !rightOver else { throw DynamoDBModelError(.numberTooPrecise) }
    if isNegative == other.isNegative {
      let (sum, over) = left.addingReportingOverflow(right)
      guard !over else { throw DynamoDBModelError(.numberTooPrecise) }
      return try Decimal38(isNegative: isNegative, coefficient: sum, exponent: low)
    }
    if left >= right { return try Decimal38(isNegative: isNegative, coefficient: left - right, exponent: low) }
    return try Decimal38(isNegative: other.isNegative, coefficient: right - left, exponent: low)
  }

  /// The value with the other sign.
  package var negated: Decimal38 {
    var copy = self
    if digits != 0 { copy.isNegative.toggle() }
    return copy
  }
}

extension Decimal38 {
  /// Writes the number as the service prints it: plain digits without exponent, no needless zeros, no plus, no minus zero.
  package func append(to out: inout ByteBuffer) {
    guard digits != 0 else {
      out.append(UInt8(ascii: "0"))
      return
    }
    if isNegative { out.append(UInt8(ascii: "-")) }
    let whole = exponent + digits
    if whole <= 0 {
      out.append("0.")
      for _ in 0..<(-whole) { out.append(UInt8(ascii: "0")) }
    }
    appendDigits(pointAt: whole, to: &out)
    if exponent > 0 {
      for _ in 0..<exponent { out.append(UInt8(ascii: "0")) }
    }
  }

  private func appendDigits(pointAt whole: Int, to out: inout ByteBuffer) {
    let start = out.count
    let length = digits + (whole > 0 && whole < digits ? 1 : 0)
    for _ in 0..<length { out.append(UInt8(ascii: ".")) }
    var rest = coefficient
    var index = length - 1
    while rest != 0 {
      // 128-bit division is slow: take nineteen digits at a time.
      var part: UInt64
      if rest >> 64 == 0 {
        part = UInt64(rest)
        rest = 0
      } else {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        part = UInt64(remainder)
        rest = quotient
      }
      var left = rest == 0 ? 0 : 19
      while part != 0 || left > 0 {
        if length > digits && index == whole { index -= 1 }
        out[start + index] = UInt8(ascii: "0") + UInt8(part % 10)
        part /= 10
        left -= 1
        index -= 1
      }
    }
  }
}
