/// A flat file of settings in YAML, one `key: value` a line, read as strictly as a mapping file.
///
/// Values are scalars as they are written (`yes` stays `yes`); a value that is a list or a map, a key that stands twice and anything that
/// a mapping file may not hold (anchors, aliases, tags) is a finding. An empty file has no entries.
package struct SettingsFile: Sendable {
  package struct Entry: Sendable, Hashable {
    package let key: String
    package let keyPlace: YAMLPlace
    /// The value's text.
    package let value: String
    package let valuePlace: YAMLPlace
    /// True for a value in quotes; only a plain value can be a number, `true`, `false` or `null`.
    package let isQuoted: Bool
  }

  /// The settings in file order.
  package let entries: [Entry]

  /// Reads `yaml`; `file` is the name that findings show.
  package init(yaml: [UInt8], file: String) throws(MappingFindings) {
    var findings = FindingCollector(file: file)
    var entries: [Entry] = []
    if !Self.isBlank(yaml), let root = YAMLReader.read(yaml, &findings) {
      if case .mapping(let pairs) = root.content {
        findings.refuseDuplicates(in: pairs)
        for pair in pairs {
          guard case .scalar(let text, let quoted) = pair.value.content, pair.value.tag == nil else {
            findings.error(.badValue, at: pair.value.place, "a setting is one value, not \(pair.value.noun)")
            continue
          }
          entries.append(
            Entry(key: pair.key, keyPlace: pair.keyPlace, value: text, valuePlace: pair.value.place, isQuoted: quoted))
        }
      } else {
        findings.error(.badValue, at: root.place, "settings are written `key: value`, one a line")
      }
    }
    try findings.throwErrors()
    self.entries = entries
  }

  /// True for nothing but white space and comments.
  private static func isBlank(_ yaml: [UInt8]) -> Bool {
    yaml.count <= YAMLReader.byteLimit
      && yaml.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
        let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
        return first == nil || first == UInt8(ascii: "#")
      }
  }
}
