/// Encodes `Encodable` values as DynamoDB items and attribute values.
///
/// | Swift | stored as |
/// | --- | --- |
/// | structs, classes, dictionaries with `String` or `Int` keys, enums with associated values | `M` |
/// | `String`, `Bool`, `[UInt8]` | `S`, `BOOL`, `B` |
/// | integers up to `UInt128` | `N`, exactly; over 38 significant digits are refused |
/// | `Float`, `Double` | `N`, the shortest decimal that reads back the same; infinities, NaN and what is out of the service's range are refused |
/// | `DynamoDBNumber`, `AttributeValue`, `AttributeMap` | as they are |
/// | arrays and other sequences | `L` |
/// | `Set` of what is stored as `S`, `N` or `B` | `SS`, `NS`, `BS`, sorted; an empty one is left out of its map and refused elsewhere |
/// | any other `Set` | `L`, sorted |
/// | a property that is nil | left out; nil in an array or dictionary is `NULL` |
/// | types with a conversion | as the conversion says |
///
/// Types of Foundation that would be stored as something nobody means (`Date`, `Data`, `Decimal`, `URL`) are refused without a conversion.
public struct DynamoDBEncoder: Sendable {
  /// What types that the kit doesn't know are stored as.
  public var conversions: DynamoDBConversions
  /// What `encode(to:)` of the encoded types can read from its encoder. Default: nothing.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// An encoder with these conversions. Default: none.
  public init(conversions: DynamoDBConversions = DynamoDBConversions()) { self.conversions = conversions }

  /// Encodes a value as an item.
  ///
  /// - Throws: `EncodingError` with the path to what can't be stored (it names the type, and never holds the value); what the value's own
  ///   `encode(to:)` or a conversion throws.
  public func encode(_ value: some Encodable) throws -> Item {
    guard case .map(let item) = try encodeValue(value) else {
      throw EncodingError.invalidValue(type(of: value), .init(codingPath: [], debugDescription: "an item must be stored as a map"))
    }
    return item
  }

  /// Encodes a value as an attribute value of any type; throws as `encode` does.
  public func encodeValue(_ value: some Encodable) throws -> AttributeValue {
    let encoding = ValueEncoding(conversions: conversions, userInfo: userInfo)
    return try encoding.value(of: value, at: nil)
  }
}
