/// A DynamoDB value of one of the ten types.
///
/// Equality and hash are the service's: numbers by value, sets and maps without order, text byte by byte.
public enum AttributeValue: Sendable {
  /// Text (`S`), perhaps empty.
  case string(String)
  /// An exact decimal (`N`).
  case number(DynamoDBNumber)
  /// Bytes (`B`), perhaps none.
  case binary([UInt8])
  /// `BOOL`.
  case bool(Bool)
  /// `NULL`.
  case null
  /// Values in order (`L`).
  case list([AttributeValue])
  /// Named values (`M`).
  case map(AttributeMap)
  /// Different texts (`SS`), at least one.
  case stringSet([String])
  /// Different numbers (`NS`), at least one.
  case numberSet([DynamoDBNumber])
  /// Different byte strings (`BS`), at least one.
  case binarySet([[UInt8]])

  /// Which of the ten it is.
  package var type: AttributeType {
    switch self {
    case .string: .string
    case .number: .number
    case .binary: .binary
    case .bool: .bool
    case .null: .null
    case .list: .list
    case .map: .map
    case .stringSet: .stringSet
    case .numberSet: .numberSet
    case .binarySet: .binarySet
    }
  }
}

extension AttributeValue {
  /// The text of a string; nil for any other type.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// The number; nil for any other type.
  public var numberValue: DynamoDBNumber? { if case .number(let value) = self { value } else { nil } }
  /// The bytes of a binary; nil for any other type.
  public var binaryValue: [UInt8]? { if case .binary(let value) = self { value } else { nil } }
  /// The truth value; nil for any other type.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements of a list; nil for any other type.
  public var listValue: [AttributeValue]? { if case .list(let value) = self { value } else { nil } }
  /// The map; nil for any other type.
  public var mapValue: AttributeMap? { if case .map(let value) = self { value } else { nil } }
}

extension AttributeValue: Hashable {
  /// The same value to the service, whatever the order of sets and maps and the texts of numbers.
  public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)): UTF8Text.equal(left, right)
    case (.number(let left), .number(let right)): left == right
    case (.binary(let left), .binary(let right)): left == right
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null): true
    case (.list(let left), .list(let right)): left == right
    case (.map(let left), .map(let right)): left == right
    case (.stringSet(let left), .stringSet(let right)):
      left.count == right.count && zip(left.sorted(by: UTF8Text.less), right.sorted(by: UTF8Text.less)).allSatisfy(UTF8Text.equal)
    case (.numberSet(let left), .numberSet(let right)): left.count == right.count && left.sorted() == right.sorted()
    case (.binarySet(let left), .binarySet(let right)):
      left.count == right.count && left.sorted(by: precedes) == right.sorted(by: precedes)
    default: false
    }
  }

  private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }

  /// Hashes what equality compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    switch self {
    case .string(let value): UTF8Text.hash(value, into: &hasher)
    case .number(let value): hasher.combine(value)
    case .binary(let value): hasher.combine(value)
    case .bool(let value): hasher.combine(value)
    case .null: break
    case .list(let value): hasher.combine(value)
    case .map(let value): hasher.combine(value)
    case .stringSet(let value): for text in value.sorted(by: UTF8Text.less) { UTF8Text.hash(text, into: &hasher) }
    case .numberSet(let value): hasher.combine(value.sorted())
    case .binarySet(let value): hasher.combine(value.sorted(by: Self.precedes))
    }
  }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(DynamoDBNumber(value)) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// `NULL`.
  public init(nilLiteral: ()) { self = .null }
  /// A list.
  public init(arrayLiteral elements: AttributeValue...) { self = .list(elements) }
  /// A map.
  public init(dictionaryLiteral elements: (String, AttributeValue)...) {
    self = .map(AttributeMap(elements.map { (name: $0.0, value: $0.1) }))
  }
}
