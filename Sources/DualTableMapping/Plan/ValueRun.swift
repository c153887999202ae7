import DynamoDBModel

/// One item going through one block as values.
///
/// What rules read is noted first, from the untouched item. Then what is left of the item is gathered in its order, rules' targets joining the
/// maps that remain; last come the targets that have no map to join, in the order of their paths. `TapeRun` does the same on bytes.
struct ValueRun {
  private let plan: BlockPlan
  private var slots: [AttributeValue?]
  /// The nodes whose targets have joined a map that remains.
  private var joined: [Bool]

  private init(_ plan: BlockPlan) {
    self.plan = plan
    slots = Array(repeating: nil, count: plan.slotPaths.count)
    joined = Array(repeating: false, count: plan.tree.nodes.count)
  }

  /// The NEW item that `plan` makes of `item`; nil if it skips it. Keys and size are not judged here.
  static func convert(_ item: Item, _ plan: BlockPlan) throws(ConversionError) -> Item? {
    if !plan.reserved.isEmpty, item[plan.reserved] != nil { throw ConversionError(.reservedName, path: plan.reserved) }
    var run = ValueRun(plan)
    run.note(.map(item), 0)
    if let skipWhen = plan.skipWhen, skipWhen.holds({ run.slots[$0] }) { return nil }
    var result = Item()
    for (name, value) in item {
      if let left = try run.left(name, of: 0, value) { result[name] = left }
    }
    _ = try run.write(below: 0, into: &result)
    if plan.codes.contains(where: { $0.isDeeper || $0.stepCount > 0 }),
      plan.depth + AttributeValue.map(result).depth > AttributePath.depthLimit
    {
      throw ConversionError(.tooDeep)
    }
    return result
  }

  // MARK: what rules read

  private mutating func note(_ value: AttributeValue, _ index: Int) {
    let node = plan.tree.nodes[index]
    if node.slot >= 0 { slots[Int(node.slot)] = value }
    guard node.marks.contains(.readBelow) || index == 0 else { return }
    for child in node.children {
      let place = plan.tree.nodes[child].index
      switch value {
      case .map(let map):
        if place < 0, let value = map[plan.tree.texts[child]] { note(value, child) }
      case .list(let list):
        if place >= 0, Int(place) < list.count { note(list[Int(place)], child) }
      default: return
      }
    }
  }

  // MARK: what is left

  /// What is left of the attribute `name` of the map at `parent`.
  private mutating func left(_ name: String, of parent: Int, _ value: AttributeValue) throws(ConversionError) -> AttributeValue? {
    let tree = plan.tree
    if let child = tree.nodes[parent].children.first(where: { tree.nodes[$0].index < 0 && UTF8Text.equal(tree.texts[$0], name) }) {
      return try left(value, child)
    }
    switch plan.form.rest {
    case .keep: return value
    case .drop: return nil
    case .error:
      if parent == 0 {
        throw ConversionError(.unmappedAttribute, path: plan.prefix.path + AttributePath(name).description, found: "\(value.type.name)")
      }
      throw plan.failure(.unmappedAttribute, node: parent, found: .map)
    }
  }

  /// What is left of `value`, which lies at node `index`.
  private mutating func left(_ value: AttributeValue, _ index: Int) throws(ConversionError) -> AttributeValue? {
    let node = plan.tree.nodes[index]
    if node.marks.contains(.stays) { return value }
    if node.marks.contains(.taken) { return nil }
    guard let left = try leftInside(value, index, node) else { return nil }
    // Whether or not the rule has something to write: what lies at its target would pass for what it writes.
    if node.rule >= 0 {
      guard plan.codes[Int(node.rule)].isKey, try self.value(of: Int(node.rule)) == left else {
        throw plan.failure(.occupiedTarget, node: index, found: left.type)
      }
    }
    joined[index] = true
    return left
  }

  private mutating func leftInside(
    _ value: AttributeValue, _ index: Int, _ node: PathNode
  ) throws(ConversionError) -> AttributeValue? {
    switch value {
    case .map(let map) where !node.marks.isDisjoint(with: [.takenBelow, .staysBelow, .writtenBelow]) && !map.isEmpty:
      var rest = AttributeMap()
      for (name, value) in map {
        if let left = try left(name, of: index, value) { rest[name] = left }
      }
      if rest.isEmpty { return nil }
      _ = try write(below: index, into: &rest)
      return .map(rest)
    case .list(let list) where !node.marks.isDisjoint(with: [.takenBelow, .staysBelow]) && !list.isEmpty:
      var rest: [AttributeValue] = []
      for (place, value) in list.enumerated() {
        if let left = try left(place, of: index, value) { rest.append(left) }
      }
      if rest.isEmpty { return nil }
      try refuseWriting(below: index, value.type)
      return .list(rest)
    default:
      switch plan.form.rest {
      case .drop: return nil
      case .error: throw plan.failure(.unmappedAttribute, node: index, found: value.type)
      case .keep:
        try refuseWriting(below: index, value.type)
        return value
      }
    }
  }

  /// What is left of the element at `place` of the list at `parent`.
  private mutating func left(_ place: Int, of parent: Int, _ value: AttributeValue) throws(ConversionError) -> AttributeValue? {
    let tree = plan.tree
    if let child = tree.nodes[parent].children.first(where: { tree.nodes[$0].index == place }) { return try left(value, child) }
    switch plan.form.rest {
    case .keep: return value
    case .drop: return nil
    case .error: throw plan.failure(.unmappedAttribute, node: parent, found: .list)
    }
  }

  /// Refuses targets below a value that remains and is no map, or came as an empty one.
  private mutating func refuseWriting(below index: Int, _ found: AttributeType) throws(ConversionError) {
    var written = AttributeMap()
    if try write(below: index, into: &written) { throw plan.failure(.occupiedTarget, node: index, found: found) }
  }

  // MARK: what rules write

  /// Adds the targets below node `index` that have not joined yet; true if there was one.
  private mutating func write(below index: Int, into map: inout AttributeMap) throws(ConversionError) -> Bool {
    var wrote = false
    for child in plan.tree.nodes[index].writtenChildren where !joined[child] {
      let rule = Int(plan.tree.nodes[child].rule)
      if rule >= 0 {
        guard let value = try value(of: rule) else { continue }
        map[plan.tree.texts[child]] = value
      } else {
        var inner = AttributeMap()
        guard try write(below: child, into: &inner) else { continue }
        map[plan.tree.texts[child]] = .map(inner)
      }
      wrote = true
    }
    return wrote
  }

  /// What rule number `index` yields; nil for an absent target.
  private func value(of index: Int) throws(ConversionError) -> AttributeValue? {
    let value = try anyValue(of: index)
    guard plan.codes[index].isKey else { return value }
    guard let value else { throw plan.failure(.missingKey, rule: index) }
    guard value.type == plan.codes[index].keyType else { throw plan.failure(.wrongKeyType, rule: index, found: value.type) }
    try plan.judgeKey(index, length: value.sizeInBytes)
    return value
  }

  private func anyValue(of index: Int) throws(ConversionError) -> AttributeValue? {
    let rule = plan.form.rules[index]
    let code = plan.codes[index]
    if code.condition >= 0, !plan.conditions[Int(code.condition)].holds({ slots[$0] }) { return nil }
    var value: AttributeValue?
    switch rule.source {
    case .path: value = slots[Int(code.index)]
    case .constant(let constant): value = constant
    case .template(let template): value = try filled(template, index)
    }
    if let fallback = rule.fallback, fallback.applies(to: value) { return fallback.value }
    guard let value else { return nil }
    return try plan.apply(code.stepRange, to: value, rule: index)
  }

  private func filled(_ template: Template, _ index: Int) throws(ConversionError) -> AttributeValue? {
    let number = Int(plan.codes[index].index)
    var texts: [String] = []
    for place in plan.templates.pieces(number) {
      let slot = Int(plan.templates.piece(place).slot)
      if slot < 0 { break }
      switch slots[slot] {
      case .string(let text)?: texts.append(text)
      case .number(let number)?: texts.append(number.canonicalText)
      case let other?: throw plan.failure(.wrongType, rule: index, slot: slot, found: other.type)
      case nil: return nil
      }
    }
    let text = template.filled(texts)
    if !plan.templates.isAlwaysUnambiguous(number) && !plan.codes[index].isLossy {
      guard let parsed = template.parse(text), zip(parsed, texts).allSatisfy(UTF8Text.equal) else {
        throw plan.failure(.notReversible, rule: index)
      }
    }
    return .string(text)
  }
}
