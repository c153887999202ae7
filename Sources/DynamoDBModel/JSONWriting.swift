package import HTTPTransport

extension ByteBuffer {
  /// Appends `text` as a JSON string, quotes included.
  package mutating func appendJSON(_ text: String) { appendJSON(text.utf8.span) }

  /// Appends well-formed UTF-8 as a JSON string, quotes included: quotes, backslashes and control characters escaped, the rest as it is.
  package mutating func appendJSON(_ utf8: Span<UInt8>) {
    append(UInt8(ascii: "\""))
    appendJSONContent(utf8)
    append(UInt8(ascii: "\""))
  }

  /// Appends well-formed UTF-8 as what stands between the quotes of a JSON string.
  package mutating func appendJSONContent(_ utf8: Span<UInt8>) {
    let window = ByteWindow(utf8)
    var index = 0
    while index < utf8.count {
      var end = JSONText.plainEnd(window, from: index)
      while end < utf8.count && utf8[end] >= 0x80 { end = JSONText.plainEnd(window, from: end + 1) }
      append(utf8.extracting(index..<end))
      guard end < utf8.count else { return }
      appendEscape(utf8[end])
      index = end + 1
    }
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      append("\\u00")
      append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
      let low = byte & 0xF
      append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
    }
  }

  /// Appends a whole number in decimal.
  package mutating func appendDecimal(_ value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    let start = count
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest != 0
    var (low, high) = (start, count - 1)
    while low < high {
      let byte = self[low]
      self[low] = self[high]
      self[high] = byte
      low += 1
      high -= 1
    }
  }
}

extension JSONValue {
  /// Appends the value's JSON, numbers as they were written and members in order.
  package func encode(into out: inout ByteBuffer) {
    switch self {
    case .null: out.append("null")
    case .bool(let value): out.append(value ? "true" : "false")
    case .number(let text): out.append(contentsOf: text.utf8)
    case .string(let text): out.appendJSON(text)
    case .array(let values):
      out.append("[")
      for (index, value) in values.enumerated() {
        if index > 0 { out.append(",") }
        value.encode(into: &out)
      }
      out.append("]")
    case .object(let members):
      out.append("{")
      for (index, member) in members.enumerated() {
        if index > 0 { out.append(",") }
        out.appendJSON(member.name)
        out.append(":")
        member.value.encode(into: &out)
      }
      out.append("}")
    }
  }
}
