import DynamoDBModel

/// Reads a mapping file's nodes into the compiled form, and notes everything that is wrong on the way.
///
/// Each part returns nil (or leaves something out) where it noted an error, so one mistake doesn't hide the next.
struct MappingCompiler {
  var findings: FindingCollector
  var reserved = "_dt"

  /// Blocks a mapping may have.
  static let blockLimit = 64

  /// What can stand at the top of a file.
  static let topKeys =
    ["version", "old", "new", "ttl", "reserved", "query-index", "keeps-order", "skip-when", "items", "old-key", "revert"] + blockKeys
  static let blockKeys = ["key", "attributes", "rest", "drop"]
  /// What can stand in a block of `items`.
  static let itemKeys = ["name", "primary", "skip-when"] + blockKeys
  static let keySchemaKeys = ["hash", "range"]
  static let tableKeys = keySchemaKeys + ["indexes"]
  static let revertKeys = ["attributes", "drop", "rest", "skip-when"]
  static let timeToLiveKeys = ["old", "new"]

  init(file: String) { findings = FindingCollector(file: file) }

  /// The compiled form of `yaml`, if nothing is wrong with it.
  mutating func compile(_ yaml: [UInt8]) throws(MappingFindings) -> MappingForm {
    let form = YAMLReader.read(yaml, &findings).flatMap { self.form($0) }
    try findings.throwErrors()
    guard let form else { throw MappingFindings(findings: findings.sorted) }
    return form
  }

  private mutating func form(_ root: YAMLNode) -> MappingForm? {
    guard let top = findings.map(root, "a mapping", known: Self.topKeys) else { return nil }
    let missing = ["version", "old", "new"].filter { top[$0] == nil }
    if !missing.isEmpty {
      findings.error(.badValue, at: root.place, "a mapping needs " + missing.map { "`\($0)`" }.joined(separator: " and "))
    }
    if let version = top["version"]?.value, version.content.plainText != "1" {
      findings.error(.badValue, at: version.place, "`version` is 1")
    }
    if let node = top["reserved"]?.value, let name = findings.text(node, "`reserved`") { reserved = name }
    let old = top["old"].flatMap { table($0.value, "`old`") }
    let new = top["new"].flatMap { table($0.value, "`new`") }
    let timeToLive = top["ttl"].flatMap { self.timeToLive($0.value) }
    let queryIndex = top["query-index"].flatMap { self.queryIndex($0.value, of: old) }
    let keepsOrder = top["keeps-order"].flatMap { findings.bool($0.value, "`keeps-order`") }
    let skipWhen = top["skip-when"].flatMap { self.condition($0.value) }
    let oldKey = self.oldKey(top, old: old?.keys, new: new?.keys)
    let blocks = self.blocks(top, old: old?.keys, new: new?.keys, oldKey: oldKey)
    let revert = top["revert"].flatMap { self.revert($0.value, old: old?.keys) }
    guard let old, let new, let blocks else { return nil }
    let form = MappingForm(
      old: old, new: new, reserved: reserved, timeToLive: timeToLive, queryIndex: queryIndex, keepsOrder: keepsOrder, skipWhen: skipWhen,
      blocks: blocks, oldKey: oldKey ?? [], revert: revert)
    if let queryIndex, let node = top["query-index"]?.value { checkQueryIndex(queryIndex, form, at: node.place) }
    return form
  }

  // MARK: tables

  private mutating func table(_ node: YAMLNode, _ what: String) -> TableForm? {
    guard let map = findings.map(node, what, known: Self.tableKeys), let keys = keySchema(map, what) else { return nil }
    var indexes: [IndexForm] = []
    if let node = map["indexes"]?.value, let map = findings.map(node, "`indexes`") {
      for entry in map.entries {
        let what = "index \(quoted(entry.key))"
        guard let map = findings.map(entry.value, what, known: Self.keySchemaKeys), let keys = keySchema(map, what) else { continue }
        indexes.append(IndexForm(name: entry.key, keys: keys))
      }
    }
    return TableForm(keys: keys, indexes: indexes)
  }

  private mutating func queryIndex(_ node: YAMLNode, of old: TableForm?) -> String? {
    guard let name = findings.text(node, "`query-index`"), let old else { return nil }
    let names = old.indexes.map(\.name)
    if !names.contains(name) {
      findings.error(.badValue, at: node.place, "`old` has no index \(quoted(name))\(suggestion(for: name, in: names))")
    }
    return name
  }

  private mutating func keySchema(_ map: YAMLMap, _ what: String) -> KeySchema? {
    let range = map["range"].flatMap { keyAttribute($0.value, "`range`") }
    guard let hashEntry = map["hash"] else {
      findings.error(.missingKeyAttribute, at: map.place, "\(what) needs its partition key, `hash: {name: S}`")
      return nil
    }
    guard let hash = keyAttribute(hashEntry.value, "`hash`") else { return nil }
    if map["range"] != nil && range == nil { return nil }
    if let range, UTF8Text.equal(range.name, hash.name), let node = map["range"]?.value {
      findings.error(.badValue, at: node.place, "`hash` and `range` are two attributes")
      return nil
    }
    return KeySchema(hash: hash, range: range)
  }

  private mutating func keyAttribute(_ node: YAMLNode, _ what: String) -> KeySchema.Attribute? {
    guard let map = findings.map(node, what) else { return nil }
    guard map.entries.count == 1, let entry = map.entries.first else {
      findings.error(.badValue, at: node.place, "\(what) names one attribute and its type, `{name: S}`")
      return nil
    }
    if entry.key == reserved {
      findings.error(.reservedName, at: entry.keyPlace, "\(quoted(reserved)) marks tombstones and can't be a key")
    }
    if entry.key.isEmpty || entry.key.utf8.count > 255 {
      findings.error(.badValue, at: entry.keyPlace, "a key attribute's name has 1 to 255 bytes")
      return nil
    }
    guard let type: ScalarType = findings.choice(entry.value, "a key's type") else { return nil }
    return KeySchema.Attribute(entry.key, type)
  }

  private mutating func timeToLive(_ node: YAMLNode) -> MappingForm.TimeToLive? {
    guard let map = findings.map(node, "`ttl`", known: Self.timeToLiveKeys) else { return nil }
    return MappingForm.TimeToLive(
      old: map["old"].flatMap { findings.text($0.value, "`ttl.old`") }, new: map["new"].flatMap { findings.text($0.value, "`ttl.new`") })
  }
}

extension YAMLNode.Content {
  /// A scalar's text if it isn't in quotes.
  var plainText: String? { if case .scalar(let text, false) = self { text } else { nil } }
}
