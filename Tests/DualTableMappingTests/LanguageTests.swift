import DualTableMapping
import DynamoDBModel
import Testing

/// The mapping language, sentence by sentence: each with an example that runs here, or with the tests that show it.
@Suite struct LanguageTests {
  @Test(arguments: [forms, top, blocks, rules, paths, types, conditions, keys, undo, reports, commands].flatMap { $0 })
  func `the mapping language`(_ sentence: Sentence) throws {
    #expect(!sentence.evidence.isEmpty)
    for evidence in sentence.evidence {
      switch evidence {
      case .item(let lines, let old, let new):
        let mapping = try mapping(lines)
        let item = try item(#"{"id":{"S":"1"}"# + (old.isEmpty ? "" : "," + old) + "}")
        let expected = new.map { $0.isEmpty || $0.first == "\"" ? #"{"id":{"S":"1"}"# + ($0.isEmpty ? "" : "," + $0) + "}" : $0 }
        #expect(onValues(mapping, item) == expected)
        #expect(onBytes(mapping, item) == expected)
      case .findings(let lines, let expected): #expect(findings(FindingTests.head + lines) == expected)
      case .test(let name, let text): try expectTest(name, text)
      }
    }
  }

  /// Looks the test up in the sources, so that no sentence leans on one that is gone.
  private func expectTest(_ name: String, _ text: String) throws {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let (suite, function) = (parts[0], parts[1])
    let rooms = ["DualTableMappingTests", "DualTableCommandTests", "EngineTests", "EngineTests/Scenarios", "DualTableBackfillTests"]
    let source = rooms.lazy.compactMap { try? file("Tests/\($0)/\(suite).swift") }.first.map { String(decoding: $0, as: UTF8.self) }
    let found = try #require(source, "no suite \(suite)")
    #expect(found.contains("func \(function)(") || found.contains("func `\(function)`("), "\(suite) has no test \(function)")
    #expect(text.isEmpty || found.contains(text), "\(suite) no longer holds \(text)")
  }

  static let forms = [
    Sentence(
      "A mapping says how one OLD item becomes NEW items, and how a NEW key finds its OLD key.", .test("ShippedMappingTests.keysLeadBack")),
    Sentence("Two forms, one compiled representation, one test suite.", .test("TableMappingTests.checked")),
    Sentence(
      "`dualtable mapping schema` prints its JSON Schema, so that editors complete and check it.",
      .test("MappingSchemaTests.judgesAsTheCompiler"), .test("MappingCommandTests.schema prints the schema on one line")),
  ]

  static let top = [
    Sentence("users.yaml and orders.yaml as they are printed.", .test("ShippedMappingTests.fixtures")),
    Sentence(
      "`version` (1)", .findings("key: {id: id}\nversion: 2", ["5:1 bad-value"]),
      .test("FindingTests.wholeFiles", holding: "1:10 bad-value")),
    Sentence(
      "`old` and `new` (key schemas `{hash: {name: S|N|B}, range?: …}`; each may list `indexes`)",
      .test("FindingTests.wholeFiles", holding: "indexes: {i: {hsh: {b: S}}}")),
    Sentence(
      "`ttl`", .findings("key: {id: id}\nttl: {old: a, new: b}", []), .findings("key: {id: id}\nttl: {older: a}", ["5:7 unknown-key"])),
    Sentence(
      "`reserved` (default `_dt`)", .item("reserved: gone\nrest: keep", #""_dt":{"N":"1"}"#, #""_dt":{"N":"1"}"#),
      .item("rest: keep", #""_dt":{"N":"1"}"#, "reservedName - _dt -")),
    Sentence("`query-index`", .test("OldKeyTests.queryIndexes")),
    Sentence("`keeps-order`", .test("OldKeyTests.orders")),
    Sentence("`skip-when`", .item("rest: keep\nskip-when: {equals: {k: test}}", #""k":{"S":"test"}"#, nil)),
    Sentence(
      "either one block or `items:`, a list of blocks with `name` and, in exactly one, `primary: true`",
      .findings("items: [{name: a, key: {id: id}, rest: keep}]\nrest: keep", ["4:8 bad-value", "5:1 bad-value"]),
      .findings("items: [{primary: true, key: {id: id}, rest: keep}]", ["4:9 bad-value"])),
    Sentence(
      "`old-key` and `revert` where they can't be derived", .test("OldKeyTests.statedRulesDecide"),
      .test("UndoTests.inverses", holding: "revert:")),
    Sentence("Anything else is a finding.", .findings("key: {id: id}\natributes: {}", ["5:1 unknown-key"])),
  ]

  static let blocks = [
    Sentence("`key` (one rule for each key attribute of `new`)", .findings("key: {}", ["4:6 missing-key-attribute"])),
    Sentence("`attributes` (target path → rule)", .item("attributes: {b.c: a}", #""a":{"S":"x"}"#, #""b":{"M":{"c":{"S":"x"}}}"#)),
    Sentence("`rest: keep`", .item("rest: keep", #""a":{"S":"x"}"#, #""a":{"S":"x"}"#)),
    Sentence("`rest: drop`", .item("rest: drop", #""a":{"S":"x"}"#, "")),
    Sentence("`rest: error`", .item("rest: error", #""a":{"S":"x"}"#, "unmappedAttribute - a S")),
    Sentence(
      "root attributes of OLD that no rule consumed, and what is left of those partly consumed",
      .item("attributes: {b: a.x}\nrest: keep", #""a":{"M":{"x":{"S":"1"},"y":{"S":"2"}}}"#, #""a":{"M":{"y":{"S":"2"}}},"b":{"S":"1"}"#),
      .item("attributes: {b: a.x}", #""a":{"M":{"x":{"S":"1"},"y":{"S":"2"}}}"#, "unmappedAttribute - a M")),
    Sentence(
      "default `error`, so that nobody loses an attribute by forgetting it",
      .item("attributes: {b: a}", #""a":{"S":"x"},"c":{"N":"1"}"#, "unmappedAttribute - c N")),
    Sentence("`drop` (list of source paths thrown away)", .item("drop: [c, d.x]", #""c":{"N":"1"},"d":{"M":{"x":{"N":"1"}}}"#, "")),
    Sentence("a block's `skip-when`", .test("AgreementTests.sameOnValuesAndBytes", holding: "skip-when: {not: {exists: c}}")),
  ]

  static let rules = [
    Sentence(
      "A rule is a path (short for `{from: path}`) or a map",
      .item("attributes: {b: a, d: {from: c}}", #""a":{"S":"x"},"c":{"S":"y"}"#, #""b":{"S":"x"},"d":{"S":"y"}"#),
      .findings("key: {id: id}\nattributes: {a: [x]}", ["5:17 bad-value"])),
    Sentence("at most one source", .findings("key: {id: {from: id, const: x}}", ["4:22 bad-value"])),
    Sentence(
      "then steps, always applied in this order",
      .item("attributes: {a: {type: number, was: string, lookup: {x: \"7\"}, parse: \"U{a}\"}}", #""a":{"S":"Ux"}"#, #""a":{"N":"7"}"#)),
    Sentence(
      "`from`: default: the target's own path.",
      .item("attributes: {a.b: {was: string, type: number}}", #""a":{"M":{"b":{"S":"7"}}}"#, #""a":{"M":{"b":{"N":"7"}}}"#)),
    Sentence("Consumes it", .item("attributes: {b: a}\nrest: keep", #""a":{"S":"x"}"#, #""b":{"S":"x"}"#)),
    Sentence(
      "`const`: quoted or plain text = S",
      .item("attributes: {a: {const: no}, b: {const: \"2\"}, c: {const: Y}}", "", #""a":{"S":"no"},"b":{"S":"2"},"c":{"S":"Y"}"#)),
    Sentence(
      "number = N with its text kept", .item("attributes: {a: {const: 1.50}, b: {const: 1e2}}", "", #""a":{"N":"1.50"},"b":{"N":"1e2"}"#)),
    Sentence(
      "(`0x…`, `.inf`, `.nan` are `bad-value`)",
      .findings(
        "key: {id: id}\nattributes: {a: {const: 0x1f}, b: {const: .inf}, c: {const: .nan}}",
        ["5:25 bad-value", "5:43 bad-value", "5:61 bad-value"])),
    Sentence(
      "`true`/`false` = BOOL; `null` = NULL; list = L; map = M",
      .item(
        "attributes: {a: {const: true}, b: {const: false}, c: {const: null}, d: {const: [x]}, e: {const: {x: 1}}}", "",
        #""a":{"BOOL":true},"b":{"BOOL":false},"c":{"NULL":true},"d":{"L":[{"S":"x"}]},"e":{"M":{"x":{"N":"1"}}}"#)),
    Sentence(
      "tags `!B !SS !NS !BS` for the rest",
      .item(
        "attributes: {a: {const: !B YQ==}, b: {const: !SS [x]}, c: {const: !NS [1]}, d: {const: !BS [YQ==]}}", "",
        #""a":{"B":"YQ=="},"b":{"SS":["x"]},"c":{"NS":["1"]},"d":{"BS":["YQ=="]}"#),
      .findings("key: {id: id}\nattributes: {a: {const: !!str x}}", ["5:25 bad-value"])),
    Sentence(
      "`template`: holes are source paths, S as it is, N canonical",
      .item(
        "attributes: {t: {template: \"U#{a.b}#{c}\"}}\nrest: drop", #""a":{"M":{"b":{"S":"é"}}},"c":{"N":"1.50"}"#, #""t":{"S":"U#é#1.5"}"#)
    ),
    Sentence(
      "only reads", .item("attributes: {t: {template: \"{a}\"}}\nrest: keep", #""a":{"S":"x"}"#, #""a":{"S":"x"},"t":{"S":"x"}"#),
      .item("attributes: {t: {template: \"{a}\"}}", #""a":{"S":"x"}"#, "unmappedAttribute - a S")),
    Sentence("`{{` is a brace.", .item("attributes: {t: {template: \"{{{a}}\"}}\nrest: drop", #""a":{"S":"x"}"#, #""t":{"S":"{x}"}"#)),
    Sentence("An absent hole gives an absent target", .item("attributes: {t: {template: \"{a}#{b}\"}}\nrest: drop", #""a":{"S":"x"}"#, "")),
    Sentence("(in a key: an error of the item)", .test("ShippedMappingTests.fixtures"), .test("LanguageTests.keysNeedTheirHoles")),
    Sentence(
      "so is a value with which parsing wouldn't return the holes' values",
      .item("attributes: {t: {template: \"{a}#{b}\"}}\nrest: drop", #""a":{"S":"x#y"},"b":{"S":"z"}"#, "notReversible t - -")),
    Sentence(
      "`parse`: the inverse of a template; shortest match, whole string",
      .item("attributes: {t: {from: a, parse: \"U#{t}#{u}\"}}", #""a":{"S":"U#x#y#z"}"#, #""t":{"S":"x"}"#),
      .item("attributes: {t: {from: a, parse: \"U#{t}!\"}}", #""a":{"S":"U#x!?"}"#, "unmatchedValue t a S")),
    Sentence(
      "`take` defaults to the target's last name",
      .item(
        "attributes: {x.t: {from: a, parse: \"{t}#{u}\"}, y: {from: a, parse: \"{t}#{u}\", take: u}}", #""a":{"S":"1#2"}"#,
        #""x":{"M":{"t":{"S":"1"}}},"y":{"S":"2"}"#), .findings("key: {id: id}\nattributes: {a: {parse: \"{b}\"}}", ["5:25 unknown-hole"])),
    Sentence(
      "gives S, in keys the schema's type", .item("attributes: {t: {from: a, parse: \"#{t}\"}}", ##""a":{"S":"#7"}"##, #""t":{"S":"7"}"#),
      .test("KeyInversionTests.oldKeys", holding: "user: {from: id, parse")),
    Sentence(
      "`lookup: {A: active}`, `otherwise`, default `error`",
      .item("attributes: {b: {from: a, lookup: {A: active}}}", #""a":{"S":"A"}"#, #""b":{"S":"active"}"#),
      .item("attributes: {b: {from: a, lookup: {A: active}}}", #""a":{"S":"B"}"#, "unmatchedValue b a S")),
    Sentence(
      "`otherwise: keep | drop | {const: v}`",
      .item("attributes: {b: {from: a, lookup: {A: x}, otherwise: keep}}", #""a":{"L":[]}"#, #""b":{"L":[]}"#),
      .item("attributes: {b: {from: a, lookup: {A: x}, otherwise: drop}}", #""a":{"S":"B"}"#, ""),
      .item("attributes: {b: {from: a, lookup: {A: x}, otherwise: {const: [1]}}}", #""a":{"S":"B"}"#, #""b":{"L":[{"N":"1"}]}"#)),
    Sentence(
      "keys are scalars as in `const`, compared by type and canonical value (`true` is not `\"true\"`)",
      .item("attributes: {b: {from: a, lookup: {true: 1, \"true\": 2, 1.0: 3}}}", #""a":{"S":"true"}"#, #""b":{"N":"2"}"#),
      .item("attributes: {b: {from: a, lookup: {true: 1, \"true\": 2, 1.0: 3}}}", #""a":{"N":"1"}"#, #""b":{"N":"3"}"#)),
    Sentence(
      "`lossy: true` allows what can't be undone",
      .item("attributes: {a: {was: string, type: number, lossy: true}}", #""a":{"S":"007"}"#, #""a":{"N":"7"}"#),
      .item("attributes: {t: {template: \"{a}#{b}\", lossy: true}}\nrest: drop", #""a":{"S":"x#y"},"b":{"S":"z"}"#, ##""t":{"S":"x#y#z"}"##)
    ),
    Sentence(
      "`each`: a block without `key` for lists or maps of maps",
      .item(
        "attributes: {l: {each: {attributes: {q: p}, drop: [z]}}, m: {each: {rest: keep, skip-when: {exists: x}}}}",
        #""l":{"L":[{"M":{"p":{"S":"1"},"z":{"S":"2"}}}]},"m":{"M":{"k":{"M":{"x":{"S":"1"}}},"j":{"M":{}}}}"#,
        #""l":{"L":[{"M":{"q":{"S":"1"}}}]},"m":{"M":{"j":{"M":{}}}}"#),
      .findings("key: {id: id}\nattributes: {l: {each: {key: {a: b}, rest: keep}}}", ["5:25 unknown-key"])),
    Sentence(
      "or steps for lists of scalars",
      .item("attributes: {l: {each: {was: string, type: number}}}", #""l":{"L":[{"S":"1"}]}"#, #""l":{"L":[{"N":"1"}]}"#)),
    Sentence(
      "`default-when`: `[absent]`, judged on the source before any step",
      .item("attributes: {b: {from: a, was: string, type: number, default: 7}}", "", #""b":{"N":"7"}"#),
      .item("attributes: {b: {from: a, lookup: {x: \"\"}, default: 7, default-when: [empty]}}", #""a":{"S":"x"}"#, #""b":{"S":""}"#),
      .item("attributes: {b: {from: a, default: 7, default-when: [null]}}", #""a":{"NULL":true}"#, #""b":{"N":"7"}"#)),
    Sentence(
      "the value isn't converted", .item("attributes: {b: {from: a, was: string, type: number, default: none}}", "", #""b":{"S":"none"}"#)),
    Sentence("Without it an absent source gives an absent target", .item("attributes: {b: {from: a, was: string, type: number}}", "", "")),
    Sentence(
      "`when`: else the target is absent", .item("attributes: {b: {from: a, when: {exists: c}}}", #""a":{"S":"x"}"#, ""),
      .item("attributes: {b: {const: 1, when: {exists: c}}}\ndrop: [c]", #""c":{"S":"x"}"#, #""b":{"N":"1"}"#)),
  ]

  static let paths = [
    Sentence(
      "`a.b[0].c`; `\\.` and `\\[` escape",
      .item(
        #"attributes: {b: "a.b[1].c", 'x\.y': 'e\[f'}"#, #""a":{"M":{"b":{"L":[{"S":"0"},{"M":{"c":{"S":"1"}}}]}}},"e[f":{"S":"2"}"#,
        "unmappedAttribute - a.b L"), .item(#"attributes: {'x\.y': 'e\[f'}"#, #""e[f":{"S":"2"}"#, #""x.y":{"S":"2"}"#)),
    Sentence("`[n]` only in sources", .findings("key: {id: id}\nattributes: {\"a[0]\": b}", ["5:14 bad-pattern"])),
    Sentence(
      "Sources see the untouched item", .item("attributes: {a: b, b: a}", #""a":{"S":"1"},"b":{"S":"2"}"#, #""a":{"S":"2"},"b":{"S":"1"}"#)),
    Sentence(
      "a missing parent means absent", .item("attributes: {b: a.x.y}\nrest: keep", "", ""),
      .item("attributes: {b: a.x.y}\nrest: keep", #""a":{"M":{}}"#, #""a":{"M":{}}"#)),
    Sentence(
      "Reading: a parent in a source that is no map, or no list before `[n]`, counts as missing.",
      .item("attributes: {b: a.x}\nrest: keep", #""a":{"S":"1"}"#, #""a":{"S":"1"}"#),
      .item("attributes: {b: \"a[0]\"}\nrest: keep", #""a":{"M":{"0":{"S":"1"}}}"#, #""a":{"M":{"0":{"S":"1"}}}"#),
      .item("attributes: {b: {from: a.x, default: 7}}\nrest: keep", #""a":{"L":[]}"#, #""a":{"L":[]},"b":{"N":"7"}"#)),
    Sentence(
      "On the target side parents are created.",
      .item("attributes: {c.d.e: a}", #""a":{"S":"1"}"#, #""c":{"M":{"d":{"M":{"e":{"S":"1"}}}}}"#)),
    Sentence(
      "A map that rules emptied goes",
      .item("attributes: {b: a.x.y}\nrest: keep", #""a":{"M":{"x":{"M":{"y":{"S":"1"}}}}}"#, #""b":{"S":"1"}"#)),
    Sentence(
      "one that came empty stays", .item("attributes: {b: a.x.y}\nrest: keep", #""a":{"M":{"x":{"M":{}}}}"#, #""a":{"M":{"x":{"M":{}}}}"#)),
    Sentence(
      "Writing to a path that `rest` keeps",
      .item("attributes: {b: a}\nrest: keep", #""a":{"S":"1"},"b":{"S":"1"}"#, "occupiedTarget b b S")),
    Sentence(
      "Reading: what lies at a rule's target conflicts whether or not the rule has something to write, for it would pass for what the rule writes; parents conflict only where it has.",
      .item("attributes: {b: a}\nrest: keep", #""b":{"S":"1"}"#, "occupiedTarget b b S"),
      .item("attributes: {b.c: a}\nrest: keep", #""b":{"S":"1"}"#, #""b":{"S":"1"}"#)),
    Sentence("(for `key`: unless equal)", .test("ShippedMappingTests.fixtures"), .test("LanguageTests.keysMayBeThere")),
    Sentence("below a non-map", .item("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"S":"2"}"#, "occupiedTarget c c S")),
    Sentence(
      "or into a map that came empty is an error of the item",
      .item("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"M":{}}"#, "occupiedTarget c c M")),
    Sentence("so is `_dt` in OLD", .item("rest: drop", #""_dt":{"NULL":true}"#, "reservedName - _dt -")),
    Sentence(
      "Conditions and templates only read.",
      .item("rest: error\nattributes: {b: {const: 1, when: {exists: a}}}", #""a":{"S":"1"}"#, "unmappedAttribute - a S")),
    Sentence(
      "Two rules that write one path, or a path and its parent, are a finding.",
      .findings("key: {id: id}\nattributes:\n  a: x\n  a: y\n  b: x\n  b.c: y", ["7:3 duplicate-target", "9:3 path-conflict"])),
  ]

  static let types = [
    Sentence(
      "`string ↔ number` (canonical text both ways)",
      .item(
        "attributes: {a: {was: number, type: string}, b: {was: string, type: number}}", #""a":{"N":"1.50"},"b":{"S":"-0.5"}"#,
        #""a":{"S":"1.5"},"b":{"N":"-0.5"}"#), .test("MappingNumbersTests.enginesAgree"), .test("TypeTests.converts")),
    Sentence(
      "`epoch-seconds ↔ epoch-milliseconds ↔ iso8601` (UTC, `Z`, fraction only if not zero)",
      .item(
        "attributes: {a: {was: epoch-seconds, type: iso8601}, b: {was: epoch-milliseconds, type: iso8601}, c: {was: iso8601, type: epoch-milliseconds}, d: {was: epoch-seconds, type: epoch-milliseconds}}",
        #""a":{"N":"0"},"b":{"N":"1500"},"c":{"S":"1970-01-01T00:00:01.5Z"},"d":{"N":"2"}"#,
        #""a":{"S":"1970-01-01T00:00:00Z"},"b":{"S":"1970-01-01T00:00:01.5Z"},"c":{"N":"1500"},"d":{"N":"2000"}"#)),
    Sentence(
      "`string-set | number-set | binary-set → list` (sorted) and back",
      .item(
        "attributes: {a: {was: string-set, type: list}, b: {was: number-set, type: list}, c: {was: list, type: string-set}}",
        #""a":{"SS":["b","a"]},"b":{"NS":["10","9"]},"c":{"L":[{"S":"a"},{"S":"b"}]}"#,
        #""a":{"L":[{"S":"a"},{"S":"b"}]},"b":{"L":[{"N":"9"},{"N":"10"}]},"c":{"SS":["a","b"]}"#)),
    Sentence(
      "`binary ↔ base64`",
      .item(
        "attributes: {a: {was: binary, type: base64}, b: {was: base64, type: binary}}", #""a":{"B":"YQ=="},"b":{"S":"YQ=="}"#,
        #""a":{"S":"YQ=="},"b":{"B":"YQ=="}"#)),
    Sentence(
      "`json → value` and `value → json`",
      .item(
        "attributes: {a: {was: json, type: value}, b: {was: value, type: json}}", #""a":{"S":"[1,null]"},"b":{"M":{"x":{"N":"1.0"}}}"#,
        #""a":{"L":[{"N":"1"},{"NULL":true}]},"b":{"S":"{\"x\":1}"}"#)),
    Sentence(
      "Text that wouldn't come back the same (`\"007\"` to number) is an error of the item unless `lossy`.",
      .item("attributes: {a: {was: string, type: number}}", #""a":{"S":"007"}"#, "notReversible a a S")),
    Sentence(
      "an offset other than `Z`",
      .item("attributes: {a: {was: iso8601, type: epoch-seconds}}", #""a":{"S":"1970-01-01T01:00:00+01:00"}"#, "notReversible a a S"),
      .item(
        "attributes: {a: {was: iso8601, type: epoch-seconds, lossy: true}}", #""a":{"S":"1970-01-01T01:00:00+01:00"}"#, #""a":{"N":"0"}"#)),
    Sentence(
      "seconds from milliseconds with a rest",
      .item("attributes: {a: {was: epoch-milliseconds, type: epoch-seconds}}", #""a":{"N":"1500"}"#, "notReversible a a N"),
      .item("attributes: {a: {was: epoch-milliseconds, type: epoch-seconds, lossy: true}}", #""a":{"N":"1500"}"#, #""a":{"N":"1"}"#)),
    Sentence(
      "Every number stays its exact decimal; nothing passes through a binary float.",
      .item(
        "attributes: {a: {was: json, type: value}, b: {was: string, type: number}}",
        #""a":{"S":"0.1234567890123456789012345678901234567"},"b":{"S":"12345678901234567890123456789012345678"}"#,
        #""a":{"N":"0.1234567890123456789012345678901234567"},"b":{"N":"12345678901234567890123456789012345678"}"#)),
    Sentence(
      "A pair of types that isn't one is a finding.",
      .findings("key: {id: id}\nattributes: {a: {was: string, type: list}}", ["5:37 bad-conversion"])),
  ]

  static let conditions = [
    Sentence("`equals`", .item("rest: keep\nskip-when: {equals: {k: 1}}", #""k":{"N":"1.0"}"#, nil)),
    Sentence("`in`", .item("rest: keep\nskip-when: {in: {k: [1, b]}}", #""k":{"S":"b"}"#, nil)),
    Sentence("`less`", .item("rest: keep\nskip-when: {less: {k: 10}}", #""k":{"N":"9"}"#, nil)),
    Sentence("`greater` (`{path: value}`)", .item("rest: keep\nskip-when: {greater: {k: b}}", #""k":{"S":"c"}"#, nil)),
    Sentence("`exists: path`", .item("rest: keep\nskip-when: {exists: k.l}", #""k":{"M":{"l":{"NULL":true}}}"#, nil)),
    Sentence("`is-type: {path: S}`", .item("rest: keep\nskip-when: {is-type: {k: SS}}", #""k":{"SS":["a"]}"#, nil)),
    Sentence("`matches: {path: template}`", .item("rest: keep\nskip-when: {matches: {k: \"U#{x}\"}}", ##""k":{"S":"U#1"}"##, nil)),
    Sentence(
      "`all: […]`, `any: […]`, `not: …`",
      .item("rest: keep\nskip-when: {all: [{any: [{exists: a}, {exists: b}]}, {not: {exists: c}}]}", #""b":{"S":"1"}"#, nil),
      .item(
        "rest: keep\nskip-when: {all: [{any: [{exists: a}, {exists: b}]}, {not: {exists: c}}]}", #""b":{"S":"1"},"c":{"S":"1"}"#,
        #""b":{"S":"1"},"c":{"S":"1"}"#)),
  ]

  static let keys = [
    Sentence(
      "`oldKey` is derived by inverting the key rules (plain copy, `template`, `parse`, injective `lookup`, type change that isn't lossy)",
      .test("KeyInversionTests.oldKeys")),
    Sentence(
      "each attribute of OLD's key must come out, else `old-key:` (rules over the NEW key) is required",
      .findings("key: {id: other}", ["4:6 underivable-old-key"]), .findings("key: {id: other}\nold-key: {id: id}", []),
      .test("OldKeyTests.reasons"), .test("OldKeyTests.findingsAt")),
    Sentence(
      "A `const` only guards: a NEW key that differs from it, or fits no template, lookup or type, matches no block, even with one block.",
      .test("KeyInversionTests.oldKeys", holding: "\"sk\": \"M\"], nil)"), .test("OldKeyTests.keyRulesGuardAllTheSame")),
    Sentence(
      "With several blocks the NEW key must tell its block: at compile time the blocks' key patterns must be disjoint (by literals).",
      .findings(
        "items:\n- {name: a, primary: true, key: {id: {template: \"A{id}\"}}, rest: keep}\n- {name: b, key: {id: {template: \"AB{id}\"}}, rest: keep}",
        ["6:3 overlapping-blocks"]),
      .findings(
        "items:\n- {name: a, primary: true, key: {id: {template: \"A{id}\"}}, rest: keep}\n- {name: b, key: {id: {template: \"B{id}\"}}, rest: keep}",
        [])),
    Sentence("A NEW key that matches no block has no OLD counterpart", .test("ShippedMappingTests.otherKeysHaveNoOldItem")),
    Sentence(
      "`oldKey(newKey(item)) == key(item)` is checked for each; a mismatch is a dead letter, never a lost item.",
      .test("OldKeyTests.keyRulesGuardAllTheSame", holding: ".keyMismatch"), .test("TableMappingTests.checked")),
    Sentence(
      "where NEW's hash key doesn't fix OLD's, `query-index` names an OLD index that is keyed so", .test("OldKeyTests.queryIndexes"),
      .test("OldKeyTests.counterparts")),
    Sentence(
      "`keeps-order` is derived (plain copy, or a constant prefix and a string) or stated.", .test("OldKeyTests.orders"),
      .test("OldKeyTests.ordersOfIndexes")),
  ]

  static let undo = [
    Sentence(
      "`mapping invert` writes the inverse as a mapping file", .test("UndoTests.inverses"),
      .test("MappingCommandTests.invert prints the inverse")),
    Sentence(
      "`from` swaps with its target; lookups and types turn; `rest` stays.", .test("UndoTests.inverses", holding: "attributes: {a.x: b}")),
    Sentence(
      "The derived `oldKey` becomes `key`, `key` becomes `old-key`",
      .test("UndoTests.inverses", holding: "old-key: {pk: {template: \"U#{id}#{at}\"}, sk: {const: META}}")),
    Sentence("where `key` reads more than OLD's key there is no inverse and no rollback", .test("UndoTests.keysThatReadMoreHaveNoWayBack")),
    Sentence("NEW's key attributes are consumed.", .test("UndoTests.inverses", holding: "drop: [tenant, user]")),
    Sentence("`const` and an attribute's `template` become `drop`", .test("UndoTests.inverses", holding: "drop: [t, v]")),
    Sentence(
      "`parse` becomes `template` if every hole was taken",
      .test("UndoTests.inverses", holding: "attributes: {a: {template: \"U#{h}#{x.n}\"}}"),
      .test("UndoTests.notInvertible", holding: "parse: \\\"{x}#{y}\\\", take: x")),
    Sentence("`skip-when` is left out", .test("UndoTests.inverses", holding: "skip-when: {equals: {kind: test}}")),
    Sentence(
      "What is lost so stands under `revert:`, which the next inversion takes verbatim: inverting twice gives the same conversion.",
      .test("InverseTests.generatedMappings"), .test("InverseTests.shippedMappings")),
    Sentence(
      "No inverse: `lossy`, `when`, `otherwise: keep|drop|{const}`, a lookup that isn't injective, `default`, `rest: drop`, `drop`, `value ↔ json`",
      .test("UndoTests.notInvertible")),
    Sentence("unless the file's own `revert:` says how", .test("UndoTests.notInvertible", holding: "revert: {rest: keep}")),
    Sentence(
      "A fan-out inverts through its primary block, the others' items are skipped by their key's pattern.", .test("UndoTests.fanOut")),
  ]

  static let reports = [
    Sentence("The compiler reports every finding at once, in file order, one a node", .test("FindingTests.tenMistakesInOneGo")),
    Sentence(
      "`file:line:column: error|warning [code]: sentence`, with the nearest known name", .test("FindingTests.sentencesNameTheNearest"),
      .test("OldKeyTests.indexesThatNoQueryNeedsAreWarnedOf")),
    Sentence("`unknown-key`", .findings("key: {id: id}\nrests: keep", ["5:1 unknown-key"])),
    Sentence("`bad-value`", .findings("key: {id: id}\nrest: [keep]", ["5:7 bad-value"])),
    Sentence("`duplicate-target`", .findings("key: {id: id}\nattributes: {id: x}", ["5:14 duplicate-target"])),
    Sentence("`path-conflict`", .findings("key: {id: id}\nattributes: {a.b: x, a: y}", ["5:22 path-conflict"])),
    Sentence("`missing-key-attribute`", .findings("rest: keep", ["1:1 missing-key-attribute"])),
    Sentence("`underivable-old-key`", .findings("key: {id: {const: x}}", ["4:6 underivable-old-key"])),
    Sentence(
      "`overlapping-blocks`",
      .findings(
        "items:\n- {name: a, primary: true, key: {id: id}, rest: keep}\n- {name: b, key: {id: id}, rest: keep}", ["6:3 overlapping-blocks"])
    ),
    Sentence("`reserved-name`", .findings("key: {id: id}\nattributes: {_dt: x}", ["5:14 reserved-name"])),
    Sentence("`unknown-hole`", .findings("key: {id: id}\nattributes: {a: {parse: \"{b}\"}}", ["5:25 unknown-hole"])),
    Sentence("`bad-pattern`", .findings("key: {id: id}\nattributes: {a: {template: \"{b\"}}", ["5:28 bad-pattern"])),
    Sentence("`bad-conversion`", .findings("key: {id: id}\nattributes: {a: {was: strng, type: number}}", ["5:23 bad-conversion"])),
    Sentence("`not-invertible`", .test("UndoTests.notInvertible")),
    Sentence("`too-large`", .findings("key: {id: {template: \"{\(String(repeating: "a}-{", count: 40))id}\"}}", ["4:22 too-large"])),
    Sentence("Tests compare code and position.", .test("FindingTests.codesAndPlaces"), .test("FindingTests.wholeFiles")),
    Sentence(
      "Limits on file size, depth and expansion: a hostile file can't hang or blow up the tool.", .test("HostileFileTests.refusedAtOnce")),
    Sentence(
      "A conversion that can't be done is an error of that item: rule, path, what type was found, never the data itself",
      .item("attributes: {a.b: {from: c, was: string, type: number}}", #""c":{"BOOL":true}"#, "wrongType a.b c BOOL"),
      .test("MappingCommandTests.apply tells what can't be converted without its data, and goes on")),
    Sentence("It becomes a dead letter, not a nil.", .test("InverseTests.generatedMappings")),
  ]

  static let commands = [
    Sentence("`mapping check FILE`", .test("MappingCommandTests.check shows every finding in file order")),
    Sentence("`mapping apply FILE < items.jsonl` (DynamoDB JSON, a line an item)", .test("MappingCommandTests.apply converts each line")),
    Sentence("`--plain` for plain JSON", .test("MappingCommandTests.apply to plain JSON")),
    Sentence(
      "results on standard output, errors on standard error, exit 1 if any",
      .test("MappingCommandTests.apply tells what can't be converted without its data, and goes on")),
    Sentence(
      "`mapping diff FILE --old TABLE --sample 100` (real items before and after, attribute by attribute, coloured on a terminal)",
      .test("MappingCommandTests.diff shows items before and after"), .test("MappingCommandTests.diff has colors on a terminal")),
    Sentence("`mapping invert FILE`", .test("MappingCommandTests.invert prints the inverse")),
    Sentence("`mapping schema`", .test("MappingCommandTests.schema prints the schema on one line")),
    Sentence(
      "`Mappings/` ships `users.yaml`, `orders.yaml` and `identity.yaml`, each tested end to end on a real engine.",
      .test("ShippedMappingsTests.migrates")),
    Sentence(
      "The digest is SHA-256 of the compiled form", .test("ShippedMappingTests.digestsAreOfWhatTheFileSays"),
      .test("OldKeyTests.digestsHoldIt")),
    Sentence("a mapping in Swift states an `identity: String`, hashed instead", .test("TableMappingTests.digestIsOfTheIdentity")),
  ]

  @Test func keysNeedTheirHoles() throws {
    let mapping = try mapping("rest: keep", new: "{hash: {pk: S}, range: {sk: S}}", key: "{pk: {template: \"C#{c}\"}, sk: id}")
    #expect(onValues(mapping, ["id": "1"]) == "missingKey pk - -")
    #expect(onBytes(mapping, ["id": "1"]) == "missingKey pk - -")
  }

  @Test func keysMayBeThere() throws {
    let mapping = try mapping("rest: keep", new: "{hash: {pk: S}}", key: "{pk: {template: \"U#{id}\"}}")
    for (there, expected) in [("U#1", #"{"id":{"S":"1"},"pk":{"S":"U#1"}}"#), ("U#2", "occupiedTarget pk pk S")] {
      #expect(onValues(mapping, ["id": "1", "pk": .string(there)]) == expected)
      #expect(onBytes(mapping, ["id": "1", "pk": .string(there)]) == expected)
    }
  }
}
