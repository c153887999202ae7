/// Makes valid mapping files over the whole language: every source, step, condition and key that it has, in random company.
struct MappingGenerator {
  var random: SeededGenerator

  /// A way from OLD's key to NEW's.
  private struct Keys {
    let old: String
    let new: String
    let key: String
    var oldKey: String?
    /// The blocks beside the primary one, by their keys.
    var others: [String] = []

    /// The names of OLD's key attributes.
    var names: String {
      ["id", "\"n\"", "kind", "at"].filter { old.contains("{\($0):") }.joined(separator: ", ")
    }
  }

  private static let keys = [
    Keys(old: "{hash: {id: S}}", new: "{hash: {id: S}}", key: "{id: id}"),
    Keys(old: "{hash: {id: S}}", new: "{hash: {pk: S}}", key: "{pk: {template: \"U{{#{id}\"}}"),
    Keys(old: "{hash: {id: S}}", new: "{hash: {user: S}, range: {sk: S}}", key: "{user: id, sk: {const: META}}"),
    Keys(
      old: "{hash: {id: S}, range: {\"n\": N}}", new: "{hash: {pk: S}, range: {sk: S}}",
      key: "{pk: {template: \"T#{id}#{n}\"}, sk: {const: \"0\"}}"),
    Keys(
      old: "{hash: {id: S}, range: {\"n\": N}}", new: "{hash: {pk: S}, range: {sk: S}}",
      key: "{pk: id, sk: {from: \"n\", was: number, type: string}}"),
    Keys(
      old: "{hash: {id: S}}", new: "{hash: {tenant: S}, range: {user: N}}",
      key: "{tenant: {from: id, parse: \"{tenant}/{user}\"}, user: {from: id, parse: \"{tenant}/{user}\"}}"),
    Keys(
      old: "{hash: {kind: S}, range: {id: S}}", new: "{hash: {k: N}, range: {id: S}}",
      key: "{k: {from: kind, lookup: {user: 1, admin: 2, test: 3}}, id: id}"),
    Keys(old: "{hash: {at: N}}", new: "{hash: {at: S}}", key: "{at: {was: epoch-seconds, type: iso8601}}"),
    Keys(
      old: "{hash: {id: S}}", new: "{hash: {pk: S}}", key: "{pk: {from: id, lookup: {x: X, Y: why}, otherwise: keep}}",
      oldKey: "{id: {from: pk, lookup: {X: x, why: \"Y\"}, otherwise: keep}}"),
    Keys(old: "{hash: {id: S}}", new: "{hash: {pk: S}, range: {sk: S}}", key: "{pk: {template: \"C#{e}\"}, sk: id}"),
    Keys(
      old: "{hash: {id: S}}", new: "{hash: {pk: S}, range: {sk: S}}", key: "{pk: {template: \"I#{id}\"}, sk: {const: A}}",
      others: ["{pk: {template: \"I#{id}\"}, sk: {const: B}}", "{pk: {template: \"E#{e}\"}, sk: {template: \"I#{id}\"}}"]),
  ]

  private static let sources = [
    "a", "b", "c.x", "c.y", "c", "d.e.f", "\"l[0]\"", "\"l[1].x\"", "list", "profile.email", "id", "e", "f", "g", "h",
  ]
  private static let targets = [
    "t0", "t1", "box.t2", "box.t3", "deep.er.t4", "a", "b", "profile.email", "list", "'t\\.5'", "c.x", "f", "ключ", "\"a \\\"b\\\"\"",
  ]
  private static let constants = [
    "2", "x", "\"2\"", "true", "null", "1.50", "1E-130", "[a, null, {b: 1}]", "{m: {}}", "!B YQ==", "!SS [x, y]", "!NS [1, 2.0]",
    "!BS [YQ==]",
    "\"\\n\\u2028é\"", "\"\"", "12345678901234567890123456789012345678",
  ]
  private static let conversions = [
    ("string", "number"), ("number", "string"), ("epoch-seconds", "iso8601"), ("epoch-seconds", "epoch-milliseconds"),
    ("epoch-milliseconds", "iso8601"), ("epoch-milliseconds", "epoch-seconds"), ("iso8601", "epoch-seconds"),
    ("iso8601", "epoch-milliseconds"), ("string-set", "list"), ("number-set", "list"), ("binary-set", "list"), ("list", "string-set"),
    ("list", "number-set"), ("list", "binary-set"), ("binary", "base64"), ("base64", "binary"), ("json", "value"), ("value", "json"),
  ]
  private static let lookups = [
    "{Y: true, N: false}", "{1: one, 2.0: two, x: \"1\"}", "{true: 1, \"true\": 2, null: none}", "{x: [1], y: {a: 1}}",
    "{x: same, y: same}",
    "{x: \"7\", y: \"8\"}",
  ]
  private static let conditions = [
    "{equals: {a: test}}", "{equals: {a: 7, b: x}}", "{in: {b: [1, x, \"7\"]}}", "{less: {a: 42}}", "{greater: {b: \"a\"}}",
    "{exists: c.x}",
    "{is-type: {a: S}}", "{matches: {b: \"{x}#{y}\"}}", "{all: [{exists: a}, {not: {exists: h}}]}",
    "{any: [{equals: {c.y: null}}, {exists: l}]}",
    "{not: {is-type: {c: M}}}",
  ]
  private static let patterns = [
    (pattern: "U#{h}#{i}", holes: ["h", "i"]), (pattern: "{first} {last}", holes: ["first", "last"]), (pattern: "v{n}", holes: ["n"]),
    (pattern: "{{{x}}", holes: ["x"]),
  ]

  /// A file, each time another one.
  mutating func file() -> String {
    let keys = random.pick(Self.keys)
    var lines = ["version: 1", "old: \(keys.old)", "new: \(keys.new)"]
    if random.chance(15) { lines.append("reserved: gone") }
    if random.chance(15) { lines.append("ttl: {old: a, new: t0}") }
    if random.chance(20) { lines.append("keeps-order: \(random.chance(50))") }
    if random.chance(25) { lines.append("skip-when: \(random.pick(Self.conditions))") }
    if let oldKey = keys.oldKey { lines.append("old-key: \(oldKey)") }
    // Some mappings have all in them that has an inverse, so that enough of them have one.
    let isGentle = random.chance(60)
    if keys.others.isEmpty {
      lines.append("key: \(keys.key)")
      lines += block(isGentle: isGentle, names: keys.names)
    } else {
      lines.append("items:")
      var blocks = [(key: keys.key, isPrimary: true)] + keys.others.map { (key: $0, isPrimary: false) }
      if random.chance(50) { blocks.swapAt(0, 1) }
      for (number, each) in blocks.enumerated() {
        var inner = ["name: block\(number)", "key: \(each.key)"] + block(isGentle: isGentle, names: keys.names)
        if each.isPrimary { inner.append("primary: true") }
        if random.chance(20) { inner.append("skip-when: \(random.pick(Self.conditions))") }
        lines += inner.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element.replacing("\n", with: "\n  ") }
      }
    }
    if !isGentle && random.chance(60) { lines.append(revert()) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What the file itself says of its way back.
  private mutating func revert() -> String {
    var rules: [String] = []
    for path in ["a", "b", "c.x", "c.y", "d.e.f", "e", "f", "g", "h", "list", "profile.email"] where random.chance(70) {
      let from = random.pick(["t0", "t1", "box.t2", "box.t3", "a", "b", "c.x", "f", "strange"])
      rules.append(
        "\(path): \(random.pick([from, "{from: \(from), default: 0}", "{const: 1}", "{from: \(from), was: number, type: string}"]))")
    }
    var parts = ["attributes: {\(rules.joined(separator: ", "))}"]
    if random.chance(80) { parts.append("rest: \(random.pick(["keep", "drop"]))") }
    if random.chance(50) { parts.append("drop: [t0, t1, box, deep, other]") }
    if random.chance(30) { parts.append("skip-when: \(random.pick(Self.conditions))") }
    return "revert: {\(parts.joined(separator: ", "))}"
  }

  /// `attributes`, `drop` and `rest`.
  private mutating func block(isGentle: Bool, names: String) -> [String] {
    var targets = Self.targets
    var rules: [String] = []
    func take(_ random: inout SeededGenerator) -> String? {
      targets.isEmpty ? nil : targets.remove(at: Int.random(in: 0..<targets.count, using: &random))
    }
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      if random.chance(15) {
        let (pattern, holes) = random.pick(Self.patterns)
        let source = random.pick(["g", "h", "c.y"])
        for hole in holes where isGentle || random.chance(70) {
          guard let target = take(&random) else { break }
          rules.append("  \(target): {from: \(source), parse: \"\(pattern)\", take: \(hole)}")
        }
      } else if let target = take(&random) {
        rules.append("  \(target): \(rule(target: target, isGentle: isGentle))")
      }
    }
    var lines = rules.isEmpty ? [] : ["attributes:\n" + rules.joined(separator: "\n")]
    let rest = random.pick(isGentle ? ["keep", "keep", "error"] : ["keep", "keep", "drop", "error"])
    if random.chance(isGentle ? 5 : 30) {
      lines.append("drop: [\(random.pick(Self.sources)), x, \(names)]")
    } else if rest == "error" {
      lines.append("drop: [\(names)]")
    }
    lines.append("rest: \(rest)")
    return lines
  }

  private mutating func rule(target: String, isGentle: Bool) -> String {
    let source = random.pick(Self.sources)
    var parts: [String] = []
    switch Int.random(in: 0..<11, using: &random) {
    case 0, 1: return source
    case 2: return target.contains("[") ? source : "{from: \(target)}"
    case 3: parts = ["const: \(random.pick(Self.constants))"]
    case 4:
      parts = ["template: \"\(random.pick(["{a}", "T#{b}", "{a}#{c.y}!", "{{{e}/{id}"]))\""]
      if random.chance(20) { parts.append("lossy: true") }
    case 5, 6: parts = ["from: \(source)"] + conversion(isGentle: isGentle)
    case 7: parts = ["from: \(source)"] + lookup(isGentle: isGentle)
    case 8: parts = ["from: \(source)", "lookup: {x: \"7\", y: \"8\"}", "was: string", "type: number"]
    case 9: parts = ["from: \(random.pick(["list", "a", "c"]))", "each: {\(each(isGentle: isGentle))}"]
    default:
      parts = [
        "from: list",
        "each: {\((random.chance(50) ? conversion(isGentle: isGentle) : lookup(isGentle: isGentle)).joined(separator: ", "))}",
      ]
    }
    let isConstant = parts[0].hasPrefix("const")
    if !isGentle || isConstant {
      if !isConstant && random.chance(15) { parts.append("default: \(random.pick(Self.constants))") }
      if !isConstant, random.chance(8), parts.contains(where: { $0.hasPrefix("default") }) { parts.append("default-when: [null, empty]") }
      if random.chance(15) { parts.append("when: \(random.pick(Self.conditions))") }
    }
    return "{\(parts.joined(separator: ", "))}"
  }

  private mutating func conversion(isGentle: Bool) -> [String] {
    let (was, type) = random.pick(isGentle ? Self.conversions.filter { $0.0 != "json" && $0.1 != "json" } : Self.conversions)
    return ["was: \(was)", "type: \(type)"] + (!isGentle && random.chance(30) ? ["lossy: true"] : [])
  }

  private mutating func lookup(isGentle: Bool) -> [String] {
    let table = random.pick(isGentle ? Array(Self.lookups.prefix(3)) : Self.lookups)
    guard !isGentle, random.chance(50) else { return ["lookup: \(table)"] }
    return ["lookup: \(table)", "otherwise: \(random.pick(["keep", "drop", "{const: other}", "error"]))"]
  }

  private mutating func each(isGentle: Bool) -> String {
    var rules = ["q: {from: qty, was: string, type: number}"]
    if random.chance(50) { rules.append("'in.ner': x") }
    if random.chance(30) { rules.append("k: {const: 1}") }
    if random.chance(30) { rules.append("deep: {from: list, each: {attributes: {x: a}, rest: keep}}") }
    var parts = [
      "attributes: {\(rules.joined(separator: ", "))}", "rest: \(isGentle || random.chance(80) ? "keep" : random.pick(["drop", "error"]))",
    ]
    if !isGentle && random.chance(20) { parts.append("drop: [y]") }
    if !isGentle && random.chance(20) { parts.append("skip-when: {exists: gone}") }
    return parts.joined(separator: ", ")
  }
}
