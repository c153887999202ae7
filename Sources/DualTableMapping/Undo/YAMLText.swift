import DynamoDBModel

/// YAML on its way out: what fits a line goes on one, as people write it, what doesn't gets lines of its own.
package indirect enum YAMLText {
  /// As it is printed, with its quotes.
  case scalar(String)
  case sequence([YAMLText], tag: String)
  /// `isBlock` if its entries have lines of their own even where they would fit on one.
  case mapping([Entry], isBlock: Bool)

  package struct Entry {
    let key: String
    let value: YAMLText
  }

  static func list(_ elements: [YAMLText], tag: String = "") -> YAMLText { .sequence(elements, tag: tag) }
  static func map(_ entries: [(key: String, value: YAMLText)], isBlock: Bool = false) -> YAMLText {
    .mapping(entries.map { Entry(key: $0.key, value: $0.value) }, isBlock: isBlock)
  }

  private static let width = 120
  /// A key that is longer isn't read without its mark: YAML looks ahead for the colon so far only.
  private static let longestKey = 500

  /// Text in quotes, unless everybody reads it as text without them.
  static func text(_ text: String) -> YAMLText { .scalar(quoted(text)) }

  /// A text as a scalar that every reader of YAML takes for just that.
  package static func quoted(_ text: String) -> String {
    if isPlain(text) { return text }
    let isPrintable = text.unicodeScalars.allSatisfy(isPrintable)
    if isPrintable && text.contains(where: { $0 == "\\" || $0 == "\"" }) && !text.contains("'") { return "'\(text)'" }
    return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x2E })
    else { return false }
    // Older readers take these for truth values.
    return !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// True for what stands in a line as it is: no controls, no separators of lines, no marks of byte order, nothing unassigned for ever.
  package static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
    default: true
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    default:
      if isPrintable(scalar) { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  /// The lines of a file whose root this is.
  var file: String { lines(indent: 0).joined(separator: "\n") + "\n" }

  private func lines(indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    switch self {
    case .mapping(let entries, _) where !entries.isEmpty:
      return entries.flatMap { entry in
        let key = entry.key.utf8.count > Self.longestKey ? "? \(entry.key)\n\(margin)" : entry.key
        if !entry.value.hasLines, case let line = "\(margin)\(key): \(entry.value.inline)", line.utf8.count <= Self.width { return [line] }
        guard let tag = entry.value.openTag else { return ["\(margin)\(key): \(entry.value.inline)"] }
        let isList = if case .sequence = entry.value { true } else { false }
        return ["\(margin)\(key):\(tag)"] + entry.value.lines(indent: isList ? indent : indent + 2)
      }
    case .sequence(let elements, _) where !elements.isEmpty:
      return elements.flatMap { element in
        let line = "\(margin)- \(element.inline)"
        guard line.utf8.count > Self.width, element.openTag == "" else { return [line] }
        // The first line of what is within stands behind the dash.
        let inner = element.lines(indent: indent + 2)
        return ["\(margin)- \(inner[0].dropFirst(indent + 2))"] + inner.dropFirst()
      }
    default: return [margin + inline]
    }
  }

  private var hasLines: Bool { if case .mapping(let entries, true) = self, !entries.isEmpty { true } else { false } }

  /// What stands behind the key where the rest has lines of its own; nil for what hasn't.
  private var openTag: String? {
    switch self {
    case .scalar: nil
    case .sequence(let elements, let tag): elements.isEmpty ? nil : tag.isEmpty ? "" : " \(tag)"
    case .mapping(let entries, _): entries.isEmpty ? nil : ""
    }
  }

  private var inline: String {
    switch self {
    case .scalar(let text): text
    case .sequence(let elements, let tag): (tag.isEmpty ? "" : "\(tag) ") + "[" + elements.map(\.inline).joined(separator: ", ") + "]"
    case .mapping(let entries, _):
      "{"
        + entries.map { entry in
          (entry.key.utf8.count > Self.longestKey ? "? " : "") + "\(entry.key): \(entry.value.inline)"
        }.joined(separator: ", ") + "}"
    }
  }
}
