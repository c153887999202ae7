public import DynamoDBModel

/// A mapping in Swift that can be undone, for a way back after the service has moved on.
public protocol RevertibleMapping: TableMapping {
  /// The OLD item that a NEW one stands for; nil for one of the further items that an OLD item became.
  func revert(_ item: Item) throws(ConversionError) -> Item?

  /// The key of the NEW item that `revert` makes the item of `oldKey` from; nil if there is none.
  func newKey(for oldKey: Item) throws(ConversionError) -> Item?
}

extension RevertibleMapping {
  /// The way back, as a mapping: NEW is its old table.
  public var reverted: RevertedMapping<Self> { RevertedMapping(self) }
}

/// A mapping's way back: what was NEW is its OLD.
public struct RevertedMapping<Mapping: RevertibleMapping>: TableMapping {
  private let mapping: Mapping

  init(_ mapping: Mapping) { self.mapping = mapping }

  /// The mapping's identity, and that this is its way back.
  public var identity: String { "\(mapping.identity), reverted" }
  /// The mapping's NEW schema.
  public var oldSchema: KeySchema { mapping.newSchema }
  /// The mapping's OLD schema.
  public var newSchema: KeySchema { mapping.oldSchema }
  /// The mapping's own.
  public var reservedAttribute: String { mapping.reservedAttribute }

  /// The item that `item` stands for; none for a further item of one that became several.
  public func convert(_ item: Item) throws(ConversionError) -> [Item] {
    guard let old = try mapping.revert(item) else { return [] }
    return [old]
  }

  /// The key of the NEW item that becomes the one with `newKey`.
  public func oldKey(for newKey: Item) throws(ConversionError) -> Item? { try mapping.newKey(for: newKey) }
}

/// A mapping between two Codable types with a function back.
public protocol RevertibleCodableMapping<Old, New>: CodableMapping, RevertibleMapping where Old: Codable, New: Codable {
  /// The OLD item that a NEW one stands for; nil for one of the further items that an OLD item became.
  func revert(_ new: New) throws -> Old?
}

extension RevertibleCodableMapping {
  /// Decodes the item, reverts it, and encodes what came of it; `rest` holds for this direction too.
  public func revert(_ item: Item) throws(ConversionError) -> Item? {
    let coding = ItemCoding(conversions)
    let (new, unread) = try coding.decode(New.self, from: item)
    let old: Old?
    do { old = try revert(new) } catch { throw ConversionError(thrown: error) }
    guard let old else { return nil }
    var reverted = try coding.encode(old)
    try coding.place(unread, of: item, by: rest, in: &reverted, keys: oldSchema)
    return reverted
  }
}
