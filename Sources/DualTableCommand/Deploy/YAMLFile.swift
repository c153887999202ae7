internal import DualTableMapping
internal import DynamoDBModel

/// Values as a YAML file that people read: a line an entry, text of several lines as it is.
enum YAMLFile {
  /// Documents, one behind the other.
  static func text(_ documents: [JSONValue]) -> String {
    documents.map { lines($0, indent: 0).joined(separator: "\n") }.joined(separator: "\n---\n")
  }

  private static func lines(_ value: JSONValue, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    switch value {
    case .object(let members) where !members.isEmpty:
      return members.flatMap { member -> [String] in
        entry("\(margin)\(YAMLText.quoted(member.name)):", member.value, indent: indent)
      }
    case .array(let values) where !values.isEmpty:
      return values.flatMap { value -> [String] in
        // What is within begins behind the dash.
        let inner = lines(value, indent: indent + 2)
        return ["\(margin)- \(inner[0].dropFirst(indent + 2))"] + inner.dropFirst()
      }
    default: return [margin + scalar(value)]
    }
  }

  private static func entry(_ key: String, _ value: JSONValue, indent: Int) -> [String] {
    switch value {
    case .object(let members) where !members.isEmpty: [key] + lines(value, indent: indent + 2)
    case .array(let values) where !values.isEmpty: [key] + lines(value, indent: indent + 2)
    case .string(let text):
      if let block = block(text, indent: indent + 2) { ["\(key) \(block[0])"] + block.dropFirst() } else { ["\(key) \(scalar(value))"] }
    default: ["\(key) \(scalar(value))"]
    }
  }

  private static func scalar(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): YAMLText.quoted(text)
    case .object: "{}"
    case .array: "[]"
    case .null, .bool, .number: value.text
    }
  }

  /// Text of several lines as a block, its mark first; nil where a block could be read as another text.
  private static func block(_ text: String, indent: Int) -> [String]? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isPlain = text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || YAMLText.isPrintable($0) }
    // A block's margin is told by its first line; its end by the last that isn't empty, of which it has one or none behind it.
    guard isPlain, lines.count > 1, let first = lines.first, !first.isEmpty, lines.allSatisfy({ !$0.hasPrefix("\t") }), first.first != " "
    else { return nil }
    let ends = lines.last == ""
    let body = ends ? lines.dropLast() : lines[...]
    guard body.last.map({ !$0.allSatisfy { $0 == " " } }) == true else { return nil }
    let margin = String(repeating: " ", count: indent)
    return [ends ? "|" : "|-"] + body.map { $0.isEmpty ? "" : margin + $0 }
  }
}
