import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

@testable import DualTable

/// Cursors: opaque, bound to what they were handed out for, and good in the phase that comes.
@Suite struct CursorTests {
  static func first(_ phase: MigrationPhase) async throws -> Item {
    try #require(try await QueryTests.bench().repository(phase).query(QueryTests.input(limit: 1)).lastEvaluatedKey)
  }

  static func code(_ body: () async throws(DualTableError) -> Void) async -> DualTableError.Code? {
    do throws(DualTableError) {
      try await body()
      return nil
    } catch {
      return error.code
    }
  }

  @Test("query: the cursor is opaque; it survives being kept as text") func opaque() async throws {
    let cursor = try await Self.first(.dualTable)
    #expect(cursor.names == ["dualTableCursor"])
    let text = try #require(cursor["dualTableCursor"]?.stringValue)
    #expect(
      text.hasPrefix("1.") && text.utf8.allSatisfy { "-_.".utf8.contains($0) || (48...57).contains($0) || (65...90).contains($0 & 0xDF) })
    for kept in [try Item(wire: Array(cursor.description.utf8).span), ["dualTableCursor": .string(text)]] {
      let output = try await QueryTests.bench().repository().query(QueryTests.input(start: kept))
      #expect(QueryTests.numbers(output) == ["2", "4", "5"])
    }
  }

  @Test("query: a foreign or damaged cursor is refused with one sentence") func foreign() async throws {
    let cursor = try await Self.first(.dualTable)
    let text = try #require(cursor["dualTableCursor"]?.stringValue)
    let other = text.last == "A" ? "B" : "A"
    let damaged = [
      text.dropLast() + other, text.dropLast(2) + "", "2" + text.dropFirst(), "", "1..", text + ".", text.replacing(".", with: "_"),
    ].map { text -> Item in ["dualTableCursor": .string(String(text))] }
    let inputs =
      damaged.map { QueryTests.input(start: $0) } + [
        QueryTests.input(" AND sk > :a", [":a": "S#1"], start: cursor), QueryTests.input(start: cursor, isForward: false),
        QueryTests.input(start: cursor.merging(["more": 1])), QueryTests.input(start: ["pk": "P#x", "sk": "S#1"]),
      ]
    for input in inputs {
      let bench = QueryTests.bench()
      #expect(await Self.code { () throws(DualTableError) in _ = try await bench.repositoryForTests().query(input) } == .invalidCursor)
      #expect(bench.asked.isEmpty)
    }
    var scan = ScanInput(tableName: "new", exclusiveStartKey: cursor)
    #expect(
      await Self.code { () throws(DualTableError) in _ = try await QueryTests.bench().repositoryForTests().scan(scan) } == .invalidCursor)
    let segment = try await QueryTests.bench().repository().scan(.init(tableName: "new", limit: 1, segment: 0, totalSegments: 1))
    #expect(segment.lastEvaluatedKey != nil)
    scan.exclusiveStartKey = segment.lastEvaluatedKey
    #expect(
      await Self.code { () throws(DualTableError) in _ = try await QueryTests.bench().repositoryForTests().scan(scan) } == .invalidCursor)
  }

  @Test("query: a cursor is bound to the query, not to its limit, filter, projection or consistency") func otherwise() async throws {
    var input = QueryTests.input("", [":f": 1], start: try await Self.first(.dualTable), limit: 2, isConsistent: true)
    input.filterExpression = "f = :f"
    input.projectionExpression = "v"
    #expect(try await QueryTests.bench().repository().query(input).scannedCount == 2)
  }

  static let steps: [(MigrationPhase, MigrationPhase, [String])] = [
    (.old, .dualRead, ["2", "4", "5"]), (.dualRead, .old, ["2", "3", "4"]), (.dualRead, .dualTable, ["2", "4", "5"]),
    (.dualTable, .newWithTombstones, ["2", "5"]), (.newWithTombstones, .new, ["5"]), (.new, .newWithTombstones, ["5"]),
    (.newWithTombstones, .dualTable, ["4", "5"]),
  ]

  @Test("query: a page handed out in 3 goes on in 4 by NEW's part, and so in every neighboring phase", arguments: steps)
  func goesOn(_ from: MigrationPhase, _ to: MigrationPhase, _ found: [String]) async throws {
    let cursor = try await Self.first(from)
    let bench = QueryTests.bench()
    let output = try await bench.repository(to).query(QueryTests.input(start: cursor))
    #expect(QueryTests.numbers(output) == found)
    if to >= .newWithTombstones { #expect(bench.asked == ["Query new"]) }
  }

  @Test("phases: in 5 NEW is an ordinary table, and so are its cursors") func plain() async throws {
    #expect(try await Self.first(.new) == ["pk": "P#x", "sk": "S#2"])
  }

  @Test("scan: a cursor from 3 goes on in 4, where OLD supplies nothing but keys; in 5 it is refused") func scans() async throws {
    let bench = QueryTests.bench()
    let first = try await bench.repository().scan(.init(tableName: "new", limit: 1))
    let cursor = try #require(first.lastEvaluatedKey)
    let next = ScanInput(tableName: "new", exclusiveStartKey: cursor)
    let rest = try await bench.repository(.newWithTombstones).scan(next)
    let seen = QueryTests.numbers(first) + QueryTests.numbers(rest)
    // What only OLD has is absent in 4; what both have comes once.
    #expect(Set(seen).count == seen.count && Set(seen).isSuperset(of: ["2", "5"]))
    #expect(Set(QueryTests.numbers(rest)).isSubset(of: ["2", "5"]))
    bench.forget()
    #expect(await Self.code { () throws(DualTableError) in _ = try await bench.repositoryForTests(.new).scan(next) } == .invalidCursor)
    #expect(bench.asked.isEmpty)
    // One that began in 4 never needed OLD.
    let fresh = try #require(try await bench.repository(.newWithTombstones).scan(.init(tableName: "new", limit: 1)).lastEvaluatedKey)
    #expect(try await bench.repository(.new).scan(.init(tableName: "new", exclusiveStartKey: fresh)).items.count == 1)
  }

  @Test("scan: a cursor that somebody made up is refused, whatever it counts", arguments: ["-1", "9223372036854775807", "0.5"])
  func forged(_ count: String) async throws {
    let place: Item = ["kind": "scan", "table": "new"]
    let honest = try await QueryTests.bench().repository().scan(.init(tableName: "new", limit: 1))
    let last = try #require(honest.lastEvaluatedKey)
    let key = try #require(PageCursor.values(of: last, in: place)["o"])
    for (number, isRefused) in [("1", false), (count, true)] {
      let cursor = PageCursor.cursor(["m": true, "p": .list([.list([key, .number(try DynamoDBNumber(number))])])], in: place)
      let code = await Self.code { () throws(DualTableError) in
        _ = try await QueryTests.bench().repositoryForTests().scan(.init(tableName: "new", exclusiveStartKey: cursor))
      }
      #expect(code == (isRefused ? .invalidCursor : nil))
    }
  }
}

extension PageBench {
  /// A repository, where making one can't fail.
  func repositoryForTests(_ phase: MigrationPhase = .dualTable) -> DualTableRepository {
    do { return try repository(phase) } catch { preconditionFailure("\(error)") }
  }
}
