import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Scans, with what they send.
@Suite struct ScanTests {
  static let phases: [(MigrationPhase, Set<String>, [String])] = [
    (.old, ["P#x S#1", "P#x S#2", "P#x S#3", "P#x S#4", "P#y S#9"], ["Scan old"]),
    (
      .dualTable, ["P#x S#1", "P#x S#2", "P#x S#4", "P#x S#5", "P#y S#9"], ["Scan old", "BatchGetItem new", "Scan new", "BatchGetItem old"]
    ),
    (.newWithTombstones, ["P#x S#2", "P#x S#5"], ["Scan new"]), (.new, ["P#x S#2", "P#x S#5"], ["Scan new"]),
  ]

  static func keys(_ output: ScanOutput) -> [String] {
    output.items.map { "\($0["pk"]?.stringValue ?? "") \($0["sk"]?.stringValue ?? "")" }
  }

  @Test(
    "scan: OLD page by page, BatchGet the mapped keys in NEW: live, emit NEW's; tombstone, skip; missing, emit converted; then NEW",
    arguments: phases)
  func scans(_ phase: MigrationPhase, _ found: Set<String>, _ asked: [String]) async throws {
    let bench = QueryTests.bench()
    let output = try await bench.repository(phase).scan(.init(tableName: "new", consistentRead: true))
    #expect(Set(Self.keys(output)) == found && output.count == found.count && output.lastEvaluatedKey == nil)
    #expect(bench.asked == asked)
    if phase == .dualTable { #expect(output.items.first { $0["sk"] == "S#2" }?["v"] == 20, "NEW's") }
    for request in bench.requests where request.operation == "Scan" { #expect(request["ConsistentRead"]?.bool == true) }
    for request in bench.requests where request.operation == "BatchGetItem" {
      #expect(try request.batch()[0].part["ConsistentRead"]?.bool == true)
    }
  }

  @Test("scan: parallel segments hand out every item once", arguments: [MigrationPhase.old, .dualTable, .newWithTombstones])
  func segments(_ phase: MigrationPhase) async throws {
    let old = (0..<40).map { QueryTests.old("\($0)", h: "h\($0 % 7)") }
    let converted = try old.flatMap { try PageTables.rekeyed.mapping.convert($0) }
    let own: [Item] = (0..<20).map { ["pk": .string("N#\($0)"), "sk": "only new", "v": 1] }
    let bench = PageBench(.rekeyed, old: old, new: Array(converted.prefix(15)) + own, itemsInPage: 4)
    var seen: [String] = []
    for segment in 0..<3 {
      let pages = try bench.repository(phase).scanPages(.init(tableName: "new", limit: 3, segment: segment, totalSegments: 3))
      for try await page in pages { seen += Self.keys(page) }
    }
    let count = phase == .old ? 40 : phase == .dualTable ? 60 : 35
    #expect(seen.count == count && Set(seen).count == count)
  }

  @Test("scan: filters and projections are applied to what was merged") func filters() async throws {
    let bench = QueryTests.bench()
    let output = try await bench.repository().scan(
      .init(
        tableName: "new", filterExpression: "f = :f AND h = :h", projectionExpression: "sk",
        expressionAttributeValues: [":f": 1, ":h": "x"]))
    #expect(Set(output.items) == [["sk": "S#1"], ["sk": "S#4"]])
    #expect(output.scannedCount == 5)
    for request in bench.requests { #expect(request.text("FilterExpression") == nil) }
    let projected = bench.requests.compactMap { request in
      request.operation == "BatchGetItem" ? (try? request.batch()[0].part.names) ?? nil : request.names
    }
    #expect(projected.count == 2 && projected.allSatisfy { Set($0.values) == ["pk", "sk", "_dt", "f", "h"] })
  }

  @Test("scan: an OLD item that can't be converted is an error, never absent") func unconvertible() async throws {
    let bench = PageBench(.rekeyed, old: [QueryTests.old("1"), ["h": "x", "r": "7", "p": ["v": 1], "v": 2]])
    await #expect { _ = try await bench.repository().scan(.init(tableName: "new")) } throws: {
      ($0 as? DualTableError)?.code == .unconvertible
    }
    bench.put(QueryTests.tombstone("7"), in: "new")
    #expect(try await Self.keys(bench.repository().scan(.init(tableName: "new"))) == ["P#x S#1"])
  }

  @Test("scan, query: pages and items as async sequences") func sequences() async throws {
    let bench = QueryTests.bench()
    let repository = try bench.repository()
    var seen: [String] = []
    for try await item in repository.queryPages(QueryTests.input(limit: 1)).items { seen.append(item["sk"]?.stringValue ?? "") }
    #expect(seen == ["S#1", "S#2", "S#4", "S#5"])
    var count = 0
    for try await _ in repository.scanPages(.init(tableName: "new", limit: 2)).items { count += 1 }
    #expect(count == 5)
  }

  struct Entry: Codable, Sendable, Equatable {
    let sk: String
    let v: Int
  }

  @Test("query, scan: Codable forms") func codable() async throws {
    let entries = try QueryTests.bench().repository().items(of: Entry.self)
    let first = try await entries.query(keyConditionExpression: "pk = :p", limit: 3, expressionAttributeValues: [":p": "P#x"])
    #expect(first.values == [Entry(sk: "S#1", v: 1), Entry(sk: "S#2", v: 20), Entry(sk: "S#4", v: 1)])
    let next = try await entries.query(
      keyConditionExpression: "pk = :p", exclusiveStartKey: first.lastEvaluatedKey, expressionAttributeValues: [":p": "P#x"])
    #expect(next.values == [Entry(sk: "S#5", v: 50)] && next.lastEvaluatedKey == nil)
    #expect(try await entries.scan().values.count == 5)
  }

  @Test("telemetry, capacity: NEW's part of a page is reported") func capacity() async throws {
    let output = try await QueryTests.bench().repository().scan(.init(tableName: "new", returnConsumedCapacity: .total))
    #expect(output.consumedCapacity?.tableName == "new")
    #expect((output.consumedCapacity?.capacityUnits ?? 0) > 1)
    #expect(try await QueryTests.bench().repository(.old).query(QueryTests.input()).consumedCapacity == nil)
  }
}
