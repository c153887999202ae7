import DualTableMapping
import DynamoDBModel
import HTTPTransport
import Testing

/// Both executions of the compiled form do the same with every item.
@Suite struct AgreementTests {
  struct Sample: CustomTestStringConvertible, Sendable {
    let name: String
    let yaml: String
    /// Names for the generated items.
    let names: [String]
    /// Names whose values are lists of maps more often than not.
    var listsOf: [String] = []
    var testDescription: String { name }
  }

  static let head = "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\n"
  static let samples = [
    Sample(
      name: "as deep as it goes", yaml: head + "attributes: {x.y.z: d, a: b.c.d}\nrest: keep", names: ["d", "b", "c"]),
    Sample(name: "identity", yaml: head + "rest: keep", names: ["a", "b", "_dt"]),
    Sample(
      name: "moves", yaml: head + "attributes: {email: profile.email, contact.phone: phone, c.d.e: profile.a.b}\nrest: keep",
      names: ["profile", "email", "contact", "phone", "a", "b", "c", "d", "e"]),
    Sample(
      name: "kept in place",
      yaml: head + "attributes: {a: a, profile.a: profile.a, b.c: b.c, profile.x: b.x}\ndrop: [profile.b]\nrest: drop",
      names: ["a", "b", "c", "x", "profile"]),
    Sample(
      name: "everything accounted for",
      yaml: head + "attributes: {a: a, profile.a: profile.a, z: b}\ndrop: [c, profile.b, d.x]\nrest: error",
      names: ["a", "b", "c", "d", "x", "profile"]),
    Sample(
      name: "parent taken", yaml: head + "attributes: {profile.a: profile.a, p: profile, q: profile.b.c}\nrest: keep",
      names: ["profile", "a", "b", "c", "p", "q"]),
    Sample(
      name: "target at its own parent", yaml: head + "attributes: {profile: profile.a, a.b: a}\nrest: keep", names: ["profile", "a", "b"]),
    Sample(
      name: "lists", yaml: head + "attributes: {first: \"a[0]\", b.x: \"a[1].b[0]\"}\ndrop: [\"c[0]\"]\nrest: keep",
      names: ["a", "b", "c", "first", "x"]),
    Sample(
      name: "lists dropped", yaml: head + "attributes: {first: \"a[0]\"}\nrest: drop", names: ["a", "first"]),
    Sample(
      name: "types",
      yaml: head + """
        attributes:
          a: {was: string, type: number}
          b: {was: number, type: string}
          c: {was: epoch-seconds, type: iso8601}
          d: {was: iso8601, type: epoch-milliseconds}
          e: {was: iso8601, type: epoch-seconds, lossy: true}
          f: {was: string, type: number, lossy: true}
        rest: keep
        """,
      names: ["a", "b", "c", "d", "e", "f"]),
    Sample(
      name: "one type at a time",
      yaml: head + "attributes: {a: {was: string, type: number}, x.y: {from: b, was: number, type: string}}\nrest: keep",
      names: ["a", "b", "x"]),
    Sample(
      name: "documents",
      yaml: head + """
        attributes:
          a: {was: json, type: value}
          b: {was: value, type: json, lossy: true}
          c: {was: string-set, type: list, default: none, default-when: [absent, null]}
          d: {was: list, type: number-set, lossy: true}
          e: {was: binary, type: base64}
          f: {was: base64, type: binary}
        rest: keep
        """,
      names: ["a", "b", "c", "d", "e", "f"]),
    Sample(
      name: "templates",
      yaml: head + """
        attributes:
          t: {template: "{{{a}#{b}}"}
          u: {template: "USER#{a.b}", default: nobody}
          v: {template: "{a}#{b}/{c}!", lossy: true}
          n: {template: "{a}", was: string, type: number}
        rest: keep
        """,
      names: ["a", "b", "c", "t"]),
    Sample(
      name: "parts and lookups",
      yaml: head + """
        attributes:
          tenant: {from: a, parse: "USER#{tenant}#{id}"}
          last: {from: a, parse: "USER#{tenant}#{id}", take: id, lookup: {"1": one}, otherwise: keep}
          on: {from: b, lookup: {"Y": true, "N": false, 1: [one], true: yes, null: nothing}, otherwise: drop}
          off: {from: c, lookup: {1.0: one}, otherwise: {const: {m: 2}}}
        rest: keep
        """,
      names: ["a", "b", "c"]),
    Sample(
      name: "defaults and conditions",
      yaml: head + """
        skip-when: {any: [{equals: {kind: test}}, {exists: gone}, {in: {b: [7, x]}}]}
        attributes:
          a: {default: [1], default-when: [absent, null, empty]}
          c: {from: b, default: 0}
          d: {const: {deep: [true]}, when: {is-type: {b: S}}}
          e: {from: b, when: {not: {less: {b: 42}}}}
          f: {from: b, when: {all: [{greater: {b: "a"}}, {matches: {b: "{x}#{y}"}}]}}
        rest: keep
        """,
      names: ["a", "b", "kind", "gone", "e"]),
    Sample(
      name: "each",
      yaml: head + """
        attributes:
          lines: {each: {attributes: {qty: {was: string, type: number}, a.b: a, deep: {from: l, each: {attributes: {x: qty}, rest: drop}}}, rest: keep, skip-when: {equals: {kind: test}}}}
          l: {each: {was: string, type: number}}
          m: {each: {attributes: {a: a}, drop: [qty], rest: error}, default: []}
          n: {from: o, each: {lookup: {x: [1], 1: one, true: yes}, otherwise: drop}}
          s: {was: string-set, type: list, each: {parse: "{h}é", take: h}}
          j: {was: json, type: value, each: {rest: keep, attributes: {q: qty}}}
          c.d.e: {from: d, each: {rest: keep}}
        rest: keep
        """,
      names: ["lines", "qty", "a", "b", "l", "m", "n", "o", "s", "j", "d", "kind"], listsOf: ["lines", "l", "m", "d"]),
    Sample(
      name: "composite keys",
      yaml: """
        version: 1
        old: {hash: {id: S}, range: {n: N}}
        new: {hash: {pk: S}, range: {sk: S}}
        key: {pk: {template: "T#{id}#{n}"}, sk: {from: sort, default: META}}
        rest: keep
        """,
      names: ["pk", "sk", "sort", "b"]),
    Sample(
      name: "several blocks",
      yaml: """
        version: 1
        old: {hash: {id: S}}
        new: {hash: {pk: S}, range: {sk: S}}
        skip-when: {equals: {kind: test}}
        items:
        - {name: one, primary: true, key: {pk: {template: "C#{c}"}, sk: {template: "O#{id}"}}, rest: keep}
        - {name: two, key: {pk: {template: "O#{id}"}, sk: {const: META}}, attributes: {c: c}, rest: drop, skip-when: {not: {exists: c}}}
        """,
      names: ["c", "kind", "pk"]),
  ]

  @Test(arguments: samples) func sameOnValuesAndBytes(_ sample: Sample) throws {
    let mapping = try CompiledMapping(yaml: Array(sample.yaml.utf8), file: "sample")
    var run = RunOnBytes(mapping)
    var converted = 0
    for seed in 0..<600 as Range<UInt64> {
      var generator = ItemGenerator(random: SeededGenerator(seed: seed), names: sample.names, listNames: sample.listsOf)
      var key: [(String, AttributeValue)] = []
      for attribute in mapping.oldSchema.attributes {
        key.append((attribute.name, attribute.type == .number ? .number(DynamoDBNumber(Int(seed))) : .string("i\(seed)")))
      }
      let item = generator.item(key: key)
      if try compare(mapping, &run, item, "seed \(seed)") { converted += 1 }
      // The next item of this shape goes by what was found out about this one.
      let other = generator.alike(item, key: key.map(\.0))
      _ = try compare(mapping, &run, other, "seed \(seed), alike")
    }
    #expect(converted > 20, "the items of this sample hardly ever convert")
  }

  /// Other writers put blanks between tokens and escape what they need not: the same items all the same.
  @Test(arguments: samples) func sameHoweverItIsWritten(_ sample: Sample) throws {
    let mapping = try CompiledMapping(yaml: Array(sample.yaml.utf8), file: "sample")
    var run = RunOnBytes(mapping)
    for seed in 0..<200 as Range<UInt64> {
      var generator = ItemGenerator(random: SeededGenerator(seed: seed), names: sample.names, listNames: sample.listsOf)
      let key = mapping.oldSchema.attributes.map { attribute in
        (attribute.name, attribute.type == .number ? .number(DynamoDBNumber(Int(seed))) : AttributeValue.string("i\(seed)"))
      }
      let item = generator.item(key: key)
      let wire = rewritten(item.description, &generator.random)
      #expect(try Item(wire: wire.span) == item, "seed \(seed)")
      let expected = Result { try mapping.convert(item) }
      let found = Result { try run.convert(wire).map { try Item(wire: $0.span) } }
      switch (expected, found) {
      case (.success(let expected), .success(let found)): #expect(expected == found, "seed \(seed): \(item)")
      case (.failure(let expected), .failure(let found)):
        #expect((expected as? ConversionError) == (found as? ConversionError), "seed \(seed): \(item)")
      default: Issue.record("seed \(seed): \(item): \(expected), \(found)")
      }
    }
  }

  /// `json` with blanks between its tokens and needless escapes in its strings.
  private func rewritten(_ json: String, _ random: inout SeededGenerator) -> [UInt8] {
    var out: [UInt8] = []
    var inString = false
    var isEscaped = false
    var digits = 0
    for scalar in json.unicodeScalars {
      if inString {
        // The digits of an escape stay as they are.
        digits = isEscaped && scalar == "u" ? 5 : max(0, digits - 1)
        if !isEscaped && digits == 0 && scalar != "\"" && scalar != "\\" && random.chance(10) {
          for unit in String(scalar).utf16 {
            let hex = String(unit, radix: 16)
            out += Array(("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
          }
        } else {
          out += Array(String(scalar).utf8)
        }
        if !isEscaped && scalar == "\"" { inString = false }
        isEscaped = !isEscaped && scalar == "\\"
      } else {
        out += Array(String(scalar).utf8)
        // Not within `true` and `false`.
        if "{}[]:,".unicodeScalars.contains(scalar), random.chance(20) { out += Array("\n\t".utf8) }
        if scalar == "\"" { inString = true }
      }
    }
    return out
  }

  /// True if the item was converted.
  private func compare(_ mapping: CompiledMapping, _ run: inout RunOnBytes, _ item: Item, _ comment: Comment) throws -> Bool {
    var values: [Item]?
    var valuesFailure: ConversionError?
    do { values = try mapping.convert(item) } catch { valuesFailure = error }
    var wire: [[UInt8]]?
    var wireFailure: ConversionError?
    do { wire = try run.convert(item) } catch let error as ConversionError { wireFailure = error }
    #expect(valuesFailure?.code == wireFailure?.code, "\(comment): \(item)")
    if valuesFailure?.code == wireFailure?.code { #expect(valuesFailure == wireFailure, "\(comment): \(item)") }
    guard let values, let wire else { return false }
    let expected = values.map { value in
      var buffer = ByteBuffer()
      value.encode(into: &buffer)
      return [UInt8](copying: buffer.span)
    }
    #expect(
      expected.map { String(decoding: $0, as: UTF8.self) } == wire.map { String(decoding: $0, as: UTF8.self) }, "\(comment): \(item)")
    for value in values {
      let key = try #require(mapping.newSchema.key(of: value))
      #expect(try mapping.oldKey(for: key) == mapping.oldSchema.key(of: item), "\(comment): \(item)")
    }
    return true
  }

  @Test("an item's attributes lie where the converter says, with blanks around them, too")
  func blanksAroundAttributes() throws {
    let mapping = try CompiledMapping(
      yaml: Array((Self.head + "attributes: {b: a, its: m.x, m.n: c}\nrest: keep").utf8), file: "sample")
    var run = RunOnBytes(mapping)
    let item = #"{ "id" : {"S":"1"} , "a"\n:\t{"S":"x"}, "c":{"S":"y"} ,"m" : { "M" : {"x":{"S":"z"}, "w" : {"S":"v"}}} , "r" : {"L":[]} }"#
    #expect(try run.convert(Array(item.replacing("\\n", with: "\n").replacing("\\t", with: "\t").utf8)).count == 1)
  }

  /// What is known of one tape's items helps with the next ones; with another tape, and once a tape starts afresh, it is worth nothing.
  @Test func tapesThatStartAfresh() throws {
    let mapping = try CompiledMapping(
      yaml: Array((Self.head + "attributes: {b: a, m.x: m.y, l: {each: {attributes: {q: p}, rest: keep}}}\nrest: keep").utf8),
      file: "sample")
    var run = RunOnBytes(mapping)
    for round in 0..<200 {
      let names = (0..<round % 40).map { "n\(round)-\($0)" }
      var item: Item = ["id": .string("\(round)"), "a": "a", "m": ["y": "y", "z": "z"], "l": [["p": "p"], ["q\(round)": "r"]]]
      for name in names { item[name] = .string(name) }
      #expect(try compare(mapping, &run, item, "round \(round)"))
      if round % 50 == 49 { run.tape = ItemTape() }
    }
  }
}

/// A mapping's way over bytes, item after item on one tape, as a backfill goes it.
private struct RunOnBytes: ~Copyable {
  var tape = ItemTape()
  private var converter: ItemConverter

  /// What a result of the converter is read with again.
  private var resultTape = ItemTape()

  init(_ mapping: CompiledMapping) { converter = ItemConverter(mapping, notesPlaces: true) }

  mutating func convert(_ item: Item) throws -> [[UInt8]] {
    var input = ByteBuffer()
    item.encode(into: &input)
    return try convert([UInt8](copying: input.span))
  }

  mutating func convert(_ input: [UInt8]) throws -> [[UInt8]] {
    _ = try tape.read(input.span)
    var results: [[UInt8]] = []
    for result in 0..<(try converter.begin(tape, input.span)) {
      var out = ByteBuffer()
      if try converter.write(result, of: tape, input.span, to: &out) {
        try comparePlaces(out)
        results.append([UInt8](copying: out.span))
      } else {
        let appended = out.count
        #expect(appended == 0)
      }
    }
    return results
  }

  /// The converter says where each attribute of its result lies.
  private mutating func comparePlaces(_ out: borrowing ByteBuffer) throws {
    _ = try resultTape.read(out.span)
    var said: [[Range<Int>]] = []
    for index in 0..<converter.places.count { said.append([converter.places[index].name, converter.places[index].value]) }
    var found: [[Range<Int>]] = []
    var index = 1
    while index < resultTape.count {
      found.append([resultTape[index].nameRange, resultTape[index].valueRange])
      index = resultTape[index].end
    }
    #expect(said == found)
  }
}
