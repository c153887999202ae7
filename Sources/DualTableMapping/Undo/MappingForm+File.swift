import DynamoDBModel

// The compiled form as a mapping file: what compiles to the same form again, as a person would write it.

extension MappingForm {
  /// The file of a mapping of one block, with `comment` above it.
  func file(comment: String) -> String {
    var entries: [(key: String, value: YAMLText)] = [("version", .scalar("1")), ("old", old.file), ("new", new.file)]
    if let timeToLive {
      let sides = [("old", timeToLive.old), ("new", timeToLive.new)].compactMap { side in side.1.map { (side.0, YAMLText.text($0)) } }
      entries.append(("ttl", .map(sides)))
    }
    if reserved != "_dt" { entries.append(("reserved", .text(reserved))) }
    if let queryIndex { entries.append(("query-index", .text(queryIndex))) }
    if let keepsOrder { entries.append(("keeps-order", .scalar("\(keepsOrder)"))) }
    if let skipWhen { entries.append(("skip-when", skipWhen.file)) }
    if let block = blocks.first {
      entries.append(("key", .map(block.rules.filter { $0.key != nil }.map(\.entry))))
      if !oldKey.isEmpty { entries.append(("old-key", .map(oldKey.map(\.entry)))) }
      entries += block.body
    }
    if let revert { entries.append(("revert", revert.file)) }
    return "# \(comment)\n" + YAMLText.map(entries, isBlock: true).file
  }
}

extension TableForm {
  fileprivate var file: YAMLText {
    guard !indexes.isEmpty else { return .map(keys.entries) }
    return .map(keys.entries + [("indexes", .map(indexes.map { (YAMLText.quoted($0.name), .map($0.keys.entries)) }))])
  }
}

extension KeySchema {
  fileprivate var entries: [(key: String, value: YAMLText)] {
    [("hash", hash.file)] + (range.map { [("range", $0.file)] } ?? [])
  }
}

extension KeySchema.Attribute {
  fileprivate var file: YAMLText { .map([(YAMLText.quoted(name), .scalar(type.rawValue))]) }
}

extension BlockForm {
  /// `attributes`, `drop` and `rest`.
  fileprivate var body: [(key: String, value: YAMLText)] {
    let attributes = rules.filter { $0.key == nil }.map(\.entry)
    var entries: [(key: String, value: YAMLText)] = []
    if !attributes.isEmpty { entries.append(("attributes", .map(attributes, isBlock: attributes.count > 1))) }
    if !drop.isEmpty { entries.append(("drop", drop.file)) }
    return entries + [("rest", .scalar(rest.rawValue))]
  }
}

extension [AttributePath] {
  fileprivate var file: YAMLText { .list(map { .text($0.description) }) }
}

extension RevertForm {
  fileprivate var file: YAMLText {
    var entries: [(key: String, value: YAMLText)] = []
    if let skipWhen { entries.append(("skip-when", skipWhen.file)) }
    if !attributes.isEmpty { entries.append(("attributes", .map(attributes.map(\.entry), isBlock: attributes.count > 1))) }
    if !drop.isEmpty { entries.append(("drop", drop.file)) }
    if let rest { entries.append(("rest", .scalar(rest.rawValue))) }
    return .map(entries, isBlock: true)
  }
}

extension RuleForm {
  /// The rule behind its target.
  fileprivate var entry: (key: String, value: YAMLText) {
    let name = key == nil ? target.description : target.root.text
    return (YAMLText.quoted(name), file)
  }

  private var file: YAMLText {
    if case .path(let path) = source, steps.isEmpty, fallback == nil, condition == nil { return .text(path.description) }
    var entries: [(key: String, value: YAMLText)] = []
    switch source {
    case .path(let path): if path != target { entries.append(("from", .text(path.description))) }
    case .constant(let value): entries.append(("const", value.file))
    case .template(let template): entries.append(("template", template.file))
    }
    let isAutomatic = if key?.type == .number, steps.count == 2, case .convert(.fromPattern) = steps[1] { true } else { false }
    entries += (isAutomatic ? Array(steps.prefix(1)) : steps).flatMap { $0.entries(lastName: target.lastName) }
    if isLossy && !entries.contains(where: { $0.key == "lossy" }) { entries.append(("lossy", .scalar("true"))) }
    if let fallback {
      entries.append(("default", fallback.value.file))
      if fallback.occasions != .absent { entries.append(("default-when", fallback.occasions.file)) }
    }
    if let condition { entries.append(("when", condition.file)) }
    return .map(entries)
  }
}

extension StepForm {
  /// The step's keys; `lastName` is the target's, by which `parse` takes a hole by itself.
  fileprivate func entries(lastName: String?) -> [(key: String, value: YAMLText)] {
    switch self {
    case .parse(let template, let hole):
      let name = template.holes[hole].description
      let take: [(key: String, value: YAMLText)] = lastName.map { UTF8Text.equal($0, name) } == true ? [] : [("take", .text(name))]
      return [("parse", template.file)] + take
    case .lookup(let table):
      return [("lookup", .map(table.entries.map { ($0.from.scalarText, $0.to.file) }))] + table.otherwise.entries
    case .convert(let conversion):
      let formats = [("was", conversion.was), ("type", conversion.type)].map { ($0.0, YAMLText.scalar($0.1.rawValue)) }
      return formats + (conversion.isLossy ? [("lossy", .scalar("true"))] : [])
    case .eachBlock(let block):
      let skips: [(key: String, value: YAMLText)] = block.skipWhen.map { [("skip-when", $0.file)] } ?? []
      return [("each", .map(block.body + skips))]
    case .eachValue(let steps): return [("each", .map(steps.flatMap { $0.entries(lastName: nil) }))]
    }
  }
}

extension LookupForm.Otherwise {
  fileprivate var entries: [(key: String, value: YAMLText)] {
    switch self {
    case .error: []
    case .keep: [("otherwise", .scalar("keep"))]
    case .drop: [("otherwise", .scalar("drop"))]
    case .constant(let value): [("otherwise", .map([("const", value.file)]))]
    }
  }
}

extension Fallback.Occasions {
  fileprivate var file: YAMLText {
    .list(
      [(Self.absent, "absent"), (.null, "null"), (.empty, "empty")].filter { contains($0.0) }.map { YAMLText.scalar($0.1) })
  }
}

extension Template {
  fileprivate var file: YAMLText {
    let text = pieces.map { piece in
      switch piece {
      case .literal(let text): text.split(separator: "{", omittingEmptySubsequences: false).joined(separator: "{{")
      case .hole(let path): "{\(path.description)}"
      }
    }
    // Always in quotes, as people write patterns.
    let quoted = YAMLText.quoted(text.joined())
    return .scalar(quoted)
  }
}

extension ConditionForm {
  fileprivate var file: YAMLText {
    func map(_ name: String, _ path: AttributePath, _ value: YAMLText) -> YAMLText {
      .map([(name, .map([(YAMLText.quoted(path.description), value)]))])
    }
    switch self {
    case .equals(let path, let value): return map("equals", path, value.file)
    case .isIn(let path, let values): return map("in", path, .list(values.map(\.file)))
    case .less(let path, let value): return map("less", path, value.file)
    case .greater(let path, let value): return map("greater", path, value.file)
    case .exists(let path): return .map([("exists", .text(path.description))])
    case .isType(let path, let type): return map("is-type", path, .scalar("\(type.name)"))
    case .matches(let path, let template): return map("matches", path, template.file)
    case .all(let conditions): return .map([("all", .list(conditions.map(\.file)))])
    case .any(let conditions): return .map([("any", .list(conditions.map(\.file)))])
    case .not(let condition): return .map([("not", condition.file)])
    }
  }
}

extension AttributeValue {
  fileprivate var file: YAMLText {
    switch self {
    case .string, .number, .bool, .null: .scalar(scalarText)
    case .binary(let bytes): .scalar("!B \(YAMLText.quoted(base64Text(bytes)))")
    case .list(let values): .list(values.map(\.file))
    case .map(let map): .map(map.map { (YAMLText.quoted($0.name), $0.value.file) })
    case .stringSet(let members): .list(members.map { .text($0) }, tag: "!SS")
    case .numberSet(let members): .list(members.map { .scalar(AttributeValue.number($0).scalarText) }, tag: "!NS")
    case .binarySet(let members): .list(members.map { .text(base64Text($0)) }, tag: "!BS")
    }
  }

  /// A scalar as a lookup's key writes it too.
  fileprivate var scalarText: String {
    switch self {
    case .string(let text): return YAMLText.quoted(text)
    case .number(let number):
      if case .number = YAMLScalar(number.text, quoted: false) { return number.text }
      return number.canonicalText
    case .bool(let value): return "\(value)"
    default: return "null"
    }
  }
}
