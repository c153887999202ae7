internal import DynamoDBExpressions
package import DynamoDBModel

/// Decides what a page of a query hands out: two ordered streams merged by NEW's key, of which NEW's shadows OLD's.
///
/// A pure value: what was read in, what to read next out. The filter comes after the merge: an item of NEW's that it drops still shadows,
/// and so does a tombstone. Where a page ends, it says from where the next one reads both streams again; nothing read for one page serves
/// another, since NEW may have grown anywhere in between.
package struct QueryMerge: Sendable {
  package enum Action: Sendable, Hashable {
    /// Read on in one stream or in both; either order will do: OLD doesn't change where NEW counts.
    case read(new: StreamRead?, old: StreamRead?)
    /// The page is done.
    case finish
  }

  /// Where a page ended.
  package struct Place: Sendable, Hashable {
    /// The merge position: the last key passed, from either stream.
    package var position: Item?
    /// The last OLD item such that it and all before it lie at or before the position.
    package var oldStart: Item?
    /// Of a seeded defect alone: NEW's stream had ended.
    package var newHasEnded = false

    package init(position: Item? = nil, oldStart: Item? = nil) {
      self.position = position
      self.oldStart = oldStart
    }
  }

  /// Which tables count.
  package enum Sources: Sendable, Hashable {
    case old, both, new
  }

  package private(set) var page: PageBuilder
  private let order: SortOrder
  private let keys: KeySchema
  private let reserved: String
  private let convert: LateConversion
  private let defects: ReadDefects
  private var new: PageStream<Item>
  private var old: PageStream<OldHit>
  private var place: Place
  /// The last result of OLD's that was read, to see that its order is NEW's.
  private var lastOld: AttributeValue?
  private var isCut = false

  /// - Parameters:
  ///   - keys: NEW's.
  ///   - start: where the page before ended.
  package init(
    _ shape: PageShape, order: SortOrder, keys: KeySchema, reserved: String, sources: Sources, start: Place = Place(),
    defects: ReadDefects = [],
    convert: @escaping LateConversion
  ) {
    page = PageBuilder(shape)
    self.order = order
    self.keys = keys
    self.reserved = reserved
    self.defects = defects
    self.convert = convert
    place = start
    new = PageStream(start: start.position, limit: shape.limit, isEnded: sources == .old || start.newHasEnded)
    old = PageStream(start: start.oldStart, limit: shape.limit, isEnded: sources == .new)
  }

  /// Keys passed that OLD alone had a value for.
  package private(set) var passedFromOld = 0

  package var hasMore: Bool { isCut || new.head != nil || old.head != nil || !new.isEnded || !old.isEnded }

  /// Where the next page goes on; nil at the end.
  package var end: Place? {
    guard hasMore else { return nil }
    var end = place
    end.newHasEnded = defects.contains(.newStreamNotReopened) && new.isEnded && new.head == nil
    return end
  }

  // MARK: - Events

  package mutating func start() throws(DualTableError) -> Action { try advance() }

  /// A request of NEW's partition was answered.
  package mutating func readNew(_ items: [Item], count: Int, last: Item?) {
    new.took(items, count: count, last: last)
  }

  /// A request of OLD was answered.
  ///
  /// - Throws: `orderNotKept` where the items don't come in the order that the mapping says they do.
  package mutating func readOld(_ hits: [OldHit], count: Int, last: Item?) throws(DualTableError) {
    var fresh: [OldHit] = []
    fresh.reserveCapacity(hits.count)
    for var hit in hits {
      if hit.results.count > 1 { hit.results = hit.results.sorted { order.compare($0.sort, $1.sort) < 0 }[...] }
      for result in hit.results {
        if let lastOld, order.compare(result.sort, lastOld) < 0 { throw .orderNotKept }
        lastOld = result.sort
      }
      if let position = place.position {
        let passed = order.value(of: position)
        hit.results = hit.results.drop { order.compare($0.sort, passed) <= 0 }
      }
      fresh.append(hit)
    }
    old.took(fresh, count: count, last: last)
  }

  /// Goes on with what was read.
  ///
  /// - Throws: `unconvertible` where the value of a key can't be told.
  package mutating func advance() throws(DualTableError) -> Action {
    while !page.isFull {
      passWholeHits()
      switch (new.need, old.need) {
      case (.nothing, .nothing):
        if new.head == nil && old.head == nil { return .finish }
        if try !step() {
          isCut = true
          return .finish
        }
      case (.anotherPage, _), (_, .anotherPage): return .finish
      case (.read(let new), .read(let old)): return .read(new: new, old: old)
      case (.read(let new), .nothing): return .read(new: new, old: nil)
      case (.nothing, .read(let old)): return .read(new: nil, old: old)
      }
    }
    passWholeHits()
    return .finish
  }

  // MARK: - The merge

  /// Passes the next key; false if the page has no room for its item.
  private mutating func step() throws(DualTableError) -> Bool {
    let newest = new.head
    let oldest = old.head?.results.first
    guard let newest else { return try oldest.map { (result) throws(DualTableError) in try passOld(result) } ?? true }
    if defects.contains(.filterBeforeShadowing), page.shape.filter?.evaluate(on: newest) == false {
      new.pass()
      return true
    }
    let comparison = oldest.map { order.compare(order.value(of: newest), $0.sort) } ?? -1
    if comparison > 0, let oldest { return try passOld(oldest) }
    // A tombstone takes no place in the page; it shadows all the same.
    if newest[reserved] == nil || defects.contains(.tombstoneOut), !page.take(newest) { return false }
    place.position = keys.key(of: newest)
    new.pass()
    if comparison == 0 { old.changeHead { $0.results.removeFirst() } }
    return true
  }

  private mutating func passOld(_ result: ReadResult) throws(DualTableError) -> Bool {
    switch result.value {
    case .item(let item): if !page.take(item) { return false }
    case .old(let item): if let converted = try convert(item, result.key), !page.take(converted) { return false }
    case .hidden: break
    }
    if case .hidden = result.value {} else { passedFromOld += 1 }
    place.position = result.key
    old.changeHead { $0.results.removeFirst() }
    if defects.contains(.oldItemNotWhole) { place.oldStart = old.head?.start ?? place.oldStart }
    return true
  }

  /// An OLD item whose results are all passed, or that yields none here, is where the next page may read on behind.
  private mutating func passWholeHits() {
    while let hit = old.head, hit.results.isEmpty {
      place.oldStart = hit.start ?? place.oldStart
      old.pass()
    }
  }
}
