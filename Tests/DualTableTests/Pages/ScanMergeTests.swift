import DualTable
import DynamoDBModel
import Testing

/// The merge of a scan, on every small pair of tables.
@Suite struct ScanMergeTests {
  /// An OLD item by what it yields, and what NEW has of that.
  enum Old: CaseIterable { case none, nothing, one, two, deleted, promoted }

  struct Tables {
    var old: [OldHit] = []
    var new: [ReadResult] = []
    var expected: [Item] = []

    init(_ olds: [Old], news: Int) {
      for (number, kind) in olds.enumerated() {
        func result(_ name: String, _ value: ReadResult.Value? = nil) -> ReadResult {
          let key: Item = ["id": .string("\(number)\(name)")]
          return ReadResult(key: key, value: value ?? .item(key))
        }
        let results: [ReadResult] =
          switch kind {
          case .none, .nothing: []
          case .one: [result("a")]
          case .two: [result("a"), result("b")]
          case .deleted: [result("a", .hidden)]
          case .promoted: [result("a")]
          }
        if kind != .none { old.append(OldHit(start: ["o": .number(DynamoDBNumber(number))], results: results)) }
        for case .item(let item) in results.map(\.value) { expected.append(item) }
        if kind == .promoted { new.append(result("a", .hidden)) }
      }
      for number in 0..<news {
        let key: Item = ["id": .string("new\(number)")]
        new.append(ReadResult(key: key, value: .item(key)))
        expected.append(key)
      }
    }

    func page<Element>(_ all: [Element], _ read: StreamRead, _ most: Int, _ key: (Element) -> Item) -> (items: [Element], last: Item?) {
      let from = read.start.flatMap { start in all.firstIndex { key($0) == start } }.map { $0 + 1 } ?? 0
      let items = Array(all[from...].prefix(min(read.limit ?? .max, most)))
      return (items, from + items.count < all.count || items.count == read.limit ? items.last.map(key) : nil)
    }
  }

  static func merge(_ shape: PageShape, _ start: ScanMerge.Place, readsNew: Bool = true) -> ScanMerge {
    ScanMerge(shape, readsNew: readsNew, start: start) { (old, _) throws(DualTableError) in old }
  }

  static func page(_ merge: inout ScanMerge, _ tables: Tables, most: Int) throws -> [ScanMerge.Action] {
    var actions = [try merge.start()]
    while true {
      switch actions[actions.count - 1] {
      case .readOld(let read):
        let page = tables.page(tables.old, read, most) { $0.start ?? [:] }
        merge.readOld(page.items, count: page.items.count, last: page.last)
      case .readNew(let read):
        let page = tables.page(tables.new, read, most, \.key)
        merge.readNew(page.items, count: page.items.count, last: page.last)
      case .finish: return actions
      }
      actions.append(try merge.advance())
    }
  }

  @Test("scan: first OLD page by page, each result as NEW has it; then NEW, emitting only what OLD doesn't yield")
  func everySmallPairOfTables() throws {
    var pages = 0
    for (first, second, third) in Old.allCases.flatMap({ a in Old.allCases.flatMap { b in Old.allCases.map { (a, b, $0) } } }) {
      for news in 0...2 {
        let tables = Tables([first, second, third], news: news)
        for (limit, most) in [(nil, Int.max), (1, .max), (2, .max), (3, 1), (nil, 1)] as [(Int?, Int)] {
          var seen: [Item] = []
          var place: ScanMerge.Place? = .init(.both)
          while let start = place {
            var merge = Self.merge(PageShape(limit: limit), start)
            _ = try Self.page(&merge, tables, most: most)
            #expect(merge.page.scannedCount <= limit ?? .max)
            seen += merge.page.items
            place = merge.end
            pages += 1
            if let limit, most == .max, place != nil { #expect(merge.page.scannedCount == limit) }
            try #require(place != start && seen.count <= tables.expected.count, "goes round: \(seen)")
          }
          #expect(seen == tables.expected)
        }
      }
    }
    #expect(pages > 5_000)
  }

  @Test("scan: an OLD item of whose results only some are handed out is read again") func partial() throws {
    let tables = Tables([.two, .one], news: 0)
    var merge = Self.merge(PageShape(limit: 1), .init(.both))
    _ = try Self.page(&merge, tables, most: .max)
    #expect(merge.end?.oldStart == nil)
    #expect(merge.end?.partial == [.init(key: ["o": 0], count: 1)])
    // Something else may have come before it meanwhile, where OLD still grows.
    var grown = tables
    grown.old.insert(OldHit(start: ["o": 9], results: [ReadResult(key: ["id": "9a"], value: .item(["id": "9a"]))]), at: 0)
    var next = Self.merge(PageShape(limit: 2), merge.end ?? .init(.both))
    _ = try Self.page(&next, grown, most: .max)
    #expect(next.page.items == [["id": "9a"], ["id": "0b"]])
  }

  @Test("a page holds no item twice, though one be deleted in OLD and made in NEW while the page is read") func madeAgain() throws {
    var tables = Tables([.two], news: 1)
    tables.new.insert(ReadResult(key: ["id": "0a"], value: .item(["id": "0a", "v": 2])), at: 0)
    var merge = Self.merge(PageShape(), .init(.both))
    _ = try Self.page(&merge, tables, most: .max)
    #expect(merge.page.items == [["id": "0a"], ["id": "0b"], ["id": "new0"]] && merge.end == nil)
  }

  @Test("phases: a scan in phase 1 reads OLD alone, one that begins in 4 or 5 NEW alone") func sources() throws {
    let tables = Tables([.one], news: 1)
    var old = Self.merge(PageShape(), .init(.old), readsNew: false)
    #expect(try Self.page(&old, tables, most: .max) == [.readOld(StreamRead()), .finish])
    #expect(old.page.items == [["id": "0a"]])
    var new = Self.merge(PageShape(), .init(.new))
    #expect(try Self.page(&new, tables, most: .max) == [.readNew(StreamRead()), .finish])
    #expect(new.page.items == [["id": "new0"]])
  }
}
