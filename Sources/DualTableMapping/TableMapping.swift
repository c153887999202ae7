public import DynamoDBModel

/// How one OLD item becomes NEW items, and how a NEW key finds its OLD key.
///
/// A mapping file compiles to one (`CompiledMapping`); a service may write its own. Both functions must be pure: the same item gives the
/// same items on every machine and on every day.
public protocol TableMapping: Sendable {
  /// Names this mapping's behavior: two mappings with one identity convert every item alike.
  var identity: String { get }
  /// OLD's key schema.
  var oldSchema: KeySchema { get }
  /// NEW's key schema.
  var newSchema: KeySchema { get }
  /// The root attribute that marks tombstones in NEW; default `_dt`.
  var reservedAttribute: String { get }
  /// SHA-256 in hexadecimal that state and participants compare; default: of `identity`.
  var digest: String { get }

  /// The NEW items of `item`: usually one, none if the mapping skips it.
  func convert(_ item: Item) throws(ConversionError) -> [Item]

  /// The key of the OLD item that yields `newKey`; nil if no OLD item does.
  ///
  /// For every item: `oldKey(for: key of each converted item)` is the item's own key, or the item can't be migrated.
  func oldKey(for newKey: Item) throws(ConversionError) -> Item?

  /// Where OLD has the items that yield those of one partition of NEW, for queries while OLD counts.
  ///
  /// Queries of one whole key find OLD's item by `oldKey` and don't ask. Default nil.
  /// - Parameters:
  ///   - partition: the value of NEW's partition key, or of that of `index`.
  ///   - index: an index of NEW's; nil for the table.
  /// - Returns: none if no OLD item yields one there; nil if that can't be told: then the query waits for the backfill's end.
  func oldPartitions(of partition: AttributeValue, index: String?) -> [OldPartition]?
}

extension TableMapping {
  /// Nil: can't be told.
  public func oldPartitions(of partition: AttributeValue, index: String?) -> [OldPartition]? { nil }

  /// `_dt`.
  public var reservedAttribute: String { "_dt" }

  /// SHA-256 of `identity`, in hexadecimal.
  public var digest: String { sha256Hex(Array(identity.utf8).span) }

  /// Converts `item` and checks what every mapping must hold.
  ///
  /// Keys are there, of the schema's types, not empty and short enough, no two results have one key, none has the reserved attribute or
  /// over 400 KB, and each result's key leads back to the item's own.
  /// - Throws: `ConversionError`, the mapping's own or that of the check that failed.
  package func checkedConvert(_ item: Item) throws(ConversionError) -> [Item] {
    if item[reservedAttribute] != nil { throw ConversionError(.reservedName, path: reservedAttribute) }
    let items = try convert(item)
    try checkResults(items, of: item)
    return items
  }

  func checkResults(_ items: [Item], of item: Item) throws(ConversionError) {
    guard let ownKey = oldSchema.key(of: item) else { throw ConversionError(.invalidItem, path: oldSchema.hash.name) }
    var keys: Set<Item> = []
    for result in items {
      let key = try validKey(of: result)
      if result[reservedAttribute] != nil { throw ConversionError(.reservedName, rule: reservedAttribute) }
      if result.sizeInBytes > Item.largestSize { throw ConversionError(.itemTooLarge) }
      if !keys.insert(key).inserted { throw ConversionError(.duplicateKey) }
      if try oldKey(for: key) != ownKey { throw ConversionError(.keyMismatch) }
    }
  }

  private func validKey(of result: Item) throws(ConversionError) -> Item {
    var key = Item()
    for attribute in newSchema.attributes {
      guard let value = result[attribute.name] else { throw ConversionError(.missingKey, rule: attribute.name) }
      guard value.type == AttributeType(attribute.type) else {
        throw ConversionError(.wrongKeyType, rule: attribute.name, path: nil, found: value.type)
      }
      do throws(DynamoDBModelError) {
        try KeySchema.check(length: value.sizeInBytes, of: value.type, isHash: attribute == newSchema.hash)
      } catch {
        throw ConversionError(keyError: error, rule: attribute.name, found: value.type)
      }
      key[attribute.name] = value
    }
    return key
  }
}
