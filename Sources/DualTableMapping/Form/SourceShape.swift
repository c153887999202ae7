package import DynamoDBModel

/// What an OLD item may hold at one path for the mapping to convert it: what made-up items are made of.
package struct SourceShape: Sendable {
  package enum Step: Sendable, Hashable {
    case name(String)
    case index(Int)
  }

  package indirect enum Kind: Sendable {
    /// Any value.
    case any
    /// A string or a number that a template takes in and gives back: letters and digits, or a whole number.
    case token
    /// A value of the format, in a form that comes back the same.
    case format(ValueFormat)
    case oneOf([AttributeValue])
    /// Text with holes (nil), each to be filled with digits.
    case pattern([String?])
    /// A list of values of the kind.
    case list(Kind)
    /// A list of maps that hold what these shapes say, their paths beginning in the map.
    case maps([SourceShape])

    /// How much it asks; where one path is looked at twice, the more demanding look counts.
    fileprivate var rank: Int {
      switch self {
      case .any: 0
      case .token: 1
      case .format: 2
      case .oneOf: 3
      case .pattern: 4
      case .list, .maps: 5
      }
    }
  }

  package let path: [Step]
  package fileprivate(set) var kind: Kind
  /// The type that a key of a table or of an index demands here; such a value is never empty.
  package fileprivate(set) var keyType: ScalarType?
  /// Values that make the mapping skip an item, so that some made-up items are skipped.
  package fileprivate(set) var skipped: [AttributeValue] = []
}

extension CompiledMapping {
  /// The shapes of all paths that the mapping looks at, in the order of their paths.
  package var sourceShapes: [SourceShape] {
    var shapes = ShapeNotes()
    for attribute in ([form.old.keys] + form.old.indexes.map(\.keys)).flatMap(\.attributes) {
      shapes.note(AttributePath(attribute.name), .any, keyType: attribute.type)
    }
    if let expiry = form.timeToLive?.old { shapes.note(AttributePath(expiry), .format(.epochSeconds)) }
    let newKeys = ([form.new.keys] + form.new.indexes.map(\.keys)).flatMap(\.attributes)
    for block in form.blocks { shapes.note(block, newKeys: newKeys) }
    form.skipWhen?.forEachWanted { path, value in shapes.note(path, .any, skipped: value) }
    return shapes.sorted
  }

  /// The root attributes that made-up ones must not be called: the mapping reads, writes or reserves them.
  package var namedRoots: [String] {
    let targets = form.blocks.flatMap { $0.rules.map(\.target.root.text) }
    let keys = (form.old.keys.attributes + form.new.keys.attributes).map(\.name)
    let sources = sourceShapes.compactMap { shape in if case .name(let name)? = shape.path.first { name } else { nil } }
    return targets + keys + sources + [form.reserved]
  }

  /// True if an item may hold root attributes that no rule names.
  package var takesOtherAttributes: Bool { form.blocks.allSatisfy { $0.rest != .error } }

  /// The indexes that the file gives OLD and NEW.
  package var indexes: (old: [(name: String, keys: KeySchema)], new: [(name: String, keys: KeySchema)]) {
    (form.old.indexes.map { ($0.name, $0.keys) }, form.new.indexes.map { ($0.name, $0.keys) })
  }

}

/// Gathers the shapes of one level: an item's, or that of the maps of an `each`.
private struct ShapeNotes {
  private var shapes: [AttributePath: SourceShape] = [:]

  var sorted: [SourceShape] { shapes.keys.sorted().compactMap { shapes[$0] } }

  mutating func note(_ path: AttributePath, _ kind: SourceShape.Kind, keyType: ScalarType? = nil, skipped: AttributeValue? = nil) {
    let steps = path.steps.map { step -> SourceShape.Step in
      switch step {
      case .name(let name): .name(name.text)
      case .index(let index): .index(index)
      }
    }
    var shape = shapes[path] ?? SourceShape(path: steps, kind: kind)
    if kind.rank > shape.kind.rank { shape.kind = kind }
    shape.keyType = shape.keyType ?? keyType
    if let skipped { shape.skipped.append(skipped) }
    shapes[path] = shape
  }

  mutating func note(_ block: BlockForm, newKeys: [KeySchema.Attribute]) {
    for rule in block.rules {
      let key = rule.target.isRoot ? newKeys.first { AttributeName($0.name) == rule.target.root } : nil
      switch rule.source {
      case .constant: break
      case .template(let template): for hole in template.holes { note(hole, .token) }
      case .path(let path): note(path, rule.steps.first.map(Self.kind) ?? .any, keyType: rule.steps.isEmpty ? key?.type : nil)
      }
    }
    for path in block.drop { note(path, .any) }
    block.skipWhen?.forEachWanted { path, value in note(path, .any, skipped: value) }
  }

  private static func kind(_ step: StepForm) -> SourceShape.Kind {
    switch step {
    case .convert(let conversion): return .format(conversion.was)
    case .lookup(let lookup): return .oneOf(lookup.entries.map(\.from))
    case .parse(let template, _):
      return .pattern(template.pieces.map { piece in if case .literal(let text) = piece { text } else { nil } })
    case .eachValue(let steps): return .list(steps.first.map(kind) ?? .any)
    case .eachBlock(let block):
      var inner = ShapeNotes()
      inner.note(block, newKeys: [])
      return .maps(inner.sorted)
    }
  }
}

extension Condition where Place == AttributePath {
  /// The values that the condition asks for at its paths, negations left out.
  fileprivate func forEachWanted(_ body: (AttributePath, AttributeValue) -> Void) {
    switch self {
    case .equals(let path, let value): body(path, value)
    case .isIn(let path, let values): for value in values { body(path, value) }
    case .all(let conditions), .any(let conditions): for condition in conditions { condition.forEachWanted(body) }
    case .less, .greater, .exists, .isType, .matches, .not: break
    }
  }
}
