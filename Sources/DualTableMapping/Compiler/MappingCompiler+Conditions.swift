import DynamoDBModel

extension MappingCompiler {
  static let operators = ["equals", "in", "less", "greater", "exists", "is-type", "matches", "all", "any", "not"]

  /// A condition: a map of one operator. An operator that takes paths may take several: all must hold.
  mutating func condition(_ node: YAMLNode) -> ConditionForm? {
    guard let map = findings.map(node, "a condition", known: Self.operators) else { return nil }
    guard map.entries.count == 1, let entry = map.entries.first else {
      findings.error(.badValue, at: node.place, "a condition is one operator; `all` and `any` join several")
      return nil
    }
    switch entry.key {
    case "equals":
      return comparisons(entry) { compiler, node in
        compiler.constant(node)
      } form: {
        .equals($0, $1)
      }
    case "less":
      return comparisons(entry) { compiler, node in
        compiler.orderedConstant(node)
      } form: {
        .less($0, $1)
      }
    case "greater":
      return comparisons(entry) { compiler, node in
        compiler.orderedConstant(node)
      } form: {
        .greater($0, $1)
      }
    case "in":
      return comparisons(entry) { compiler, node in
        compiler.constants(node)
      } form: {
        .isIn($0, $1)
      }
    case "matches":
      return comparisons(entry) { compiler, node in
        compiler.template(node, "a pattern")
      } form: {
        .matches($0, $1)
      }
    case "is-type":
      return comparisons(entry) { compiler, node in
        compiler.typeName(node)
      } form: {
        .isType($0, $1)
      }
    case "exists":
      return findings.text(entry.value, "`exists`").flatMap { sourcePath($0, at: entry.value.place) }.map { .exists($0) }
    case "all": return conditions(entry).map { .all($0) }
    case "any": return conditions(entry).map { .any($0) }
    case "not": return condition(entry.value).map { .not($0) }
    default: return nil
    }
  }

  private mutating func comparisons<Operand>(
    _ entry: YAMLEntry, _ operand: (inout MappingCompiler, YAMLNode) -> Operand?, form: (AttributePath, Operand) -> ConditionForm
  ) -> ConditionForm? {
    guard let map = findings.map(entry.value, "`\(entry.key)`") else { return nil }
    if map.entries.isEmpty { findings.error(.badValue, at: entry.value.place, "`\(entry.key)` needs a path") }
    var all: [ConditionForm] = []
    for pair in map.entries {
      let path = sourcePath(pair.key, at: pair.keyPlace)
      let operand = operand(&self, pair.value)
      if let path, let operand { all.append(form(path, operand)) }
    }
    guard all.count == map.entries.count, let first = all.first else { return nil }
    return all.count == 1 ? first : .all(all)
  }

  private mutating func conditions(_ entry: YAMLEntry) -> [ConditionForm]? {
    guard let nodes = findings.list(entry.value, "`\(entry.key)`") else { return nil }
    if nodes.isEmpty { findings.error(.badValue, at: entry.value.place, "`\(entry.key)` needs a condition") }
    let conditions = nodes.compactMap { condition($0) }
    return conditions.count == nodes.count && !conditions.isEmpty ? conditions : nil
  }

  private mutating func constants(_ node: YAMLNode) -> [AttributeValue]? {
    guard let nodes = findings.list(node, "what `in` takes") else { return nil }
    let values = nodes.compactMap { constant($0) }
    return values.count == nodes.count ? values : nil
  }

  private mutating func orderedConstant(_ node: YAMLNode) -> AttributeValue? {
    guard let value = constant(node) else { return nil }
    if value.type.isScalarKeyType { return value }
    findings.error(.badValue, at: node.place, "only text, numbers and binaries have an order")
    return nil
  }

  private mutating func typeName(_ node: YAMLNode) -> AttributeType? {
    guard let name = findings.text(node, "a type") else { return nil }
    let names = AttributeType.allCases.map { "\($0.name)" }
    if let place = names.firstIndex(of: name) { return AttributeType.allCases[place] }
    findings.error(.badValue, at: node.place, "a type can't be \(quoted(name))\(suggestion(for: name, in: names))")
    return nil
  }
}
