public import DynamoDBModel

// Where OLD has the items of a partition of NEW: the key rules of each block, undone as far as NEW's partition key goes.

extension MappingForm {
  /// Where OLD has the items of a partition of NEW's table, or of one of its indexes; nil where that can't be told.
  func oldPartitions(of value: AttributeValue, index: IndexForm?) -> [OldPartition]? {
    var found: [OldPartition] = []
    for block in blocks {
      switch block.parts(of: index?.keys ?? new.keys) {
      case .none: continue
      case .untold: return nil
      case .some(let hash, let range):
        guard hash.makes(value) else { continue }
        guard let partition = oldPartition(of: value, block, hash, range, index) else { return nil }
        if !found.contains(partition) { found.append(partition) }
      }
    }
    return found
  }

  private func oldPartition(
    of value: AttributeValue, _ block: BlockForm, _ hash: KeyInversion.Part, _ range: KeyInversion.Part?, _ index: IndexForm?
  ) -> OldPartition? {
    if index == nil, block.keysBack?.stated != nil, fixesPartition(block) {
      guard let rule = oldKey.first(where: { $0.target == AttributePath(old.keys.hash.name) }),
        let told = try? ValueRun.convert([new.keys.hash.name: value], BlockPlan(keyRules: [rule])), let old = told[rule.target.root.text]
      else { return nil }
      return OldPartition(keys: self.old.keys, value: old, sortKey: sortKey(range, of: self.old.keys, isTable: true, stated: keepsOrder))
    }
    let candidates = places(for: index).compactMap { place -> OldPartition? in
      guard KeyInversion.underivable(place.keys.hash, [hash]) == nil, let old = hash.value(of: place.keys.hash, from: value),
        index == nil || place.name == nil
          || place.keys.range.map({ sorted in [hash, range].contains { $0?.needs(sorted) == true } }) ?? true
      else { return nil }
      return OldPartition(
        indexName: place.name, keys: place.keys, value: old,
        sortKey: sortKey(range, of: place.keys, isTable: place.name == nil, stated: index == nil ? keepsOrder : nil))
    }
    return candidates.first { $0.sortKey != .unrelated } ?? candidates.first
  }

  /// Where to look, the likeliest place first: for the table OLD's own or the file's `query-index`, for an index any.
  private func places(for index: IndexForm?) -> [(name: String?, keys: KeySchema)] {
    let table: (name: String?, keys: KeySchema) = (nil, old.keys)
    guard let index else { return [table] + (self.index.map { [($0.name, $0.keys)] } ?? []) }
    let others = old.indexes.filter { $0.name == index.name } + old.indexes.filter { $0.name != index.name }
    return others.map { ($0.name, $0.keys) } + [table]
  }

  /// How NEW's sort key comes of OLD's, as the file states it of the table's or as its rule says.
  private func sortKey(_ range: KeyInversion.Part?, of keys: KeySchema, isTable: Bool, stated: Bool?) -> OldPartition.SortKey {
    if stated == false { return .unrelated }
    let stated = stated == true
    // The order that is stated is that of all blocks' items together.
    if stated && blocks.count > 1 { return .ordered }
    guard let range else { return .ordered }
    if case .constant(let value) = range.source, range.steps.isEmpty, !range.hasFallback { return .constant(value) }
    guard let sorted = keys.range else { return isTable || stated ? .ordered : .unrelated }
    let path = AttributePath(sorted.name)
    guard range.steps.isEmpty && !range.hasFallback else { return stated ? .ordered : .unrelated }
    switch range.source {
    case .path(path): return .prefixed("")
    case .template(let template) where template.pieces.last == .hole(path) && template.holes.count == 1 && sorted.type == .string:
      if case .literal(let text)? = template.pieces.first { return .prefixed(text) }
      return .prefixed("")
    case .path, .template, .constant: return stated ? .ordered : .unrelated
    }
  }
}

extension BlockForm {
  /// Where a block's items have the key attributes of a table or an index.
  fileprivate enum Parts {
    /// They haven't got all of them: none of them is in that index.
    case none
    /// They may have them, and nothing tells from what.
    case untold
    case some(hash: KeyInversion.Part, range: KeyInversion.Part?)
  }

  fileprivate func parts(of keys: KeySchema) -> Parts {
    guard let hash = part(keys.hash) else { return .untold }
    guard let hash else { return .none }
    guard let sorted = keys.range else { return .some(hash: hash, range: nil) }
    guard let range = part(sorted) else { return .untold }
    return range.map { .some(hash: hash, range: $0) } ?? .none
  }

  /// What gives the block's items a root attribute: its rule, or OLD's own of that name which `rest` keeps.
  ///
  /// - Returns: nil if that can't be told; nil inside if they never have it.
  private func part(_ attribute: KeySchema.Attribute) -> KeyInversion.Part?? {
    let path = AttributePath(attribute.name)
    let type = AttributeType(attribute.type)
    if let rule = rules.first(where: { $0.target == path }) { return KeyInversion.Part(rule, type: type) }
    if rules.contains(where: { path.isPrefix(of: $0.target) }) { return .none }
    let taken = rules.compactMap(\.sourcePath) + drop
    if rest != .keep || taken.contains(path) { return .some(nil) }
    return KeyInversion.Part(name: attribute.name, type: type, source: .path(path), steps: [], hasFallback: false)
  }
}

extension KeyInversion.Part {
  /// True if some OLD item can have given NEW's attribute this value.
  fileprivate func makes(_ value: AttributeValue) -> Bool {
    var yield = KeyInversion.Yield(old: KeySchema(hash: .init("", .string)))
    return value.type == type && read(value, into: &yield)
  }

  /// The value that the OLD item has for `attribute` where NEW's is `value`.
  fileprivate func value(of attribute: KeySchema.Attribute, from value: AttributeValue) -> AttributeValue? {
    var yield = KeyInversion.Yield(old: KeySchema(hash: attribute))
    guard read(value, into: &yield) else { return nil }
    return yield.key()?[attribute.name]
  }

  /// True if NEW's attribute is there only where OLD's is: who has the one is in an index on the other.
  fileprivate func needs(_ attribute: KeySchema.Attribute) -> Bool {
    let path = AttributePath(attribute.name)
    guard !hasFallback else { return false }
    return switch source {
    case .path(let source): source == path
    case .template(let template): template.holes.contains(path)
    case .constant: false
    }
  }
}

extension CompiledMapping {
  /// Where OLD has the items that yield those of one partition of NEW's table, or of an index of NEW's that the file names.
  ///
  /// - Returns: nil if that can't be told, or if the file doesn't name the index.
  public func oldPartitions(of partition: AttributeValue, index: String?) -> [OldPartition]? {
    guard let index else { return form.oldPartitions(of: partition, index: nil) }
    return form.new.indexes.first { UTF8Text.equal($0.name, index) }.flatMap { form.oldPartitions(of: partition, index: $0) }
  }
}
