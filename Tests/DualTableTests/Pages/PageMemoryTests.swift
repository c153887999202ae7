import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// What a page holds in memory, where there is much to look up for a page of small items.
@Suite struct PageMemoryTests {
  private static let large = AttributeValue.string(String(repeating: "x", count: 20_000))
  private static let count = 300

  @Test("scan: NEW is looked up for as much of OLD's page as comes to a page") func scans() async throws {
    let numbers = (0..<Self.count).map { String($0 + 1_000) }
    let tables = PageTables("same hash", "old: {hash: {h: S}}\nnew: {hash: {h: S}}\nkey: {h: h}\nrest: keep")
    let bench = PageBench(
      tables, old: numbers.map { ["h": .string($0)] }, new: numbers.map { ["h": .string($0), "text": Self.large] })
    try await Self.check(bench, "new") { try await $0.scan(.init(tableName: "new", exclusiveStartKey: $1)) }
  }

  @Test("query: an index of OLD that holds keys alone is filled up for as much as comes to a page") func queries() async throws {
    var tables = PageTables(
      "keys only",
      """
      old: {hash: {id: S}, indexes: {byC: {hash: {c: S}, range: {id: S}}}}
      new: {hash: {pk: S}, range: {sk: S}}
      query-index: byC
      key: {pk: {template: "C#{c}"}, sk: {template: "O#{id}"}}
      rest: keep
      old-key: {id: {from: sk, parse: "O#{id}"}}
      """)
    tables.projection = Projection(projectionType: .keysOnly)
    let items = (0..<Self.count).map { number -> Item in
      ["id": .string(String(number + 1_000)), "c": "x", "text": Self.large]
    }
    let bench = PageBench(tables, old: items)
    try await Self.check(bench, "old") { repository, start in
      try await repository.query(
        .init(
          tableName: "new", keyConditionExpression: "pk = :p", exclusiveStartKey: start, expressionAttributeValues: [":p": "C#x"]))
    }
  }

  @Test("query: NEW is looked up for as much of the page of an index of OLD's as comes to a page") func indexes() async throws {
    let items = (0..<Self.count).map { number -> Item in
      ["id": .string(String(number + 1_000)), "c": "x", "t": .number(DynamoDBNumber(number)), "p": ["v": 1]]
    }
    let bench = PageBench(
      .sharedIndex, old: items,
      new: items.map { item in
        item.merging(["key": .string("N#" + (item["id"]?.stringValue ?? "")), "p": .null, "v": 2, "text": Self.large])
      })
    try await Self.check(bench, "new") { repository, start in
      try await repository.query(
        .init(
          tableName: "new", indexName: "byC", keyConditionExpression: "c = :c", exclusiveStartKey: start,
          expressionAttributeValues: [":c": "x"]))
    }
  }

  /// All items come, once each; no page looks up more than comes to a page, and what one batch gives.
  private static func check(
    _ bench: PageBench, _ table: String, _ page: (DualTableRepository, Item?) async throws -> ScanOutput
  ) async throws {
    let repository = try bench.repository()
    var (seen, pages) = (0, 0)
    var start: Item?
    repeat {
      bench.forget()
      let output = try await page(repository, start)
      let keys = try bench.requests.filter { $0.operation == "BatchGetItem" }.flatMap { try $0.batch() }.filter { $0.table == table }
        .map(\.keys.count).reduce(0, +)
      #expect(keys * 20_000 < PageBuilder.mostBytes + 100 * 20_000)
      seen += output.count
      pages += 1
      start = output.lastEvaluatedKey
    } while start != nil
    #expect(seen == count && pages > 2)
  }
}
