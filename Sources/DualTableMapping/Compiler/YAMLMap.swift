/// A YAML map whose keys were checked against those that the language has there.
struct YAMLMap {
  let place: YAMLPlace
  let entries: [YAMLEntry]

  /// The first entry called `key`; a second one is a finding already.
  subscript(key: String) -> YAMLEntry? { entries.first { $0.key == key } }
}

extension FindingCollector {
  /// `node` as a map with keys of `known` only, all others noted; nil with a finding if it isn't a map.
  mutating func map(_ node: YAMLNode, _ what: String, known: [String]) -> YAMLMap? {
    guard let map = map(node, what) else { return nil }
    for entry in map.entries where !known.contains(entry.key) {
      error(.unknownKey, at: entry.keyPlace, "\(what) has no \(quoted(entry.key))\(suggestion(for: entry.key, in: known))")
    }
    return map
  }

  /// `node` as a map with any keys, each once; nil with a finding if it isn't a map.
  mutating func map(_ node: YAMLNode, _ what: String, duplicates: MappingFinding.Code = .badValue) -> YAMLMap? {
    guard case .mapping(let entries) = node.content, node.tag == nil else {
      error(.badValue, at: node.place, "\(what) is a map, not \(node.noun)")
      return nil
    }
    refuseDuplicates(in: entries, code: duplicates)
    return YAMLMap(place: node.place, entries: entries)
  }

  /// `node` as a list; nil with a finding if it isn't one.
  mutating func list(_ node: YAMLNode, _ what: String) -> [YAMLNode]? {
    guard case .sequence(let elements) = node.content, node.tag == nil else {
      error(.badValue, at: node.place, "\(what) is a list, not \(node.noun)")
      return nil
    }
    return elements
  }

  /// `node` as text; plain numbers, truth values and nothing at all are not text.
  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    guard case .scalar(let text, let isQuoted) = node.content, node.tag == nil else {
      error(.badValue, at: node.place, "\(what) is text, not \(node.noun)")
      return nil
    }
    guard case .text = YAMLScalar(text, quoted: isQuoted) else {
      let remedy = text.isEmpty ? "" : "; in quotes it is text"
      error(.badValue, at: node.place, "\(what) is text, not \(text.isEmpty ? "empty" : quoted(text))\(remedy)")
      return nil
    }
    return text
  }

  /// `node` as one of the words of `Choice`.
  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ node: YAMLNode, _ what: String, code: MappingFinding.Code = .badValue
  ) -> Choice? {
    guard let word = text(node, what) else { return nil }
    if let choice = Choice(rawValue: word) { return choice }
    error(code, at: node.place, "\(what) can't be \(quoted(word))\(suggestion(for: word, in: Choice.allCases.map(\.rawValue)))")
    return nil
  }

  /// `node` as `true` or `false`.
  mutating func bool(_ node: YAMLNode, _ what: String) -> Bool? {
    if case .scalar(let text, let isQuoted) = node.content, node.tag == nil, case .bool(let value) = YAMLScalar(text, quoted: isQuoted) {
      return value
    }
    error(.badValue, at: node.place, "\(what) is `true` or `false`")
    return nil
  }
}
