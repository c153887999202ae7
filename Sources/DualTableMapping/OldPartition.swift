public import DynamoDBModel

/// A part of OLD that a query of one partition of NEW, or of an index of NEW's, finds its items in.
public struct OldPartition: Sendable, Hashable {
  /// How the sort key of NEW's items comes of that of the OLD items that yield them.
  public enum SortKey: Sendable, Hashable {
    /// NEW's items have another order than OLD's: all of OLD's are read, and sorted.
    case unrelated
    /// NEW's items have the order of OLD's.
    case ordered
    /// OLD's sort key behind this text; behind none, it is copied, whatever its type.
    case prefixed(String)
    /// The same for all items.
    case constant(AttributeValue)
  }

  /// The index of OLD; nil: the table.
  public let indexName: String?
  /// The key of that index or table.
  public let keys: KeySchema
  /// The value of its partition key.
  public let value: AttributeValue
  /// How NEW's order comes of OLD's.
  public let sortKey: SortKey

  /// Makes a part of OLD.
  ///
  /// - Parameters:
  ///   - indexName: the index of OLD; default nil, the table. An index must hold every item that yields one of the partition's.
  ///   - keys: the key of that index or table.
  ///   - value: the value of its partition key.
  ///   - sortKey: how NEW's order comes of OLD's; default `unrelated`.
  public init(indexName: String? = nil, keys: KeySchema, value: AttributeValue, sortKey: SortKey = .unrelated) {
    self.indexName = indexName
    self.keys = keys
    self.value = value
    self.sortKey = sortKey
  }
}
