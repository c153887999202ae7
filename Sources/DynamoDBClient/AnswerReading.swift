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

  /// An array, an element at a time: `read` takes each off the reader that it is lent, and judges it.
  mutating func array(
    _ bytes: Span<UInt8>, _ read: (inout JSONObjectReader) throws(DynamoDBModelError) -> Void
  ) throws(DynamoDBModelError) {
    guard try nextByte(bytes) == UInt8(ascii: "[") else { throw DynamoDBModelError(.malformed, at: offset) }
    offset += 1
    if try nextByte(bytes) == UInt8(ascii: "]") {
      offset += 1
      return
    }
    while true {
      try read(&self)
      let separator = try nextByte(bytes)
      guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else { throw DynamoDBModelError(.malformed, at: offset) }
      offset += 1
      if separator == UInt8(ascii: "]") { return }
      _ = try nextByte(bytes)
    }
  }

  /// Goes to the next byte that isn't a blank.
  private mutating func nextByte(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> UInt8 {
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 { return byte }
      offset += 1
    }
    throw DynamoDBModelError(.truncated, at: bytes.count)
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

/// The texts of an object of strings.
func readTexts(_ json: JSONValue) -> [String: String] {
  var texts: [String: String] = [:]
  for member in json.object ?? [] { texts[member.name] = member.value.string }
  return texts
}
