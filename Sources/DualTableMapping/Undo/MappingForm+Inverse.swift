import DynamoDBModel

extension MappingForm {
  /// The mapping from NEW's items back to OLD's; of several blocks, from the primary one's.
  ///
  /// - Throws: everything that stands against it, in file order.
  func inverse() throws(InversionFaults) -> MappingForm {
    guard let primary = blocks.first(where: \.isPrimary) else { preconditionFailure("one block is primary") }
    var faults: [InversionFault] = []
    let keys = inverseKeys(primary, &faults)
    let others = blocks.filter { !$0.isPrimary }.compactMap { block in
      let pattern = block.pattern(apartFrom: primary)
      if pattern == nil {
        faults.append(
          InversionFault(place: block.places.block, sentence: "no pattern tells the keys of \(quoted(block.name)) from the primary block's")
        )
      }
      return pattern
    }
    let unread = new.keys.attributes.map { AttributePath($0.name) }.filter { path in !keys.contains { $0.sourcePath == path } }
    var body = BodyInversion(
      primary, restored: old.keys.attributes.map { AttributePath($0.name) }, unread: unread, revert: revert ?? RevertForm())
    body.run()
    faults += body.faults
    if let sentence = primary.hopelessness(old.keys) { faults.append(InversionFault(place: primary.places.rest, sentence: sentence)) }
    guard faults.isEmpty else { throw InversionFaults(faults: faults) }
    do throws(InversionFault) {
      return try inverse(primary, keys, body, skips: others + [revert?.skipWhen].compactMap { $0 })
    } catch {
      throw InversionFaults(faults: [error])
    }
  }

  private func inverse(_ primary: BlockForm, _ keys: [RuleForm], _ body: BodyInversion, skips: [ConditionForm])
    throws(InversionFault) -> MappingForm
  {
    let forth = primary.rules.filter { $0.key != nil }
    let block = BlockForm(
      name: "", isPrimary: true, skipWhen: nil, rules: keys + body.rules, drop: body.drop, rest: body.rest,
      keysBack: nil, places: .init(block: .none, rest: .none, skipWhen: .none, drop: body.drop.map { _ in .none }))
    var ignored: [InversionFault] = []
    let derived = Self.inverseKeys(keys, from: new.keys, to: old.keys, at: .none, &ignored)
    let isDerived = derived.map(\.identity).sorted(by: <) == forth.map(\.identity).sorted(by: <)
    let skipped = [skipWhen, primary.skipWhen].compactMap { $0 }
    let lost = RevertForm(skipWhen: skipped.count > 1 ? .any(skipped) : skipped.first)
    return MappingForm(
      old: new, new: old, reserved: reserved, timeToLive: timeToLive.map { TimeToLive(old: $0.new, new: $0.old) }, queryIndex: nil,
      keepsOrder: keepsOrder, skipWhen: skips.count > 1 ? .any(skips) : skips.first, blocks: [block], oldKey: isDerived ? [] : forth,
      revert: try RevertSearch(of: primary, in: self, inverse: block).revert(from: lost))
  }

  // MARK: keys

  /// The rules that make OLD's key of NEW's: the file's own, or the block's key rules turned.
  private func inverseKeys(_ block: BlockForm, _ faults: inout [InversionFault]) -> [RuleForm] {
    let forth = block.rules.filter { $0.key != nil }
    let names = old.keys.attributes.map { AttributePath($0.name) }
    for rule in forth {
      guard let path = rule.reads.first(where: { !names.contains($0) }) else { continue }
      faults.append(
        InversionFault(
          place: rule.place,
          sentence: "NEW's key reads \(quoted(path.description)), which is not part of OLD's key: it can't be told from it"))
    }
    if block.keysBack?.stated != nil { return oldKey }
    guard faults.isEmpty else { return [] }
    return Self.inverseKeys(forth, from: old.keys, to: new.keys, at: block.places.block, &faults)
  }

  private static func inverseKeys(
    _ rules: [RuleForm], from old: KeySchema, to new: KeySchema, at place: YAMLPlace, _ faults: inout [InversionFault]
  ) -> [RuleForm] {
    var inverse: [RuleForm] = []
    for attribute in old.attributes {
      let key = KeyPart(isHash: attribute == old.hash, type: AttributeType(attribute.type))
      if let rule = rules.inverse(of: AttributePath(attribute.name), key) {
        inverse.append(rule)
      } else {
        faults.append(
          InversionFault(place: place, sentence: "no one rule makes OLD's key attribute \(quoted(attribute.name)) of NEW's key"))
      }
    }
    return inverse
  }
}

/// Everything that stands against an inverse.
struct InversionFaults: Error {
  let faults: [InversionFault]
}

extension [UInt8] {
  fileprivate static func < (left: [UInt8], right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }
}

extension [RuleForm] {
  /// The rule that makes the attribute of OLD's key at `path` of what these rules, which are NEW's key's, made of it.
  fileprivate func inverse(of path: AttributePath, _ key: KeyPart) -> RuleForm? {
    for rule in self where rule.sourcePath == path {
      if let inverse = try? rule.inverse(from: path) {
        return RuleForm(writing: path, key: key, from: inverse.source, steps: inverse.steps)
      }
    }
    if let template = template(of: path) { return RuleForm(writing: path, key: key, from: template) }
    for rule in self {
      guard case .template(let template) = rule.source, let hole = template.holes.firstIndex(of: path), rule.steps.isEmpty,
        rule.fallback == nil, let pattern = template.asPattern
      else { continue }
      let number: [StepForm] = key.type == .number ? [.convert(.fromPattern)] : []
      return RuleForm(writing: path, key: key, from: .path(rule.target), steps: [.parse(pattern, hole: hole)] + number)
    }
    return nil
  }
}

extension Template {
  /// The template with a name of its own in each hole, as `parse` has it.
  var asPattern: Template? {
    var names: [AttributePath] = []
    for (number, hole) in holes.enumerated() {
      guard let last = hole.lastName else { return nil }
      let isFree = !names.contains(AttributePath(last)) && !last.contains { $0 == "{" || $0 == "}" }
      names.append(AttributePath(isFree ? last : "part\(number + 1)"))
    }
    return Set(names).count == names.count ? withHoles(names) : nil
  }
}

extension BlockForm {
  /// What holds for the keys of this block and not for those of `other`; nil if no condition can say it.
  fileprivate func pattern(apartFrom other: BlockForm) -> ConditionForm? {
    var conditions: [ConditionForm] = []
    var isApart = false
    for rule in rules where rule.key != nil {
      guard let condition = rule.pattern else { continue }
      conditions.append(condition)
      let part = KeyInversion.Part(rule)
      isApart =
        isApart || other.rules.contains { $0.key != nil && $0.target == rule.target && KeyInversion.Part($0).isDisjoint(from: part) }
    }
    return isApart ? conditions.count > 1 ? .all(conditions) : conditions.first : nil
  }
}

extension RuleForm {
  /// What holds for the rule's values; nil if it could be any, or no condition says it.
  fileprivate var pattern: ConditionForm? {
    guard fallback == nil else { return nil }
    switch (source, steps.last) {
    case (_, .lookup(let table)?) where table.otherwise == .error: return .isIn(target, table.entries.map(\.to))
    case (.constant(let value), nil): return .equals(target, value)
    case (.template(let template), nil): return .matches(target, template)
    default: return nil
    }
  }
}
