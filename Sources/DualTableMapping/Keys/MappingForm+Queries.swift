import DynamoDBModel

// What a query of one NEW partition is on OLD, while OLD still supplies items.

extension MappingForm {
  /// True if NEW's partition key of the block says OLD's, so that a query of the one is a query of the other.
  func fixesPartition(_ block: BlockForm) -> Bool {
    if let rule = oldKey.first(where: { $0.target == AttributePath(old.keys.hash.name) }), block.keysBack?.stated != nil {
      return rule.reads.allSatisfy { $0 == AttributePath(new.keys.hash.name) }
    }
    return tells(block, old.keys.hash)
  }

  /// True if NEW's partition key of the block says the partition key of an index.
  func fixesPartition(_ block: BlockForm, of index: IndexForm) -> Bool { tells(block, index.keys.hash) }

  private func tells(_ block: BlockForm, _ attribute: KeySchema.Attribute) -> Bool {
    let hash = block.rules.filter { $0.key?.isHash == true }.map(KeyInversion.Part.init)
    return KeyInversion.underivable(attribute, hash) == nil
  }

  /// The index of OLD that a query goes to where NEW's partition key doesn't say OLD's.
  var index: IndexForm? { old.indexes.first { $0.name == queryIndex } }

  /// True if NEW's items of a partition have the order of the OLD items that a query finds: as the file says, or derived.
  var hasOldOrder: Bool { keepsOrder ?? blocks.allSatisfy(hasOldOrder) }

  private func hasOldOrder(_ block: BlockForm) -> Bool {
    // A partition of one item is in order.
    guard let range = new.keys.range, let rule = block.rules.first(where: { $0.target == AttributePath(range.name) && $0.key != nil })
    else {
      return true
    }
    let isOfTable = fixesPartition(block)
    guard let sorted = isOfTable ? old.keys.range : index?.keys.range else { return isOfTable }
    guard rule.steps.isEmpty && rule.fallback == nil else { return false }
    let path = AttributePath(sorted.name)
    switch rule.source {
    case .path(let source): return source == path
    case .constant: return false
    // Text keeps its order behind a beginning that is the same for all; a number written as text doesn't.
    case .template(let template): return template.pieces.last == .hole(path) && template.holes.count == 1 && sorted.type == .string
    }
  }
}

extension MappingCompiler {
  /// Notes an index that a query couldn't go to, or never would.
  mutating func checkQueryIndex(_ name: String, _ form: MappingForm, at place: YAMLPlace) {
    guard let index = form.index else { return }
    let needy = form.blocks.filter { !form.fixesPartition($0) }
    if needy.isEmpty {
      findings.warning(.badValue, at: place, "NEW's partition key says OLD's; no query goes to \(quoted(name))")
    } else if let block = needy.first(where: { !form.fixesPartition($0, of: index) }) {
      let of = block.name.isEmpty ? "" : " of block \(quoted(block.name))"
      findings.error(
        .badValue, at: place,
        "NEW's partition key\(of) doesn't say \(quoted(index.keys.hash.name)), the partition key of \(quoted(name))")
    }
  }
}

extension CompiledMapping {
  /// True if NEW's items of a partition have the order of the OLD items that a query finds.
  package var keepsOrder: Bool { form.hasOldOrder }

  /// Whether every query of a NEW partition has a counterpart on OLD: its table, or the file's `query-index`.
  package var hasQueries: Bool { form.blocks.allSatisfy { form.fixesPartition($0) } || form.index != nil }
}
