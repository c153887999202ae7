/// How types that the kit doesn't know become attribute values: dates, `Data`, URLs and the like.
///
/// The library leaves Foundation out, so a service says once how its types are stored and hands that to encoder and decoder:
///
///     let conversions = DynamoDBConversions()
///       .addingTimestamps(Date.self, as: .iso8601, seconds: \.timeIntervalSince1970, make: Date.init(timeIntervalSince1970:))
///       .adding(Data.self, encode: { .binary(Array($0)) }, decode: { $0.binaryValue.map { Data($0) } })
public struct DynamoDBConversions: Sendable {
  struct Conversion: Sendable {
    let encode: @Sendable (Any) throws -> AttributeValue
    let decode: @Sendable (AttributeValue) throws -> Any?
  }

  private var conversions: [ObjectIdentifier: Conversion] = [:]
  private var timestamps: [ObjectIdentifier: TimestampConversion] = [:]

  /// No conversions: `Date`, `Data`, `Decimal` and `URL` of Foundation are refused.
  public init() {}

  /// Adds how values of one type are stored; the last one added for a type counts.
  ///
  /// - Parameters:
  ///   - type: exactly this type. Optionals, arrays, sets and dictionaries of it follow.
  ///   - encode: the stored value; what it throws ends the encoding.
  ///   - decode: the value, or nil if the stored one isn't of the DynamoDB type it takes.
  public func adding<Value>(
    _ type: Value.Type, encode: @escaping @Sendable (Value) throws -> AttributeValue,
    decode: @escaping @Sendable (AttributeValue) throws -> Value?
  ) -> DynamoDBConversions {
    adding(
      ObjectIdentifier(type),
      Conversion(
        encode: { value in
          guard let value = value as? Value else { preconditionFailure("conversions are found by their type") }
          return try encode(value)
        }, decode: decode))
  }

  /// Adds a type of moments: stored in one form by default, in another where `@EpochSeconds`, `@EpochMilliseconds` or `@ISO8601` says so.
  ///
  /// Moments are kept to the millisecond, rounded to the nearest, from year 0 to year 9999; others are refused.
  /// - Parameters:
  ///   - format: what a property without one of those wrappers is stored as. Default `iso8601`.
  ///   - seconds: seconds since 1970-01-01T00:00:00Z, with a fraction.
  ///   - make: the moment of so many seconds since then.
  public func addingTimestamps<Value>(
    _ type: Value.Type, as format: DynamoDBTimestampFormat = .iso8601, seconds: @escaping @Sendable (Value) -> Double,
    make: @escaping @Sendable (Double) -> Value
  ) -> DynamoDBConversions {
    let conversion = TimestampConversion(
      seconds: { value in
        guard let value = value as? Value else { preconditionFailure("conversions are found by their type") }
        return seconds(value)
      }, make: make)
    var copy = adding(
      ObjectIdentifier(type),
      Conversion(
        encode: { try conversion.encode($0, as: format) }, decode: { try conversion.decode($0, as: format) }))
    copy.timestamps[ObjectIdentifier(type)] = conversion
    return copy
  }

  private func adding(_ type: ObjectIdentifier, _ conversion: Conversion) -> DynamoDBConversions {
    var copy = self
    copy.conversions[type] = conversion
    copy.timestamps[type] = nil
    return copy
  }

  func conversion(of type: Any.Type) -> Conversion? { conversions.isEmpty ? nil : conversions[ObjectIdentifier(type)] }

  func timestamps(of type: Any.Type) -> TimestampConversion? { timestamps[ObjectIdentifier(type)] }
}
