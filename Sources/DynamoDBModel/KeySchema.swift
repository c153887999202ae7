/// The key attributes of a table or an index: a partition key, and perhaps a sort key.
public struct KeySchema: Sendable, Hashable {
  /// A key attribute.
  public struct Attribute: Sendable, Hashable {
    /// The attribute's name.
    public let name: String
    /// Its type.
    public let type: ScalarType

    /// A key attribute of this name and type.
    public init(_ name: String, _ type: ScalarType) {
      self.name = name
      self.type = type
    }

    /// The same type, and a name of the same bytes.
    public static func == (left: Attribute, right: Attribute) -> Bool {
      left.type == right.type && UTF8Text.equal(left.name, right.name)
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
      UTF8Text.hash(name, into: &hasher)
      hasher.combine(type)
    }
  }

  /// The partition key.
  public let hash: Attribute
  /// The sort key.
  public let range: Attribute?

  /// A key schema of a partition key and perhaps a sort key.
  public init(hash: Attribute, range: Attribute? = nil) {
    self.hash = hash
    self.range = range
  }

  /// The key attributes, partition key first.
  public var attributes: [Attribute] { range.map { [hash, $0] } ?? [hash] }

  /// Bytes a partition key may have.
  public static let longestHash = 2_048
  /// Bytes a sort key may have.
  public static let longestRange = 1_024

  /// The key attributes of `item`, in the schema's order; nil if one is missing or of another type.
  public func key(of item: Item) -> Item? {
    var key = Item()
    for attribute in attributes {
      guard let value = item[attribute.name], value.type == AttributeType(attribute.type) else { return nil }
      key[attribute.name] = value
    }
    return key
  }

  /// The key attributes of `item`, if the service takes them as a key.
  ///
  /// - Throws: `keyMissing`, `keyWrongType`, `keyEmpty` or `keyTooLong`.
  public func validKey(of item: Item) throws(DynamoDBModelError) -> Item {
    var key = Item()
    for attribute in attributes {
      guard let value = item[attribute.name] else { throw DynamoDBModelError(.keyMissing) }
      guard value.type == AttributeType(attribute.type) else { throw DynamoDBModelError(.keyWrongType) }
      let isHash = key.isEmpty
      try Self.check(length: value.sizeInBytes, of: value.type, isHash: isHash)
      key[attribute.name] = value
    }
    return key
  }

  /// Judges the length of one key attribute's content.
  package static func check(length: Int, of type: AttributeType, isHash: Bool) throws(DynamoDBModelError) {
    guard type != .number else { return }
    guard length > 0 else { throw DynamoDBModelError(.keyEmpty) }
    guard length <= (isHash ? longestHash : longestRange) else { throw DynamoDBModelError(.keyTooLong) }
  }
}
