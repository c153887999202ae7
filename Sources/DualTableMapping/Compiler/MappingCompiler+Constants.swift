import DynamoDBModel

extension MappingCompiler {
  /// A value written out in the file: YAML 1.2 core scalars, lists, maps, and tags for what they have no word for.
  mutating func constant(_ node: YAMLNode, depth: Int = 1) -> AttributeValue? {
    if depth > AttributePath.depthLimit {
      findings.error(.tooLarge, at: node.place, "values are nested at most \(AttributePath.depthLimit) deep")
      return nil
    }
    switch (node.tag, node.content) {
    case (nil, .scalar(let text, let isQuoted)): return scalarConstant(text, isQuoted: isQuoted, at: node.place)
    case (nil, .sequence(let nodes)):
      let values = nodes.map { constant($0, depth: depth + 1) }
      return values.contains { $0 == nil } ? nil : .list(values.compactMap { $0 })
    case (nil, .mapping(let entries)):
      findings.refuseDuplicates(in: entries)
      var map = AttributeMap()
      var isComplete = true
      for entry in entries {
        if let value = constant(entry.value, depth: depth + 1) { map[entry.key] = value } else { isComplete = false }
      }
      return isComplete ? .map(map) : nil
    case (.binary, .scalar(let text, _)): return binary(text, at: node.place).map { .binary($0) }
    case (.stringSet, .sequence(let nodes)):
      return set(nodes, at: node.place) { compiler, node in compiler.findings.text(node, "a member of `!SS`") }
        .map { (texts: [String]) in .stringSet(texts) }
    case (.numberSet, .sequence(let nodes)):
      return set(nodes, at: node.place) { compiler, node in compiler.constant(node)?.numberValue }
        .map { (numbers: [DynamoDBNumber]) in .numberSet(numbers) }
    case (.binarySet, .sequence(let nodes)):
      return set(nodes, at: node.place) { compiler, node in
        compiler.findings.text(node, "a member of `!BS`").flatMap { compiler.binary($0, at: node.place) }
      }.map { (binaries: [[UInt8]]) in .binarySet(binaries) }
    case (let tag?, _):
      findings.error(.badValue, at: node.place, "`\(tag.rawValue)` tags \(tag == .binary ? "base64 text" : "a list"), not \(node.noun)")
      return nil
    }
  }

  mutating func scalarConstant(_ text: String, isQuoted: Bool, at place: YAMLPlace) -> AttributeValue? {
    switch YAMLScalar(text, quoted: isQuoted) {
    case .text(let text): return .string(text)
    case .bool(let value): return .bool(value)
    case .null: return .null
    case .number(let text):
      do throws(DynamoDBModelError) {
        return .number(try DynamoDBNumber(text))
      } catch {
        findings.error(.badValue, at: place, "\(quoted(text)) is no number of DynamoDB's: \(error.message)")
      }
    case .unwritable(let text):
      findings.error(.badValue, at: place, "\(quoted(text)) is no number of DynamoDB's; in quotes it is text")
    }
    return nil
  }

  private mutating func binary(_ text: String, at place: YAMLPlace) -> [UInt8]? {
    if let bytes = base64Bytes(text) { return bytes }
    findings.error(.badValue, at: place, "binary values are base64 in the standard alphabet, padded, without blanks")
    return nil
  }

  private mutating func set<Member: Hashable>(
    _ nodes: [YAMLNode], at place: YAMLPlace, _ member: (inout MappingCompiler, YAMLNode) -> Member?
  ) -> [Member]? {
    var members: [Member] = []
    var isComplete = true
    for node in nodes {
      if let member = member(&self, node) { members.append(member) } else { isComplete = false }
    }
    guard isComplete else {
      if !findings.hasErrors { findings.error(.badValue, at: place, "the members of this set are all of its type") }
      return nil
    }
    if members.isEmpty || Set(members).count != members.count {
      findings.error(.badValue, at: place, "a set has at least one member, and each once")
      return nil
    }
    return members
  }
}
