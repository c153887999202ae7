internal import DynamoDBExpressions
package import DynamoDBModel

/// Decides what a page of a query hands out: two ordered streams merged by NEW's key, of which NEW's shadows OLD's.
///
/// A pure value: what was read in, what to read next out. The filter comes after the merge: an item of NEW's that it drops still shadows,
/// and so does a tombstone. Where a page ends, it says from where the next one reads both streams again; nothing read for one page serves
/// another, since NEW may have grown anywhere in between.
///
/// An OLD item's yield is told no earlier than it must be: where its sort key says its place, one that NEW shadows is never converted.
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
  private let view: OldView
  private let defects: ReadDefects
  internal private(set) var new: PageStream<Item>
  internal private(set) var old: PageStream<Item>
  /// What comes next of OLD and was told: of one item, or of all of OLD's where they are sorted here.
  internal private(set) var yield: ArraySlice<ReadResult> = []
  /// The item that `yield` is of.
  private var yielding: Item?
  /// The last that was passed: an item of NEW's, or a key.
  private var passed: Item?
  /// The last OLD item such that it and all before it lie at or before that, or its key.
  private var passedOld: Item?
  /// The last result of OLD's that was told, to see that its order is NEW's.
  private var lastOld: AttributeValue?
  private var isCut = false

  /// - Parameters:
  ///   - keys: NEW's.
  ///   - start: where the page before ended.
  ///   - view: what OLD's items yield.
  package init(
    _ shape: PageShape, order: SortOrder, keys: KeySchema, reserved: String, sources: Sources, start: Place = Place(),
    defects: ReadDefects = [], view: OldView
  ) {
    page = PageBuilder(shape)
    self.order = order
    self.keys = keys
    self.reserved = reserved
    self.defects = defects
    self.view = view
    passed = start.position
    passedOld = start.oldStart
    new = PageStream(start: start.position, limit: shape.limit, isEnded: sources == .old || start.newHasEnded)
    old = PageStream(start: start.oldStart, limit: shape.limit, isEnded: sources == .new)
  }

  /// Keys passed that OLD alone had a value for.
  package private(set) var passedFromOld = 0

  package var hasMore: Bool { isCut || !isPassed || !new.isEnded || !old.isEnded }

  /// True if all that was read is passed.
  private var isPassed: Bool { new.head == nil && old.head == nil && yield.isEmpty }

  /// Where the next page goes on; nil at the end.
  package var end: Place? {
    guard hasMore else { return nil }
    var end = Place(position: passed.flatMap(keys.key), oldStart: passedOld.flatMap(view.start))
    end.newHasEnded = defects.contains(.newStreamNotReopened) && new.isEnded && new.head == nil
    return end
  }

  // MARK: - Events

  package mutating func start() throws(DualTableError) -> Action { try advance() }

  /// A request of NEW's partition was answered.
  package mutating func readNew(_ items: [Item], count: Int, last: Item?) {
    new.took(items, count: count, last: last)
  }

  /// A request of OLD was answered; all of them were, where OLD's items are sorted here.
  ///
  /// - Throws: `unconvertible` where they are sorted and the yield of one can't be told.
  package mutating func readOld(_ items: [Item], count: Int, last: Item?) throws(DualTableError) {
    guard !view.isOrdered else { return old.took(items, count: count, last: last) }
    var results: [ReadResult] = []
    for item in items { results += try view.results(item) }
    yield = unpassed(results.sorted { order.compare($0.sort, $1.sort) < 0 })
    old.took([], count: 0, last: nil)
  }

  /// Goes on with what was read.
  ///
  /// - Throws: `unconvertible` where the value of a key can't be told, `orderNotKept` where OLD's items don't come in the order that the
  ///   mapping says they do.
  package mutating func advance() throws(DualTableError) -> Action {
    while !page.isFull {
      let oldNeed = yield.isEmpty ? old.need : .nothing
      switch (new.need, oldNeed) {
      case (.nothing, .nothing):
        if isPassed { return .finish }
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
    return .finish
  }

  // MARK: - The merge

  /// Passes the next key, or tells what OLD's next item yields; false if the page has no room for an item.
  private mutating func step() throws(DualTableError) -> Bool {
    guard let newest = new.head else { return try stepInOld() }
    if defects.contains(.filterBeforeShadowing), page.shape.filter?.evaluate(on: newest) == false {
      new.pass()
      return true
    }
    guard let comparison = compare(newest), comparison <= 0 else { return try stepInOld() }
    // A tombstone takes no place in the page; it shadows all the same.
    if newest[reserved] == nil || defects.contains(.tombstoneOut), !page.take(newest, ofOneRequest: new.reads == 1) { return false }
    passed = newest
    new.pass()
    if comparison == 0 { passOld() }
    return true
  }

  /// How NEW's next item lies to OLD's; nil where what that yields must be told first.
  private func compare(_ newest: Item) -> Int? {
    let sort = order.value(of: newest)
    if let result = yield.first { return order.compare(sort, result.sort) }
    guard let oldest = old.head else { return -1 }
    return view.sortKey?.compare(sort, oldest).map { order.isForward ? $0 : -$0 }
  }

  private mutating func stepInOld() throws(DualTableError) -> Bool {
    guard let result = yield.first else {
      try tell()
      return true
    }
    switch result.value {
    case .item(let item): if !page.take(item) { return false }
    case .old(let item): if let converted = try view.convert(item, result.key), !page.take(converted) { return false }
    case .hidden: break
    }
    passedFromOld += 1
    passed = result.key
    passOld()
    return true
  }

  /// Passes what comes next of OLD.
  private mutating func passOld() {
    guard !yield.isEmpty else {
      passedOld = old.head
      return old.pass()
    }
    yield.removeFirst()
    if defects.contains(.oldItemNotWhole) { passedOld = yielding ?? passedOld }
    passWholeItem()
  }

  /// Tells what OLD's next item yields.
  private mutating func tell() throws(DualTableError) {
    guard let item = old.head else { return }
    var results = try view.results(item)
    if results.count > 1 { results.sort { order.compare($0.sort, $1.sort) < 0 } }
    for result in results {
      if let lastOld, order.compare(result.sort, lastOld) < 0 { throw .orderNotKept }
      lastOld = result.sort
    }
    old.pass()
    yield = unpassed(results)
    yielding = item
    passWholeItem()
  }

  private func unpassed(_ results: [ReadResult]) -> ArraySlice<ReadResult> {
    guard let passed else { return results[...] }
    let sort = order.value(of: passed)
    return results.drop { order.compare($0.sort, sort) <= 0 }
  }

  /// An OLD item whose results are all passed, or that yields none here, is where the next page may read on behind.
  private mutating func passWholeItem() {
    guard yield.isEmpty, let item = yielding else { return }
    passedOld = item
    yielding = nil
  }
}
