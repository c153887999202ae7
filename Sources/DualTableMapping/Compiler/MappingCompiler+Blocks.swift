import DynamoDBModel

extension MappingCompiler {
  /// The one block at the top, or the blocks of `items`.
  mutating func blocks(_ top: YAMLMap, old: KeySchema?, new: KeySchema?, oldKey: [RuleForm]?) -> [BlockForm]? {
    guard let items = top["items"] else {
      return block(top, name: "", isPrimary: true, old: old, new: new, oldKey: oldKey).map { [$0] }
    }
    for key in Self.blockKeys {
      if let entry = top[key] { findings.error(.badValue, at: entry.keyPlace, "with `items`, `\(key)` stands in each of its blocks") }
    }
    guard let nodes = findings.list(items.value, "`items`") else { return nil }
    if nodes.isEmpty { findings.error(.badValue, at: items.value.place, "`items` needs a block") }
    if nodes.count > Self.blockLimit {
      findings.error(.tooLarge, at: items.value.place, "`items` has at most \(Self.blockLimit) blocks, this one \(nodes.count)")
      return nil
    }
    var blocks: [BlockForm] = []
    var places: [YAMLPlace] = []
    var names: Set<String> = []
    var primaries = 0
    for node in nodes {
      guard let map = findings.map(node, "a block", known: Self.itemKeys) else { continue }
      let name = map["name"].flatMap { findings.text($0.value, "`name`") } ?? ""
      if map["name"] == nil {
        findings.error(.badValue, at: map.place, "a block of `items` needs a `name`")
      } else if !names.insert(name).inserted, let entry = map["name"] {
        findings.error(.badValue, at: entry.value.place, "another block is called \(quoted(name))")
      }
      let isPrimary = map["primary"].flatMap { findings.bool($0.value, "`primary`") } ?? false
      if isPrimary { primaries += 1 }
      if isPrimary, primaries > 1, let entry = map["primary"] {
        findings.error(.badValue, at: entry.value.place, "one block is primary, and one before this is")
      }
      guard let block = block(map, name: name, isPrimary: isPrimary, old: old, new: new, oldKey: oldKey) else { continue }
      blocks.append(block)
      places.append(map.place)
    }
    if primaries == 0, !nodes.isEmpty { findings.error(.badValue, at: items.value.place, "one block needs `primary: true`") }
    for (later, block) in blocks.enumerated() {
      guard let keys = block.keysBack, let earlier = blocks[..<later].first(where: { $0.keysBack?.isDisjoint(from: keys) == false }) else {
        continue
      }
      findings.error(
        .overlappingBlocks, at: places[later],
        "a key of this block can be one of \(quoted(earlier.name)); give a key attribute of each a fixed beginning, end or value of its own"
      )
    }
    return blocks.count == nodes.count && !blocks.isEmpty ? blocks : nil
  }

  private mutating func block(
    _ map: YAMLMap, name: String, isPrimary: Bool, old: KeySchema?, new: KeySchema?, oldKey: [RuleForm]?
  ) -> BlockForm? {
    // At the top of a file `skip-when` counts for all blocks and is read there.
    let skipWhen = name.isEmpty ? nil : map["skip-when"].flatMap { self.condition($0.value) }
    var rules: [RuleForm] = []
    if let entry = map["key"], let new {
      rules += keyRules(entry.value, .forth, from: old, to: new)
    } else if map["key"] == nil {
      findings.error(.missingKeyAttribute, at: map.place, "a block needs a `key` with a rule for each key attribute of NEW")
    } else if let entry = map["key"] {
      _ = findings.map(entry.value, "`key`")
    }
    let keyRules = rules
    let body = self.body(map, rules)
    guard let entry = map["key"], let old, let new, keyRules.count == new.attributes.count else { return nil }
    guard let keysBack = keysBack(keyRules, old: old, stated: oldKey, isOnly: name.isEmpty, at: entry.value.place) else { return nil }
    let block = BlockForm(
      name: name, isPrimary: isPrimary, skipWhen: skipWhen, rules: body.rules, drop: body.drop, rest: body.rest, keysBack: keysBack,
      places: body.places)
    if let sentence = block.hopelessness(old) { findings.warning(.badValue, at: block.places.rest, sentence) }
    return block
  }

  /// What blocks with and without a key have in common; `rules` are those of the key.
  private mutating func body(
    _ map: YAMLMap, _ rules: [RuleForm]
  ) -> (rules: [RuleForm], drop: [AttributePath], rest: BlockForm.Rest, places: BlockForm.Places) {
    let rest: BlockForm.Rest = map["rest"].flatMap { findings.choice($0.value, "`rest`") } ?? .error
    var rules = rules
    if let entry = map["attributes"], let map = findings.map(entry.value, "`attributes`", duplicates: .duplicateTarget) {
      for entry in map.entries { if let rule = attributeRule(entry) { rules.append(rule) } }
    }
    let drop = map["drop"].map { paths($0.value, "`drop`") } ?? []
    refuseConflicts(rules)
    let places = BlockForm.Places(
      block: map.place, rest: map["rest"]?.value.place ?? map.place, skipWhen: map["skip-when"]?.keyPlace ?? map.place,
      drop: drop.map(\.place))
    return (rules.sorted { $0.target < $1.target }, drop.map(\.path), rest, places)
  }

  /// `each`: a block without a key for maps, or steps for scalars.
  mutating func each(_ node: YAMLNode) -> StepForm? {
    let known = Self.eachKeys + Self.stepKeys
    guard let map = findings.map(node, "`each`", known: known) else { return nil }
    guard let first = map.entries.first(where: { known.contains($0.key) }) else {
      findings.error(.badValue, at: node.place, "`each` is a block without a `key`, or steps")
      return nil
    }
    let isBlock = Self.eachKeys.contains(first.key)
    for entry in map.entries where known.contains(entry.key) && Self.eachKeys.contains(entry.key) != isBlock {
      findings.error(.badValue, at: entry.keyPlace, "`each` is a block for maps, or steps for scalars; `\(first.key)` says which")
    }
    guard isBlock else {
      let lossy = map["lossy"].flatMap { findings.bool($0.value, "`lossy`") } ?? false
      refuseIdle(map)
      return steps(map, target: AttributePath("?"), key: nil, lossy: lossy).map { .eachValue($0) }
    }
    // Only at an item's root does a name mark tombstones.
    let outer = reserved
    reserved = ""
    defer { reserved = outer }
    let skipWhen = map["skip-when"].flatMap { self.condition($0.value) }
    let body = self.body(map, [])
    return .eachBlock(
      BlockForm(
        name: "", isPrimary: false, skipWhen: skipWhen, rules: body.rules, drop: body.drop, rest: body.rest, keysBack: nil,
        places: body.places))
  }

  /// A list of paths in the order of their names.
  private mutating func paths(_ node: YAMLNode, _ what: String) -> [(path: AttributePath, place: YAMLPlace)] {
    guard let nodes = findings.list(node, what) else { return [] }
    let paths = nodes.compactMap { node in
      findings.text(node, "a path").flatMap { sourcePath($0, at: node.place) }.map { (path: $0, place: node.place) }
    }
    return paths.sorted { $0.path < $1.path }
  }

  /// `revert`: what the inverse does beside what can be derived.
  mutating func revert(_ node: YAMLNode, old: KeySchema?) -> RevertForm? {
    guard let map = findings.map(node, "`revert`", known: Self.revertKeys) else { return nil }
    let body = self.body(map, [])
    for rule in body.rules {
      guard let name = old?.attributes.first(where: { AttributePath($0.name).isPrefix(of: rule.target) })?.name else { continue }
      findings.error(.duplicateTarget, at: rule.place, "\(quoted(name)) is part of OLD's key, which comes out of NEW's key")
    }
    let skipWhen = map["skip-when"].flatMap { self.condition($0.value) }
    return RevertForm(attributes: body.rules, drop: body.drop, rest: map["rest"] == nil ? nil : body.rest, skipWhen: skipWhen)
  }

  /// Notes rules of which one writes where another does, or below.
  private mutating func refuseConflicts(_ rules: [RuleForm]) {
    let sorted = rules.sorted { $0.target < $1.target }
    // In this order everything below a path follows it, so the paths that are open above the next one are a stack.
    var open: [RuleForm] = []
    for rule in sorted {
      while let last = open.last, !last.target.isPrefix(of: rule.target) { open.removeLast() }
      // Each pair has its later one noted, so that in file order a rule is blamed for those before it.
      for above in open {
        let (first, second) = above.place < rule.place ? (above, rule) : (rule, above)
        if above.target == rule.target {
          findings.error(.duplicateTarget, at: second.place, "\(quoted(second.target.description)) has a rule in line \(first.place.line)")
        } else {
          findings.error(
            .pathConflict, at: second.place,
            "\(quoted(second.target.description)) and \(quoted(first.target.description)) of line \(first.place.line) lie in one another")
        }
      }
      open.append(rule)
    }
  }
}
