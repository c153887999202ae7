/// The leaves of a small XML document, by the path of their elements' names; for answers of AWS's query protocol and nothing else.
///
/// Elements, attributes (skipped), text with the five entities and numbered characters. Anything else that XML knows is refused: document
/// types, and with them entities of one's own, comments, sections and instructions but for the declaration at the start.
struct XMLText: Sendable {
  private(set) var leaves: [String: String] = [:]

  /// Reads a whole document, nil where it is anything but such a one.
  init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var rest = text.unicodeScalars[...]
    Self.skipBlanks(&rest)
    if Self.take("<?xml ", &rest) {
      guard let end = Substring(rest).firstRange(of: "?>") else { return nil }
      rest = rest[end.upperBound...]
    }
    Self.skipBlanks(&rest)
    guard element(&rest, path: "", depth: 0) else { return nil }
    Self.skipBlanks(&rest)
    guard rest.isEmpty else { return nil }
  }

  /// The text of the leaf at `path`, as in `ErrorResponse/Error/Code`.
  subscript(path: String) -> String? { leaves[path] }

  private mutating func element(_ rest: inout Substring.UnicodeScalarView, path: String, depth: Int) -> Bool {
    guard depth < 16, Self.take("<", &rest) else { return false }
    let name = rest.prefix(while: Self.isName)
    guard !name.isEmpty else { return false }
    let path = path.isEmpty ? String(name) : "\(path)/\(String(name))"
    rest = rest[name.endIndex...]
    guard let isEmpty = Self.tagEnd(&rest) else { return false }
    if isEmpty { return add("", path) }
    var text = String.UnicodeScalarView()
    var hasChildren = false
    while true {
      if Self.take("</", &rest) {
        guard Self.take(String(name), &rest) else { return false }
        Self.skipBlanks(&rest)
        guard Self.take(">", &rest) else { return false }
        return hasChildren ? text.allSatisfy(Self.isBlank) : add(String(text), path)
      }
      if rest.first == "<" {
        hasChildren = true
        guard element(&rest, path: path, depth: depth + 1) else { return false }
      } else {
        guard let scalar = Self.character(&rest) else { return false }
        text.append(scalar)
      }
    }
  }

  /// A second leaf of one path is refused: nobody could say which of them counts.
  private mutating func add(_ text: String, _ path: String) -> Bool { leaves.updateValue(text, forKey: path) == nil }

  /// Goes behind a start tag's end, over its attributes; true for an empty element.
  private static func tagEnd(_ rest: inout Substring.UnicodeScalarView) -> Bool? {
    while true {
      skipBlanks(&rest)
      if take("/>", &rest) { return true }
      if take(">", &rest) { return false }
      let name = rest.prefix(while: isName)
      guard !name.isEmpty else { return nil }
      rest = rest[name.endIndex...]
      guard take("=", &rest), let quote = rest.popFirst(), quote == "\"" || quote == "'",
        let end = rest.firstIndex(of: quote), !rest[..<end].contains("<")
      else { return nil }
      rest = rest[end...].dropFirst()
    }
  }

  private static func character(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
    guard let first = rest.popFirst() else { return nil }
    guard first == "&" else { return first }
    guard let end = rest.prefix(12).firstIndex(of: ";") else { return nil }
    let name = String(String.UnicodeScalarView(rest[..<end]))
    rest = rest[end...].dropFirst()
    if let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"][name] as Unicode.Scalar? { return known }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init)
  }

  private static func take(_ text: String, _ rest: inout Substring.UnicodeScalarView) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest.removeFirst(text.unicodeScalars.count)
    return true
  }

  private static func skipBlanks(_ rest: inout Substring.UnicodeScalarView) { rest = rest.drop(while: isBlank) }
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" }
  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-" || scalar == ":"
        || scalar == ".")
  }
}
