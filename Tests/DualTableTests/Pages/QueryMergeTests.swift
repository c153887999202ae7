import DynamoDBExpressions
import DynamoDBModel
import Synchronization
import Testing

@testable import DualTable

/// The merge of a query of the table, on every small pair of streams and on tables of special ones.
@Suite struct QueryMergeTests {
  static let keys = KeySchema(hash: .init("h", .string), range: .init("r", .number))

  /// What both tables have at one sort key.
  struct Cell: Sendable {
    enum New: CaseIterable, Sendable { case missing, live, dropped, tombstone }
    enum Old: CaseIterable, Sendable { case missing, item, dropped }
    let new: New
    let old: Old

    static let all = New.allCases.flatMap { new in Old.allCases.map { Cell(new: new, old: $0) } }
  }

  static func item(_ number: Int, _ fields: Item) -> Item {
    let key: Item = ["h": "x", "r": .number(DynamoDBNumber(number))]
    return key.merging(fields)
  }

  /// Two streams, in order, of which a request gives so many items at most.
  struct Streams {
    var new: [Item] = []
    var old: [Item] = []
    var itemsInPage = Int.max
    var isForward = true

    init(_ cells: [Cell], isForward: Bool) {
      self.isForward = isForward
      for (number, cell) in cells.enumerated() {
        switch cell.new {
        case .missing: break
        case .live: new.append(item(number, ["v": "new", "f": 1]))
        case .dropped: new.append(item(number, ["v": "new", "f": 0]))
        case .tombstone: new.append(item(number, ["_dt": 5]))
        }
        guard cell.old != .missing else { continue }
        let old = item(number, ["v": "old", "f": cell.old == .item ? 1 : 0])
        self.old.append(QueryMergeTests.old(number, [old]))
      }
      if !isForward {
        new.reverse()
        old.reverse()
      }
    }

    init() {}

    func readNew(_ read: StreamRead) -> (items: [Item], last: Item?) {
      page(new, read) { QueryMergeTests.keys.key(of: $0) ?? $0 }
    }

    func readOld(_ read: StreamRead) -> (items: [Item], last: Item?) { page(old, read) { QueryMergeTests.oldKey($0) } }

    private func page<Element>(_ all: [Element], _ read: StreamRead, _ key: (Element) -> Item) -> (items: [Element], last: Item?) {
      var rest = all[...]
      // The key needn't be one that is there, as the service has it.
      if let start = read.start {
        rest = rest.drop { isForward ? number(key($0)) <= number(start) : number(key($0)) >= number(start) }
      }
      let items = rest.prefix(min(read.limit ?? .max, itemsInPage))
      return (Array(items), items.count < rest.count || items.count == read.limit ? items.last.map(key) : nil)
    }

    private func number(_ key: Item) -> Int { (key["r"] ?? key["o"] ?? nil)?.numberValue.flatMap { Int(exactly: $0) } ?? 0 }
  }

  /// An OLD item that yields these.
  static func old(_ number: Int, _ results: [Item]) -> Item {
    ["o": .number(DynamoDBNumber(number)), "yields": .list(results.map { .map($0) })]
  }

  static func oldKey(_ item: Item) -> Item { ["o": item["o"] ?? .null] }

  /// - Parameter isAligned: true if the merge may tell each item's place by its own sort key.
  static func view(isAligned: Bool = false, isOrdered: Bool = true, _ told: @escaping @Sendable (Item) -> Void = { _ in }) -> OldView {
    OldView(sortKey: isAligned ? OldSortKey("o", behind: "") : nil, isOrdered: isOrdered, start: oldKey) { (item, key) in
      item["yields"]?.listValue?.compactMap(\.mapValue).first { keys.key(of: $0) == key }
    } results: { item in
      told(item)
      return (item["yields"]?.listValue ?? []).compactMap(\.mapValue).map {
        ReadResult(key: keys.key(of: $0) ?? $0, sort: $0["r"], value: .old(item))
      }
    }
  }

  static let filter = Condition.comparison(
    .path(DocumentPath(root: "f")), .equal, .value(ExpressionValue(placeholder: ":one", value: 1)))

  static func merge(
    _ shape: PageShape, isForward: Bool = true, start: QueryMerge.Place = .init(), sources: QueryMerge.Sources = .both,
    _ view: OldView = view()
  ) -> QueryMerge {
    QueryMerge(
      shape, order: SortOrder("r", isForward: isForward), keys: keys, reserved: "_dt", sources: sources, start: start, view: view)
  }

  /// Performs a page.
  static func page(_ merge: inout QueryMerge, _ streams: Streams) throws -> [QueryMerge.Action] {
    var actions = [try merge.start()]
    while case .read(let new, let old)? = actions.last {
      if let new {
        let page = streams.readNew(new)
        merge.readNew(page.items, count: page.items.count, last: page.last)
      }
      if let old {
        let page = streams.readOld(old)
        try merge.readOld(page.items, count: page.items.count, last: page.last)
      }
      actions.append(try merge.advance())
    }
    return actions
  }

  @Test("query: two ordered streams are merged by NEW's key; NEW shadows OLD, tombstones included; then filter")
  func everySmallPairOfStreams() throws {
    var pages = 0
    for (first, second, third) in Cell.all.flatMap({ a in Cell.all.flatMap { b in Cell.all.map { (a, b, $0) } } }) {
      let cells = [first, second, third]
      for isForward in [true, false] {
        for (limit, itemsInPage, isFiltered, isAligned) in [
          (nil, Int.max, true, false), (1, Int.max, false, true), (2, 1, true, true), (nil, 2, false, false), (1, Int.max, false, false),
          (nil, 1, false, true),
        ] as [(Int?, Int, Bool, Bool)] {
          var streams = Streams(cells, isForward: isForward)
          streams.itemsInPage = itemsInPage
          let there = cells.indices.filter { cells[$0].new != .tombstone && (cells[$0].new != .missing || cells[$0].old != .missing) }
          let passing = there.filter { number in
            let cell = cells[number]
            return !isFiltered || (cell.new == .missing ? cell.old == .item : cell.new == .live)
          }
          var seen: [Item] = []
          var place: QueryMerge.Place? = .init()
          while let start = place {
            var merge = Self.merge(
              PageShape(filter: isFiltered ? Self.filter : nil, limit: limit), isForward: isForward, start: start,
              Self.view(isAligned: isAligned))
            _ = try Self.page(&merge, streams)
            seen += merge.page.items
            place = merge.end
            pages += 1
            #expect(merge.page.scannedCount <= limit ?? .max)
            if let limit, itemsInPage == .max, place != nil { #expect(merge.page.scannedCount == limit) }
            try #require(place != start && seen.count <= 3, "\(cells) goes round")
          }
          let expected = (isForward ? passing : passing.reversed()).map { number in
            Self.item(number, ["v": cells[number].new == .missing ? "old" : "new", "f": seen.isEmpty ? 0 : 1])
          }
          #expect(seen.map { $0["r"] } == expected.map { $0["r"] }, "\(cells)")
          #expect(seen.map { $0["v"] } == expected.map { $0["v"] }, "\(cells)")
        }
      }
    }
    #expect(pages > 15_000)
  }

  @Test("query: Limit counts items looked at, tombstones and shadowed ones not among them, and asks no stream for more at first")
  func limits() throws {
    var streams = Streams()
    streams.new = (0..<6).map { Self.item($0, $0 < 3 ? ["_dt": 5] : ["v": "new"]) }
    streams.old = (0..<6).map { Self.old($0, [Self.item($0, ["v": "old"])]) }
    var merge = Self.merge(PageShape(limit: 1))
    let actions = try Self.page(&merge, streams)
    #expect(merge.page.items == [Self.item(3, ["v": "new"])])
    let first = StreamRead(start: nil, limit: 1)
    #expect(actions.first == .read(new: first, old: first))
    // Twice as much each time, so that a run of tombstones is soon behind.
    let asked = actions.compactMap { action in if case .read(let new?, _) = action { new.limit } else { nil } }
    #expect(asked == [1, 2, 4])
  }

  @Test("query: a page ends at 1 MB") func sizes() throws {
    var streams = Streams()
    let text = AttributeValue.string(String(repeating: "x", count: 300_000))
    streams.new = (0..<3).map { Self.item($0, ["v": text]) }
    streams.old = (3..<6).map { Self.old($0, [Self.item($0, ["v": text])]) }
    var sizes: [Int] = []
    var place: QueryMerge.Place? = .init()
    while let start = place {
      var merge = Self.merge(PageShape(), start: start)
      _ = try Self.page(&merge, streams)
      sizes.append(merge.page.count)
      place = merge.end
    }
    #expect(sizes == [3, 3])
    // One that is larger than a page fills it.
    var large = PageBuilder(PageShape())
    let whole = Self.item(1, ["v": .string(String(repeating: "x", count: PageBuilder.mostBytes))])
    #expect(large.take(whole) && !large.take(Self.item(2, [:])))
  }

  @Test("query: the cursor is the last key passed, from either stream, and the last OLD item such that it and all before lie at or before")
  func cursors() throws {
    var streams = Streams()
    streams.new = [Self.item(2, ["v": "new"]), Self.item(5, ["_dt": 5])]
    // The first OLD item yields two, of which NEW's comes between; the second yields none here.
    streams.old = [
      Self.old(0, [Self.item(1, ["v": "old"]), Self.item(3, ["v": "old"])]), Self.old(4, []), Self.old(6, [Self.item(6, [:])]),
    ]
    var places: [QueryMerge.Place] = []
    var place: QueryMerge.Place? = .init()
    while let start = place {
      var merge = Self.merge(PageShape(limit: 1), start: start)
      _ = try Self.page(&merge, streams)
      place = merge.end
      if let place { places.append(place) }
    }
    func key(_ number: Int) -> Item { Self.keys.key(of: Self.item(number, [:])) ?? [:] }
    #expect(
      places == [
        .init(position: key(1), oldStart: nil), .init(position: key(2), oldStart: nil), .init(position: key(3), oldStart: ["o": 0]),
      ])
  }

  @Test("query: the next page reads both again from there, drops what lies at or before it, and uses nothing read earlier")
  func nextPages() throws {
    let two = Self.keys.key(of: Self.item(2, [:]))
    var streams = Streams()
    streams.new = [Self.item(4, ["v": "grown"])]
    streams.old = [Self.old(0, [Self.item(1, ["v": "old"]), Self.item(3, ["v": "old"])]), Self.old(4, [Self.item(4, ["v": "old"])])]
    var merge = Self.merge(PageShape(), start: .init(position: two, oldStart: nil))
    let actions = try Self.page(&merge, streams)
    #expect(actions.first == .read(new: StreamRead(start: two), old: StreamRead(start: nil)))
    #expect(merge.page.items == [Self.item(3, ["v": "old"]), Self.item(4, ["v": "grown"])])
    #expect(merge.end == nil)
  }

  @Test("query: an OLD item that NEW shadows is never converted, where its sort key says its place", arguments: [true, false])
  func untold(_ isForward: Bool) throws {
    let told = Mutex<[Item]>([])
    let cells = [Cell(new: .live, old: .item), Cell(new: .tombstone, old: .item), Cell(new: .missing, old: .item)]
    var merge = Self.merge(
      PageShape(), isForward: isForward, Self.view(isAligned: true) { item in told.withLock { $0.append(Self.oldKey(item)) } })
    _ = try Self.page(&merge, Streams(cells, isForward: isForward))
    #expect(merge.page.items.map { $0["v"] } == (isForward ? ["new", "old"] : ["old", "new"]))
    #expect(told.withLock { $0 } == [["o": 2]])
  }

  @Test("query: memory holds a page of each stream, however many marks of deleted items a page passes", arguments: [true, false])
  func memory(_ isAligned: Bool) throws {
    let count = 40_000
    let new = (0..<count).map { Self.item($0, $0 == count - 1 ? ["v": "new"] : ["_dt": 5]) }
    let old = (0..<count).map { Self.old($0, [Self.item($0, [:])]) }
    func page(_ all: [Item], _ read: StreamRead, _ attribute: String) -> (items: [Item], last: Item?) {
      let from = read.start.flatMap { $0[attribute]?.numberValue.flatMap { Int(exactly: $0) } }.map { $0 + 1 } ?? 0
      let items = Array(all[from...].prefix(read.limit ?? .max))
      return (items, from + items.count < count ? items.last : nil)
    }
    let mostAsked = PageStream<Item>.mostAsked
    var (found, pages, mostHeld) = (0, 0, 0)
    var place: QueryMerge.Place? = .init()
    while let start = place {
      var merge = Self.merge(PageShape(limit: 1), start: start, Self.view(isAligned: isAligned))
      var read = 0
      var action = try merge.start()
      while case .read(let newRead, let oldRead) = action {
        if let newRead {
          let page = page(new, newRead, "r")
          merge.readNew(page.items, count: page.items.count, last: page.last)
          read += page.items.count
        }
        if let oldRead {
          let page = page(old, oldRead, "o")
          try merge.readOld(page.items, count: page.items.count, last: page.last.map(Self.oldKey))
          read += page.items.count
        }
        mostHeld = max(mostHeld, merge.new.elements.count + merge.old.elements.count + merge.yield.count + merge.page.items.count)
        action = try merge.advance()
      }
      found += merge.page.items.count
      pages += 1
      place = merge.end
      // Nor does a page take longer and longer: it ends, and the next goes on.
      #expect(read < 5 * mostAsked)
    }
    #expect(found == 1 && pages == 2)
    #expect(mostHeld <= 2 * mostAsked + 3)
  }

  @Test("mappings: an order that isn't kept where it is said to be is an error") func orders() throws {
    var streams = Streams()
    streams.old = [Self.old(0, [Self.item(1, [:])]), Self.old(1, [Self.item(0, [:])])]
    var merge = Self.merge(PageShape())
    #expect(throws: DualTableError.self) { try Self.page(&merge, streams) }
  }

  @Test("query: an OLD item that can't be converted is an error, unless NEW has its key") func unconvertible() throws {
    for (new, isError) in [([Self.item(1, ["v": 1])], false), ([Self.item(1, ["_dt": 1])], false), ([], true)] as [([Item], Bool)] {
      var view = Self.view()
      view.convert = { (_, _) throws(DualTableError) in throw .orderNotKept }
      var merge = Self.merge(PageShape(), view)
      _ = try merge.start()
      merge.readNew(new, count: new.count, last: nil)
      try merge.readOld([Self.old(1, [Self.item(1, [:])])], count: 1, last: nil)
      if isError { #expect(throws: DualTableError.self) { try merge.advance() } } else { #expect(try merge.advance() == .finish) }
    }
  }
}
