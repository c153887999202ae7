import DynamoDBModel

/// Which way key rules lead.
enum KeyWay: String {
  /// From OLD's items to NEW's key.
  case forth = "key"
  /// From NEW's key to OLD's.
  case back = "old-key"

  var source: String { self == .forth ? "OLD" : "NEW" }
  var target: String { self == .forth ? "NEW" : "OLD" }
}

extension MappingCompiler {
  /// `old-key`: how each attribute of OLD's key comes out of NEW's, where the file says it; nil if it doesn't, fewer after a finding.
  mutating func oldKey(_ top: YAMLMap, old: KeySchema?, new: KeySchema?) -> [RuleForm]? {
    guard let entry = top["old-key"] else { return nil }
    guard let old, let new else {
      _ = findings.map(entry.value, "`old-key`")
      return []
    }
    let rules = keyRules(entry.value, .back, from: new, to: old)
    let names = new.attributes.map(\.name)
    for rule in rules {
      guard let stranger = rule.reads.first(where: { path in !names.contains { AttributePath($0) == path } }) else { continue }
      let place = entry.value.entries?.first { UTF8Text.equal($0.key, rule.target.root.text) }?.value.place ?? rule.place
      var code = MappingFinding.Code.unknownKey
      if case .template(let template) = rule.source, template.holes.contains(stranger) { code = .unknownHole }
      findings.error(
        code, at: place,
        "`old-key` reads NEW's key, which has no \(quoted(stranger.description))\(suggestion(for: stranger.description, in: names))")
    }
    return rules
  }

  /// False, with a finding, if a key rule can't give the type that the schema wants, or reads the other key as another type than it is.
  mutating func checkTypes(of rule: RuleForm, _ part: KeyPart, _ way: KeyWay, source: KeySchema?, at place: YAMLPlace) -> Bool {
    let wanted = part.type.name
    let target = way.target
    func refuse(_ compiler: inout MappingCompiler, _ sentence: String) -> Bool {
      compiler.findings.error(.badConversion, at: place, sentence)
      return false
    }
    if let fallback = rule.fallback, !isKey(fallback.value, part) {
      return refuse(&self, "the default can't be a key of type \(wanted)")
    }
    switch rule.steps.last {
    case .convert(let conversion):
      if let type = conversion.type.type, type != part.type {
        return refuse(&self, "\(quoted(conversion.type.rawValue)) is of type \(type.name); \(target)'s key wants \(wanted)")
      }
    case .lookup(let table):
      if !table.entries.allSatisfy({ isKey($0.to, part) }) {
        return refuse(&self, "not all values of the lookup can be a key of type \(wanted)")
      }
      if case .constant(let value) = table.otherwise, !isKey(value, part) {
        return refuse(&self, "the value of `otherwise` can't be a key of type \(wanted)")
      }
    case .eachBlock, .eachValue: return false
    case .parse:
      if part.type != .string { return refuse(&self, "a pattern gives text; \(target)'s key wants \(wanted)") }
    case nil:
      switch rule.source {
      case .constant(let value):
        if !isKey(value, part) {
          return refuse(&self, "the constant can't be a key of type \(wanted): it is \(value.type.name), empty or too long")
        }
      case .template:
        if part.type != .string { return refuse(&self, "a template gives text; \(target)'s key wants \(wanted)") }
      case .path(let path):
        if let type = source?.type(of: path), type != part.type {
          return refuse(
            &self, "\(quoted(path.description)) is of type \(type.name) in \(way.source)'s key; \(target)'s key wants \(wanted)")
        }
      }
    }
    return checkSource(of: rule, way, source: source, at: place)
  }

  /// Compares what the rule does first with the type of the attribute of the other key that it reads.
  private mutating func checkSource(of rule: RuleForm, _ way: KeyWay, source: KeySchema?, at place: YAMLPlace) -> Bool {
    var wrong: (path: AttributePath, found: AttributeType, wanted: AttributeType)?
    switch rule.source {
    case .template(let template):
      for hole in template.holes {
        if source?.type(of: hole) == .binary { wrong = (hole, .binary, .string) }
      }
    case .path(let path):
      guard let found = source?.type(of: path) else { break }
      switch rule.steps.first {
      case .convert(let conversion): if let wanted = conversion.was.type, wanted != found { wrong = (path, found, wanted) }
      case .parse: if found != .string { wrong = (path, found, .string) }
      default: break
      }
    case .constant: break
    }
    guard let wrong else { return true }
    findings.error(
      .badConversion, at: place,
      "\(quoted(wrong.path.description)) is of type \(wrong.found.name) in \(way.source)'s key; the rule wants \(wrong.wanted.name)")
    return false
  }

  private func isKey(_ value: AttributeValue, _ part: KeyPart) -> Bool {
    value.type == part.type && (try? KeySchema.check(length: value.sizeInBytes, of: value.type, isHash: part.isHash)) != nil
  }

  /// How OLD's key comes out of NEW's: as `stated`, or derived, or a finding that says which attribute doesn't and why.
  ///
  /// - Parameter isOnly: false among other blocks, of which `old-key` concerns those alone whose key doesn't lead back by itself.
  mutating func keysBack(_ rules: [RuleForm], old: KeySchema, stated: [RuleForm]?, isOnly: Bool, at place: YAMLPlace) -> KeyInversion? {
    let parts = rules.map(KeyInversion.Part.init)
    if let stated, isOnly || old.attributes.contains(where: { KeyInversion.underivable($0, parts) != nil }) {
      return KeyInversion(old: old, parts: parts, stated: BlockPlan(keyRules: stated))
    }
    for attribute in old.attributes {
      if let reason = KeyInversion.underivable(attribute, parts) {
        findings.error(
          .underivableOldKey, at: place,
          "OLD's key attribute \(quoted(attribute.name)) doesn't come out of NEW's key: \(reason); `old-key` can say how it does")
        return nil
      }
    }
    return KeyInversion(old: old, parts: parts, stated: nil)
  }
}

extension KeyInversion {
  /// Why `attribute` can't be told from `parts`; nil if it can.
  static func underivable(_ attribute: KeySchema.Attribute, _ parts: [Part]) -> String? {
    let path = AttributePath(attribute.name)
    var reason = "no key rule reads it"
    for part in parts {
      switch part.source {
      case .constant: continue
      case .template(let template): if !template.holes.contains(path) { continue }
      case .path(let source): if source != path { continue }
      }
      guard part.isTelling else {
        reason = "the rule of \(quoted(part.name)) can't be undone"
        continue
      }
      guard case .parse(let template, _)? = part.steps.first else { return nil }
      let taken = parts.compactMap { other -> Int? in
        guard other.source == part.source, other.isTelling, case .parse(template, let hole)? = other.steps.first else { return nil }
        return hole
      }
      if Set(taken).count == template.holes.count { return nil }
      reason = "not every hole of \(quoted(part.name))'s pattern is part of NEW's key"
    }
    return reason
  }
}

extension KeySchema {
  /// The type of the key attribute at `path`; nil for all other paths.
  func type(of path: AttributePath) -> AttributeType? {
    attributes.first { AttributePath($0.name) == path }.map { AttributeType($0.type) }
  }
}
