package import DynamoDBModel

/// Decides what a page of a scan hands out: first what OLD's items yield, each as NEW has it now, then what NEW has beyond that.
///
/// The other way round, NEW first, an item would be missed that is promoted behind the place where NEW was being read. Which half an item
/// belongs to is a matter of its key and of OLD alone, which doesn't change: so it is handed out once, whatever moves meanwhile.
package struct ScanMerge: Sendable {
  package enum Action: Sendable, Hashable {
    /// Read on in OLD, and look up in NEW what it yields.
    case readOld(StreamRead)
    /// Read on in NEW, and ask OLD which of it OLD yields.
    case readNew(StreamRead)
    /// The page is done.
    case finish
  }

  /// Where a page ended.
  package struct Place: Sendable, Hashable {
    /// The last OLD item that is passed with all that it yields.
    package var oldStart: Item?
    /// The OLD items behind that of whose results some are passed, and how many: one, or more where OLD still grows.
    package var partial: [Partial] = []
    /// True once all of OLD is passed, and where OLD doesn't count from the beginning.
    package var isInNew: Bool
    /// True if OLD's items were handed out first, so that NEW's must be compared with them.
    package var isMerged: Bool
    /// The last item passed in NEW.
    package var newStart: Item?

    /// The beginning of a scan.
    package init(_ sources: QueryMerge.Sources) {
      isInNew = sources == .new
      isMerged = sources != .new
    }
  }

  /// An OLD item, and how many of its results are passed.
  package struct Partial: Sendable, Hashable {
    package let key: Item?
    package var count: Int

    package init(key: Item?, count: Int) {
      self.key = key
      self.count = count
    }
  }

  package private(set) var page: PageBuilder
  private let convert: LateConversion
  private let defects: ReadDefects
  private let readsNew: Bool
  private var old: PageStream<OldHit>
  private var new: PageStream<ReadResult>
  private var place: Place
  /// Keys of OLD's results that this page handed out. The page may meet one again in NEW: deleted in OLD behind it, in phase 2, and made in
  /// NEW by who is in phase 3 already, so that OLD no longer says whose it is.
  private var handedOut: Set<Item> = []
  private var isCut = false

  /// - Parameters:
  ///   - readsNew: false in the phase in which OLD alone counts.
  ///   - start: where the page before ended, or the beginning.
  package init(_ shape: PageShape, readsNew: Bool, start: Place, defects: ReadDefects = [], convert: @escaping LateConversion) {
    page = PageBuilder(shape)
    self.readsNew = readsNew
    self.defects = defects
    self.convert = convert
    place = start
    old = PageStream(start: start.oldStart, limit: shape.limit, isEnded: start.isInNew)
    new = PageStream(start: start.newStart, limit: shape.limit, isEnded: !readsNew)
  }

  /// Where the next page goes on; nil at the end.
  package var end: Place? {
    guard isCut || new.head != nil || old.head != nil || !new.isEnded || !old.isEnded else { return nil }
    var end = place
    end.isInNew = old.isEnded && old.head == nil
    return end
  }

  // MARK: - Events

  package mutating func start() throws(DualTableError) -> Action { try advance() }

  /// A request of OLD was answered, and what it yields was looked up in NEW.
  package mutating func readOld(_ hits: [OldHit], count: Int, last: Item?) {
    var hits = hits
    for partial in place.partial {
      if let hit = hits.firstIndex(where: { $0.start == partial.key }) { hits[hit].results = hits[hit].results.dropFirst(partial.count) }
    }
    old.took(hits, count: count, last: last)
  }

  /// A request of NEW was answered; hidden is what OLD yields too, and tombstones.
  package mutating func readNew(_ results: [ReadResult], count: Int, last: Item?) { new.took(results, count: count, last: last) }

  /// Goes on with what was read.
  ///
  /// - Throws: `unconvertible` where the value of a key can't be told.
  package mutating func advance() throws(DualTableError) -> Action {
    while !page.isFull {
      passWholeHits()
      switch old.need {
      case .read(let request): return .readOld(request)
      case .anotherPage: return .finish
      case .nothing: break
      }
      if let result = old.head?.results.first {
        guard try take(result) else { return cut() }
        if case .hidden = result.value {} else { handedOut.insert(result.key) }
        passResult()
        continue
      }
      switch new.need {
      case .read(let request): return .readNew(request)
      case .anotherPage: return .finish
      case .nothing: break
      }
      guard let result = new.head else { return .finish }
      if !handedOut.contains(result.key) { guard try take(result) else { return cut() } }
      place.newStart = result.key
      new.pass()
    }
    passWholeHits()
    return .finish
  }

  private mutating func cut() -> Action {
    isCut = true
    return .finish
  }

  private mutating func take(_ result: ReadResult) throws(DualTableError) -> Bool {
    switch result.value {
    case .item(let item): return page.take(item)
    case .old(let item): return try convert(item, result.key).map { page.take($0) } ?? true
    case .hidden: return true
    }
  }

  private mutating func passResult() {
    guard let hit = old.head else { return }
    if let known = place.partial.firstIndex(where: { $0.key == hit.start }) {
      place.partial[known].count += 1
    } else {
      place.partial.append(Partial(key: hit.start, count: 1))
    }
    old.changeHead { $0.results.removeFirst() }
    if defects.contains(.oldItemNotWhole) { place.oldStart = hit.start }
  }

  private mutating func passWholeHits() {
    while let hit = old.head, hit.results.isEmpty {
      place.oldStart = hit.start
      place.partial.removeAll { $0.key == hit.start }
      old.pass()
    }
  }
}
