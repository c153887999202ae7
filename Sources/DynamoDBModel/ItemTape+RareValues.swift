internal import HTTPTransport

extension ItemTape {
  /// Reads a value's brace and type key where they aren't written in the usual five bytes: blanks, escapes, types of several letters.
  ///
  /// - Returns: the type's letter, with `at` on what follows the colon; for types of several letters 0, with `node.type` set.
  @inline(never)
  internal mutating func readTypeKey(_ bytes: Span<UInt8>, _ at: inout Int, _ node: inout Node) throws(DynamoDBModelError) -> UInt8 {
    let raw = bytes.bytes
    at = JSONText.skipBlanks(raw, from: at)
    node.valueStart = UInt32(truncatingIfNeeded: at)
    guard raw.byte(at: at) == UInt8(ascii: "{") else { throw Self.wrongType(raw, at: at) }
    at = JSONText.skipBlanks(raw, from: at + 1)
    guard raw.byte(at: at) == UInt8(ascii: "\"") else {
      if raw.byte(at: at) == UInt8(ascii: "}") { throw DynamoDBModelError(.notOneType, at: at) }
      throw JSONText.unexpected(raw, at: at)
    }
    var escaped = false
    let key = at + 1..<(try JSONText.end(raw, from: at + 1, escaped: &escaped))
    var type = Self.type(bytes, key)
    if escaped {
      scratch.removeAll()
      JSONText.appendUnescaped(bytes, key, to: &scratch)
      type = Self.type(scratch.span, 0..<scratch.count)
    }
    guard let type else { throw DynamoDBModelError(.unknownType, at: at) }
    node.type = type
    at = JSONText.skipBlanks(raw, from: key.upperBound + 1)
    guard raw.byte(at: at) == UInt8(ascii: ":") else { throw JSONText.unexpected(raw, at: at) }
    at = JSONText.skipBlanks(raw, from: at + 1)
    return type.name.utf8CodeUnitCount == 1 ? unsafe type.name.utf8Start[0] : 0
  }

  private static func type(_ bytes: Span<UInt8>, _ key: Range<Int>) -> AttributeType? {
    for type in AttributeType.allCases where bytes.equals(key, type.name) { return type }
    return nil
  }

  /// Reads what follows the colon of a BOOL, a NULL or a set, to the closing brace, and puts it on the tape.
  @inline(never)
  internal mutating func readRareValue(_ bytes: Span<UInt8>, _ at: inout Int, _ node: inout Node) throws(DynamoDBModelError) {
    let raw = bytes.bytes
    switch node.type {
    case .bool, .null:
      let word = raw.word(at: at)
      let length: Int
      if word & 0xFFFF_FFFF == 0x6575_7274 {  // true
        length = 4
      } else if word & 0xFF_FFFF_FFFF == 0x65_736C_6166 {  // false
        guard node.type == .bool else { throw DynamoDBModelError(.nullNotTrue, at: at) }
        length = 5
      } else {
        throw Self.wrongType(raw, at: at)
      }
      node.contentStart = UInt32(truncatingIfNeeded: at)
      at += length
      node.contentEnd = UInt32(truncatingIfNeeded: at)
      try Self.closeValue(raw, &at)
      node.valueEnd = UInt32(truncatingIfNeeded: at)
      node.next = UInt32(truncatingIfNeeded: nodes.count + 1)
      nodes.append(node)
    case .stringSet, .numberSet, .binarySet:
      try readSet(bytes, &at, node)
    default:
      throw DynamoDBModelError(.unknownType, at: Int(node.valueStart))
    }
  }

  private mutating func readSet(_ bytes: Span<UInt8>, _ at: inout Int, _ node: Node) throws(DynamoDBModelError) {
    let raw = bytes.bytes
    guard raw.byte(at: at) == UInt8(ascii: "[") else { throw Self.wrongType(raw, at: at) }
    let set = nodes.count
    nodes.append(node)
    at += 1
    nodes[set].contentStart = UInt32(truncatingIfNeeded: at)
    at = JSONText.skipBlanks(raw, from: at)
    if raw.byte(at: at) == UInt8(ascii: "]") { throw DynamoDBModelError(.emptySet, at: at) }
    while true {
      var member = Node(name: at..<at, nameEscaped: false, valueStart: at)
      member.type = node.type.member
      try Self.readText(raw, &at, &member)
      member.valueEnd = UInt32(truncatingIfNeeded: at)
      member.next = UInt32(truncatingIfNeeded: nodes.count + 1)
      if member.type == .number { try judgeNumber(bytes, member) }
      if member.type == .binary { try judgeBinary(bytes, member) }
      try enterMember(bytes, member, scope: set)
      nodes.append(member)
      at = JSONText.skipBlanks(raw, from: at)
      if raw.byte(at: at) == UInt8(ascii: "]") { break }
      guard raw.byte(at: at) == UInt8(ascii: ",") else { throw JSONText.unexpected(raw, at: at) }
      at = JSONText.skipBlanks(raw, from: at + 1)
    }
    nodes[set].contentEnd = UInt32(truncatingIfNeeded: at)
    at += 1
    try Self.closeValue(raw, &at)
    nodes[set].valueEnd = UInt32(truncatingIfNeeded: at)
    nodes[set].next = UInt32(truncatingIfNeeded: nodes.count)
  }
}
