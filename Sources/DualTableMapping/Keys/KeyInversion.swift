import DynamoDBModel

/// How OLD's key comes out of a NEW key of one block: the key rules, undone.
///
/// Each rule guards (a NEW key that it could not have made is not this block's) and may yield attributes of OLD's key: a copy or a reversible
/// change of one yields it, a template those that fill its holes, parsed parts of one all together.
struct KeyInversion: Sendable {
  /// A key rule.
  struct Part: Sendable {
    let name: String
    let type: AttributeType
    let source: RuleForm.Source
    let steps: [StepForm]
    /// A `default` may stand where the source has nothing: then the value says nothing about the source.
    let hasFallback: Bool

    init(name: String, type: AttributeType, source: RuleForm.Source, steps: [StepForm], hasFallback: Bool) {
      self.name = name
      self.type = type
      self.source = source
      self.steps = steps
      self.hasFallback = hasFallback
    }

    init(_ rule: RuleForm, type: AttributeType) {
      self.init(name: rule.target.root.text, type: type, source: rule.source, steps: rule.steps, hasFallback: rule.fallback != nil)
    }

    init(_ rule: RuleForm) { self.init(rule, type: rule.key?.type ?? .string) }
  }

  let old: KeySchema
  let parts: [Part]
  /// The file's own rules over NEW's key; then the parts only guard.
  let stated: BlockPlan?

  /// The OLD key of `newKey`; nil if no OLD item of this block has this NEW key.
  func oldKey(for newKey: Item) -> Item? {
    var yield = Yield(old: old)
    for part in parts {
      guard let value = newKey[part.name], value.type == part.type, part.read(value, into: &yield) else { return nil }
    }
    guard let stated else { return yield.key() }
    // A rule that can't be done says what a guard says: no OLD item has this NEW key.
    return (try? ValueRun.convert(newKey, stated)) ?? nil
  }

  /// True if some attribute of NEW's key can't have one value in both blocks.
  func isDisjoint(from other: KeyInversion) -> Bool {
    parts.contains { part in other.parts.contains { UTF8Text.equal($0.name, part.name) && $0.isDisjoint(from: part) } }
  }
}

extension KeyInversion {
  /// What the parts of one NEW key say about OLD's key.
  struct Yield {
    let old: KeySchema
    private var values: [AttributeValue?]
    private var holes: [(source: AttributePath, template: Template, hole: Int, text: String)] = []

    init(old: KeySchema) {
      self.old = old
      values = old.attributes.map { _ in nil }
    }

    /// Notes that the OLD item has `value` at `path`; false if it can't, or if another part says otherwise.
    mutating func note(_ value: AttributeValue, at path: AttributePath) -> Bool {
      guard let place = old.attributes.firstIndex(where: { AttributePath($0.name) == path }) else { return true }
      guard value.type == AttributeType(old.attributes[place].type) else { return false }
      if let known = values[place] { return known == value }
      values[place] = value
      return true
    }

    /// Notes the text that stands in a template's hole.
    mutating func note(text: String, at path: AttributePath) -> Bool {
      guard let attribute = old.attributes.first(where: { AttributePath($0.name) == path }) else { return true }
      switch attribute.type {
      case .string: return note(.string(text), at: path)
      case .number:
        // A template writes numbers in canonical form; any other text is not from it.
        guard let number = try? DynamoDBNumber(text), UTF8Text.equal(number.canonicalText, text) else { return false }
        return note(.number(number), at: path)
      case .binary: return false
      }
    }

    /// Notes one part of the text at `source`, which has the form of `template`.
    mutating func note(text: String, hole: Int, of template: Template, at source: AttributePath) {
      holes.append((source, template, hole, text))
    }

    /// The key, if it is whole.
    mutating func key() -> Item? {
      while let (source, template, _, _) = holes.first {
        let texts = template.holes.indices.compactMap { hole in
          holes.first { $0.source == source && $0.template == template && $0.hole == hole }?.text
        }
        holes.removeAll { $0.source == source && $0.template == template }
        guard texts.count == template.holes.count else { continue }
        let text = template.filled(texts)
        // What wouldn't be parsed into these parts was not made of them.
        guard let parsed = template.parse(text), zip(parsed, texts).allSatisfy(UTF8Text.equal), note(text: text, at: source) else {
          return nil
        }
      }
      var key = Item()
      for (attribute, value) in zip(old.attributes, values) {
        guard let value, (try? KeySchema.check(length: value.sizeInBytes, of: value.type, isHash: attribute == old.hash)) != nil else {
          return nil
        }
        key[attribute.name] = value
      }
      return key
    }
  }
}

extension KeyInversion.Part {
  /// Tells `yield` what `value` says; false if no item gives it.
  func read(_ value: AttributeValue, into yield: inout KeyInversion.Yield) -> Bool {
    guard isTelling else { return true }
    var value = value
    for (place, step) in steps.enumerated().reversed() {
      if case .parse(let template, let hole) = step {
        guard place == 0, case .path(let path) = source, let text = value.stringValue else { return false }
        yield.note(text: text, hole: hole, of: template, at: path)
        return true
      }
      guard let before = step.undo(value) else { return false }
      value = before
    }
    switch source {
    case .constant(let constant): return value == constant
    case .path(let path): return yield.note(value, at: path)
    case .template(let template):
      guard let text = value.stringValue, let texts = template.parse(text) else { return false }
      return zip(template.holes, texts).allSatisfy { yield.note(text: $1, at: $0) }
    }
  }

  /// True if the value of the key attribute says what the source was.
  var isTelling: Bool {
    !hasFallback && steps.allSatisfy { if case .parse = $0 { true } else { $0.isInvertible } }
  }

  /// True if `self` and `other`, rules of one attribute, never give one value: by their constants, or by the fixed text at an end.
  func isDisjoint(from other: KeyInversion.Part) -> Bool {
    guard isTelling && other.isTelling else { return false }
    if let values = possibleValues { return values.allSatisfy { !other.accepts($0) } }
    if let values = other.possibleValues { return values.allSatisfy { !accepts($0) } }
    guard case .template(let left) = source, case .template(let right) = other.source, steps.isEmpty, other.steps.isEmpty else {
      return false
    }
    return left.isDisjoint(from: right)
  }

  private func accepts(_ value: AttributeValue) -> Bool {
    // Against no schema: only whether the rule could have made the value.
    var yield = KeyInversion.Yield(old: KeySchema(hash: .init("", .string)))
    return read(value, into: &yield)
  }

  /// All values the rule can give, if they are few.
  private var possibleValues: [AttributeValue]? {
    if case .constant(let value) = source, steps.isEmpty { return [value] }
    if case .lookup(let table)? = steps.last { return table.entries.map(\.to) }
    return nil
  }
}

extension Template {
  /// True if no text fits both, by what they begin or end with.
  func isDisjoint(from other: Template) -> Bool {
    let (left, right) = (beginning.utf8, other.beginning.utf8)
    if !left.starts(with: right) && !right.starts(with: left) { return true }
    let (leftEnd, rightEnd) = (ending.utf8.reversed(), other.ending.utf8.reversed())
    return !leftEnd.starts(with: rightEnd) && !rightEnd.starts(with: leftEnd)
  }

  private var beginning: String { if case .literal(let text)? = pieces.first { text } else { "" } }
  private var ending: String { if case .literal(let text)? = pieces.last { text } else { "" } }
}
