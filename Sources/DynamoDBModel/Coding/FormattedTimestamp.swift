/// Names a format where a type must: `@EpochSeconds` and its like.
public protocol DynamoDBTimestampFormatName: Sendable {
  /// The format.
  static var format: DynamoDBTimestampFormat { get }
}

/// A property that is stored in a timestamp format of its own; written `@EpochSeconds`, `@EpochMilliseconds` or `@ISO8601`.
///
/// `Value` is a type added by `DynamoDBConversions.addingTimestamps`, or an optional of one, which is left out if nil. Other coders than
/// DynamoDB's store the value as they store `Value`.
@propertyWrapper
public struct FormattedTimestamp<Name: DynamoDBTimestampFormatName, Value> {
  /// The moment.
  public var wrappedValue: Value

  /// A property of this value.
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

/// Stores a moment as a number of seconds since 1970, as time to live wants it: `@EpochSeconds var expires: Date?`.
public typealias EpochSeconds<Value> = FormattedTimestamp<EpochSecondsName, Value>
/// Stores a moment as a number of milliseconds since 1970.
public typealias EpochMilliseconds<Value> = FormattedTimestamp<EpochMillisecondsName, Value>
/// Stores a moment as text in UTC, `2024-02-29T12:34:56.5Z`.
public typealias ISO8601<Value> = FormattedTimestamp<ISO8601Name, Value>

/// The name of `epochSeconds`.
public enum EpochSecondsName: DynamoDBTimestampFormatName {
  /// The format.
  public static var format: DynamoDBTimestampFormat { .epochSeconds }
}

/// The name of `epochMilliseconds`.
public enum EpochMillisecondsName: DynamoDBTimestampFormatName {
  /// The format.
  public static var format: DynamoDBTimestampFormat { .epochMilliseconds }
}

/// The name of `iso8601`.
public enum ISO8601Name: DynamoDBTimestampFormatName {
  /// The format.
  public static var format: DynamoDBTimestampFormat { .iso8601 }
}

extension FormattedTimestamp: Sendable where Value: Sendable {}
extension FormattedTimestamp: Equatable where Value: Equatable {}
extension FormattedTimestamp: Hashable where Value: Hashable {}

extension FormattedTimestamp: Encodable where Value: Encodable {
  /// For other encoders: as the value itself.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

extension FormattedTimestamp: Decodable where Value: Decodable {
  /// For other decoders: as the value itself.
  public init(from decoder: any Decoder) throws {
    self.init(wrappedValue: try decoder.singleValueContainer().decode(Value.self))
  }
}

extension KeyedEncodingContainer {
  /// Leaves the property out if it is nil, as one without a wrapper is.
  public mutating func encode<Name, Value: Encodable>(_ value: FormattedTimestamp<Name, Value?>, forKey key: Key) throws {
    guard let moment = value.wrappedValue else { return }
    try encode(FormattedTimestamp<Name, Value>(wrappedValue: moment), forKey: key)
  }
}

extension KeyedDecodingContainer {
  /// Nil for what isn't there, as for a property without a wrapper.
  public func decode<Name, Value: Decodable>(
    _ type: FormattedTimestamp<Name, Value?>.Type, forKey key: Key
  ) throws -> FormattedTimestamp<Name, Value?> {
    .init(wrappedValue: try decodeIfPresent(FormattedTimestamp<Name, Value>.self, forKey: key)?.wrappedValue)
  }
}

/// A formatted timestamp of any kind, as the coders see it.
protocol AnyFormattedTimestamp {
  static var format: DynamoDBTimestampFormat { get }
  static var valueType: Any.Type { get }
  static func make(_ value: Any) -> Self?
  var value: Any { get }
}

extension FormattedTimestamp: AnyFormattedTimestamp {
  static var format: DynamoDBTimestampFormat { Name.format }
  static var valueType: Any.Type { Value.self }
  static func make(_ value: Any) -> Self? { (value as? Value).map { Self(wrappedValue: $0) } }
  var value: Any { wrappedValue }
}
