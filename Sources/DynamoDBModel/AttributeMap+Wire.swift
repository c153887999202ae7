package import HTTPTransport

extension AttributeMap {
  /// Reads an item in wire form, `{"name":{"S":"x"},…}`, and nothing behind it.
  ///
  /// - Throws: with the offset, which of the service's rules was broken. Size is judged apart (`sizeInBytes`).
  package init(wire bytes: Span<UInt8>) throws(DynamoDBModelError) {
    var offset = 0
    try self.init(wire: bytes, at: &offset)
    let end = JSONText.skipBlanks(ByteWindow(bytes), from: offset)
    guard end == bytes.count else { throw DynamoDBModelError(.trailingBytes, at: end) }
  }

  /// Reads the item in wire form that begins at `offset`, which is behind it afterwards.
  package init(wire bytes: Span<UInt8>, at offset: inout Int) throws(DynamoDBModelError) {
    var tape = ItemTape()
    offset = try tape.read(bytes, at: offset)
    self.init(tape, bytes)
  }

  /// Appends the item in wire form, `{"name":{"S":"x"},…}`, numbers by the texts they have.
  package func encode(into out: inout ByteBuffer) {
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    for (name, value) in self {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.appendJSON(name)
      out.append(UInt8(ascii: ":"))
      value.encode(into: &out)
    }
    out.append(UInt8(ascii: "}"))
  }
}

extension AttributeValue {
  /// Reads a value in wire form, `{"S":"x"}`, and nothing behind it; throws as an item does.
  package init(wire bytes: Span<UInt8>) throws(DynamoDBModelError) {
    var tape = ItemTape()
    let end = JSONText.skipBlanks(ByteWindow(bytes), from: try tape.readValue(bytes))
    guard end == bytes.count else { throw DynamoDBModelError(.trailingBytes, at: end) }
    self.init(tape, bytes, at: 0)
  }

  /// Appends the value in wire form, `{"S":"x"}`.
  package func encode(into out: inout ByteBuffer) {
    out.append("{\"")
    out.append(type.name)
    out.append("\":")
    switch self {
    case .string(let text): out.appendJSON(text)
    case .number(let number): out.appendJSON(number.text)
    case .binary(let bytes): out.appendBase64JSON(bytes)
    case .bool(let value): out.append(value ? "true" : "false")
    case .null: out.append("true")
    case .map(let map): map.encode(into: &out)
    case .list(let values): out.appendJSON(array: values) { value, out in value.encode(into: &out) }
    case .stringSet(let texts): out.appendJSON(array: texts) { text, out in out.appendJSON(text) }
    case .numberSet(let numbers): out.appendJSON(array: numbers) { number, out in out.appendJSON(number.text) }
    case .binarySet(let binaries): out.appendJSON(array: binaries) { bytes, out in out.appendBase64JSON(bytes) }
    }
    out.append(UInt8(ascii: "}"))
  }
}

extension ByteBuffer {
  fileprivate mutating func appendBase64JSON(_ bytes: [UInt8]) {
    append(UInt8(ascii: "\""))
    Base64.appendEncoded(bytes.span, to: &self)
    append(UInt8(ascii: "\""))
  }

  fileprivate mutating func appendJSON<Element>(array: [Element], _ element: (Element, inout ByteBuffer) -> Void) {
    append(UInt8(ascii: "["))
    for (place, value) in array.enumerated() {
      if place > 0 { append(UInt8(ascii: ",")) }
      element(value, &self)
    }
    append(UInt8(ascii: "]"))
  }
}

extension AttributeMap: CustomStringConvertible {
  /// The item's data, as DynamoDB JSON. Errors and logs of the kit never show it.
  public var description: String {
    var bytes = ByteBuffer()
    encode(into: &bytes)
    return String(copying: bytes.span)
  }
}

extension AttributeValue: CustomStringConvertible {
  /// The value's data, as DynamoDB JSON. Errors and logs of the kit never show it.
  public var description: String {
    var bytes = ByteBuffer()
    encode(into: &bytes)
    return String(copying: bytes.span)
  }
}
