internal import DynamoDBModel
internal import HTTPTransport

/// A simulated table: its items in the order in which the service seems to scan, by a hash of the partition key, then by key, and its
/// secondary indexes.
///
/// Segments are ranges of the hash, so they nest when their number doubles. A copy stays as it was.
struct SimulatedTable: Sendable {
  /// What a write is about to do to the table and its indexes: made before it is admitted, carried out afterwards.
  struct Write: Sendable {
    let place: Place
    let old: StoredItem?
    let new: StoredItem?
    /// The indexes that it touches.
    var entries: [(index: Int, old: SimulatedIndex.Entry?, new: SimulatedIndex.Entry?)] = []

    /// Write capacity units that the table takes: by the larger of the two items.
    var units: Double { Units.write(max(old?.size ?? 0, new?.size ?? 0)) }
  }

  var definition: TableDefinition
  let key: KeyForm
  private(set) var items = OrderedTree<StoredItem>()
  var indexes: [SimulatedIndex]
  private(set) var sizeInBytes = 0
  var expiry: ExpiryQueue?

  init(_ definition: TableDefinition, indexes: [IndexDefinition]) {
    self.definition = definition
    let key = KeyForm(definition.schema)
    self.key = key
    self.indexes = indexes.map { SimulatedIndex($0, tableKey: key) }
  }

  var name: String { definition.name }
  var schema: KeySchema { key.schema }
  var count: Int { items.count }

  func index(named name: String) -> SimulatedIndex? { indexes.first { UTF8Text.equal($0.name, name) } }

  subscript(place: Place) -> StoredItem? { items[place] }

  /// Hands the items of a segment to `body` in order until it says to stop.
  ///
  /// - Parameter start: the place behind which to begin; nil: at the segment's start.
  static func scan(
    _ items: OrderedTree<StoredItem>, segment: Int, of total: Int, after start: Place?, _ body: (Place, StoredItem) -> Bool
  ) {
    guard let hashes = PartitionHash.range(segment: segment, of: total) else { return }
    let first = Place(hash: hashes.lowerBound, key: [])
    items.walk(from: max(first, start ?? first)) { place, item in
      guard place.hash <= hashes.upperBound else { return false }
      return place == start || body(place, item)
    }
  }

  // MARK: Writing

  /// What a write does that leaves `new` at a place.
  func write(_ new: StoredItem?, at place: Place, _ workspace: inout Workspace) -> Write {
    var write = Write(place: place, old: items[place], new: new)
    guard !indexes.isEmpty else { return write }
    let old = write.old.map { entries(of: $0, &workspace) }
    let added = new.map { entries(of: $0, &workspace) }
    for index in indexes.indices where old?[index] != nil || added?[index] != nil {
      write.entries.append((index, old?[index], added?[index]))
    }
    return write
  }

  /// What each index has of a stored item.
  private func entries(of stored: StoredItem, _ workspace: inout Workspace) -> [SimulatedIndex.Entry?] {
    workspace.read(stored)
    var entries: [SimulatedIndex.Entry?] = []
    for index in indexes { entries.append(index.entry(of: stored, workspace.stored, stored.wire.span, &workspace.scratch)) }
    return entries
  }

  mutating func apply(_ write: Write) {
    if let new = write.new { items.set(new, at: write.place) } else { items.remove(write.place) }
    sizeInBytes += (write.new?.size ?? 0) - (write.old?.size ?? 0)
    for (index, old, new) in write.entries { indexes[index].replace(old, with: new) }
    expiry?.replace(write.old, with: write.new, at: write.place)
  }

  /// Adds an index and fills it with what the table holds; items with a value that its key can't have stay out of it.
  mutating func addIndex(_ definition: IndexDefinition, activeAt: Int64, _ workspace: inout Workspace) {
    var index = SimulatedIndex(definition, tableKey: key)
    index.activeAt = activeAt
    items.walk(from: .first) { _, stored in
      workspace.read(stored)
      if (try? index.judge(workspace.stored, stored.wire.span)) != nil {
        index.replace(nil, with: index.entry(of: stored, workspace.stored, stored.wire.span, &workspace.scratch))
      }
      return true
    }
    indexes.append(index)
  }
}
