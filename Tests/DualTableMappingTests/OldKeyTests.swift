import DualTableMapping
import DynamoDBModel
import Testing

/// `old-key`, `query-index` and `keeps-order`: what reads need of a mapping, stated or derived.
@Suite struct OldKeyTests {
  static let loose = (old: "{hash: {id: S}}", new: "{hash: {pk: S}, range: {sk: S}}")

  @Test func statedRulesDecide() throws {
    let mapping = try mapping(
      "rest: keep\nold-key: {id: {from: pk, parse: \"U#{id}\"}}", old: Self.loose.old, new: Self.loose.new,
      key: "{pk: {template: \"U#{id}\"}, sk: {from: sort, default: META}}")
    #expect(try mapping.oldKey(for: ["pk": "U#7", "sk": "anything"]) == ["id": "7"])
    for key: Item in [["pk": "V#7", "sk": "x"], ["pk": "U#7"], ["pk": "U#7", "sk": 1], ["pk": "U#", "sk": "x"]] {
      #expect(try mapping.oldKey(for: key) == nil, "\(key)")
    }
  }

  /// What a key rule can't make matches no block, whatever `old-key` makes of it.
  @Test func keyRulesGuardAllTheSame() throws {
    let mapping = try mapping(
      "rest: keep\nold-key: {id: sk}", old: Self.loose.old, new: Self.loose.new,
      key: "{pk: {const: USERS}, sk: {from: id, lookup: {a: A}, otherwise: keep}}")
    #expect(try mapping.oldKey(for: ["pk": "USERS", "sk": "7"]) == ["id": "7"])
    #expect(try mapping.oldKey(for: ["pk": "OTHERS", "sk": "7"]) == nil)
    // Where it leads elsewhere it is an error of that item, never a lost one.
    #expect(try mapping.convert(["id": "7"]).count == 1)
    let error = #expect(throws: ConversionError.self) { try mapping.convert(["id": "a"]) }
    #expect(error?.code == .keyMismatch)
  }

  /// Among several blocks it is for those whose key doesn't lead back by itself.
  @Test func amongBlocks() throws {
    let yaml = """
      version: 1
      old: {hash: {id: S}}
      new: {hash: {pk: S}}
      old-key: {id: {from: pk, parse: "A#{x}", take: x}}
      items:
      - {name: a, primary: true, key: {pk: {template: "A#{id}", lookup: {"A#1": "A#1"}, otherwise: keep}}, skip-when: {exists: b}, rest: keep}
      - {name: b, key: {pk: {template: "B#{id}"}}, rest: drop}
      """
    // Of a lookup that keeps others nothing says what it can't give.
    #expect(findings(yaml) == ["7:3 overlapping-blocks"])
    let apart = yaml.replacing(", lookup: {\"A#1\": \"A#1\"}, otherwise: keep", with: "").replacing(
      "old-key: {id: {from: pk, parse: \"A#{x}\", take: x}}\n", with: "")
    let mapping = try CompiledMapping(yaml: Array(apart.utf8), file: "f")
    #expect(try mapping.oldKey(for: ["pk": "B#1"]) == ["id": "1"])
  }

  @Test(arguments: [
    ("old-key: {id: id}", ["6:15 unknown-key"]),
    ("old-key: {id: {template: \"{pk}{{{idd}\"}}", ["6:15 unknown-hole"]),
    ("old-key: {id: {from: pk, when: {exists: x}}}", ["6:15 unknown-key"]),
    ("old-key: {}", ["6:10 missing-key-attribute"]),
    ("old-key: {id: pk, ld: pk}", ["6:19 unknown-key"]),
    ("old-key: {id: {from: pk, was: string, type: number}}", ["6:15 bad-conversion"]),
    ("old-key: {id: {from: pk, was: number, type: string}}", ["6:15 bad-conversion"]),
    ("old-key: {id: {const: 1}}", ["6:15 bad-conversion"]),
    ("old-key: [pk]", ["6:10 bad-value"]),
    ("rest: keep", ["4:6 underivable-old-key"]),
  ]) func findingsAt(_ line: String, _ expected: [String]) {
    let yaml =
      "version: 1\nold: {hash: {id: S}}\nnew: {hash: {pk: S}}\nkey: {pk: {from: id, lookup: {a: b}, otherwise: keep}}\nreserved: _x\n"
    #expect(findings(yaml + line) == expected)
  }

  /// `underivable-old-key` says why.
  @Test(arguments: [
    ("{pk: other}", "no key rule reads it"), ("{pk: {const: x}}", "no key rule reads it"),
    ("{pk: {from: id, lookup: {a: x, b: x}}}", "the rule of `pk` can't be undone"),
    ("{pk: {from: id, default: x}}", "the rule of `pk` can't be undone"),
    ("{pk: {from: id, parse: \"{a}#{b}\", take: a}}", "not every hole of `pk`'s pattern is part of NEW's key"),
  ]) func reasons(_ key: String, _ reason: String) throws {
    let findings = #expect(throws: MappingFindings.self) { try mapping("rest: keep", new: "{hash: {pk: S}}", key: key) }
    #expect(
      findings?.findings.map(\.sentence) == [
        "OLD's key attribute `id` doesn't come out of NEW's key: \(reason); `old-key` can say how it does"
      ])
  }

  @Test func digestsHoldIt() throws {
    func digest(_ lines: String) throws -> String {
      try mapping("rest: keep\n\(lines)", new: "{hash: {pk: S}}", key: "{pk: id}").digest
    }
    let plain = try digest("")
    #expect(try digest("old-key: {id: pk}") != plain)
    #expect(try digest("old-key: {id: pk}") != digest("old-key: {id: {from: pk, lookup: {a: b}, otherwise: keep}}"))
    #expect(try digest("revert: {rest: keep}\nkeeps-order: true") == plain)
  }

  // MARK: queries

  static let orders = """
    version: 1
    old: {hash: {id: S}, indexes: {byCustomer: {hash: {customer: S}, range: {at: S}}, byDay: {hash: {day: S}}}}
    new: {hash: {pk: S}, range: {sk: S}}
    key: {pk: {template: "C#{customer}"}, sk: id}
    rest: keep

    """

  @Test(arguments: [
    ("query-index: byCustomer", []), ("query-index: byDay", ["6:14 bad-value"]), ("query-index: byCostumer", ["6:14 bad-value"]),
    ("query-index: [byDay]", ["6:14 bad-value"]), ("keeps-order: maybe", ["6:14 bad-value"]),
  ]) func queryIndexes(_ line: String, _ expected: [String]) {
    #expect(findings(Self.orders + line) == expected)
  }

  @Test func indexesThatNoQueryNeedsAreWarnedOf() throws {
    let mapping = try mapping("rest: keep\nquery-index: i", old: "{hash: {id: S}, indexes: {i: {hash: {x: S}}}}")
    #expect(
      mapping.warnings.map(\.description) == ["test.yaml:6:14: warning [bad-value]: NEW's partition key says OLD's; no query goes to `i`"])
  }

  /// Queries go to OLD's table where NEW's partition key says OLD's, else to the index, else nowhere.
  @Test func counterparts() throws {
    func hasQueries(_ yaml: String) throws -> Bool { try CompiledMapping(yaml: Array(yaml.utf8), file: "f").hasQueries }
    #expect(try !hasQueries(Self.orders))
    #expect(try hasQueries(Self.orders + "query-index: byCustomer"))
    #expect(try mapping("rest: keep").hasQueries)
    #expect(try !mapping("rest: keep", new: "{hash: {pk: S}, range: {sk: S}}", key: "{pk: {const: ALL}, sk: id}").hasQueries)
    #expect(try mapping("rest: keep\nold-key: {id: pk}", new: "{hash: {pk: S}}", key: "{pk: {from: id, default: x}}").hasQueries)
  }

  @Test(arguments: [
    // Plain copy, or a constant prefix and a string.
    ("{hash: {h: S}, range: {r: S}}", "{h: h, s: r}", "S", true),
    ("{hash: {h: S}, range: {r: N}}", "{h: h, s: r}", "N", true),
    ("{hash: {h: S}, range: {r: S}}", "{h: h, s: {template: \"R#{r}\"}}", "S", true),
    ("{hash: {h: S}, range: {r: S}}", "{h: h, s: {template: \"{r}\"}}", "S", true),
    // A number as text has another order, and so has what text follows.
    ("{hash: {h: S}, range: {r: N}}", "{h: h, s: {template: \"R#{r}\"}}", "S", false),
    ("{hash: {h: S}, range: {r: S}}", "{h: h, s: {template: \"R#{r}!\"}}", "S", false),
    ("{hash: {h: S}, range: {r: N}}", "{h: h, s: {from: r, was: number, type: string}}", "S", false),
    ("{hash: {h: S}, range: {r: S}}", "{h: h, s: {from: r, lookup: {a: b}}}", "S", false),
    // OLD's partition holds one item.
    ("{hash: {h: S}}", "{h: h, s: {const: META}}", "S", true),
  ]) func orders(_ old: String, _ key: String, _ type: String, _ keepsOrder: Bool) throws {
    let new = "{hash: {h: S}, range: {s: \(type)}}"
    #expect(try mapping("rest: keep", old: old, new: new, key: key).keepsOrder == keepsOrder)
    #expect(try mapping("rest: keep\nkeeps-order: \(!keepsOrder)", old: old, new: new, key: key).keepsOrder == !keepsOrder)
  }

  @Test func ordersOfIndexes() throws {
    func keepsOrder(_ yaml: String) throws -> Bool { try CompiledMapping(yaml: Array(yaml.utf8), file: "f").keepsOrder }
    #expect(try !keepsOrder(Self.orders + "query-index: byCustomer"))
    let sorted = Self.orders.replacing("sk: id}", with: "sk: {template: \"{at}\"}}").replacing("{hash: {id: S}, ", with: "{hash: {at: S}, ")
    #expect(try keepsOrder(sorted + "query-index: byCustomer"))
    #expect(try mapping("rest: keep").keepsOrder)
  }
}
