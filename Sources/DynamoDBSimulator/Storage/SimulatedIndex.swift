internal import DynamoDBModel
internal import HTTPTransport

/// A secondary index: the items of its table that have its key, as far as it takes their attributes, in its own order.
struct SimulatedIndex: Sendable {
  /// An item of the index and its place: that of its own key, with the table's key behind it.
  struct Entry: Sendable {
    let place: Place
    let item: StoredItem
  }

  var definition: IndexDefinition
  let key: KeyForm
  private let tableKey: KeyForm
  /// The attributes that it takes; nil for all.
  private let attributes: [[UInt8]]?
  private(set) var items = OrderedTree<StoredItem>()
  private(set) var sizeInBytes = 0
  /// When it may be read, in milliseconds since 1970 UTC: until then it is being filled.
  var activeAt: Int64 = 0

  init(_ definition: IndexDefinition, tableKey: KeyForm) {
    self.definition = definition
    self.tableKey = tableKey
    key = KeyForm(definition.schema)
    let keys = (definition.schema.attributes + tableKey.schema.attributes).map(\.name)
    attributes =
      switch definition.projection {
      case .all: nil
      case .keysOnly: keys.map { Array($0.utf8) }
      case .include(let names): (keys + names).map { Array($0.utf8) }
      }
  }

  var name: String { definition.name }

  /// True if what the index has of items is all that there is.
  var hasAllAttributes: Bool { attributes == nil }

  /// True if the index has the attribute.
  func has(_ attribute: String) -> Bool {
    attributes.map { $0.contains { UTF8Text.equal($0.span, attribute.utf8.span) } } ?? true
  }

  /// What the index gets of an item of the table; nil where the item lacks one of its keys.
  ///
  /// - Parameter stored: the item on the tape as the table has it.
  func entry(
    of stored: StoredItem, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ByteBuffer
  ) -> Entry? {
    let nodes = key.nodes(tape, bytes)
    guard nodes.hash != 0, key.schema.range == nil || nodes.range != 0 else { return nil }
    let own = key.place(nodes, tape, bytes, &scratch)
    let base = tableKey.place(tableKey.nodes(tape, bytes), tape, bytes, &scratch)
    let item = attributes.map { StoredItem(tape, bytes, keeping: $0, &scratch) } ?? stored
    return Entry(place: Place(hash: own.hash, key: own.key + base.key), item: item)
  }

  /// Refuses an item with a value that a key of the index can't have.
  func judge(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) throws(ServiceError) {
    let nodes = key.nodes(tape, bytes)
    try judge(key.schema.hash, nodes.hash, isHash: true, tape, bytes)
    if let range = key.schema.range { try judge(range, nodes.range, isHash: false, tape, bytes) }
  }

  private func judge(
    _ attribute: KeySchema.Attribute, _ node: Int, isHash: Bool, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>
  ) throws(ServiceError) {
    guard node != 0 else { return }
    let type = tape[node].type
    guard type == AttributeType(attribute.type) else {
      throw .invalidParameter(
        "Type mismatch for Index Key \(attribute.name) Expected: \(attribute.type.rawValue) Actual: \(type.name) IndexName: \(name)")
    }
    guard type != .number else { return }
    let size = tape.sizeInBytes(of: node, bytes)
    guard size > 0 else {
      throw .validation(
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue "
          + "for a key attribute cannot contain an empty \(type == .string ? "string" : "binary") value. "
          + "IndexName: \(name), IndexKey: \(attribute.name)")
    }
    guard size <= (isHash ? KeySchema.longestHash : KeySchema.longestRange) else { throw .keyTooLong(isHash: isHash) }
  }

  /// Replaces one entry by another; either may be missing.
  mutating func replace(_ old: Entry?, with new: Entry?) {
    if let old, old.place != new?.place, let gone = items.remove(old.place) { sizeInBytes -= gone.size }
    if let new { sizeInBytes += new.item.size - (items.set(new.item, at: new.place)?.size ?? 0) }
  }

  /// Write capacity units of such a change: none where the index has nothing to change.
  static func units(_ old: Entry?, _ new: Entry?) -> Double {
    if let old, let new, old.place == new.place {
      return old.item.wire == new.item.wire ? 0 : Units.write(max(old.item.size, new.item.size))
    }
    return (old.map { Units.write($0.item.size) } ?? 0) + (new.map { Units.write($0.item.size) } ?? 0)
  }
}
