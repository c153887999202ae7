internal import DynamoDBModel

extension CompiledMapping {
  /// The mapping cut down to what decides the new keys: it yields the keys of the same items and nothing else.
  ///
  /// Who only wants ids needn't read whole items, nor fail where another attribute can't be converted.
  /// - Returns: that mapping, and the root attributes of an OLD item that it needs, OLD's key attributes first.
  package var keysOnly: (mapping: CompiledMapping, attributes: [String]) {
    let blocks = form.blocks.map { block in
      BlockForm(
        name: block.name, isPrimary: block.isPrimary, skipWhen: block.skipWhen, rules: block.rules.filter { $0.key != nil }, drop: [],
        rest: .drop, keysBack: block.keysBack, places: .none)
    }
    let cut = CompiledMapping(
      MappingForm(
        old: form.old, new: form.new, reserved: form.reserved, timeToLive: nil, queryIndex: nil, keepsOrder: nil,
        skipWhen: form.skipWhen, blocks: blocks, oldKey: form.oldKey, revert: nil))
    var attributes = oldSchema.attributes.map { AttributeName($0.name) }
    for name in cut.plans.flatMap(\.slotPaths).map(\.root) + [AttributeName(reservedAttribute)] where !attributes.contains(name) {
      attributes.append(name)
    }
    return (cut, attributes.map(\.text))
  }

  private init(_ form: MappingForm) {
    self.form = form
    file = ""
    plans = BlockPlan.plans(of: form)
    warnings = []
    digest = form.digest
  }
}
