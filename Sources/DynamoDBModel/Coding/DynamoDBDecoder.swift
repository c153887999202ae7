/// Decodes DynamoDB items and attribute values as `Decodable` values, by the rules of `DynamoDBEncoder` read backwards.
///
/// Types are strict: an `N` is no `String`, an `L` no set but of what no set can hold, nothing is converted on the way. Beyond that:
///
/// - An integer takes a number that is whole and in its range, however it is written (`1.0`, `1e2`).
/// - `Float` and `Double` take a number that they give back unchanged: `0.1`, but not 38 digits. `allowsRounding` takes the nearest.
/// - A property that may be nil is nil if its attribute is missing or `NULL` (an `AttributeValue?` is `.null` then); a `Set` that may not
///   be nil is empty if it is missing.
/// - A set whose members become one in Swift (two spellings of one letter in a `Set<String>`) is refused.
/// - Attributes that no property asks for are passed over.
public struct DynamoDBDecoder: Sendable {
  /// How types that the kit doesn't know are stored.
  public var conversions: DynamoDBConversions
  /// Whether `Float` and `Double` may take the number nearest to one that they can't hold. Default: false.
  public var allowsRounding = false
  /// What `init(from:)` of the decoded types can read from its decoder. Default: nothing.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// A decoder with these conversions. Default: none.
  public init(conversions: DynamoDBConversions = DynamoDBConversions()) { self.conversions = conversions }

  /// Decodes an item.
  ///
  /// - Throws: `DecodingError` with the path and the DynamoDB type found there, never the value; what the type's own `init(from:)` throws.
  public func decode<Value: Decodable>(_ type: Value.Type, from item: Item) throws -> Value {
    try decodeValue(type, from: .map(item))
  }

  /// Decodes an attribute value of any type; throws as `decode` does.
  public func decodeValue<Value: Decodable>(_ type: Value.Type, from value: AttributeValue) throws -> Value {
    try decoding.value(type, from: value, at: nil, reads: nil)
  }

  /// Decodes an item and tells what of it nothing asked for.
  package func decodeTellingRest<Value: Decodable>(_ type: Value.Type, from item: Item) throws -> (value: Value, rest: UnreadAttributes) {
    let reads = ValueReads(.map(item))
    let value = try decoding.value(type, from: .map(item), at: nil, reads: reads)
    return (value, UnreadAttributes(reads))
  }

  private var decoding: ValueDecoding {
    ValueDecoding(conversions: conversions, allowsRounding: allowsRounding, userInfo: userInfo)
  }
}
