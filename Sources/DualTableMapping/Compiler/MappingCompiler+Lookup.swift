import DynamoDBModel

extension MappingCompiler {
  /// A table of scalars to values, with what happens to others.
  mutating func lookup(_ node: YAMLNode, otherwise: YAMLNode?) -> StepForm? {
    guard case .mapping(let entries) = node.content, node.tag == nil else {
      findings.error(.badValue, at: node.place, "`lookup` is a map, not \(node.noun)")
      return nil
    }
    var table: [LookupForm.Entry] = []
    var known: [AttributeValue: YAMLPlace] = [:]
    for entry in entries {
      let from = scalarConstant(entry.key, isQuoted: entry.keyIsQuoted, at: entry.keyPlace)
      let to = constant(entry.value)
      guard let from, let to else { continue }
      // `1` and `1.0` are one key, `true` and `"true"` two, so keys are compared as values and not as text.
      if let place = known[from] {
        findings.error(.badValue, at: entry.keyPlace, "\(quoted(entry.key)) stands twice, first in line \(place.line)")
        continue
      }
      known[from] = entry.keyPlace
      table.append(LookupForm.Entry(from: from, to: to))
    }
    if entries.isEmpty { findings.error(.badValue, at: node.place, "`lookup` needs an entry") }
    guard let otherwise = otherwise.map({ self.otherwise($0) }) ?? .error, table.count == entries.count, !table.isEmpty else { return nil }
    return .lookup(LookupForm(table, otherwise: otherwise))
  }

  private mutating func otherwise(_ node: YAMLNode) -> LookupForm.Otherwise? {
    if case .mapping = node.content {
      guard let map = findings.map(node, "`otherwise`", known: ["const"]) else { return nil }
      guard let entry = map["const"] else {
        findings.error(.badValue, at: node.place, "`otherwise` is `error`, `keep`, `drop` or `{const: value}`")
        return nil
      }
      return constant(entry.value).map { .constant($0) }
    }
    switch findings.text(node, "`otherwise`") {
    case "error": return .error
    case "keep": return .keep
    case "drop": return .drop
    case let word?:
      findings.error(
        .badValue, at: node.place, "`otherwise` can't be \(quoted(word))\(suggestion(for: word, in: ["error", "keep", "drop"]))")
      return nil
    case nil: return nil
    }
  }
}
