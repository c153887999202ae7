import DualTableMapping
import DynamoDBModel
import Testing

/// `mapping invert`: what each part of a mapping becomes, and what has no inverse.
@Suite struct UndoTests {
  /// A file behind its version, and its inverse behind comment and version.
  struct Row: CustomTestStringConvertible, Sendable {
    let lines: String
    let inverse: String
    init(_ lines: String, _ inverse: String) {
      self.lines = lines
      self.inverse = inverse
    }
    var testDescription: String { lines }
  }

  static let same = "old: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\n"

  static let rows = [
    // `from` swaps with its target; `rest` stays.
    Row(same + "attributes: {b: a.x}\nrest: keep", same + "attributes: {a.x: b}\nrest: keep\n"),
    Row(same + "attributes: {b: a}", same + "attributes: {a: b}\nrest: error\n"),
    Row(same + "attributes: {b: b}\nrest: keep", same + "attributes: {b: b}\nrest: keep\n"),
    Row(same + #"attributes: {'a\.b': 'c\[d'}"#, same + #"attributes: {'c\[d': 'a\.b'}"# + "\nrest: error\n"),
    // Lookups and types turn.
    Row(
      same + "attributes: {b: {from: a, lookup: {Y: true, 2: N}}}",
      same + "attributes: {a: {from: b, lookup: {\"N\": 2, true: \"Y\"}}}\nrest: error\n"),
    Row(
      same + "attributes: {b: {from: a, was: string, type: number}, d: {from: c, was: string-set, type: list}}",
      same + "attributes:\n  a: {from: b, was: number, type: string}\n  c: {from: d, was: list, type: string-set}\nrest: error\n"),
    Row(
      same + "attributes: {b: {from: a, lookup: {x: \"1\", y: \"2\"}, was: string, type: number}}",
      same
        + "attributes: {a: {from: b, lookup: {1: x, 2: \"y\"}}}\nrest: error\nrevert:\n"
        + "  attributes: {b: {from: a, lookup: {x: \"1\", \"y\": \"2\"}, was: string, type: number}}\n"),
    Row(
      same
        + "attributes: {l: {each: {attributes: {q: {from: p, was: string, type: number}}, rest: keep}}, m: {from: n, each: {was: binary, type: base64}}}",
      same
        + "attributes:\n  l: {each: {attributes: {p: {from: q, was: number, type: string}}, rest: keep}}\n"
        + "  \"n\": {from: m, each: {was: base64, type: binary}}\nrest: error\n"),
    // `const` and an attribute's `template` become `drop`, and stand under `revert`, and so does `skip-when`.
    Row(
      same + "skip-when: {equals: {kind: test}}\nattributes: {v: {const: 2, when: {exists: a}}, t: {template: \"{a}#{b}\"}}\nrest: keep",
      same + """
        drop: [t, v]
        rest: keep
        revert:
          skip-when: {equals: {kind: test}}
          attributes:
            t: {template: "{a}#{b}"}
            v: {const: 2, when: {exists: a}}

        """),
    // `parse` becomes `template` if every hole was taken.
    Row(
      same + "attributes: {h: {from: a, parse: \"U#{h}#{i}\"}, x.n: {from: a, parse: \"U#{h}#{i}\", take: i}}",
      same + """
        attributes: {a: {template: "U#{h}#{x.n}"}}
        drop: [h, x.n]
        rest: error
        revert:
          attributes:
            h: {from: a, parse: "U#{h}#{i}"}
            x.n: {from: a, parse: "U#{h}#{i}", take: i}

        """),
    // What one value became of several rules comes back by one.
    Row(
      same + "attributes: {b: {from: a, was: string, type: number}, c: a, d: a.x}\nrest: keep",
      same + """
        attributes: {a: c}
        drop: [b, d]
        rest: keep
        revert:
          attributes:
            b: {from: a, was: string, type: number}
            c: a
            d: a.x

        """),
    // The derived `oldKey` becomes `key`, `key` becomes `old-key` where it can't be derived; NEW's key attributes are consumed.
    Row(
      "old: {hash: {id: S}}\nnew: {hash: {pk: S}}\nkey: {pk: {template: \"U#{id}\"}}\nrest: keep",
      "old: {hash: {pk: S}}\nnew: {hash: {id: S}}\nkey: {id: {from: pk, parse: \"U#{id}\"}}\nrest: keep\nrevert:\n  attributes: {id: id}\n"),
    Row(
      "old: {hash: {id: S}, range: {at: N}}\nnew: {hash: {pk: S}, range: {sk: S}}\nttl: {old: e, new: f}\nreserved: gone\nkeeps-order: false\n"
        + "key: {pk: {template: \"U#{id}#{at}\"}, sk: {const: META}}\ndrop: [id, at]\nrest: keep",
      """
      old: {hash: {pk: S}, range: {sk: S}}
      new: {hash: {id: S}, range: {at: N}}
      ttl: {old: f, new: e}
      reserved: gone
      keeps-order: false
      key: {id: {from: pk, parse: "U#{id}#{at}"}, at: {from: pk, parse: "U#{id}#{at}"}}
      old-key: {pk: {template: "U#{id}#{at}"}, sk: {const: META}}
      drop: [sk]
      rest: keep

      """),
    Row(
      "old: {hash: {id: S}}\nnew: {hash: {tenant: S}, range: {user: N}}\n"
        + "key: {tenant: {from: id, parse: \"{tenant}/{user}\"}, user: {from: id, parse: \"{tenant}/{user}\"}}\nrest: keep",
      """
      old: {hash: {tenant: S}, range: {user: N}}
      new: {hash: {id: S}}
      key: {id: {template: "{tenant}/{user}"}}
      drop: [tenant, user]
      rest: keep

      """),
    // The file's own `old-key` becomes `key`.
    Row(
      "old: {hash: {id: S}}\nnew: {hash: {pk: S}}\nkey: {pk: {from: id, lookup: {a: A}, otherwise: keep}}\n"
        + "old-key: {id: {from: pk, lookup: {A: a}, otherwise: keep}}\nrest: keep",
      """
      old: {hash: {pk: S}}
      new: {hash: {id: S}}
      key: {id: {from: pk, lookup: {A: a}, otherwise: keep}}
      old-key: {pk: {from: id, lookup: {a: A}, otherwise: keep}}
      rest: keep

      """),
    // The file's own `revert` is taken verbatim.
    Row(
      same + """
        attributes: {age: {from: years, was: string, type: number, lossy: true}, b: {from: a, default: 0}}
        drop: [junk]
        rest: drop
        revert:
          attributes: {years: {from: age, was: number, type: string}, junk: {const: lost}}
          drop: [b]
          rest: error
          skip-when: {exists: gone}
        """,
      "old: {hash: {id: S}}\nnew: {hash: {id: S}}\nskip-when: {exists: gone}\n" + """
        key: {id: id}
        attributes:
          junk: {const: lost}
          years: {from: age, was: number, type: string}
        drop: [b]
        rest: error
        revert:
          attributes:
            age: {from: years, was: string, type: number, lossy: true}
            b: {from: a, default: 0}
          rest: drop

        """),
    // A fan-out inverts through its primary block; the others' items are skipped by their key's pattern.
    Row(
      """
      old: {hash: {id: S}}
      new: {hash: {pk: S}, range: {sk: S}}
      items:
      - {name: by-mail, key: {pk: {template: "MAIL#{mail}"}, sk: id}, rest: drop}
      - {name: user, primary: true, key: {pk: {template: "USER#{id}"}, sk: {const: META}}, attributes: {name: n}, rest: keep}
      """,
      """
      old: {hash: {pk: S}, range: {sk: S}}
      new: {hash: {id: S}}
      skip-when: {matches: {pk: "MAIL#{mail}"}}
      key: {id: {from: pk, parse: "USER#{id}"}}
      old-key: {pk: {template: "USER#{id}"}, sk: {const: META}}
      attributes: {"n": name}
      drop: [sk]
      rest: keep
      revert:
        attributes: {id: id}

      """),
  ]

  @Test(arguments: rows) func inverses(_ row: Row) throws {
    let mapping = try CompiledMapping(yaml: Array("version: 1\n\(row.lines)".utf8), file: "m.yaml")
    let inverse = try mapping.inverse()
    #expect(inverse == "# The inverse of `m.yaml`, written by `dualtable mapping invert`.\nversion: 1\n" + row.inverse)
    let back = try CompiledMapping(yaml: Array(inverse.utf8), file: "inverse")
    #expect(throws: Never.self) { try CompiledMapping(yaml: Array(try back.inverse().utf8), file: "again") }
    #expect(mapping.inverseWarnings.isEmpty)
  }

  /// `not-invertible`, at its place.
  static let refusals: [(lines: String, places: [String])] = [
    ("attributes: {b: {from: a, was: string, type: number, lossy: true}}", ["5:14"]),
    ("attributes: {b: {from: a, when: {exists: c}}}", ["5:14"]),
    ("attributes: {b: {from: a, lookup: {x: y}, otherwise: keep}}", ["5:14"]),
    ("attributes: {b: {from: a, lookup: {x: y}, otherwise: drop}}", ["5:14"]),
    ("attributes: {b: {from: a, lookup: {x: y}, otherwise: {const: 1}}}", ["5:14"]),
    ("attributes: {b: {from: a, lookup: {x: z, y: z}}}", ["5:14"]),
    ("attributes: {b: {from: a, lookup: {x: [1]}}}", ["5:14"]),
    ("attributes: {b: {from: a, default: 1}}", ["5:14"]),
    ("attributes: {b: {from: a, was: value, type: json}, c: {from: d, was: json, type: value}}", ["5:14", "5:52"]),
    ("attributes: {b: \"a[0]\"}", ["5:14"]),
    ("attributes: {b: {from: a, parse: \"{x}#{y}\", take: x}}", ["5:14"]),
    ("attributes: {b: {from: a, was: string-set, type: list, each: {was: string, type: number}}}", ["5:14"]),
    ("attributes: {b: {from: a, each: {attributes: {q: {from: p, default: 1}}, rest: drop}}}", ["5:47"]),
    ("attributes: {b: {from: a, each: {rest: keep, skip-when: {exists: x}}}}", ["5:46"]),
    ("drop: [a, b.c]\nattributes: {d: a.x}", ["5:8", "5:11"]),
    ("rest: drop", ["5:7"]),
    ("rest: drop\ndrop: [a]\nattributes: {b: {from: a, default: 1}, c: d}", ["5:7", "6:8", "7:14"]),
    // What another rule brings back is no loss.
    ("attributes: {b: {from: a, was: string, type: number, lossy: true}, c: a}\ndrop: [a.x, id]", []),
    // `revert` says how.
    ("rest: drop\nrevert: {rest: keep}", []),
    ("drop: [a, b.c]\nrevert: {attributes: {a: {const: 1}}, drop: [b]}", []),
    ("attributes: {b: {from: a, default: 1}}\nrevert: {drop: [b]}", []),
    ("attributes: {b: {from: \"a[0]\"}}\nrevert: {attributes: {c: b}}", []),
    ("attributes: {b: {from: a, default: 1}}\nrevert: {attributes: {c: d}}", ["5:14"]),
  ]

  @Test(arguments: refusals) func notInvertible(_ lines: String, _ places: [String]) throws {
    let mapping = try CompiledMapping(yaml: Array((FindingTests.head + "key: {id: id}\n" + lines).utf8), file: "f")
    #expect(mapping.inverseWarnings.map { "\($0.line):\($0.column)" } == places)
    #expect(mapping.inverseWarnings.allSatisfy { $0.code == .notInvertible && $0.severity == .warning })
    guard !places.isEmpty else { return }
    let findings = #expect(throws: MappingFindings.self) { try mapping.inverse() }
    #expect(findings?.findings.map(\.sentence) == mapping.inverseWarnings.map(\.sentence))
    #expect(findings?.findings.allSatisfy { $0.severity == .error } == true)
  }

  @Test func keysThatReadMoreHaveNoWayBack() throws {
    let orders = try CompiledMapping(yaml: try file("Mappings/orders.yaml"), file: "orders.yaml")
    #expect(
      orders.inverseWarnings.map(\.description) == [
        "orders.yaml:10:9: warning [not-invertible]: there is no inverse: NEW's key reads `customerId`, which is not part of OLD's key: "
          + "it can't be told from it"
      ])
  }

  /// An item of another block is skipped, one that no block made an error: neither becomes an OLD item.
  @Test func fanOut() throws {
    let row = try #require(Self.rows.last)
    let mapping = try CompiledMapping(yaml: Array("version: 1\n\(row.lines)".utf8), file: "m.yaml")
    let back = try CompiledMapping(yaml: Array(try mapping.inverse().utf8), file: "inverse")
    let old: Item = ["id": "7", "mail": "a@b.c", "n": "Al", "x": ["y": 1]]
    let new = try mapping.convert(old)
    #expect(new.count == 2)
    #expect(try new.map { try back.convert($0) } == [[], [old]])
    #expect(throws: ConversionError.self) { try back.convert(["pk": "USER#7", "sk": "ORDER"]) }
    #expect(throws: ConversionError.self) { try back.convert(["pk": "OTHER#7", "sk": "META"]) }
  }
}
