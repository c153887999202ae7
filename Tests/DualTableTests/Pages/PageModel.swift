import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBExpressions
import DynamoDBModel
import MigrationControl

/// What one table would hold: every key's values with the times at which they came, and everything that contradicts them.
struct PageModel: Sendable {
  /// A change of a key's value: it came at some moment between its beginning and its end.
  private struct Change: Sendable {
    let began: Int64
    var ended = Int64.max
    let value: Item?
    /// True if it was made in OLD.
    var isOld = false
  }

  private(set) var findings: [String] = []
  private(set) var pages = 0
  private var changes: [Item: [Change]] = [:]
  private let tables: PageTables

  init(_ tables: PageTables) { self.tables = tables }

  /// What a key holds before anything happens.
  mutating func begin(_ key: Item, _ value: Item?) { changes[key] = [Change(began: .min, ended: .min, value: value)] }

  mutating func write(_ key: Item, _ value: Item?, inOld isOld: Bool = false, at time: Int64) {
    changes[key, default: [Change(began: .min, ended: .min, value: nil)]].append(Change(began: time, value: value, isOld: isOld))
  }

  mutating func wrote(_ key: Item, at time: Int64) {
    guard let last = changes[key]?.indices.last else { return }
    changes[key]?[last].ended = time
  }

  /// The value that the last change gave the key.
  func value(_ key: Item) -> Item? { changes[key]?.last?.value }

  /// The values that the key may have had at some moment of a span.
  private func values(_ key: Item, _ from: Int64, _ to: Int64) -> [Item?] {
    let all = changes[key] ?? []
    let first = all.lastIndex { $0.ended < from } ?? 0
    return all[first...].filter { $0.began <= to }.map(\.value)
  }

  /// True if a key's place in what is queried may have changed in a span.
  private func moves(_ key: Item, _ from: Int64, _ to: Int64) -> Bool {
    tables.index != nil && Set(values(key, from, to).compactMap { $0?["t"] }).count > 1
  }

  /// True if OLD may have yielded the key at one moment of a span and not at another.
  private func changesInOld(_ key: Item, _ from: Int64, _ to: Int64) -> Bool {
    (changes[key] ?? []).contains { $0.isOld && $0.ended >= from && $0.began <= to }
  }

  // MARK: - Checks

  mutating func check(_ read: PageRead) {
    pages += read.pages.count
    if read.hasNoEnd { find(read, "has no end") }
    var places: [Item: [Int]] = [:]
    for (number, page) in read.pages.enumerated() {
      let items = page.output.items
      if items.count != page.output.count || page.output.count > page.output.scannedCount { find(read, "page \(number) counts wrongly") }
      if let limit = page.limit {
        if page.output.scannedCount > limit { find(read, "page \(number) goes beyond its limit") }
        if !page.isCut, page.output.lastEvaluatedKey != nil, page.output.scannedCount < limit { find(read, "page \(number) ends early") }
      }
      for item in items {
        let key = tables.key(of: item)
        places[key, default: []].append(number)
        if item["_dt"] != nil { find(read, "page \(number) shows a tombstone") }
        if !read.passes(item) { find(read, "page \(number) has an item that the filter drops") }
        if !values(key, page.began - read.lag, page.ended).contains(item) {
          find(read, "page \(number) says \(item), which was not there then")
        }
      }
    }
    checkOrder(read)
    guard let first = read.pages.first, let last = read.pages.last else { return }
    // What was left alone is there once. No page has anything twice, nor has a query of the table. An index's item may move while the
    // query runs, and come again. A scan, and a query of an index, take each key from one table, by what OLD yields: what was deleted in
    // OLD and made again in NEW, or made in OLD and copied to NEW, may come from both. That takes a write of OLD's within the read, or so
    // shortly before it that an eventually consistent request doesn't see it yet and the next one does.
    for (key, numbers) in places where numbers.count > 1 {
      let (from, to) = (first.began - read.lag, last.ended)
      let mayComeTwice = (read.order == nil || tables.index != nil) && changesInOld(key, from, to) || moves(key, from, to)
      if !mayComeTwice || Set(numbers).count < numbers.count {
        find(read, "has \(key) on pages \(numbers); \(history(key)); \(read.history)")
      }
    }
    if !read.isGivenUp { checkMissing(read, places) }
  }

  private mutating func checkOrder(_ read: PageRead) {
    guard let order = read.order else { return }
    let values = read.pages.flatMap(\.output.items).map { order.value(of: $0) }
    for (left, right) in zip(values, values.dropFirst()) where order.compare(left, right) > (tables.index == nil ? -1 : 0) {
      find(read, "is out of order")
    }
  }

  /// Looks for keys that were there while the pages passed them, and that no page has.
  private mutating func checkMissing(_ read: PageRead, _ places: [Item: [Int]]) {
    guard let first = read.pages.first, let last = read.pages.last else { return }
    for key in changes.keys where places[key] == nil && !moves(key, first.began - read.lag, last.ended) {
      var (from, to) = (first.began, last.ended)
      if let order = read.order, tables.index == nil {
        // Between its neighbors in order: from the page that has the one to the page that has the other.
        let value = order.value(of: key)
        for page in read.pages {
          for item in page.output.items {
            let side = order.compare(order.value(of: item), value)
            if side < 0 { from = max(from, page.began) }
            if side > 0 { to = min(to, page.ended) }
          }
        }
      }
      let seen = values(key, from - read.lag, to)
      if seen.allSatisfy({ value in value.map { read.wants($0) && read.passes($0) } ?? false }) { find(read, "misses \(key)") }
    }
  }

  private func history(_ key: Item) -> String {
    (changes[key] ?? []).map { "\($0.began) … \($0.ended)\($0.isOld ? " in OLD" : "") \($0.value?.description ?? "nothing")" }
      .joined(separator: ", ")
  }

  private mutating func find(_ read: PageRead, _ what: String) { findings.append("\(read) \(what)") }
}

/// A whole query or scan, page by page.
struct PageRead: Sendable, CustomStringConvertible {
  struct Page: Sendable {
    let began: Int64
    let ended: Int64
    let phase: MigrationPhase
    let limit: Int?
    /// True if the engine may end a page early.
    let isCut: Bool
    let output: ScanOutput
  }

  let isConsistent: Bool
  /// How far back in time it may look.
  var lag: Int64 = 0
  var pages: [Page] = []
  var isGivenUp = false
  var hasNoEnd = false
  /// A query's.
  let order: SortOrder?
  private let isForward: Bool
  private let isFiltered: Bool
  private let keys: KeySchema
  private let partition: AttributeValue
  private let index: String?
  private let segment: Int?

  init(_ tables: PageTables, isScan: Bool, _ random: inout SeededGenerator) {
    let name = PageTables.partitions[random.below(PageTables.partitions.count)]
    (keys, partition) = tables.partition(name)
    index = tables.index
    isConsistent = tables.index == nil && tables.name != PageTables.queryIndex.name && random.one(in: 2)
    isForward = random.one(in: 2)
    isFiltered = random.one(in: 3)
    order = isScan ? nil : SortOrder(keys.range?.name, isForward: isForward)
    segment = nil
  }

  var description: String {
    let kind = order == nil ? "scan" : "query of \(partition)\(isForward ? "" : " backward")"
    return "\(kind)\(isFiltered ? " filtered" : "")\(isConsistent ? " consistent" : "")"
  }

  var history: String { pages.map { "\($0.began) … \($0.ended) in \($0.phase)" }.joined(separator: ", ") }

  /// Whether the item is one of those that are looked at.
  func wants(_ item: Item) -> Bool { order == nil || item[keys.hash.name] == partition }

  func passes(_ item: Item) -> Bool { !isFiltered || item["f"] == 1 }

  func query(_ start: Item?, _ limit: Int?) -> QueryInput {
    QueryInput(
      tableName: "new", indexName: index, keyConditionExpression: "#h = :h", exclusiveStartKey: start, limit: limit,
      scanIndexForward: isForward, consistentRead: isConsistent, filterExpression: isFiltered ? "f = :one" : nil,
      expressionAttributeNames: ["#h": keys.hash.name],
      expressionAttributeValues: isFiltered ? [":h": partition, ":one": 1] : [":h": partition])
  }

  func scan(_ start: Item?, _ limit: Int?) -> ScanInput {
    ScanInput(
      tableName: "new", exclusiveStartKey: start, limit: limit, consistentRead: isConsistent,
      filterExpression: isFiltered ? "f = :one" : nil, expressionAttributeValues: isFiltered ? [":one": 1] : nil)
  }
}
