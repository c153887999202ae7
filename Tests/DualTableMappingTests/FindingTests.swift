import DualTableMapping
import Testing

/// Every mistake is found at its place, with its code, all at once.
@Suite struct FindingTests {
  static let head = "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\n"

  /// A file behind three lines of head, and its findings.
  struct Row: CustomTestStringConvertible, Sendable {
    let lines: String
    let findings: [String]
    init(_ lines: String, _ findings: String...) {
      self.lines = lines
      self.findings = findings
    }
    var testDescription: String { lines }
  }

  static let rows = [
    Row("key: {id: id}"),
    Row("key: {id: id}\natributes: {}", "5:1 unknown-key"),
    Row("key: {id: id}\nrest: kep", "5:7 bad-value"),
    Row("key: {id: id}\nrest: [keep]", "5:7 bad-value"),
    Row("key: {id: id}\nkey: {id: id}", "5:1 bad-value"),
    Row("{}: 1", "1:1 missing-key-attribute", "4:1 bad-value"),
    Row("key: {}", "4:6 missing-key-attribute"),
    Row("key: {idd: id}", "4:6 missing-key-attribute", "4:7 unknown-key"),
    Row("key: {id: {}}"),
    Row("key: {id: other}", "4:6 underivable-old-key"),
    Row("key: {id: {from: id, was: string, type: number, lossy: true}}", "4:11 bad-conversion"),
    Row("key: {id: {const: x}}", "4:6 underivable-old-key"),
    Row("key: {id: {const: 1}}", "4:11 bad-conversion"),
    Row("key: {id: {const: \"\"}}", "4:11 bad-conversion"),
    Row("key: {id: {from: id, lookup: {a: b}, otherwise: keep}}", "4:6 underivable-old-key"),
    Row("key: {id: {from: id, lookup: {a: x, b: x}}}", "4:6 underivable-old-key"),
    Row("key: {id: {from: id, lookup: {a: 1}}}", "4:11 bad-conversion"),
    Row("key: {id: {from: id, parse: \"U#{a}#{b}\", take: a}}", "4:6 underivable-old-key"),
    Row("key: {id: {from: id, parse: \"U#{a}\", take: a}}"),
    Row("key: {id: {from: id, parse: \"U#{a}\", take: b}}", "4:44 unknown-hole"),
    Row("key: {id: {from: id, parse: \"U#{a}\"}}", "4:29 unknown-hole"),
    Row("key: {id: {from: id, parse: \"U#{a}{b}\", take: a}}", "4:29 bad-pattern"),
    Row("key: {id: {from: id, parse: \"U#{a.b}\", take: a}}", "4:29 bad-pattern"),
    Row("key: {id: {template: \"USER#\"}}", "4:22 bad-pattern"),
    Row("key: {id: {template: \"USER#{id\"}}", "4:22 bad-pattern"),
    Row("key: {id: {template: \"USER#{id}\", from: id}}", "4:35 bad-value"),
    Row("key: {id: {template: \"{\(String(repeating: "a}-{", count: 40))id}\"}}", "4:22 too-large"),
    Row("key: {id: id}\nattributes: {_dt: x}", "5:14 reserved-name"),
    Row("key: {id: id}\nattributes: {x: _dt}", "5:17 reserved-name"),
    Row("key: {id: id}\nattributes: {x: {template: \"{_dt}\"}}", "5:28 reserved-name"),
    Row("key: {id: id}\ndrop: [a, _dt.x]", "5:11 reserved-name"),
    Row("key: {id: id}\nreserved: gone\nattributes: {_dt: x, gone: x}", "6:22 reserved-name"),
    Row("key: {id: id}\nattributes: {id: x}", "5:14 duplicate-target"),
    Row("key: {id: id}\nattributes:\n  a: x\n  a: y", "7:3 duplicate-target"),
    Row("key: {id: id}\nattributes:\n  a.b: x\n  \"a\": y\n  ab: z", "7:3 path-conflict"),
    Row("key: {id: id}\nattributes:\n  a: x\n  a.b.c: y\n  a.b: z", "7:3 path-conflict", "8:3 path-conflict"),
    Row(
      "key: {id: id}\nattributes:\n  a..b: x\n  \"a[0]\": y\n  \"\": z\n  'a\\b': u", "6:3 bad-pattern", "7:3 bad-pattern",
      "8:3 bad-pattern", "9:3 bad-pattern"),
    Row("key: {id: id}\nattributes: {a: \"b[x]\", c: \"d[0]e\", f: \"g[0]\"}", "5:17 bad-pattern", "5:28 bad-pattern"),
    Row("key: {id: id}\nattributes: {a: 1, b: true, c: , d: [x]}", "5:17 bad-value", "5:23 bad-value", "5:32 bad-value", "5:37 bad-value"),
    Row("key: {id: id}\nattributes: {a: {was: strng, type: number}}", "5:23 bad-conversion"),
    Row("key: {id: id}\nattributes: {a: {was: string, type: list}}", "5:37 bad-conversion"),
    Row("key: {id: id}\nattributes: {a: {was: string}, b: {type: list}}", "5:18 bad-conversion", "5:36 bad-conversion"),
    Row(
      "key: {id: id}\nattributes: {a: {take: x}, b: {otherwise: keep}, c: {default-when: [null]}, d: {lossy: true}}",
      "5:18 bad-value", "5:32 bad-value", "5:54 bad-value", "5:81 bad-value"),
    Row(
      "key: {id: id}\nattributes: {a: {default: x, default-when: [missing]}, b: {default: x, default-when: []}}", "5:45 bad-value",
      "5:86 bad-value"),
    Row(
      "key: {id: id}\nattributes: {a: {const: 1, type: number, was: string}, b: {const: 1, default: 2}}", "5:28 bad-value",
      "5:42 bad-value", "5:70 bad-value"),
    Row(
      "key: {id: id}\nattributes: {a: {const: 0x1f}, b: {const: .inf}, c: {const: [.nan]}, d: {const: 1e999}, e: {const: \"0x1f\"}}",
      "5:25 bad-value", "5:43 bad-value", "5:62 bad-value", "5:81 bad-value"),
    Row(
      "key: {id: id}\nattributes: {a: {const: !B x}, b: {const: !SS []}, c: {const: !NS [1, 1.0]}, d: {const: !!str x}, e: {const: !BS [YQ==]}}",
      "5:25 bad-value", "5:43 bad-value", "5:63 bad-value", "5:89 bad-value"),
    Row(
      "key: {id: id}\nattributes: {a: {lookup: {1: x, 1.0: y}}, b: {lookup: {}}, c: {lookup: {true: 1, \"true\": 2}}}", "5:33 bad-value",
      "5:55 bad-value"),
    Row("key: {id: id}\nattributes: {a: &x b, c: *x}", "5:17 bad-value", "5:26 bad-value"),
    Row("key: {id: id}\nskip-when: {equal: {a: b}}", "5:13 unknown-key"),
    Row("key: {id: id}\nskip-when: {equals: {a: 0x1}}", "5:25 bad-value"),
    Row("key: {id: id}\nskip-when: {equals: {}}", "5:21 bad-value"),
    Row(
      "key: {id: id}\nskip-when: {all: [{exists: a}, {is-type: {b: X}}, {less: {c: true}}, {any: []}, {exists: a, not: {exists: b}}]}",
      "5:46 bad-value", "5:62 bad-value", "5:76 bad-value", "5:81 bad-value"),
    Row("key: {id: id}\nttl: {odd: x}", "5:7 unknown-key"),
    Row("key: {id: id}\nquery-index: byEmail", "5:14 bad-value"),
    Row("items: []", "4:8 bad-value"),
    Row("items: [{name: a, key: {id: id}}]\nrest: keep", "4:8 bad-value", "5:1 bad-value"),
    Row("items: [{primary: true, key: {id: id}}]", "4:9 bad-value"),
    Row("items:\n- {name: a, primary: true, key: {id: id}}\n- {name: b, key: {id: id}}", "6:3 overlapping-blocks"),
    Row(
      "items:\n- {name: a, primary: true, key: {id: {template: \"A{id}\"}}, rest: keep}\n- {name: b, key: {id: {template: \"B{id}\"}}, rest: keep}"
    ),
    Row(
      "items:\n- {name: a, primary: true, key: {id: {template: \"A{id}\"}}, rest: keep}\n- {name: b, key: {id: {template: \"AB{id}\"}}, rest: keep}",
      "6:3 overlapping-blocks"),
    Row(
      "items:\n- {name: a, primary: true, key: {id: {template: \"A{id}\"}}, rest: keep}\n- {name: a, primary: true, key: {id: {template: \"B{id}\"}}, rest: keep}",
      "6:10 bad-value", "6:22 bad-value"),
  ]

  @Test(arguments: rows) func codesAndPlaces(_ row: Row) {
    let expected = row.findings.sorted { ($0.place) < ($1.place) }
    #expect(findings(Self.head + row.lines) == expected)
  }

  static let tables: [(String, [String])] = [
    ("", ["1:1 bad-value"]),
    ("# nothing", ["1:1 bad-value"]),
    ("[]", ["1:1 bad-value"]),
    ("a: b: c", ["1:5 bad-value"]),
    ("version: 2\nold: {hash: {id: X}}\nnew: {hash: {}}\nkey: {}", ["1:10 bad-value", "2:18 bad-value", "3:13 bad-value"]),
    (
      "version: \"1\"\nold: {}\nnew: {hash: {_dt: S}}\nkey: {_dt: x}",
      ["1:10 bad-value", "2:6 missing-key-attribute", "3:14 reserved-name"]
    ),
    ("key: {id: id}", ["1:1 bad-value"]),
    ("version: 1\nold: {hash: {a: S}, range: {a: S}}\nnew: {hash: {a: S}}\nkey: {a: a}", ["2:28 bad-value"]),
    (
      "version: 1\nold: {hash: {a: S}, indexes: {i: {hsh: {b: S}}}}\nnew: {hash: {a: S}}\nkey: {a: a}",
      ["2:34 missing-key-attribute", "2:35 unknown-key"]
    ),
    ("version: 1\n---\nold: 1", ["2:1 bad-value"]),
    ("version: 1\nold: \"\u{0}\"", ["2:7 bad-value"]),
    ("old: {hash: {id: S}}\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}", ["1:1 bad-value", "2:1 bad-value"]),
  ]

  @Test(arguments: tables) func wholeFiles(_ yaml: String, _ expected: [String]) {
    #expect(findings(yaml) == expected)
  }

  @Test func tenMistakesInOneGo() {
    let yaml = """
      # ten mistakes
      version: 2
      old: {hash: {id: S}}
      new: {hash: {pk: S}, range: {sk: N}}
      key:
        pk: {template: "USER#{id}{n}"}
        sk: {from: order, was: string, type: nunber}
      attributes:
        email: profile..email
        age: {frm: profile.age, was: string, type: number}
        name: profile.name
        name.first: profile.first
        _dt: deleted
        kind: {const: 0x10}
        kind: {const: user}
      rest: kepp
      """
    #expect(
      findings(yaml) == [
        "2:10 bad-value", "6:18 bad-pattern", "7:40 bad-conversion", "9:10 bad-pattern", "10:9 unknown-key", "12:3 path-conflict",
        "13:3 reserved-name", "14:17 bad-value", "15:3 duplicate-target", "16:7 bad-value",
      ])
  }

  @Test func sentencesNameTheNearest() throws {
    let yaml = Self.head + "key: {id: id}\nattributes: {a: {was: epoch-second, type: iso8601}}\nrest: kepp\nattribute: {}"
    let error = #expect(throws: MappingFindings.self) { try CompiledMapping(yaml: Array(yaml.utf8), file: "users.yaml") }
    #expect(
      error?.description == """
        users.yaml:5:23: error [bad-conversion]: `was` can't be `epoch-second`; did you mean `epoch-seconds`?
        users.yaml:6:7: error [bad-value]: `rest` can't be `kepp`; did you mean `keep`?
        users.yaml:7:1: error [unknown-key]: a mapping has no `attribute`; did you mean `attributes`?
        """)
  }
}

extension String {
  /// Line and column of a finding in this suite's short form.
  fileprivate var place: [Int] { prefix { $0 != " " }.split(separator: ":").compactMap { Int($0) } }
}

private func < (left: [Int], right: [Int]) -> Bool { left.lexicographicallyPrecedes(right) }
