import DynamoDBModel
import HTTPTransport

extension Conversion {
  /// The value that a JSON text says: objects are maps, arrays lists, numbers exact.
  static func value(ofJSON text: String) throws(ConversionFault) -> AttributeValue {
    let json: JSONValue
    do { json = try JSONValue(parsing: text.utf8.span) } catch { throw .invalidValue }
    return try value(json)
  }

  private static func value(_ json: JSONValue) throws(ConversionFault) -> AttributeValue {
    switch json {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .number(let text):
      do { return .number(try DynamoDBNumber(text)) } catch { throw .invalidValue }
    case .string(let text): return .string(text)
    case .array(let values):
      var list: [AttributeValue] = []
      for element in values { list.append(try value(element)) }
      return .list(list)
    case .object(let members):
      var map = AttributeMap()
      for member in members {
        guard !member.name.isEmpty, map[member.name] == nil else { throw .invalidValue }
        map[member.name] = try value(member.value)
      }
      return .map(map)
    }
  }

  /// Appends `value` as JSON. Binaries and sets, which JSON hasn't, go in as base64 and lists only if the rule is lossy.
  func appendJSON(of value: AttributeValue, to out: inout ByteBuffer) throws(ConversionFault) {
    switch value {
    case .string(let text): out.appendJSON(text)
    case .number(let number): number.decimal.append(to: &out)
    case .bool(let value): value ? out.append("true") : out.append("false")
    case .null: out.append("null")
    case .list(let elements): try appendJSON(array: elements, to: &out)
    case .map(let map):
      out.append(UInt8(ascii: "{"))
      var isFirst = true
      for (name, value) in map {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        out.appendJSON(name)
        out.append(UInt8(ascii: ":"))
        try appendJSON(of: value, to: &out)
      }
      out.append(UInt8(ascii: "}"))
    case .binary(let bytes):
      guard isLossy else { throw .notReversible }
      out.append(UInt8(ascii: "\""))
      Base64.appendEncoded(bytes.span, to: &out)
      out.append(UInt8(ascii: "\""))
    case .stringSet(let members):
      guard isLossy else { throw .notReversible }
      try appendJSON(array: members.sorted(by: UTF8Text.less).map { .string($0) }, to: &out)
    case .numberSet(let members):
      guard isLossy else { throw .notReversible }
      try appendJSON(array: members.sorted().map { .number($0) }, to: &out)
    case .binarySet(let members):
      guard isLossy else { throw .notReversible }
      try appendJSON(array: members.sorted { $0.lexicographicallyPrecedes($1) }.map { .binary($0) }, to: &out)
    }
  }

  private func appendJSON(array elements: [AttributeValue], to out: inout ByteBuffer) throws(ConversionFault) {
    out.append(UInt8(ascii: "["))
    for (number, element) in elements.enumerated() {
      if number > 0 { out.append(UInt8(ascii: ",")) }
      try appendJSON(of: element, to: &out)
    }
    out.append(UInt8(ascii: "]"))
  }
}
