internal import DynamoDBModel

/// The kinds of members that answers have; each reader stands behind the value afterwards.
extension JSONObjectReader {
  /// An item; nil for `null`.
  mutating func item(_ bytes: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> Item? {
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "n") {
      try skip(bytes)
      return nil
    }
    offset = try tape.read(bytes, at: offset)
    return AttributeMap(tape, bytes)
  }

  /// An array of items.
  mutating func items(_ bytes: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> [Item] {
    var items: [Item] = []
    try array(bytes) { elements throws(DynamoDBModelError) in
      elements.offset = try tape.read(bytes, at: elements.offset)
      items.append(AttributeMap(tape, bytes))
    }
    return items
  }

  /// An array, an element at a time: `read` takes each off the reader that it is lent.
  mutating func array(
    _ bytes: Span<UInt8>, _ read: (inout JSONObjectReader) throws(DynamoDBModelError) -> Void
  ) throws(DynamoDBModelError) {
    let end = try JSONValue.end(bytes, at: offset)
    guard bytes[offset] == UInt8(ascii: "[") else { throw DynamoDBModelError(.malformed, at: offset) }
    offset = nextByte(bytes, from: offset + 1)
    while offset < end - 1 {
      try read(&self)
      offset = nextByte(bytes, from: offset)
      if bytes[offset] == UInt8(ascii: ",") { offset = nextByte(bytes, from: offset + 1) }
    }
    offset = end
  }

  /// Any value.
  mutating func json(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> JSONValue {
    try JSONValue(parsing: bytes.extracting(skip(bytes)))
  }

  /// An object, a member at a time: `read` gets each name, and takes the value off the reader that it is lent.
  mutating func object(
    _ bytes: Span<UInt8>, _ read: (String, inout JSONObjectReader) throws(DynamoDBModelError) -> Void
  ) throws(DynamoDBModelError) {
    var members = try JSONObjectReader(bytes, at: offset)
    while let name = try members.next(bytes) {
      let text = try JSONValue(parsing: bytes.extracting(name.lowerBound - 1..<name.upperBound + 1)).string ?? ""
      try read(text, &members)
    }
    offset = members.offset
  }
}

/// Where the next byte is that isn't a blank.
private func nextByte(_ bytes: Span<UInt8>, from start: Int) -> Int {
  var offset = start
  while bytes[offset] == 0x20 || bytes[offset] == 0x0A || bytes[offset] == 0x0D || bytes[offset] == 0x09 { offset += 1 }
  return offset
}

/// The texts of an object of strings.
func readTexts(_ json: JSONValue) -> [String: String] {
  var texts: [String: String] = [:]
  for member in json.object ?? [] { texts[member.name] = member.value.string }
  return texts
}
