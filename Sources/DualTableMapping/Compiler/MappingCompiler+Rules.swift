import DynamoDBModel

extension MappingCompiler {
  static let sourceKeys = ["from", "const", "template"]
  static let stepKeys = ["parse", "take", "lookup", "otherwise", "was", "type", "lossy"]
  static let ruleKeys = sourceKeys + stepKeys + ["each", "default", "default-when", "when"]
  /// Keys that do nothing without another one.
  static let idleAlone = [(key: "take", other: "parse"), (key: "otherwise", other: "lookup"), (key: "default-when", other: "default")]
  /// What makes `each` a block.
  static let eachKeys = ["attributes", "rest", "drop", "skip-when"]

  /// The rules of `key` or `old-key`, one for each attribute of the key that they make; fewer where there is a finding.
  mutating func keyRules(_ node: YAMLNode, _ way: KeyWay, from source: KeySchema?, to key: KeySchema) -> [RuleForm] {
    guard let map = findings.map(node, "`\(way.rawValue)`", duplicates: .duplicateTarget) else { return [] }
    let names = key.attributes.map(\.name)
    for entry in map.entries where !names.contains(where: { UTF8Text.equal($0, entry.key) }) {
      findings.error(
        .unknownKey, at: entry.keyPlace, "\(way.target)'s key has no attribute \(quoted(entry.key))\(suggestion(for: entry.key, in: names))"
      )
    }
    let missing = names.filter { name in !map.entries.contains { UTF8Text.equal($0.key, name) } }
    if !missing.isEmpty {
      findings.error(
        .missingKeyAttribute, at: node.place,
        "`\(way.rawValue)` has no rule for " + missing.map(quoted).joined(separator: " and ") + " of \(way.target)'s key")
    }
    return key.attributes.compactMap { attribute in
      guard let entry = map.entries.first(where: { UTF8Text.equal($0.key, attribute.name) }) else { return nil }
      let part = KeyPart(isHash: attribute == key.hash, type: AttributeType(attribute.type))
      guard let rule = rule(entry.value, target: AttributePath(attribute.name), key: part, at: entry.keyPlace) else { return nil }
      return checkTypes(of: rule, part, way, source: source, at: entry.value.place) ? rule : nil
    }
  }

  /// A rule of `attributes`.
  mutating func attributeRule(_ entry: YAMLEntry) -> RuleForm? {
    do throws(PatternError) {
      let target = try AttributePath(parsing: entry.key, indexes: false)
      if target.root == AttributeName(reserved) {
        findings.error(.reservedName, at: entry.keyPlace, "\(quoted(reserved)) marks tombstones; no mapping may write it")
      }
      return rule(entry.value, target: target, key: nil, at: entry.keyPlace)
    } catch {
      findings.error(error.code, at: entry.keyPlace, error.sentence)
      _ = rule(entry.value, target: AttributePath("?"), key: nil, at: entry.keyPlace)
      return nil
    }
  }

  /// A path in an OLD item, as text at `place`.
  mutating func sourcePath(_ text: String, at place: YAMLPlace) -> AttributePath? {
    do throws(PatternError) {
      let path = try AttributePath(parsing: text, indexes: true)
      if path.root == AttributeName(reserved) {
        findings.error(.reservedName, at: place, "\(quoted(reserved)) marks tombstones; no item of OLD has it")
        return nil
      }
      return path
    } catch {
      findings.error(error.code, at: place, error.sentence)
      return nil
    }
  }

  private mutating func rule(_ node: YAMLNode, target: AttributePath, key: KeyPart?, at place: YAMLPlace) -> RuleForm? {
    if case .scalar = node.content {
      guard let path = findings.text(node, "a rule's path").flatMap({ sourcePath($0, at: node.place) }) else { return nil }
      return RuleForm(
        target: target, key: key, source: .path(path), steps: [], fallback: nil, condition: nil, isLossy: false, place: place)
    }
    guard let map = findings.map(node, "a rule", known: Self.ruleKeys) else { return nil }
    let sources = map.entries.filter { Self.sourceKeys.contains($0.key) }
    for extra in sources.dropFirst() {
      findings.error(.badValue, at: extra.keyPlace, "a rule has one source, and \(quoted(sources[0].key)) is this one's")
    }
    let source = self.source(map, target: target)
    let lossy = map["lossy"].flatMap { findings.bool($0.value, "`lossy`") } ?? false
    let steps = self.steps(map, target: target, key: key, lossy: lossy)
    let fallback = self.fallback(map)
    let condition = map["when"].flatMap { self.condition($0.value) }
    refuseIdle(map)
    guard let source, let steps, let fallback, (condition != nil) == (map["when"] != nil) else { return nil }
    return RuleForm(
      target: target, key: key, source: source, steps: steps, fallback: fallback, condition: condition, isLossy: lossy, place: place)
  }

  private mutating func source(_ map: YAMLMap, target: AttributePath) -> RuleForm.Source? {
    if let entry = map["from"] {
      return findings.text(entry.value, "`from`").flatMap { sourcePath($0, at: entry.value.place) }.map { .path($0) }
    }
    if let entry = map["const"] { return constant(entry.value).map { .constant($0) } }
    if let entry = map["template"] { return template(entry.value, "`template`").map { .template($0) } }
    if target.root == AttributeName(reserved) { return nil }
    return .path(target)
  }

  /// A template whose holes are source paths.
  mutating func template(_ node: YAMLNode, _ what: String) -> Template? {
    guard let text = findings.text(node, what) else { return nil }
    do throws(PatternError) {
      let template = try Template(parsing: text)
      if template.holes.contains(where: { $0.root == AttributeName(reserved) }) {
        findings.error(.reservedName, at: node.place, "\(quoted(reserved)) marks tombstones; no item of OLD has it")
        return nil
      }
      return template
    } catch {
      findings.error(error.code, at: node.place, error.sentence)
      return nil
    }
  }

  /// The steps in the order in which they apply, nil where one is wrong.
  mutating func steps(_ map: YAMLMap, target: AttributePath, key: KeyPart?, lossy: Bool) -> [StepForm]? {
    var steps: [StepForm?] = []
    if let entry = map["parse"] {
      steps.append(parse(entry.value, take: map["take"]?.value, target: target))
      // What a pattern yields is text, in a key the schema's type.
      if key?.type == .number, map["lookup"] == nil, map["type"] == nil {
        steps.append(.convert(Conversion(was: .string, type: .number, isLossy: false)))
      }
    }
    if let entry = map["lookup"] { steps.append(lookup(entry.value, otherwise: map["otherwise"]?.value)) }
    if map["was"] != nil || map["type"] != nil { steps.append(conversion(map, lossy: lossy).map { .convert($0) }) }
    if let entry = map["each"] {
      if key != nil { findings.error(.badValue, at: entry.keyPlace, "a key is a scalar and has no elements") }
      steps.append(each(entry.value))
    }
    return steps.contains { $0 == nil } ? nil : steps.compactMap { $0 }
  }

  private mutating func parse(_ node: YAMLNode, take: YAMLNode?, target: AttributePath) -> StepForm? {
    guard let template = template(node, "`parse`") else { return nil }
    let names = template.holes.map(\.description)
    if template.holes.contains(where: { !$0.isRoot }) || Set(template.holes).count != template.holes.count {
      findings.error(.badPattern, at: node.place, "the holes of `parse` are names, each once")
      return nil
    }
    let taken = take.map { findings.text($0, "`take`") } ?? target.lastName
    guard let taken else { return nil }
    guard let hole = names.firstIndex(where: { UTF8Text.equal($0, taken) }) else {
      findings.error(
        .unknownHole, at: take?.place ?? node.place, "the pattern has no hole \(quoted(taken))\(suggestion(for: taken, in: names))")
      return nil
    }
    return .parse(template, hole: hole)
  }

  private mutating func conversion(_ map: YAMLMap, lossy: Bool) -> Conversion? {
    let was: ValueFormat? = map["was"].flatMap { findings.choice($0.value, "`was`", code: .badConversion) }
    let type: ValueFormat? = map["type"].flatMap { findings.choice($0.value, "`type`", code: .badConversion) }
    if let entry = map["was"], map["type"] == nil { findings.error(.badConversion, at: entry.keyPlace, "`was` needs a `type`") }
    if let entry = map["type"], map["was"] == nil { findings.error(.badConversion, at: entry.keyPlace, "`type` needs a `was`") }
    guard let was, let type, let place = map["type"]?.value.place else { return nil }
    guard was.targets.contains(type) else {
      let known = was.targets.map { quoted($0.rawValue) }.joined(separator: ", ")
      findings.error(.badConversion, at: place, "\(quoted(was.rawValue)) can't become \(quoted(type.rawValue)), only \(known)")
      return nil
    }
    return Conversion(was: was, type: type, isLossy: lossy)
  }

  /// `default` and `default-when`: nil after a finding, nil within where the rule has none.
  private mutating func fallback(_ map: YAMLMap) -> Fallback?? {
    var occasions = Fallback.Occasions.absent
    if let entry = map["default-when"] {
      guard let words = findings.list(entry.value, "`default-when`") else { return nil }
      occasions = []
      for node in words {
        // `null` is a word here, in quotes or not.
        guard case .scalar(let word, _) = node.content, let occasion = DefaultOccasion(rawValue: word)?.occasion else {
          findings.error(.badValue, at: node.place, "`default-when` lists some of `absent`, `null`, `empty`")
          return nil
        }
        occasions.insert(occasion)
      }
      if words.isEmpty {
        findings.error(.badValue, at: entry.value.place, "`default-when` lists some of `absent`, `null`, `empty`")
        return nil
      }
    }
    guard let entry = map["default"] else { return .some(nil) }
    return constant(entry.value).map { Fallback(value: $0, occasions: occasions) }
  }

  private enum DefaultOccasion: String, CaseIterable {
    case absent, null, empty
    var occasion: Fallback.Occasions {
      switch self {
      case .absent: .absent
      case .null: .null
      case .empty: .empty
      }
    }
  }

  /// Notes keys that do nothing without another one.
  mutating func refuseIdle(_ map: YAMLMap) {
    for (key, other) in Self.idleAlone where map[other] == nil {
      if let entry = map[key] { findings.error(.badValue, at: entry.keyPlace, "`\(key)` needs a `\(other)`") }
    }
    if let entry = map["lossy"], map["type"] == nil, map["template"] == nil {
      findings.error(.badValue, at: entry.keyPlace, "`lossy` belongs to `type` or `template`")
    }
    guard map["const"] != nil else { return }
    for key in ["parse", "lookup", "was", "type", "each", "default"] {
      if let entry = map[key] { findings.error(.badValue, at: entry.keyPlace, "a `const` is what it is; `\(key)` has nothing to do") }
    }
  }
}
