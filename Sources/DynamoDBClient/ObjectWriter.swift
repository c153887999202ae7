internal import DynamoDBModel
internal import HTTPTransport

/// Writes the members of one JSON object; members without a value are left out.
struct ObjectWriter {
  private var isEmpty = true

  init(_ out: inout ByteBuffer) { out.append(UInt8(ascii: "{")) }

  /// Writes a member's name; its value follows.
  mutating func name(_ name: StaticString, _ out: inout ByteBuffer) {
    separate(&out)
    out.append(UInt8(ascii: "\""))
    out.append(name)
    out.append("\":")
  }

  mutating func string(_ name: StaticString, _ value: String?, _ out: inout ByteBuffer) {
    guard let value else { return }
    self.name(name, &out)
    out.appendJSON(value)
  }

  mutating func choice(_ name: StaticString, _ value: (some RawRepresentable<String>)?, _ out: inout ByteBuffer) {
    string(name, value?.rawValue, &out)
  }

  mutating func integer(_ name: StaticString, _ value: Int?, _ out: inout ByteBuffer) {
    guard let value else { return }
    self.name(name, &out)
    out.appendDecimal(value)
  }

  mutating func bool(_ name: StaticString, _ value: Bool?, _ out: inout ByteBuffer) {
    guard let value else { return }
    self.name(name, &out)
    out.append(value ? "true" : "false")
  }

  mutating func item(_ name: StaticString, _ value: AttributeMap?, _ out: inout ByteBuffer) {
    guard let value else { return }
    self.name(name, &out)
    value.encode(into: &out)
  }

  /// Writes texts by name, sorted, so that equal requests have equal bytes.
  mutating func texts(_ name: StaticString, _ value: [String: String]?, _ out: inout ByteBuffer) {
    guard let value else { return }
    self.name(name, &out)
    var inner = ObjectWriter(&out)
    for (key, text) in value.sorted(by: { $0.key < $1.key }) {
      inner.member(key, &out) { $0.appendJSON(text) }
    }
    inner.close(&out)
  }

  /// Writes an array, an element at a time.
  mutating func list<Element>(
    _ name: StaticString, _ value: [Element]?, _ out: inout ByteBuffer, _ write: (Element, inout ByteBuffer) -> Void
  ) {
    guard let value else { return }
    self.name(name, &out)
    out.append(UInt8(ascii: "["))
    for (index, element) in value.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      write(element, &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  /// Writes a member whose name is data.
  mutating func member(_ name: String, _ out: inout ByteBuffer, _ write: (inout ByteBuffer) -> Void) {
    separate(&out)
    out.appendJSON(name)
    out.append(UInt8(ascii: ":"))
    write(&out)
  }

  func close(_ out: inout ByteBuffer) { out.append(UInt8(ascii: "}")) }

  private mutating func separate(_ out: inout ByteBuffer) {
    if !isEmpty { out.append(UInt8(ascii: ",")) }
    isEmpty = false
  }
}
