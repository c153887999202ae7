/// A place in a file, as people count: line and column from 1, columns in characters.
package struct YAMLPlace: Sendable, Hashable, Comparable {
  package let line: Int
  package let column: Int
  /// A map starts where its first key starts; this tells the two nodes apart.
  let isKey: Bool

  init(line: Int, column: Int, isKey: Bool = false) {
    self.line = line
    self.column = column
    self.isKey = isKey
  }

  /// For what stands in no file.
  static let none = YAMLPlace(line: 0, column: 0)

  var asKey: YAMLPlace { YAMLPlace(line: line, column: column, isKey: true) }

  package static func < (left: YAMLPlace, right: YAMLPlace) -> Bool {
    (left.line, left.column, left.isKey ? 1 : 0) < (right.line, right.column, right.isKey ? 1 : 0)
  }
}

/// A node of a YAML document and the place where it starts.
///
/// Keys keep their order and may stand twice: who reads a map decides what that means.
struct YAMLNode: Sendable {
  let place: YAMLPlace
  let tag: YAMLTag?
  let content: Content

  enum Content: Sendable {
    case scalar(text: String, quoted: Bool)
    case sequence([YAMLNode])
    case mapping([YAMLEntry])
  }

  /// The text of a scalar; nil for lists, maps and tagged scalars.
  var text: String? {
    if case .scalar(let text, _) = content, tag == nil { text } else { nil }
  }

  /// The entries of a map; nil for lists and scalars.
  var entries: [YAMLEntry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// What the node is, for sentences.
  var noun: String {
    switch content {
    case .scalar: "a scalar"
    case .sequence: "a list"
    case .mapping: "a map"
    }
  }
}

struct YAMLEntry: Sendable {
  let key: String
  /// A key in quotes is text; a plain one may be a number or a truth value where keys are values.
  let keyIsQuoted: Bool
  let keyPlace: YAMLPlace
  let value: YAMLNode
}

/// The tags that a mapping file may use: binary and the three sets, which plain YAML has no word for.
enum YAMLTag: String, Sendable {
  case binary = "!B"
  case stringSet = "!SS"
  case numberSet = "!NS"
  case binarySet = "!BS"
}
