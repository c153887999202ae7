package import DynamoDBModel

/// Decides what a page of a query of an index that both tables have hands out: two streams merged by the index's sort key.
///
/// An index's order of items with one index key isn't told, NEW's index may be behind its table, and an item may change its place while
/// the query runs. So no stream's order is relied on beyond the sort key, and what both have is OLD's to hand out: OLD's hits were looked
/// up in NEW's table, which says what each is now; NEW's stream adds those that OLD's doesn't yield with that index key. OLD comes first:
/// what its look-ups leave to NEW's stream must still be ahead there.
package struct IndexMerge: Sendable {
  package enum Action: Sendable, Hashable {
    /// Read on in OLD, and look up in NEW's table what it yields.
    case readOld(StreamRead)
    /// Read on in NEW's index.
    case readNew(StreamRead)
    /// Ask OLD which of these keys it yields with this sort key: what has it began on an earlier page.
    case lookUpOld([Item], sort: AttributeValue?)
    /// The page is done.
    case finish
  }

  /// Where a page ended: in the order of both, and in each stream by itself.
  package struct Place: Sendable, Hashable {
    /// The merge position: the last sort key passed, from either stream. What came to lie before it since is behind the query.
    package var position: AttributeValue?
    /// The last item passed in NEW's index: its keys there and in the table.
    package var newStart: Item?
    /// The last OLD item that is passed; nil where OLD is always read from its beginning.
    package var oldStart: Item?
    /// The last result of OLD's that is passed: its keys in the index and in the table.
    package var lastOld: Item?

    package init(position: AttributeValue? = nil, newStart: Item? = nil, oldStart: Item? = nil, lastOld: Item? = nil) {
      self.position = position
      self.newStart = newStart
      self.oldStart = oldStart
      self.lastOld = lastOld
    }
  }

  /// Results of OLD's that have one sort key.
  private struct Group {
    var sort: AttributeValue?
    var keys: Set<Item> = []
    /// False if some of them were passed on an earlier page.
    var isWhole: Bool
  }

  package private(set) var page: PageBuilder
  private let order: SortOrder
  private let index: KeySchema
  private let keys: KeySchema
  private let reserved: String
  private let sources: QueryMerge.Sources
  private let isOldOrdered: Bool
  private let defects: ReadDefects
  private var new: PageStream<Item>
  private var old: PageStream<OldHit>
  private var place: Place
  private var lastRead: AttributeValue?
  private var group: Group?
  /// Of the group that began on an earlier page: whether OLD yields the key.
  private var known: [Item: Bool] = [:]
  /// Base keys that this page looked at.
  private var seen: Set<Item> = []
  private var isCut = false

  /// - Parameters:
  ///   - index: the key of NEW's index.
  ///   - keys: the key of NEW's table.
  ///   - isOldOrdered: false where OLD's hits come all at once, sorted here.
  ///   - start: where the page before ended.
  package init(
    _ shape: PageShape, order: SortOrder, index: KeySchema, keys: KeySchema, reserved: String, sources: QueryMerge.Sources,
    isOldOrdered: Bool, start: Place = Place(), defects: ReadDefects = []
  ) {
    page = PageBuilder(shape)
    self.order = order
    self.index = index
    self.keys = keys
    self.reserved = reserved
    self.sources = sources
    self.isOldOrdered = isOldOrdered
    self.defects = defects
    place = start
    new = PageStream(start: start.newStart, limit: shape.limit, isEnded: sources == .old)
    old = PageStream(start: start.oldStart, limit: shape.limit, isEnded: sources == .new)
    if sources == .both, let last = start.lastOld { group = Group(sort: order.value(of: last), isWhole: false) }
  }

  /// Where the next page goes on; nil at the end.
  package var end: Place? {
    isCut || new.head != nil || old.head != nil || !new.isEnded || !old.isEnded ? place : nil
  }

  // MARK: - Events

  package mutating func start() throws(DualTableError) -> Action { try advance() }

  /// A request of OLD was answered, and what it yields was looked up in NEW's table.
  ///
  /// - Throws: `orderNotKept` where the items don't come in the order that the mapping says they do.
  package mutating func readOld(_ hits: [OldHit], count: Int, last: Item?) throws(DualTableError) {
    var hits = hits
    let passed = place.lastOld.map { (sort: order.value(of: $0), key: keys.key(of: $0)) }
    if isOldOrdered {
      for place in hits.indices {
        if hits[place].results.count > 1 { hits[place].results = hits[place].results.sorted { compare($0, $1.sort, $1.key) < 0 }[...] }
        for result in hits[place].results {
          if let lastRead, order.compare(result.sort, lastRead) < 0 { throw .orderNotKept }
          lastRead = result.sort
        }
        // An item of OLD's of whose results only some were passed is read again.
        if let passed, hits[place].results.contains(where: { $0.key == passed.key }) {
          hits[place].results = hits[place].results.drop { compare($0, passed.sort, passed.key) <= 0 }
        }
      }
    } else {
      let results = hits.flatMap(\.results).sorted { compare($0, $1.sort, $1.key) < 0 }
      hits = results.filter { result in passed.map { compare(result, $0.sort, $0.key) > 0 } ?? true }
        .map { OldHit(start: nil, results: [$0]) }
    }
    old.took(hits, count: count, last: last)
    // The look-ups may have left to NEW's stream what came there after it was read.
    if sources == .both { new.reopen(behind: place.newStart) }
  }

  /// A request of NEW's index was answered.
  package mutating func readNew(_ items: [Item], count: Int, last: Item?) { new.took(items, count: count, last: last) }

  /// OLD was asked for the keys.
  ///
  /// - Parameter owned: those that it yields with that sort key.
  package mutating func lookedUpOld(_ asked: [Item], owned: Set<Item>) {
    for key in asked { known[key] = owned.contains(key) }
  }

  /// Goes on with what was read.
  package mutating func advance() throws(DualTableError) -> Action {
    while !page.isFull {
      passWholeHits()
      switch old.need {
      case .read(let request): return .readOld(request)
      case .anotherPage: return .finish
      case .nothing: break
      }
      // What OLD has with a smaller or the same sort key comes first, whatever NEW's index has.
      if new.need == .nothing, new.head == nil, old.head == nil { return .finish }
      switch new.need {
      case .read(let request): return .readNew(request)
      case .anotherPage: return .finish
      case .nothing: break
      }
      if let unknown = unknownKeys() { return .lookUpOld(unknown, sort: group?.sort) }
      if !step() {
        isCut = true
        return .finish
      }
    }
    passWholeHits()
    return .finish
  }

  // MARK: - The merge

  private func compare(_ result: ReadResult, _ sort: AttributeValue?, _ key: Item?) -> Int {
    let order = order.compare(result.sort, sort)
    if order != 0 { return order }
    for attribute in keys.attributes {
      let base = SortOrder(attribute.name, isForward: self.order.isForward)
      let order = base.compare(result.key[attribute.name], key?[attribute.name])
      if order != 0 { return order }
    }
    return 0
  }

  /// True if the result of OLD's comes before NEW's next item, or with it.
  private func isOldNext(_ result: ReadResult) -> Bool {
    new.head.map { order.compare(result.sort, order.value(of: $0)) <= 0 } ?? true
  }

  /// The keys of NEW's next items that nothing read says whether OLD yields them.
  private func unknownKeys() -> [Item]? {
    guard let head = new.head, let group, !group.isWhole, old.head?.results.first.map({ !isOldNext($0) }) ?? true,
      order.compare(order.value(of: head), group.sort) == 0, let key = keys.key(of: head), known[key] == nil
    else { return nil }
    return new.rest.prefix { order.compare(order.value(of: $0), group.sort) == 0 }.compactMap { keys.key(of: $0) }
      .filter { known[$0] == nil }
  }

  /// Passes the next item; false if the page has no room for it.
  private mutating func step() -> Bool {
    if let result = old.head?.results.first, isOldNext(result) { return passOld(result) }
    guard let item = new.head, let key = keys.key(of: item) else { return true }
    let isTombstone = item[reserved] != nil && !defects.contains(.tombstoneOut)
    let sort = order.value(of: item)
    if !isTombstone, !isBehind(sort), !isOldOwn(item, key), !seen.contains(key) {
      guard page.take(item) else { return false }
      seen.insert(key)
    }
    if !isBehind(sort) { place.position = sort }
    place.newStart = key.adding(index.key(of: item))
    new.pass()
    return true
  }

  /// True if OLD yields the key with the index key that NEW has: then OLD's stream has handed it out.
  private func isOldOwn(_ item: Item, _ key: Item) -> Bool {
    guard let group, order.compare(order.value(of: item), group.sort) == 0 else { return false }
    if defects.contains(.indexTies) { return !group.keys.isEmpty }
    return group.keys.contains(key) || known[key] == true
  }

  private func isBehind(_ sort: AttributeValue?) -> Bool { order.compare(sort, place.position) < 0 }

  private mutating func passOld(_ result: ReadResult) -> Bool {
    if case .item(let item) = result.value, !isBehind(result.sort) {
      if !seen.contains(result.key) {
        guard page.take(item) else { return false }
        seen.insert(result.key)
      }
    }
    if group == nil || order.compare(group?.sort, result.sort) != 0 { group = Group(sort: result.sort, isWhole: true) }
    group?.keys.insert(result.key)
    if !isBehind(result.sort) { place.position = result.sort }
    place.lastOld = result.key.adding(order.attribute.flatMap { name in result.sort.map { [name: $0] } })
    old.changeHead { $0.results.removeFirst() }
    return true
  }

  private mutating func passWholeHits() {
    while let hit = old.head, hit.results.isEmpty {
      place.oldStart = hit.start ?? place.oldStart
      old.pass()
    }
  }
}

extension Item {
  /// The item with the attributes of another one.
  internal func adding(_ other: Item?) -> Item {
    var item = self
    for (name, value) in other ?? Item() { item[name] = value }
    return item
  }
}
