internal import HTTPTransport

/// A DynamoDB number: an exact decimal of up to 38 significant digits, with its text kept as it came.
///
/// Equality, order and hash go by value: `1.50` equals `1.5` and `15e-1`. Nothing passes through a binary float.
public struct DynamoDBNumber: Sendable {
  /// The text as it was given or received.
  public let text: String

  /// Takes a number's text: sign, digits with an optional point, optional exponent.
  ///
  /// - Throws: `invalidNumber`, `numberTooPrecise` (over 38 significant digits), `numberOutOfRange` (zero, or 1e-130 to 9.99…e125 in
  ///   magnitude, as the service's documentation says).
  public init(_ text: String) throws(DynamoDBModelError) {
    _ = try Decimal38(text.utf8.span)
    self.text = text
  }

  /// A whole number of up to 64 bits (wider ones can have more than 38 digits: give their text).
  public init(_ value: some BinaryInteger) {
    precondition(value.bitWidth <= 64, "a whole number of over 64 bits goes through its text")
    text = String(value)
  }

  /// A text that was found valid before.
  internal init(validated text: String) { self.text = text }

  internal init(_ decimal: Decimal38) {
    var bytes = ByteBuffer(capacity: 48)
    decimal.append(to: &bytes)
    text = String(copying: bytes.span)
  }

  /// The value's fields.
  package var decimal: Decimal38 {
    // The text was judged when the number was made.
    (try? Decimal38(text.utf8.span)) ?? .zero
  }

  /// The text as the service prints it: plain digits, no needless zeros (`1.50` → `1.5`, `1e2` → `100`, `-0` → `0`).
  public var canonicalText: String { DynamoDBNumber(decimal).text }

  /// The exact sum.
  ///
  /// - Throws: `numberTooPrecise` if it has over 38 significant digits, `numberOutOfRange`.
  public func adding(_ other: DynamoDBNumber) throws(DynamoDBModelError) -> DynamoDBNumber {
    DynamoDBNumber(try decimal.adding(other.decimal))
  }

  /// The exact difference; throws as `adding` does.
  public func subtracting(_ other: DynamoDBNumber) throws(DynamoDBModelError) -> DynamoDBNumber {
    DynamoDBNumber(try decimal.adding(other.decimal.negated))
  }
}

extension DynamoDBNumber: Comparable {
  /// Equal in value, whatever the text.
  public static func == (left: DynamoDBNumber, right: DynamoDBNumber) -> Bool { left.decimal == right.decimal }

  /// Less in value.
  public static func < (left: DynamoDBNumber, right: DynamoDBNumber) -> Bool { left.decimal < right.decimal }
}

extension DynamoDBNumber: Hashable {
  /// Hashes the value.
  public func hash(into hasher: inout Hasher) { hasher.combine(decimal) }
}

extension DynamoDBNumber: CustomStringConvertible {
  /// The text as given.
  public var description: String { text }
}

extension DynamoDBNumber: ExpressibleByIntegerLiteral {
  /// A whole number.
  public init(integerLiteral value: Int) { self.init(value) }
}

extension FixedWidthInteger {
  /// The number as an integer; nil if it has a fraction or doesn't fit.
  public init?(exactly number: DynamoDBNumber) {
    let decimal = number.decimal
    guard decimal.exponent >= 0, decimal.exponent <= 38 else { return nil }
    var value = decimal.coefficient
    for _ in 0..<decimal.exponent {
      let (next, over) = value.multipliedReportingOverflow(by: 10)
      guard !over else { return nil }
      value = next
    }
    guard decimal.isNegative else {
      self.init(exactly: value)
      return
    }
    guard let positive = Int128(exactly: value) else { return nil }
    self.init(exactly: -positive)
  }
}
