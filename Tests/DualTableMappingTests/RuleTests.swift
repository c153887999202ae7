import DualTableMapping
import DynamoDBModel
import HTTPTransport
import Testing

/// One row a rule and item: before, and after or the error; on values and on bytes.
@Suite struct RuleTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let lines: String
    let old: String
    /// The NEW item without its key, `code rule path found`, or nil for an item that is skipped.
    let expected: String?

    init(_ lines: String, _ old: String, _ expected: String?) {
      self.lines = lines
      self.old = old
      self.expected = expected
    }
    var testDescription: String { "\(lines) with \(old)" }
  }

  static let paths = [
    Row("attributes: {b: a}\nrest: keep", #""a":{"S":"x"},"c":{"N":"1"}"#, #""c":{"N":"1"},"b":{"S":"x"}"#),
    Row("attributes: {b: a}\nrest: keep", #""c":{"N":"1"}"#, #""c":{"N":"1"}"#),
    Row("attributes: {b: a}\nrest: drop", #""a":{"S":"x"},"c":{"N":"1"}"#, #""b":{"S":"x"}"#),
    Row("attributes: {b: a}\nrest: error", #""a":{"S":"x"}"#, #""b":{"S":"x"}"#),
    Row("attributes: {b: a}", #""a":{"S":"x"},"c":{"N":"1"}"#, "unmappedAttribute - c N"),
    Row("attributes: {b: a}\ndrop: [c]", #""a":{"S":"x"},"c":{"N":"1"}"#, #""b":{"S":"x"}"#),
    Row("attributes: {b: a.x}", #""a":{"M":{"x":{"S":"1"},"y":{"S":"2"}}}"#, "unmappedAttribute - a M"),
    Row("attributes: {b: a.x}", #""a":{"M":{"x":{"S":"1"}}}"#, #""b":{"S":"1"}"#),
    Row("attributes: {b: a.x}", #""a":{"S":"1"}"#, "unmappedAttribute - a S"),
    Row("attributes: {b: a.x}\nrest: keep", #""a":{"S":"1"}"#, #""a":{"S":"1"}"#),
    Row("attributes: {b: a.x}\nrest: keep", #""a":{"M":{"x":{"S":"1"},"y":{"S":"2"}}}"#, #""a":{"M":{"y":{"S":"2"}}},"b":{"S":"1"}"#),
    // A map that rules emptied goes; one that came empty stays.
    Row("attributes: {b: a.x}\nrest: keep", #""a":{"M":{"x":{"S":"1"}}}"#, #""b":{"S":"1"}"#),
    Row("attributes: {b: a.x}\nrest: keep", #""a":{"M":{}}"#, #""a":{"M":{}}"#),
    Row("attributes: {b: a.x.y}\nrest: keep", #""a":{"M":{"x":{"M":{"y":{"S":"1"}}}}}"#, #""b":{"S":"1"}"#),
    Row("attributes: {b: a.x.y}\nrest: keep", #""a":{"M":{"x":{"M":{}}}}"#, #""a":{"M":{"x":{"M":{}}}}"#),
    // Parents of targets are made, and joined where they are.
    Row("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"}"#, #""c":{"M":{"d":{"S":"1"}}}"#),
    Row("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"M":{"e":{"S":"2"}}}"#, #""c":{"M":{"e":{"S":"2"},"d":{"S":"1"}}}"#),
    Row("attributes: {c.d: a}\nrest: keep", #""c":{"M":{}}"#, #""c":{"M":{}}"#),
    Row("attributes: {c.d: c.x}\nrest: keep", #""c":{"M":{"x":{"S":"1"}}}"#, #""c":{"M":{"d":{"S":"1"}}}"#),
    Row("attributes: {a: {was: string, type: number}}\nrest: keep", #""a":{"S":"1"},"b":{"S":""}"#, #""b":{"S":""},"a":{"N":"1"}"#),
    // Conflicts with what the rest keeps.
    Row("attributes: {b: a}\nrest: keep", #""a":{"S":"1"},"b":{"S":"1"}"#, "occupiedTarget b b S"),
    // Even where the rule has nothing to write: `b` would come back as `a`.
    Row("attributes: {b: a}\nrest: keep", #""b":{"S":"1"}"#, "occupiedTarget b b S"),
    Row("attributes: {c.d: a}\nrest: keep", #""c":{"M":{"d":{"S":"2"}}}"#, "occupiedTarget c.d c.d S"),
    Row("attributes: {b: {const: 1, when: {exists: a}}}\nrest: keep", #""b":{"N":"1"}"#, "occupiedTarget b b N"),
    Row("attributes: {c.d: a}\nrest: keep", #""c":{"S":"2"}"#, #""c":{"S":"2"}"#),
    Row("attributes: {b: a}\nrest: drop", #""a":{"S":"1"},"b":{"S":"2"}"#, #""b":{"S":"1"}"#),
    Row("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"S":"2"}"#, "occupiedTarget c c S"),
    Row("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"L":[]}"#, "occupiedTarget c c L"),
    Row("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"M":{}}"#, "occupiedTarget c c M"),
    Row("attributes: {c.d: a}\nrest: keep", #""a":{"S":"1"},"c":{"M":{"d":{"S":"2"}}}"#, "occupiedTarget c.d c.d S"),
    Row("attributes: {b: a}\nrest: keep", #""_dt":{"N":"1"}"#, "reservedName - _dt -"),
    Row("rest: keep", #""_dt":{"N":"1"}"#, "reservedName - _dt -"),
    Row("reserved: gone\nrest: keep", #""_dt":{"N":"1"}"#, #""_dt":{"N":"1"}"#),
    // Sources see the untouched item, and one may be read twice.
    Row("attributes: {a: b, b: a}\nrest: keep", #""a":{"S":"1"},"b":{"S":"2"}"#, #""a":{"S":"2"},"b":{"S":"1"}"#),
    Row("attributes: {b: a, c: a}\nrest: keep", #""a":{"S":"1"}"#, #""b":{"S":"1"},"c":{"S":"1"}"#),
    Row("attributes: {b: a.x, c: a}\nrest: keep", #""a":{"M":{"x":{"S":"1"}}}"#, #""b":{"S":"1"},"c":{"M":{"x":{"S":"1"}}}"#),
    Row(
      #"attributes: {b: "a[1].x", 'c\.d': 'e\.f'}"# + "\nrest: keep", #""a":{"L":[{"S":"0"},{"M":{"x":{"S":"1"}}}]},"e.f":{"S":"2"}"#,
      #""a":{"L":[{"S":"0"}]},"b":{"S":"1"},"c.d":{"S":"2"}"#),
    Row(#"attributes: {b: "a[0]"}"# + "\nrest: keep", #""a":{"L":[{"S":"0"}]}"#, #""b":{"S":"0"}"#),
    Row(#"attributes: {b: "a[1]"}"# + "\nrest: keep", #""a":{"L":[{"S":"0"}]}"#, #""a":{"L":[{"S":"0"}]}"#),
    Row(#"attributes: {b: "a[0]"}"# + "\nrest: keep", #""a":{"SS":["0"]}"#, #""a":{"SS":["0"]}"#),
    Row("attributes: {é: ü}\nrest: keep", #""ü":{"S":"1"},"e\u0301":{"S":"2"}"#, #""é":{"S":"2"},"é":{"S":"1"}"#),
  ]

  static let values = [
    Row(
      "attributes: {c: {const: 2}, d: {const: [a, null, {b: true}]}, e: {const: \"2\"}, f: {const: !SS [x]}, g: {const: 1.50}}", "",
      #""c":{"N":"2"},"d":{"L":[{"S":"a"},{"NULL":true},{"M":{"b":{"BOOL":true}}}]},"e":{"S":"2"},"f":{"SS":["x"]},"g":{"N":"1.50"}"#),
    Row(
      "attributes: {c: {const: no}, d: {const: 1:30}, e: {const: ~}, f: {const: !B YQ==}, g: {const: !NS [1]}, h: {const: !BS [YQ==]}}", "",
      #""c":{"S":"no"},"d":{"S":"1:30"},"e":{"NULL":true},"f":{"B":"YQ=="},"g":{"NS":["1"]},"h":{"BS":["YQ=="]}"#),
    Row(
      "attributes: {t: {template: \"{{{a}/{b.c}\"}}\nrest: keep", #""a":{"S":"x\n"},"b":{"M":{"c":{"N":"1.50"}}}"#,
      #""a":{"S":"x\n"},"b":{"M":{"c":{"N":"1.50"}}},"t":{"S":"{x\n/1.5"}"#),
    Row("attributes: {t: {template: \"{a}#\"}}\nrest: drop", "", ""),
    Row("attributes: {t: {template: \"{a}#\", default: none}}\nrest: drop", "", #""t":{"S":"none"}"#),
    Row("attributes: {t: {template: \"{a}#\"}}\nrest: drop", #""a":{"BOOL":true}"#, "wrongType t a BOOL"),
    Row("attributes: {t: {template: \"{a}#{b}\"}}\nrest: drop", #""a":{"S":"x"},"b":{"S":"y#z"}"#, #""t":{"S":"x#y#z"}"#),
    Row("attributes: {t: {template: \"{a}#{b}\"}}\nrest: drop", #""a":{"S":"x#y"},"b":{"S":"z"}"#, "notReversible t - -"),
    Row("attributes: {t: {template: \"{a}##{b}\"}}\nrest: drop", #""a":{"S":"x#"},"b":{"S":"z"}"#, "notReversible t - -"),
    Row("attributes: {t: {template: \"{a}#{b}\", lossy: true}}\nrest: drop", #""a":{"S":"x#y"},"b":{"S":"z"}"#, #""t":{"S":"x#y#z"}"#),
    Row(
      "attributes: {h: {from: a, parse: \"U#{h}#{i}\"}, i: {from: a, parse: \"U#{h}#{i}\"}}", #""a":{"S":"U#x#y#z"}"#,
      #""h":{"S":"x"},"i":{"S":"y#z"}"#),
    Row("attributes: {h: {from: a, parse: \"U#{x}!\", take: x, was: string, type: number}}", #""a":{"S":"U#42!"}"#, #""h":{"N":"42"}"#),
    Row("attributes: {h: {from: a, parse: \"U#{h}!\"}}", #""a":{"S":"U#42"}"#, "unmatchedValue h a S"),
    Row("attributes: {h: {from: a, parse: \"U#{h}!\"}}", #""a":{"N":"42"}"#, "wrongType h a N"),
    Row("attributes: {b: {from: a, lookup: {Y: true, 1.0: one, false: [no], null: 0}}}", #""a":{"S":"Y"}"#, #""b":{"BOOL":true}"#),
    Row("attributes: {b: {from: a, lookup: {Y: true, 1.0: one, false: [no], null: 0}}}", #""a":{"N":"1"}"#, #""b":{"S":"one"}"#),
    Row(
      "attributes: {b: {from: a, lookup: {Y: true, 1.0: one, false: [no], null: 0}}}", #""a":{"BOOL":false}"#, #""b":{"L":[{"S":"no"}]}"#),
    Row("attributes: {b: {from: a, lookup: {Y: true, 1.0: one, false: [no], null: 0}}}", #""a":{"NULL":true}"#, #""b":{"N":"0"}"#),
    Row("attributes: {b: {from: a, lookup: {true: 1}}}", #""a":{"S":"true"}"#, "unmatchedValue b a S"),
    Row("attributes: {b: {from: a, lookup: {true: 1}, otherwise: keep}}", #""a":{"S":"true"}"#, #""b":{"S":"true"}"#),
    Row("attributes: {b: {from: a, lookup: {true: 1}, otherwise: drop}}", #""a":{"S":"true"}"#, ""),
    Row("attributes: {b: {from: a, lookup: {true: 1}, otherwise: {const: {x: 2}}}}", #""a":{"S":"true"}"#, #""b":{"M":{"x":{"N":"2"}}}"#),
    Row("attributes: {b: {from: a, default: 7}}", "", #""b":{"N":"7"}"#),
    Row("attributes: {b: {from: a, default: 7}}", #""a":{"NULL":true}"#, #""b":{"NULL":true}"#),
    Row("attributes: {b: {from: a, default: 7, default-when: [null, empty]}}", #""a":{"NULL":true}"#, #""b":{"N":"7"}"#),
    Row("attributes: {b: {from: a, default: 7, default-when: [null, empty]}}", #""a":{"L":[]}"#, #""b":{"N":"7"}"#),
    Row("attributes: {b: {from: a, default: 7, default-when: [null, empty]}}", "", ""),
    Row("attributes: {b: {from: a, was: string, type: number, default: none}}", "", #""b":{"S":"none"}"#),
    Row("attributes: {b: {from: a, when: {equals: {c: 1}}}}\ndrop: [c]", #""a":{"S":"x"},"c":{"N":"1.0"}"#, #""b":{"S":"x"}"#),
    Row("attributes: {b: {from: a, when: {equals: {c: 1}}}}\ndrop: [c]", #""a":{"S":"x"},"c":{"S":"1"}"#, ""),
    Row(
      "attributes: {l: {each: {attributes: {q: {was: string, type: number}}, rest: keep}}}",
      #""l":{"L":[{"M":{"q":{"S":"1"},"r":{"S":"x"}}},{"M":{}}]}"#,
      #""l":{"L":[{"M":{"r":{"S":"x"},"q":{"N":"1"}}},{"M":{}}]}"#),
    Row(
      "attributes: {m: {from: l, each: {attributes: {q: q}}}}", #""l":{"M":{"a":{"M":{"q":{"S":"1"}}}}}"#,
      #""m":{"M":{"a":{"M":{"q":{"S":"1"}}}}}"#),
    Row(
      "attributes: {m: {from: l, each: {attributes: {p: {from: q, was: string, type: number}}}}}", #""l":{"L":[{"M":{"q":{"S":"x"}}}]}"#,
      "invalidValue m[].p l[].q S"),
    Row("attributes: {l: {each: {attributes: {q: q}}}}", #""l":{"L":[{"M":{"z":{"S":"x"}}}]}"#, "unmappedAttribute - l[].z S"),
    Row("attributes: {l: {each: {rest: keep}}}", #""l":{"L":[{"S":"x"}]}"#, "wrongType l l S"),
    Row("attributes: {l: {each: {rest: keep}}}", #""l":{"S":"x"}"#, "wrongType l l S"),
    Row("attributes: {l: {each: {was: string, type: number}}}", #""l":{"L":[{"S":"1"},{"S":"2"}]}"#, #""l":{"L":[{"N":"1"},{"N":"2"}]}"#),
    Row(
      "attributes: {l: {each: {rest: keep, skip-when: {exists: x}}}}", #""l":{"L":[{"M":{"x":{"S":"1"}}},{"M":{"_dt":{"S":"2"}}}]}"#,
      #""l":{"L":[{"M":{"_dt":{"S":"2"}}}]}"#),
  ]

  static let conditions = [
    Row("rest: keep\nskip-when: {equals: {k: test}}", #""k":{"S":"test"}"#, nil),
    Row("rest: keep\nskip-when: {equals: {k: test}}", #""k":{"S":"tests"}"#, #""k":{"S":"tests"}"#),
    Row("rest: keep\nskip-when: {equals: {k: test}}", "", ""),
    Row("rest: error\nskip-when: {equals: {k: test}}", #""k":{"S":"test"},"z":{"S":""}"#, nil),
    Row("rest: keep\nskip-when: {equals: {k: 1, \"a.b[0]\": x}}", #""k":{"N":"1.0"},"a":{"M":{"b":{"L":[{"S":"x"}]}}}"#, nil),
    Row("rest: keep\nskip-when: {equals: {k: {a: 1}}}", #""k":{"M":{"a":{"N":"1"}}}"#, nil),
    Row("rest: keep\nskip-when: {exists: k.l}", #""k":{"M":{"l":{"NULL":true}}}"#, nil),
    Row("rest: keep\nskip-when: {not: {exists: k}}", "", nil),
    Row("rest: keep\nskip-when: {in: {k: [1, b]}}", #""k":{"S":"b"}"#, nil),
    Row("rest: keep\nskip-when: {less: {k: 10}}", #""k":{"N":"9.9"}"#, nil),
    Row("rest: keep\nskip-when: {less: {k: 10}}", #""k":{"S":"1"}"#, #""k":{"S":"1"}"#),
    Row("rest: keep\nskip-when: {greater: {k: b}}", #""k":{"S":"c"}"#, nil),
    Row("rest: keep\nskip-when: {is-type: {k: SS}}", #""k":{"SS":["a"]}"#, nil),
    Row("rest: keep\nskip-when: {matches: {k: \"U#{x}\"}}", #""k":{"S":"U#1"}"#, nil),
    Row("rest: keep\nskip-when: {any: [{exists: a}, {all: [{exists: b}, {exists: c}]}]}", #""b":{"S":"1"},"c":{"S":"2"}"#, nil),
    Row("rest: keep\nskip-when: {any: [{exists: a}, {all: [{exists: b}, {exists: c}]}]}", #""b":{"S":"1"}"#, #""b":{"S":"1"}"#),
  ]

  /// An item may be 32 levels deep, itself included; a rule may move what is in it no deeper.
  @Test func depth() throws {
    func nested(_ levels: Int) -> String { String(repeating: #"{"L":["#, count: levels) + String(repeating: "]}", count: levels) }
    for (target, levels, fits) in [("b", 31, true), ("c.b", 30, true), ("c.b", 31, false), ("c.d.b", 30, false)] {
      let mapping = try mapping("attributes: {\(target): a}")
      let old = try item(#"{"id":{"S":"1"},"a":\#(nested(levels))}"#)
      #expect((onValues(mapping, old) != "tooDeep - - -") == fits, "\(target) \(levels)")
      #expect(onBytes(mapping, old) == onValues(mapping, old))
    }
    #expect(throws: DynamoDBModelError.self) { try item(#"{"id":{"S":"1"},"a":\#(nested(32))}"#) }
    let mapping = try mapping("attributes: {c.b: {from: a, was: json, type: value}}")
    for (levels, fits) in [(30, true), (31, false)] {
      let old: Item = ["id": "1", "a": .string(String(repeating: "[", count: levels) + String(repeating: "]", count: levels))]
      #expect((onValues(mapping, old) != "tooDeep - - -") == fits)
      #expect(onBytes(mapping, old) == onValues(mapping, old))
    }
  }

  @Test(arguments: paths + values + conditions) func beforeAndAfter(_ row: Row) throws {
    let mapping = try mapping(row.lines)
    let old = try item(#"{"id":{"S":"1"}"# + (row.old.isEmpty ? "" : "," + row.old) + "}")
    let expected = row.expected.map { $0.first == "\"" || $0.isEmpty ? #"{"id":{"S":"1"}"# + ($0.isEmpty ? "" : "," + $0) + "}" : $0 }
    #expect(onValues(mapping, old) == expected)
    #expect(onBytes(mapping, old) == expected)
  }
}

/// The one NEW item in wire form, the error in short, or nil for an item that is skipped.
func onValues(_ mapping: CompiledMapping, _ old: Item) -> String? {
  do { return try mapping.convert(old).first?.description } catch { return short(error) }
}

func onBytes(_ mapping: CompiledMapping, _ old: Item) -> String? {
  var input = ByteBuffer()
  old.encode(into: &input)
  var tape = ItemTape()
  guard (try? tape.read(input.span)) != nil else { return "unreadable" }
  var converter = ItemConverter(mapping)
  var out = ByteBuffer()
  do {
    _ = try converter.begin(tape, input.span)
    return try converter.write(0, of: tape, input.span, to: &out) ? String(copying: out.span) : nil
  } catch {
    return short(error)
  }
}

private func short(_ error: ConversionError) -> String {
  "\(error.code) \(error.rule ?? "-") \(error.path ?? "-") \(error.found ?? "-")"
}
