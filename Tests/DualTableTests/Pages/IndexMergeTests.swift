import DualTable
import DynamoDBModel
import Testing

/// The merge of an index that both tables have, on every small pair of streams, whatever their order of items with one index key.
@Suite struct IndexMergeTests {
  static let keys = KeySchema(hash: .init("id", .number))
  static let index = KeySchema(hash: .init("c", .string), range: .init("t", .number))

  /// What becomes of an item of OLD's, by what NEW's table has at its key.
  enum State: CaseIterable, Sendable {
    /// OLD hasn't got it; NEW has.
    case newOnly
    /// Not in NEW.
    case missing
    /// In NEW with the same index key.
    case same
    /// In NEW with another.
    case moved
    case deleted

    func new(_ number: Int, _ sort: Int) -> Item? {
      switch self {
      case .newOnly, .same: item(number, sort, "new")
      case .moved: item(number, 1 - sort, "new")
      case .missing, .deleted: nil
      }
    }

    func old(_ number: Int, _ sort: Int) -> ReadResult? {
      let value: ReadResult.Value
      switch self {
      case .newOnly: return nil
      case .missing: value = .item(item(number, sort, "old"))
      case .same: value = .item(item(number, sort, "new"))
      case .moved, .deleted: value = .hidden
      }
      return ReadResult(key: ["id": .number(DynamoDBNumber(number))], sort: .number(DynamoDBNumber(sort)), value: value)
    }
  }

  static func item(_ number: Int, _ sort: Int, _ value: String) -> Item {
    ["id": .number(DynamoDBNumber(number)), "c": "x", "t": .number(DynamoDBNumber(sort)), "v": .string(value)]
  }

  /// Both streams, by sort key; `turn` decides the order of those with one.
  struct Streams {
    let new: [Item]
    let old: [OldHit]
    let owned: [Item: AttributeValue?]

    init(_ cells: [(state: State, sort: Int)], turn: Int) {
      func arranged<Element>(_ all: [(sort: Int, element: Element)], _ turn: Int) -> [Element] {
        (0...1).flatMap { sort in
          let group = all.filter { $0.sort == sort }.map(\.element)
          return turn == 0 ? group : group.reversed()
        }
      }
      let news = cells.enumerated().compactMap { number, cell in
        cell.state.new(number, cell.sort).map { (sort: cell.state == .moved ? 1 - cell.sort : cell.sort, element: $0) }
      }
      new = arranged(news, turn & 1)
      let results = cells.enumerated().compactMap { number, cell in cell.state.old(number, cell.sort).map { (sort: cell.sort, element: $0) }
      }
      old = arranged(results, turn >> 1).map { OldHit(start: $0.key, results: [$0]) }
      owned = Dictionary(uniqueKeysWithValues: results.map { ($0.element.key, $0.element.sort) })
    }

    func page<Element>(_ all: [Element], _ read: StreamRead, _ most: Int, _ key: (Element) -> Item) -> (items: [Element], last: Item?) {
      let from = read.start.flatMap { start in all.firstIndex { key($0) == start } }.map { $0 + 1 } ?? 0
      let items = Array(all[from...].prefix(min(read.limit ?? .max, most)))
      return (items, from + items.count < all.count || items.count == read.limit ? items.last.map(key) : nil)
    }
  }

  static func page(_ merge: inout IndexMerge, _ streams: Streams, most: Int, isOrdered: Bool) throws {
    var action = try merge.start()
    while true {
      switch action {
      case .readOld(let read):
        var page: (items: [OldHit], last: Item?) = (streams.old, nil)
        if isOrdered { page = streams.page(streams.old, read, most) { $0.start ?? [:] } }
        try merge.readOld(page.items, count: page.items.count, last: page.last)
      case .readNew(let read):
        let page = streams.page(streams.new, read, most) { item in Item(item.filter { $0.name != "v" }) }
        merge.readNew(page.items, count: page.items.count, last: page.last)
      case .lookUpOld(let keys, let sort):
        merge.lookedUpOld(keys, owned: Set(keys.filter { streams.owned[$0].map { $0 == sort } ?? false }))
      case .finish: return
      }
      action = try merge.advance()
    }
  }

  @Test("query: an index that both tables have is merged as above, deduplicated by base key, ties in whatever order")
  func everySmallPairOfStreams() throws {
    let cells = State.allCases.flatMap { state in [(state: state, sort: 0), (state: state, sort: 1)] }
    var pages = 0
    for (first, second, third) in cells.flatMap({ a in cells.flatMap { b in cells.map { (a, b, $0) } } }) {
      let cells = [first, second, third]
      for turn in 0..<4 {
        let streams = Streams(cells, turn: turn)
        for (limit, most, isOrdered) in [(1, Int.max, true), (nil, 1, true), (2, .max, false)] as [(Int?, Int, Bool)] {
          var seen: [Item] = []
          var place: IndexMerge.Place? = .init()
          while let start = place {
            var merge = IndexMerge(
              PageShape(limit: limit), order: SortOrder("t", isForward: true), index: Self.index, keys: Self.keys, reserved: "_dt",
              sources: .both, isOldOrdered: isOrdered, start: start)
            try Self.page(&merge, streams, most: most, isOrdered: isOrdered)
            #expect(merge.page.scannedCount <= limit ?? .max)
            seen += merge.page.items
            place = merge.end
            pages += 1
            try #require(place != start && seen.count <= 3, "\(cells) goes round: \(seen)")
          }
          let expected = cells.enumerated().compactMap { number, cell -> Item? in
            cell.state.new(number, cell.sort) ?? (cell.state == .missing ? Self.item(number, cell.sort, "old") : nil)
          }
          #expect(Set(seen) == Set(expected) && seen.count == expected.count, "\(cells), turn \(turn), limit \(limit ?? 0)")
          let sorts = seen.compactMap { $0["t"]?.numberValue }
          #expect(sorts == sorts.sorted())
        }
      }
    }
    #expect(pages > 20_000)
  }

  @Test("query: an index of NEW keyed only by base-key attributes shows tombstones, which take no place in a page") func tombstones() throws
  {
    var merge = IndexMerge(
      PageShape(limit: 1), order: SortOrder("t", isForward: true), index: Self.index, keys: Self.keys, reserved: "_dt", sources: .new,
      isOldOrdered: true)
    #expect(try merge.start() == .readNew(StreamRead(start: nil, limit: 1)))
    let dead: Item = ["id": 1, "c": "x", "t": 0, "_dt": 5]
    merge.readNew([dead], count: 1, last: ["id": 1, "c": "x", "t": 0])
    #expect(try merge.advance() == .readNew(StreamRead(start: ["id": 1, "c": "x", "t": 0], limit: 2)))
    merge.readNew([Self.item(2, 1, "new")], count: 1, last: nil)
    #expect(try merge.advance() == .finish)
    #expect(merge.page.items == [Self.item(2, 1, "new")])
    #expect(merge.page.scannedCount == 1)
  }

  @Test("query: an OLD item of whose items in an index only some are handed out is read again") func partial() throws {
    let both = OldHit(
      start: ["o": 0],
      results: [2, 1].map { id in ReadResult(key: ["id": .number(DynamoDBNumber(id))], sort: 0, value: .item(Self.item(id, 0, "old"))) })
    var seen: [Item] = []
    var place: IndexMerge.Place? = .init()
    while let start = place {
      var merge = IndexMerge(
        PageShape(limit: 1), order: SortOrder("t", isForward: true), index: Self.index, keys: Self.keys, reserved: "_dt", sources: .old,
        isOldOrdered: true, start: start)
      var action = try merge.start()
      while case .readOld(let read) = action {
        try merge.readOld(read.start == nil ? [both] : [], count: 1, last: nil)
        action = try merge.advance()
      }
      seen += merge.page.items
      place = merge.end
    }
    #expect(seen == [Self.item(1, 0, "old"), Self.item(2, 0, "old")])
  }

  @Test("query: what came to lie before the merge position of an index is behind the query") func positions() throws {
    var merge = IndexMerge(
      PageShape(), order: SortOrder("t", isForward: true), index: Self.index, keys: Self.keys, reserved: "_dt", sources: .both,
      isOldOrdered: true, start: .init(position: 1))
    _ = try merge.start()
    try merge.readOld([], count: 0, last: nil)
    _ = try merge.advance()
    merge.readNew([Self.item(1, 0, "came"), Self.item(2, 2, "new")], count: 2, last: nil)
    #expect(try merge.advance() == .finish)
    #expect(merge.page.items == [Self.item(2, 2, "new")])
  }
}
