import DynamoDBModel

extension RuleForm {
  /// The rule that writes the source from the target.
  func inverse(from path: AttributePath) throws(InversionFault) -> RuleForm {
    if fallback != nil { throw InversionFault(place: place, sentence: "a `default` can't be told from a value that was there") }
    if condition != nil { throw InversionFault(place: place, sentence: "what `when` leaves out doesn't come back") }
    if path.hasIndex { throw InversionFault(place: place, sentence: "no rule can write an element of a list") }
    return RuleForm(writing: path, from: .path(target), steps: try steps.inverse(at: place))
  }

  /// The template and the hole that a rule takes as it is, in a form that a template gives back; nil for all other rules.
  var takenHole: (source: AttributePath, template: Template, hole: Int)? {
    guard let path = sourcePath, !path.hasIndex, case .parse(let template, let hole)? = steps.first, fallback == nil, condition == nil,
      !target.description.contains(where: { $0 == "{" || $0 == "}" })
    else { return nil }
    // A number that a pattern gives is canonical, which is how a template writes it.
    if steps.count == 2, case .convert(let conversion) = steps[1], conversion == .fromPattern { return (path, template, hole) }
    return steps.count == 1 ? (path, template, hole) : nil
  }

  /// A rule that the file doesn't say.
  init(writing target: AttributePath, key: KeyPart? = nil, from source: Source, steps: [StepForm] = []) {
    self.init(
      target: target, key: key, source: source, steps: steps, fallback: nil, condition: nil, isLossy: false, place: .none)
  }
}

extension [RuleForm] {
  /// What is at `path` of the source, made again of its parts; nil if not all of them are taken by these rules.
  func template(of path: AttributePath) -> RuleForm.Source? {
    for rule in self {
      guard let (source, template, _) = rule.takenHole, source == path else { continue }
      let parts = template.holes.indices.map { hole in
        first { $0.takenHole.map { $0.source == path && $0.template == template && $0.hole == hole } ?? false }?.target
      }
      if parts.allSatisfy({ $0 != nil }) { return .template(template.withHoles(parts.compactMap { $0 })) }
    }
    return nil
  }
}

extension Template {
  /// The same text with other holes.
  func withHoles(_ holes: [AttributePath]) -> Template {
    var rest = holes[...]
    return Template(
      pieces: pieces.map { piece in
        if case .hole = piece, let hole = rest.popFirst() { .hole(hole) } else { piece }
      })
  }
}

extension Conversion {
  /// What a pattern's text goes through where a key's type is N.
  static let fromPattern = Conversion(was: .string, type: .number, isLossy: false)
}

extension AttributePath {
  /// True if a place in a list is part of the path.
  var hasIndex: Bool { steps.contains { if case .index = $0 { true } else { false } } }

  /// The path up to the first list of which it names an element.
  var withoutIndexes: AttributePath {
    AttributePath(steps: Array(steps.prefix { if case .name = $0 { true } else { false } }))
  }

  /// True if one is the other, or lies in it.
  func overlaps(_ other: AttributePath) -> Bool { isPrefix(of: other) || other.isPrefix(of: self) }
}
