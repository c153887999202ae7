import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Queries of the table, with what they send.
@Suite struct QueryTests {
  static func old(_ r: String, _ v: Int = 1, h: String = "x") -> Item {
    ["h": .string(h), "r": .string(r), "p": ["v": .number(DynamoDBNumber(v))], "f": .number(DynamoDBNumber(v % 2))]
  }

  static func new(_ r: String, _ v: Int) -> Item {
    ["pk": "P#x", "sk": .string("S#\(r)"), "h": "x", "r": .string(r), "v": .number(DynamoDBNumber(v)), "f": .number(DynamoDBNumber(v % 2))]
  }

  static func tombstone(_ r: String) -> Item { ["pk": "P#x", "sk": .string("S#\(r)"), "_dt": 5] }

  static func input(
    _ range: String = "", _ values: AttributeMap = [:], start: Item? = nil, limit: Int? = nil, isForward: Bool? = nil,
    isConsistent: Bool? = nil
  ) -> QueryInput {
    var all: AttributeMap = [":p": "P#x"]
    for (name, value) in values { all[name] = value }
    return QueryInput(
      tableName: "new", keyConditionExpression: "pk = :p\(range)", exclusiveStartKey: start, limit: limit, scanIndexForward: isForward,
      consistentRead: isConsistent, expressionAttributeValues: all)
  }

  static func bench(itemsInPage: Int = .max) -> PageBench {
    PageBench(
      .rekeyed, old: [old("1"), old("2"), old("3"), old("4"), old("9", h: "y")], new: [new("2", 20), tombstone("3"), new("5", 50)],
      itemsInPage: itemsInPage)
  }

  static func numbers(_ output: ScanOutput) -> [String] {
    output.items.compactMap { $0["sk"]?.stringValue.map { String($0.dropFirst(2)) } }
  }

  // MARK: - Phases

  static let phases: [(MigrationPhase, [String], [String])] = [
    (.old, ["1", "2", "3", "4"], ["Query old"]), (.dualRead, ["1", "2", "4", "5"], ["Query new", "Query old"]),
    (.dualTable, ["1", "2", "4", "5"], ["Query new", "Query old"]), (.newWithTombstones, ["2", "5"], ["Query new"]),
    (.new, ["2", "5"], ["Query new"]),
  ]

  @Test("phases: 1 reads OLD, 2 and 3 NEW then OLD, 4 and 5 NEW with tombstones hidden", arguments: phases)
  func readsByPhase(_ phase: MigrationPhase, _ found: [String], _ asked: [String]) async throws {
    let bench = Self.bench()
    let output = try await bench.repository(phase).query(Self.input())
    #expect(Self.numbers(output) == found)
    #expect(output.count == found.count && output.scannedCount == found.count && output.lastEvaluatedKey == nil)
    // The two requests of a page are under way together: either may come first.
    #expect(bench.asked.sorted() == asked)
  }

  // MARK: - What is sent

  @Test(
    "query: key conditions go to NEW and, translated by the mapping, to OLD",
    arguments: [
      ("", [:], "", []), (" AND sk = :a", [":a": "S#2"], "#_1=:_1", ["2"]), (" AND sk < :a", [":a": "S#2"], "#_1<:_1", ["1"]),
      (" AND sk <= :a", [":a": "S#2"], "#_1<=:_1", ["1", "2"]), (" AND :a < sk", [":a": "S#2"], "#_1>:_1", ["4", "5"]),
      (" AND sk >= :a", [":a": "S#2"], "#_1>=:_1", ["2", "4", "5"]),
      (" AND sk BETWEEN :a AND :b", [":a": "S#2", ":b": "S#4"], "#_1 BETWEEN :_1 AND :_2", ["2", "4"]),
      (" AND begins_with(sk, :a)", [":a": "S#2"], "begins_with(#_1,:_1)", ["2"]),
      (" AND begins_with(sk, :a)", [":a": "S"], "", ["1", "2", "4", "5"]), (" AND begins_with(sk, :a)", [":a": "T"], nil, []),
      (" AND sk > :a", [":a": "A"], "", ["1", "2", "4", "5"]), (" AND sk < :a", [":a": "A"], nil, []),
      (" AND sk > :a", [":a": "S#"], "", ["1", "2", "4", "5"]), (" AND sk = :a", [":a": "S#"], nil, []),
      (" AND sk BETWEEN :a AND :b", [":a": "A", ":b": "S#2"], "#_1<=:_1", ["1", "2"]),
    ] as [(String, AttributeMap, String?, [String])])
  func translates(_ range: String, _ values: AttributeMap, _ expected: String?, _ found: [String]) async throws {
    let bench = Self.bench()
    let output = try await bench.repository().query(Self.input(range, values))
    #expect(Self.numbers(output) == (found.isEmpty && range.isEmpty ? ["1", "2", "4", "5"] : found))
    let old = bench.requests.first { $0.table == "old" }
    guard let expected else {
      #expect(old == nil, "nothing of OLD's can pass")
      return
    }
    #expect(old?.text("KeyConditionExpression") == (expected.isEmpty ? "#_0=:_0" : "#_0=:_0 AND \(expected)"))
    #expect(old?.names == (expected.isEmpty ? ["#_0": "h"] : ["#_0": "h", "#_1": "r"]))
    #expect(old?.item("ExpressionAttributeValues")?[":_0"] == "x")
  }

  @Test("query: a page whose items are all in NEW costs the two tables' one request each", arguments: [nil, 3])
  func oneRequestEach(_ limit: Int?) async throws {
    let numbers = (1...5).map { "\($0)" }
    let bench = PageBench(.rekeyed, old: numbers.map { Self.old($0) }, new: numbers.map { Self.new($0, 7) })
    var start: Item?
    var seen: [String] = []
    repeat {
      bench.forget()
      let output = try await bench.repository().query(Self.input(start: start, limit: limit))
      seen += Self.numbers(output)
      start = output.lastEvaluatedKey
      #expect(bench.asked.sorted() == ["Query new", "Query old"])
      #expect(bench.requests.allSatisfy { $0["Limit"]?.integer == limit })
    } while start != nil
    #expect(seen == numbers)
  }

  @Test("query: filters and projections never go to either table where they could hide a tombstone or a shadowing item")
  func sendsNoFilter() async throws {
    let bench = Self.bench()
    var input = Self.input(" AND sk > :a", [":a": "S#", ":f": 1, ":none": "x"])
    input.filterExpression = "f = :f AND #z <> :none"
    input.projectionExpression = "#v"
    input.expressionAttributeNames = ["#v": "v", "#z": "zone"]
    let output = try await bench.repository().query(input)
    // NEW's 2 has another f than OLD's, which passes: it shadows OLD's all the same.
    #expect(output.items == [["v": 1], ["v": 1]])
    #expect(output.count == 2 && output.scannedCount == 4)
    for request in bench.requests {
      #expect(request.text("FilterExpression") == nil && request.text("Select") == nil)
      let isNew = request.table == "new"
      #expect((request.text("ProjectionExpression") != nil) == isNew, "OLD's items are converted whole")
      if isNew { #expect(Set(request.names?.values.map { $0 } ?? []) == ["pk", "sk", "_dt", "f", "v", "zone"]) }
    }
  }

  @Test("query: Select COUNT counts what passes the filter, and asks NEW for no more than that takes") func counts() async throws {
    let bench = Self.bench()
    var input = Self.input("", [":f": 1])
    input.filterExpression = "f = :f"
    input.select = .count
    let output = try await bench.repository().query(input)
    #expect(output.items.isEmpty && output.count == 2 && output.scannedCount == 4)
    #expect(bench.requests.first { $0.table == "new" }?.names?.values.sorted() == ["_dt", "f", "pk", "sk"])
  }

  @Test("query: ScanIndexForward goes to both tables", arguments: [true, false]) func directions(_ isForward: Bool) async throws {
    let bench = Self.bench()
    var start: Item?
    var seen: [String] = []
    repeat {
      let output = try await bench.repository().query(Self.input(start: start, limit: 1, isForward: isForward))
      seen += Self.numbers(output)
      start = output.lastEvaluatedKey
    } while start != nil
    #expect(seen == (isForward ? ["1", "2", "4", "5"] : ["5", "4", "2", "1"]))
    #expect(bench.requests.allSatisfy { $0["ScanIndexForward"]?.bool == isForward })
  }

  @Test("query: a consistent query reads both consistently", arguments: [true, false]) func consistency(_ isConsistent: Bool) async throws {
    let bench = Self.bench()
    _ = try await bench.repository().query(Self.input(isConsistent: isConsistent))
    #expect(bench.requests.count == 2 && bench.requests.allSatisfy { $0["ConsistentRead"]?.bool == isConsistent })
  }

  // MARK: - Errors

  @Test("query: an OLD item that can't be converted is an error, never absent; a tombstone or an item of NEW's in its place will do")
  func unconvertible() async throws {
    let broken: Item = ["h": "x", "r": "7", "p": ["v": 1], "v": 2]
    let bench = PageBench(.rekeyed, old: [Self.old("1"), broken])
    await #expect { _ = try await bench.repository().query(Self.input()) } throws: { ($0 as? DualTableError)?.code == .unconvertible }
    for item in [Self.new("7", 7), Self.tombstone("7")] {
      bench.put(item, in: "new")
      let output = try await bench.repository().query(Self.input())
      #expect(Self.numbers(output) == (item["_dt"] == nil ? ["1", "7"] : ["1"]))
    }
  }

  @Test("query: where NEW's partition doesn't fix OLD's, it goes to the mapping's query-index, which no consistent query can take")
  func queryIndexes() async throws {
    func item(_ id: String) -> Item { ["id": .string(id), "c": "x", "p": ["v": 1]] }
    let bench = PageBench(.queryIndex, old: [item("b"), item("a")], new: [["pk": "C#x", "sk": "O#b", "_dt": 1]])
    var input = QueryInput(tableName: "new", keyConditionExpression: "pk = :p", expressionAttributeValues: [":p": "C#x"])
    #expect(try await bench.repository().query(input).items.compactMap { $0["sk"] } == ["O#a"])
    #expect(bench.asked.contains("Query old.byC"))
    input.consistentRead = true
    await #expect { _ = try await bench.repository().query(input) } throws: { ($0 as? DualTableError)?.code == .queryNeedsBackfill }
    #expect(try await bench.repository(.newWithTombstones).query(input).items.isEmpty)
    // One whole key finds OLD's item by it, consistently.
    input.keyConditionExpression = "pk = :p AND sk = :s"
    input.expressionAttributeValues = [":p": "C#x", ":s": "O#a"]
    bench.forget()
    #expect(try await bench.repository().query(input).items.count == 1)
    #expect(bench.asked.sorted() == ["Query new", "Query old"])
  }

  @Test("query: without a query-index it throws queryNeedsBackfill") func needsBackfill() async throws {
    let tables = PageTables(
      "no query", "old: {hash: {id: S}}\nnew: {hash: {pk: S}, range: {sk: S}}\nkey: {pk: {template: \"C#{c}\"}, sk: id}\nrest: keep")
    let bench = PageBench(tables, old: [["id": "a", "c": "x"]])
    let input = QueryInput(tableName: "new", keyConditionExpression: "pk = :p", expressionAttributeValues: [":p": "C#x"])
    for phase in [MigrationPhase.old, .dualRead, .dualTable] {
      await #expect { _ = try await bench.repository(phase).query(input) } throws: { ($0 as? DualTableError)?.code == .queryNeedsBackfill }
    }
    #expect(bench.asked.isEmpty)
    #expect(try await bench.repository(.newWithTombstones).query(input).items.isEmpty)
  }

  @Test(
    "query: where the order of sort keys isn't kept, OLD's whole partition is read and sorted, up to a stated bound, then a clear error")
  func sorts() async throws {
    func item(_ r: Int, _ size: Int = 1) -> Item {
      ["h": "x", "r": .number(DynamoDBNumber(r)), "p": ["v": .string(String(repeating: "v", count: size))]]
    }
    let bench = PageBench(.orderNotKept, old: [item(9), item(10), item(8)], itemsInPage: 2)
    let input = QueryInput(tableName: "new", keyConditionExpression: "pk = :p", limit: 1, expressionAttributeValues: [":p": "x"])
    let first = try await bench.repository().query(input)
    #expect(first.items.map { $0["sk"] } == ["10"])
    #expect(bench.asked.filter { $0 == "Query old" }.count == 2, "all of it")
    let large = PageBench(.orderNotKept, old: (0..<30).map { item($0, 1_000) }, itemsInPage: 2)
    let bounded = try large.repository()
    bounded.sort(upTo: 10_000)
    await #expect { _ = try await bounded.query(input) } throws: { ($0 as? DualTableError)?.code == .partitionTooLarge }
    // It is read at most a page beyond the bound.
    #expect(large.asked.filter { $0 == "Query old" }.count == 5)
    bounded.sort(upTo: 100_000)
    #expect(try await bounded.query(input).items.map { $0["sk"] } == ["0"])
  }

  @Test(
    "operations: what no caller may name, or the service would refuse",
    arguments: [
      ("f = :f", nil, "v", DualTableError.Code.invalidExpression), ("#d = :f", nil, nil, .reservedName), (nil, nil, "#d", .reservedName),
      ("sk = :f", nil, nil, .invalidExpression), (nil, Select.count, "v", .invalidExpression),
      (nil, .specificAttributes, nil, .invalidExpression),
    ] as [(String?, Select?, String?, DualTableError.Code)])
  func refuses(_ filter: String?, _ select: Select?, _ projection: String?, _ code: DualTableError.Code) async throws {
    let bench = Self.bench()
    var input = Self.input()
    input.filterExpression = filter
    input.select = select
    input.projectionExpression = projection
    input.expressionAttributeNames = filter?.contains("#d") == true || projection == "#d" ? ["#d": "_dt"] : nil
    if let filter { input.expressionAttributeValues?[filter == "f = :f" ? ":other" : ":f"] = 1 }
    await #expect { _ = try await bench.repository().query(input) } throws: { ($0 as? DualTableError)?.code == code }
    #expect(bench.asked.isEmpty)
  }
}
