/// Why a value can't be stored or read, before it is known where; holds none of the value.
struct ValueFault: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}

/// A type that is stored as one value, without containers of its own.
protocol ScalarCoding {
  /// The DynamoDB type it takes, for messages.
  static var stored: String { get }
  func attributeValue() throws(ValueFault) -> AttributeValue
  /// - Returns: nil if the stored value is of another type.
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> Self?
}

extension String: ScalarCoding {
  static var stored: String { "S" }
  func attributeValue() throws(ValueFault) -> AttributeValue { .string(self) }
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> String? { value.stringValue }
}

extension Bool: ScalarCoding {
  static var stored: String { "BOOL" }
  func attributeValue() throws(ValueFault) -> AttributeValue { .bool(self) }
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> Bool? { value.boolValue }
}

extension [UInt8]: ScalarCoding {
  static var stored: String { "B" }
  func attributeValue() throws(ValueFault) -> AttributeValue { .binary(self) }
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> [UInt8]? { value.binaryValue }
}

extension DynamoDBNumber: ScalarCoding {
  static var stored: String { "N" }
  func attributeValue() throws(ValueFault) -> AttributeValue { .number(self) }
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> DynamoDBNumber? { value.numberValue }
}

extension AttributeMap: ScalarCoding {
  static var stored: String { "M" }
  func attributeValue() throws(ValueFault) -> AttributeValue { .map(self) }
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> AttributeMap? { value.mapValue }
}

extension AttributeValue: ScalarCoding {
  static var stored: String { "any type" }
  func attributeValue() throws(ValueFault) -> AttributeValue { self }
  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> AttributeValue? { value }
}

extension ScalarCoding where Self: FixedWidthInteger {
  static var stored: String { "N" }

  func attributeValue() throws(ValueFault) -> AttributeValue {
    let text = String(self)
    guard Self.bitWidth > 64 else { return .number(DynamoDBNumber(validated: text)) }
    guard let number = try? DynamoDBNumber(text) else { throw ValueFault("a number has at most 38 significant digits") }
    return .number(number)
  }

  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> Self? {
    guard let number = value.numberValue else { return nil }
    // Nearly every number is its integer's own text.
    if let plain = Self(number.text) { return plain }
    guard let whole = Self(exactly: number) else { throw ValueFault("the number has a fraction, or is out of range for \(Self.self)") }
    return whole
  }
}

extension Int: ScalarCoding {}
extension Int8: ScalarCoding {}
extension Int16: ScalarCoding {}
extension Int32: ScalarCoding {}
extension Int64: ScalarCoding {}
extension Int128: ScalarCoding {}
extension UInt: ScalarCoding {}
extension UInt8: ScalarCoding {}
extension UInt16: ScalarCoding {}
extension UInt32: ScalarCoding {}
extension UInt64: ScalarCoding {}
extension UInt128: ScalarCoding {}

extension ScalarCoding where Self: BinaryFloatingPoint & LosslessStringConvertible {
  static var stored: String { "N" }

  /// The shortest decimal that reads back as this number.
  private func shortest() throws(ValueFault) -> DynamoDBNumber {
    // Whole numbers without point, and no minus zero.
    if magnitude < 9_007_199_254_740_992, let whole = Int64(exactly: self) { return DynamoDBNumber(whole) }
    guard isFinite else { throw ValueFault("a number must be finite") }
    guard let number = try? DynamoDBNumber(description) else {
      throw ValueFault("a number's magnitude is zero or lies between 1e-130 and 9.99e125")
    }
    return number
  }

  func attributeValue() throws(ValueFault) -> AttributeValue { .number(try shortest()) }

  static func decoded(_ value: AttributeValue, rounding: Bool) throws(ValueFault) -> Self? {
    guard let number = value.numberValue else { return nil }
    guard let nearest = Self(number.text), nearest.isFinite, nearest != 0 || number == 0 else {
      throw ValueFault("the number is out of range for \(Self.self)")
    }
    if !rounding, try nearest.shortest() != number {
      throw ValueFault("\(Self.self) would round the number; take DynamoDBNumber, or let the decoder round (`allowsRounding`)")
    }
    return nearest
  }
}

extension Float: ScalarCoding {}
extension Double: ScalarCoding {}
