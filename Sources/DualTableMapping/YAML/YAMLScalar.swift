/// What a scalar says by YAML 1.2's core schema, in which `Y`, `no` and `1:30` are text and numbers keep their digits.
enum YAMLScalar: Sendable, Equatable {
  case text(String)
  case number(String)
  case bool(Bool)
  case null
  /// A number that has no decimal digits of its own: `0x1f`, `0o17`, `.inf`, `.nan`.
  case unwritable(String)

  init(_ text: String, quoted: Bool) {
    if quoted {
      self = .text(text)
      return
    }
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .bool(true)
    case "false", "False", "FALSE": self = .bool(false)
    case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF": self = .unwritable(text)
    default:
      if Self.isDecimal(text) {
        self = .number(text)
      } else if Self.isRadix(text) {
        self = .unwritable(text)
      } else {
        self = .text(text)
      }
    }
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
  private static func isDecimal(_ text: String) -> Bool {
    var rest = text[...].utf8
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
    func digits() -> Int {
      let count = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(count)
      return count
    }
    if let first = rest.first, isSign(first) { rest = rest.dropFirst() }
    let whole = digits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      if digits() == 0 && whole == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if let first = rest.first, isSign(first) { rest = rest.dropFirst() }
      if digits() == 0 { return false }
    }
    return rest.isEmpty
  }

  private static func isRadix(_ text: String) -> Bool {
    let digits = text.utf8.dropFirst(2)
    if digits.isEmpty { return false }
    if text.hasPrefix("0x") {
      return digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }
    return text.hasPrefix("0o") && digits.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }
  }
}
