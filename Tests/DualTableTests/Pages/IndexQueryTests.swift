import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Queries and scans of indexes, with what they send.
@Suite struct IndexQueryTests {
  static func old(_ id: String, t: Int) -> Item { ["id": .string(id), "c": "x", "t": .number(DynamoDBNumber(t)), "p": ["v": 1]] }
  static func new(_ id: String, t: Int, c: String = "x") -> Item {
    ["key": .string("N#\(id)"), "id": .string(id), "c": .string(c), "t": .number(DynamoDBNumber(t)), "v": 9]
  }

  static let input = QueryInput(
    tableName: "new", indexName: "byC", keyConditionExpression: "c = :c", expressionAttributeValues: [":c": "x"])

  static func found(_ output: ScanOutput) -> [String] {
    output.items.map { "\($0["id"]?.stringValue ?? "?")\($0["t"]?.numberValue?.text ?? "?")\($0["v"] == 9 ? "new" : "old")" }
  }

  static func bench(_ tables: PageTables = .sharedIndex) -> PageBench {
    PageBench(
      tables, old: [old("missing", t: 1), old("same", t: 1), old("moved", t: 1), old("away", t: 1), old("dead", t: 1)],
      new: [
        new("same", t: 1), new("moved", t: 3), new("away", t: 1, c: "y"), ["key": "N#dead", "_dt": 5], new("own", t: 2),
      ])
  }

  @Test(
    "query: each OLD hit is looked up in NEW: live with its index key, emitted; with another, left to NEW's stream; tombstone, skipped",
    arguments: [nil, 1, 2])
  func lookUps(_ limit: Int?) async throws {
    let bench = Self.bench()
    var input = Self.input
    input.limit = limit
    var seen: [String] = []
    for try await page in try bench.repository().queryPages(input) { seen += Self.found(page) }
    #expect(Set(seen.prefix(2)) == ["missing1old", "same1new"] && seen.dropFirst(2) == ["own2new", "moved3new"])
    if limit == nil {
      #expect(bench.asked == ["DescribeTable new", "Query old.byC", "DescribeTable old", "BatchGetItem new", "Query new.byC"])
    }
  }

  @Test("query: an index of NEW is incomplete until the backfill is done: indexIncomplete, unless the caller passes allowIncomplete")
  func incomplete() async throws {
    let tables = PageTables(
      "new index",
      """
      old: {hash: {id: S}}
      new: {hash: {id: S}, indexes: {byC: {hash: {c: S}}}}
      key: {id: id}
      attributes: {c: p.c}
      rest: keep
      """)
    let bench = PageBench(tables, old: [["id": "a", "p": ["c": "x"]]], new: [["id": "b", "c": "x"]])
    let scan = ScanInput(tableName: "new", indexName: "byC")
    for phase in [MigrationPhase.old, .dualRead, .dualTable] {
      let repository = try bench.repository(phase)
      await #expect { _ = try await repository.query(Self.input) } throws: { ($0 as? DualTableError)?.code == .indexIncomplete }
      await #expect { _ = try await repository.scan(scan) } throws: { ($0 as? DualTableError)?.code == .indexIncomplete }
      guard phase > .old else { continue }
      #expect(try await repository.query(Self.input, allowIncomplete: true).items == [["id": "b", "c": "x"]])
      #expect(try await repository.scan(scan, allowIncomplete: true).items == [["id": "b", "c": "x"]])
    }
    for phase in [MigrationPhase.newWithTombstones, .new] {
      #expect(try await bench.repository(phase).query(Self.input).count == 1)
      #expect(try await bench.repository(phase).scan(scan).count == 1)
    }
    #expect(try await bench.repository(.old).query(Self.input, allowIncomplete: true).items.isEmpty)
  }

  @Test("query: an index of NEW keyed only by base-key attributes shows tombstones; they are hidden", arguments: MigrationPhase.allCases)
  func tombstones(_ phase: MigrationPhase) async throws {
    let tables = PageTables(
      "turned",
      """
      old: {hash: {h: S}, range: {r: S}, indexes: {turned: {hash: {r: S}, range: {h: S}}}}
      new: {hash: {h: S}, range: {r: S}, indexes: {turned: {hash: {r: S}, range: {h: S}}}}
      key: {h: h, r: r}
      rest: keep
      """)
    func item(_ h: String, _ v: Int) -> Item { ["h": .string(h), "r": "x", "v": .number(DynamoDBNumber(v))] }
    let bench = PageBench(tables, old: [item("a", 1), item("b", 1), item("c", 1)], new: [["h": "a", "r": "x", "_dt": 5], item("b", 9)])
    let output = try await bench.repository(phase).query(
      .init(
        tableName: "new", indexName: "turned", keyConditionExpression: "r = :r AND h < :h",
        expressionAttributeValues: [":r": "x", ":h": "c"]))
    #expect(output.items == (phase == .old ? [item("a", 1), item("b", 1)] : [item("b", 9)]))
    #expect(output.scannedCount == output.count)
  }

  @Test("query: LSIs can be read consistently, and fetch what they don't project") func localIndexes() async throws {
    var tables = PageTables(
      "local",
      """
      old: {hash: {h: S}, range: {r: S}, indexes: {byT: {hash: {h: S}, range: {t: N}}}}
      new: {hash: {h: S}, range: {r: S}, indexes: {byT: {hash: {h: S}, range: {t: N}}}}
      key: {h: h, r: r}
      rest: keep
      """)
    tables.projection = Projection(projectionType: .keysOnly)
    func item(_ r: String, _ t: Int) -> Item { ["h": "x", "r": .string(r), "t": .number(DynamoDBNumber(t)), "v": .string(r)] }
    let bench = PageBench(tables, old: [item("a", 2), item("b", 1)], new: [item("c", 3)])
    var input = QueryInput(
      tableName: "new", indexName: "byT", keyConditionExpression: "h = :h", consistentRead: true, expressionAttributeValues: [":h": "x"])
    let cut = try await bench.repository().query(input)
    #expect(cut.items.map { $0["t"] } == [1, 2, 3] && cut.items.allSatisfy { $0.count == 3 }, "what the index has")
    #expect(bench.requests.filter { $0.operation == "Query" }.allSatisfy { $0["ConsistentRead"]?.bool == true })
    input.select = .allAttributes
    #expect(try await bench.repository().query(input).items == [item("b", 1), item("a", 2), item("c", 3)])
    input.select = nil
    input.projectionExpression = "v"
    #expect(try await bench.repository().query(input).items == [["v": "b"], ["v": "a"], ["v": "c"]])
  }

  @Test("query: a global index hands out what it projects, whichever table an item comes from") func projections() async throws {
    var tables = PageTables.sharedIndex
    tables.projection = Projection(projectionType: .keysOnly)
    let bench = Self.bench(tables)
    let output = try await bench.repository().query(Self.input)
    #expect(output.items.count == 4 && output.items.allSatisfy { Set($0.names) == ["key", "c", "t"] })
    // OLD's index hasn't whole items either: they are fetched, to be converted.
    #expect(bench.asked.contains("BatchGetItem old"))
    var input = Self.input
    input.projectionExpression = "v"
    await #expect { _ = try await bench.repository().query(input) } throws: { ($0 as? DualTableError)?.code == .invalidExpression }
    input.projectionExpression = nil
    input.select = .allAttributes
    await #expect { _ = try await bench.repository().query(input) } throws: { ($0 as? DualTableError)?.code == .invalidExpression }
  }

  @Test("query: pages of an index that were begun in 3 go on in 4 by OLD's keys, and are refused in 5") func goesOn() async throws {
    let bench = Self.bench()
    var input = Self.input
    input.limit = 1
    let first = try await bench.repository().query(input)
    #expect(first.lastEvaluatedKey != nil)
    input.exclusiveStartKey = first.lastEvaluatedKey
    input.limit = nil
    let rest = try await bench.repository(.newWithTombstones).query(input)
    #expect(Set(Self.found(first) + Self.found(rest)).isSuperset(of: ["same1new", "own2new", "moved3new"]))
    #expect(!Self.found(rest).contains("missing1old"), "the fallback is gone")
    await #expect { _ = try await bench.repository(.new).query(input) } throws: { ($0 as? DualTableError)?.code == .invalidCursor }
  }

  @Test("query: an index that isn't there is refused") func unknown() async throws {
    var input = Self.input
    input.indexName = "byNothing"
    await #expect { _ = try await Self.bench().repository().query(input) } throws: { ($0 as? DualTableError)?.code == .invalidExpression }
  }
}
