import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Queries and scans over both tables, against engines of others.
@Suite(.timeLimit(.minutes(5))) struct PagesTests {
  /// What a key holds.
  struct Found: Sendable, Hashable {
    let partition: String
    let sort: String
    let value: Int
  }

  /// A mapping, its tables' items, and what is found.
  struct Scene: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let yaml: String
    let old: [Item]
    /// NEW's items and tombstones.
    let new: [Item]
    let partition: String
    /// What a query of the partition finds, in order.
    let found: [(sort: String, value: Int)]
    /// What a scan finds besides.
    let elsewhere: [Found]
    /// An index is never consistent.
    var isConsistent = true

    var results: [Found] { found.map { Found(partition: partition, sort: $0.sort, value: $0.value) } }
  }

  static func number(_ value: Int) -> AttributeValue { .number(DynamoDBNumber(value)) }
  static func old(_ r: AttributeValue, _ v: Int, h: String = "x") -> Item { ["h": .string(h), "r": r, "p": ["v": number(v)]] }
  static func new(_ sk: String, _ v: Int, pk: String = "P#x") -> Item { ["pk": .string(pk), "sk": .string(sk), "v": number(v)] }
  static func tombstone(_ sk: String, pk: String = "P#x") -> Item { ["pk": .string(pk), "sk": .string(sk), "_dt": 5] }

  static let scenes = [
    Scene(
      testDescription: "same key",
      yaml: """
        old: {hash: {h: S}, range: {r: S}}
        new: {hash: {h: S}, range: {r: S}}
        key: {h: h, r: r}
        attributes: {v: p.v}
        rest: keep
        """,
      old: [old("1", 1), old("2", 2), old("3", 3), old("4", 4), old("9", 9, h: "y")],
      new: [["h": "x", "r": "2", "v": 20], ["h": "x", "r": "3", "_dt": 5], ["h": "x", "r": "5", "v": 50]],
      partition: "x", found: [("1", 1), ("2", 20), ("4", 4), ("5", 50)], elsewhere: [Found(partition: "y", sort: "9", value: 9)]),
    Scene(
      testDescription: "re-keyed",
      yaml: """
        old: {hash: {h: S}, range: {r: S}}
        new: {hash: {pk: S}, range: {sk: S}}
        key: {pk: {template: "P#{h}"}, sk: {template: "S#{r}"}}
        attributes: {v: p.v}
        rest: keep
        """,
      old: [old("1", 1), old("2", 2), old("3", 3), old("4", 4), old("8", 8, h: "y"), old("9", 9, h: "y")],
      new: [new("S#0", 5), tombstone("S#1"), new("S#2", 20), tombstone("S#3"), tombstone("S#8", pk: "P#y")],
      partition: "P#x", found: [("S#0", 5), ("S#2", 20), ("S#4", 4)], elsewhere: [Found(partition: "P#y", sort: "S#9", value: 9)]),
    Scene(
      testDescription: "query-index",
      yaml: """
        old: {hash: {id: S}, indexes: {byC: {hash: {c: S}, range: {t: S}}}}
        new: {hash: {pk: S}, range: {sk: S}}
        query-index: byC
        keeps-order: true
        key: {pk: {template: "C#{c}"}, sk: {template: "{t}#{id}"}}
        attributes: {v: p.v}
        rest: keep
        old-key: {id: {from: sk, parse: "{t}#{id}"}}
        """,
      old: [("d", "1", 1), ("c", "2", 2), ("b", "3", 3), ("a", "4", 4)].map {
        ["id": .string($0), "t": .string($1), "c": "x", "p": ["v": number($2)]]
      } + [["id": "e", "t": "1", "c": "y", "p": ["v": 9]]],
      new: [new("2#c", 20, pk: "C#x"), tombstone("3#b", pk: "C#x"), new("5#f", 50, pk: "C#x")],
      partition: "C#x", found: [("1#d", 1), ("2#c", 20), ("4#a", 4), ("5#f", 50)],
      elsewhere: [Found(partition: "C#y", sort: "1#e", value: 9)], isConsistent: false),
    Scene(
      testDescription: "fan-out",
      yaml: """
        old: {hash: {h: S}, range: {r: S}}
        new: {hash: {pk: S}, range: {sk: S}}
        items:
        - name: a
          primary: true
          key: {pk: {template: "P#{h}"}, sk: {template: "A#{r}"}}
          attributes: {v: p.v}
          rest: keep
        - name: b
          key: {pk: {template: "P#{h}"}, sk: {template: "B#{r}"}}
          attributes: {v: p.v}
          rest: keep
        """,
      old: [old("1", 1), old("2", 2), old("9", 9, h: "y")],
      new: [new("A#2", 20), tombstone("B#1"), new("B#5", 50), tombstone("A#9", pk: "P#y")], partition: "P#x",
      found: [("A#1", 1), ("A#2", 20), ("B#2", 2), ("B#5", 50)], elsewhere: [Found(partition: "P#y", sort: "B#9", value: 9)]),
    Scene(
      testDescription: "order not kept",
      yaml: """
        old: {hash: {h: S}, range: {r: N}}
        new: {hash: {pk: S}, range: {sk: S}}
        key: {pk: {template: "P#{h}"}, sk: {from: r, was: number, type: string}}
        attributes: {v: p.v}
        rest: keep
        """,
      old: [old(9, 9), old(10, 10), old(11, 11), old(100, 3)], new: [new("10", 20), tombstone("11")], partition: "P#x",
      found: [("10", 20), ("100", 3), ("9", 9)], elsewhere: []),
  ]

  /// Both tables of a migration, and repositories on them.
  struct Tables {
    let client: DynamoDBClient
    let old: String
    let new: String
    let mapping: CompiledMapping
    /// NEW's.
    var keys: KeySchema { mapping.newSchema }

    func repository(_ phase: MigrationPhase = .dualTable) -> DualTableRepository {
      DualTableRepository(old: client, oldTable: old, new: client, newTable: new, mapping: mapping, phase: .fixed(phase))
    }

    func query(
      _ scene: Scene, limit: Int? = nil, isForward: Bool = true, range: (operator: String, sort: String)? = nil
    ) -> QueryInput {
      var input = QueryInput(
        tableName: new, keyConditionExpression: "#p = :p", limit: limit, scanIndexForward: isForward, consistentRead: scene.isConsistent,
        expressionAttributeNames: ["#p": keys.hash.name], expressionAttributeValues: [":p": .string(scene.partition)])
      if let range {
        input.keyConditionExpression = "#p = :p AND #s \(range.operator) :s"
        input.expressionAttributeNames?["#s"] = keys.range?.name
        input.expressionAttributeValues?[":s"] = .string(range.sort)
      }
      return input
    }

    func found(_ item: Item) -> Found {
      Found(
        partition: item[keys.hash.name]?.stringValue ?? "", sort: (keys.range.map { item[$0.name] } ?? nil)?.stringValue ?? "",
        value: item["v"]?.numberValue.flatMap { Int(exactly: $0) } ?? 0)
    }

    /// What NEW itself has alive.
    func live(_ scene: Scene) -> [Found] { scene.new.filter { $0["_dt"] == nil }.map(found) }
  }

  private func withTables(
    _ engine: Engine, _ yaml: String, old: [Item], new: [Item], oldIndexes: Projection.ProjectionType = .keysOnly,
    _ body: (Tables) async throws -> Void
  ) async throws {
    let mapping = try CompiledMapping(yaml: Array("version: 1\n\(yaml)".utf8), file: "mapping.yaml")
    try await engine.withClient { client in
      try await client.withTable(.init(mapping.oldSchema, mapping.indexes.old, oldIndexes)) { oldTable in
        try await client.withTable(.init(mapping.newSchema, mapping.indexes.new, .all)) { newTable in
          for (table, items) in [(oldTable, old), (newTable, new)] {
            for item in items { _ = try await client.putItem(.init(tableName: table, item: item)) }
          }
          try await body(Tables(client: client, old: oldTable, new: newTable, mapping: mapping))
        }
      }
    }
  }

  private func withScene(_ engine: Engine, _ scene: Scene, _ body: (Tables) async throws -> Void) async throws {
    try await withTables(engine, scene.yaml, old: scene.old, new: scene.new, body)
  }

  @Test("query: two ordered streams merged by NEW's key; `Limit` counts items looked at; either way", arguments: Engine.all, scenes)
  func queries(_ engine: Engine, _ scene: Scene) async throws {
    try await withScene(engine, scene) { tables in
      for isForward in [true, false] {
        let expected = isForward ? scene.results : scene.results.reversed()
        for limit in [nil, 1, 2, 3] as [Int?] {
          var seen: [Found] = []
          for try await page in tables.repository().queryPages(tables.query(scene, limit: limit, isForward: isForward)) {
            #expect(page.scannedCount == min(limit ?? .max, expected.count - seen.count) && page.items.count == page.scannedCount)
            seen += page.items.map(tables.found)
          }
          #expect(seen == expected, "limit \(limit ?? 0), forward \(isForward)")
        }
      }
    }
  }

  @Test("query: key conditions go to NEW and, translated by the mapping, to OLD", arguments: Engine.all, scenes)
  func conditions(_ engine: Engine, _ scene: Scene) async throws {
    let operators: [(String, (String, String) -> Bool)] = [("=", ==), ("<", <), ("<=", <=), (">", >), (">=", >=)]
    try await withScene(engine, scene) { tables in
      for bound in scene.new.map({ tables.found($0).sort }) {
        for (name, holds) in operators {
          for isForward in [true, false] {
            let input = tables.query(scene, limit: 2, isForward: isForward, range: (name, bound))
            var seen: [Found] = []
            for try await item in tables.repository().queryPages(input).items { seen.append(tables.found(item)) }
            let expected = scene.results.filter { holds($0.sort, bound) }
            #expect(seen == (isForward ? expected : expected.reversed()), "\(name) \(bound), forward \(isForward)")
          }
        }
      }
      var input = tables.query(scene, range: ("", "0"))
      input.keyConditionExpression = "#p = :p AND begins_with(#s, :s)"
      let first = scene.results[0].sort
      input.expressionAttributeValues?[":s"] = .string(String(first.prefix(2)))
      let expected = scene.results.filter { $0.sort.hasPrefix(first.prefix(2)) }
      #expect(try await tables.repository().query(input).items.map(tables.found) == expected)
      input.keyConditionExpression = "#p = :p AND #s BETWEEN :s AND :t"
      input.expressionAttributeValues?[":s"] = .string(scene.results[1].sort)
      input.expressionAttributeValues?[":t"] = .string(scene.results[2].sort)
      #expect(try await tables.repository().query(input).items.map(tables.found) == Array(scene.results[1...2]))
    }
  }

  @Test(
    "query, scan: merged, then filter; filters, projections and COUNT hide no tombstone and no shadowing item", arguments: Engine.all,
    scenes)
  func filters(_ engine: Engine, _ scene: Scene) async throws {
    try await withScene(engine, scene) { tables in
      let repository = tables.repository()
      var query = tables.query(scene)
      query.filterExpression = "v < :v"
      query.projectionExpression = "v"
      query.expressionAttributeValues?[":v"] = 20
      var scan = ScanInput(
        tableName: tables.new, filterExpression: "v < :v", projectionExpression: "v", expressionAttributeValues: [":v": 20])
      let all = scene.results + scene.elsewhere
      func values(_ found: [Found]) -> [Item] { found.filter { $0.value < 20 }.map { ["v": Self.number($0.value)] } }
      let queried = try await repository.query(query)
      #expect(queried.items == values(scene.results) && queried.scannedCount == scene.results.count)
      let scanned = try await repository.scan(scan)
      #expect(Set(scanned.items) == Set(values(all)) && scanned.count == values(all).count && scanned.scannedCount == all.count)

      (query.projectionExpression, query.select) = (nil, .count)
      (scan.projectionExpression, scan.select) = (nil, .count)
      for (output, found) in [(try await repository.query(query), scene.results), (try await repository.scan(scan), all)] {
        #expect(output.items.isEmpty && output.count == values(found).count && output.scannedCount == found.count)
      }
    }
  }

  @Test(
    "query: the next page reads both again and uses nothing read earlier; handed out in 3 it goes on in 4", arguments: Engine.all, scenes)
  func goesOn(_ engine: Engine, _ scene: Scene) async throws {
    try await withScene(engine, scene) { tables in
      for isForward in [true, false] {
        let expected = isForward ? scene.results : scene.results.reversed()
        let live = tables.live(scene)
        for limit in 1..<expected.count {
          var input = tables.query(scene, limit: limit, isForward: isForward)
          input.exclusiveStartKey = try await tables.repository().query(input).lastEvaluatedKey
          #expect(input.exclusiveStartKey != nil)
          let rest = try await tables.repository(.newWithTombstones).query(input).items.map(tables.found)
          #expect(rest == Array(expected[limit...].filter(live.contains).prefix(limit)), "limit \(limit), forward \(isForward)")
        }
      }
      // The item that the cursor stands on goes, and the next one too.
      var input = tables.query(scene, limit: 1)
      input.exclusiveStartKey = try await tables.repository().query(input).lastEvaluatedKey
      for found in scene.results.prefix(2) {
        let key = Item([
          (name: tables.keys.hash.name, value: .string(found.partition)), (name: tables.keys.range?.name ?? "", value: .string(found.sort)),
        ])
        _ = try await tables.repository().deleteItem(.init(tableName: tables.new, key: key))
      }
      input.limit = nil
      #expect(try await tables.repository().query(input).items.map(tables.found) == Array(scene.results[2...]))
    }
  }

  @Test("query: a page ends at 1 MB", arguments: Engine.all) func endsAtItsSize(_ engine: Engine) async throws {
    let scene = Self.scenes[1]
    let text = AttributeValue.string(String(repeating: "x", count: 300_000))
    var old = (0..<6).map { Self.old(.string("\($0)"), $0) }
    for place in old.indices { old[place]["text"] = text }
    var new = [1, 3].map { Self.new("S#\($0)", $0 + 10) }
    for place in new.indices { new[place]["text"] = text }
    try await withTables(engine, scene.yaml, old: old, new: new + [Self.tombstone("S#2")]) { tables in
      for isForward in [true, false] {
        var sizes: [Int] = []
        var seen: [Int] = []
        for try await page in tables.repository().queryPages(tables.query(scene, isForward: isForward)) {
          sizes.append(page.items.count)
          seen += page.items.map { tables.found($0).value }
        }
        #expect(seen == (isForward ? [0, 11, 13, 4, 5] : [5, 4, 13, 11, 0]))
        #expect(sizes.count >= 2 && sizes.allSatisfy { $0 <= 4 }, "\(sizes)")
      }
    }
  }

  @Test("scan: first OLD, each item as NEW has it, then what NEW alone has; by segments too", arguments: Engine.all, scenes)
  func scans(_ engine: Engine, _ scene: Scene) async throws {
    try await withScene(engine, scene) { tables in
      for (phase, expected) in [(MigrationPhase.dualTable, scene.results + scene.elsewhere), (.newWithTombstones, tables.live(scene))] {
        for (limit, segments) in [(nil, 1), (1, 1), (2, 1), (nil, 3), (1, 3)] as [(Int?, Int)] {
          var seen: [Found] = []
          for segment in 0..<segments {
            var input = ScanInput(tableName: tables.new, limit: limit, consistentRead: true)
            if segments > 1 { (input.segment, input.totalSegments) = (segment, segments) }
            for try await page in tables.repository(phase).scanPages(input) {
              #expect(page.scannedCount <= limit ?? .max)
              seen += page.items.map(tables.found)
            }
          }
          #expect(seen.count == expected.count && Set(seen) == Set(expected), "limit \(limit ?? 0), segments \(segments), \(phase)")
        }
      }
    }
  }

  @Test("scan: a cursor from 3 goes on in 4, where OLD supplies nothing but keys", arguments: Engine.all, scenes)
  func scanGoesOn(_ engine: Engine, _ scene: Scene) async throws {
    try await withScene(engine, scene) { tables in
      for limit in 1..<(scene.results + scene.elsewhere).count {
        var input = ScanInput(tableName: tables.new, limit: limit, consistentRead: true)
        let first = try await tables.repository().scan(input)
        input.exclusiveStartKey = first.lastEvaluatedKey
        input.limit = nil
        guard input.exclusiveStartKey != nil else { continue }
        var rest: [Found] = []
        for try await item in tables.repository(.newWithTombstones).scanPages(input).items { rest.append(tables.found(item)) }
        let expected = Set(tables.live(scene)).subtracting(first.items.map(tables.found))
        #expect(first.scannedCount == limit && rest.count == expected.count && Set(rest) == expected, "limit \(limit)")
      }
    }
  }

  @Test("query, scan: an index of NEW is incomplete until the backfill is done, unless the caller allows it", arguments: Engine.all)
  func incompleteIndexes(_ engine: Engine) async throws {
    let yaml = """
      old: {hash: {id: S}}
      new: {hash: {key: S}, indexes: {byC: {hash: {c: S}}}}
      key: {key: {template: "N#{id}"}}
      rest: keep
      """
    let new: [Item] = [["key": "N#b", "c": "x", "v": 2], ["key": "N#c", "c": "y", "v": 3], ["key": "N#d", "_dt": 5]]
    try await withTables(engine, yaml, old: [["id": "a", "c": "x", "v": 1]], new: new) { tables in
      let query = QueryInput(
        tableName: tables.new, indexName: "byC", keyConditionExpression: "c = :c", expressionAttributeValues: [":c": "x"])
      let scan = ScanInput(tableName: tables.new, indexName: "byC")
      await #expect { _ = try await tables.repository().query(query) } throws: { ($0 as? DualTableError)?.code == .indexIncomplete }
      await #expect { _ = try await tables.repository().scan(scan) } throws: { ($0 as? DualTableError)?.code == .indexIncomplete }
      for (phase, allowIncomplete) in [(MigrationPhase.dualTable, true), (.newWithTombstones, false)] {
        let queried = try await tables.repository(phase).query(query, allowIncomplete: allowIncomplete)
        #expect(queried.items == [new[0]])
        let scanned = try await tables.repository(phase).scan(scan, allowIncomplete: allowIncomplete)
        #expect(scanned.items.count == 2 && Set(scanned.items) == Set(new.prefix(2)))
      }
    }
  }

  @Test(
    "query: an index that both tables have, each OLD hit looked up in NEW", arguments: Engine.all,
    [Projection.ProjectionType.all, .keysOnly])
  func indexes(_ engine: Engine, _ projection: Projection.ProjectionType) async throws {
    let yaml = """
      old: {hash: {id: S}, indexes: {byC: {hash: {c: S}, range: {t: N}}}}
      new: {hash: {key: S}, indexes: {byC: {hash: {c: S}, range: {t: N}}}}
      key: {key: {template: "N#{id}"}}
      rest: keep
      """
    let old: [Item] = ["missing", "same", "moved", "away", "dead"].map { ["id": .string($0), "c": "x", "t": 1, "v": 1] }
    let new: [Item] = [("same", "x", 1), ("moved", "x", 3), ("away", "y", 1), ("own", "x", 2)].map {
      ["key": .string("N#\($0)"), "c": .string($1), "t": Self.number($2), "v": 9]
    }
    try await withTables(engine, yaml, old: old, new: new + [["key": "N#dead", "_dt": 5]], oldIndexes: projection) { tables in
      func found(_ partition: String, _ value: Int) -> Found { Found(partition: "N#\(partition)", sort: "", value: value) }
      // Two have the same key in the index: their order is the engine's, and any.
      let tie: Set = [found("missing", 1), found("same", 9)]
      var input = QueryInput(
        tableName: tables.new, indexName: "byC", keyConditionExpression: "c = :c", expressionAttributeValues: [":c": "x"])
      for isForward in [true, false] {
        input.scanIndexForward = isForward
        for limit in [nil, 1, 2, 3] as [Int?] {
          input.limit = limit
          var seen: [Found] = []
          for try await page in tables.repository().queryPages(input) {
            #expect(page.scannedCount <= limit ?? .max)
            seen += page.items.map(tables.found)
          }
          let (ties, others) = isForward ? (seen.prefix(2), seen.dropFirst(2)) : (seen.suffix(2), seen.dropLast(2))
          #expect(Set(ties) == tie && ties.count == 2, "limit \(limit ?? 0), forward \(isForward)")
          #expect(others.elementsEqual(isForward ? [found("own", 9), found("moved", 9)] : [found("moved", 9), found("own", 9)]))
        }
      }
      input.limit = nil
      input.keyConditionExpression = "c = :c AND t >= :t"
      input.expressionAttributeValues?[":t"] = 2
      #expect(try await tables.repository().query(input).items.map(tables.found) == [found("moved", 9), found("own", 9)])
      input.select = .count
      #expect(try await tables.repository().query(input).count == 2)
      input.filterExpression = "v = :v"
      input.expressionAttributeValues?[":t"] = 1
      input.expressionAttributeValues?[":v"] = 1
      let counted = try await tables.repository().query(input)
      #expect(counted.count == 1 && counted.scannedCount == 4 && counted.items.isEmpty)
    }
  }

  @Test(
    "query: a local index that both tables have, read consistently, and for whole items", arguments: Engine.all,
    [Projection.ProjectionType.all, .keysOnly])
  func localIndexes(_ engine: Engine, _ projection: Projection.ProjectionType) async throws {
    let yaml = """
      old: {hash: {h: S}, range: {r: S}, indexes: {byT: {hash: {h: S}, range: {t: N}}}}
      new: {hash: {h: S}, range: {r: S}, indexes: {byT: {hash: {h: S}, range: {t: N}}}}
      key: {h: h, r: r}
      rest: keep
      """
    func item(_ r: String, t: Int, v: Int) -> Item { ["h": "x", "r": .string(r), "t": Self.number(t), "v": Self.number(v)] }
    let old = [item("a", t: 2, v: 1), item("b", t: 1, v: 1), item("c", t: 4, v: 1), item("d", t: 5, v: 1)]
    let new: [Item] = [item("b", t: 3, v: 9), ["h": "x", "r": "c", "_dt": 5], item("e", t: 6, v: 9)]
    try await withTables(engine, yaml, old: old, new: new, oldIndexes: projection) { tables in
      let expected = [item("a", t: 2, v: 1), item("b", t: 3, v: 9), item("d", t: 5, v: 1), item("e", t: 6, v: 9)]
      var input = QueryInput(
        tableName: tables.new, indexName: "byT", keyConditionExpression: "h = :h", consistentRead: true,
        expressionAttributeValues: [":h": "x"], select: .allAttributes)
      for isForward in [true, false] {
        input.scanIndexForward = isForward
        for limit in [nil, 1, 2, 3] as [Int?] {
          input.limit = limit
          var seen: [Item] = []
          for try await page in tables.repository().queryPages(input) { seen += page.items }
          #expect(seen == (isForward ? expected : expected.reversed()), "limit \(limit ?? 0), forward \(isForward)")
        }
      }
    }
  }
}

extension CreateTableInput {
  /// A table of this key with these indexes, which hold this; one with the table's partition key is local.
  fileprivate init(_ keys: KeySchema, _ indexes: [(name: String, keys: KeySchema)], _ projection: Projection.ProjectionType) {
    self.init(tableName: "", keys: keys)
    for index in indexes {
      for attribute in index.keys.attributes where !attributeDefinitions.contains(where: { $0.attributeName == attribute.name }) {
        attributeDefinitions.append(AttributeDefinition(attributeName: attribute.name, attributeType: attribute.type))
      }
      let elements = zip(index.keys.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) }
      let made = SecondaryIndex(indexName: index.name, keySchema: elements, projection: Projection(projectionType: projection))
      if keys.range != nil, index.keys.hash == keys.hash {
        localSecondaryIndexes = (localSecondaryIndexes ?? []) + [made]
      } else {
        globalSecondaryIndexes = (globalSecondaryIndexes ?? []) + [made]
      }
    }
  }
}
