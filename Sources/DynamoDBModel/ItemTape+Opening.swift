internal import HTTPTransport

extension LeadTable {
  /// What stands at `offset` if the lead does.
  @inline(__always)
  internal func opening(_ index: UInt32, at offset: Int) -> ItemTape.Opening {
    ItemTape.Opening(
      starts: self[index].starts &+ SIMD4<UInt32>(repeating: UInt32(truncatingIfNeeded: offset)), lead: index, type: self[index].type,
      flags: 0)
  }
}

extension ItemTape {
  /// Reads what stands before a value's content, token by token, from behind the comma or bracket on: a lead that wasn't expected there.
  ///
  /// - Parameter previous: the lead before it in the same list or map; from now on this one is expected behind it.
  @inline(never)
  internal mutating func readOpening(
    _ bytes: Span<UInt8>, from start: Int, in frame: Frame, behind previous: UInt32
  ) throws(DynamoDBModelError) -> Opening {
    let window = ByteWindow(bytes)
    var at = JSONText.skipBlanks(window, from: start)
    var name = at..<at
    var isEscaped = false
    if frame.isMap {
      guard window.byte(at: at) == UInt8(ascii: "\"") else { throw JSONText.unexpected(window, at: at) }
      let end = try JSONText.end(window, from: at + 1)
      guard end.offset > at + 1 else { throw DynamoDBModelError(.emptyName, at: at) }
      name = at + 1..<end.offset
      isEscaped = end.isEscaped
      at = try Self.passColon(window, end.offset + 1)
    }
    let value = at
    let type = try Self.readType(bytes, &at)
    var opening = Opening(
      starts: SIMD4<UInt32>(UInt32(name.lowerBound), UInt32(name.upperBound), UInt32(value), UInt32(at)), lead: LeadTable.none, type: type,
      flags: isEscaped ? Node.nameIsEscaped : 0)
    if isEscaped {
      var plain = ByteBuffer(capacity: name.count)
      JSONText.appendUnescaped(bytes, name, to: &plain)
      opening.lead = leads.find(plain.span, under: frame.lead)
    } else {
      opening.lead = leads.find(bytes.extracting(name), under: frame.lead)
    }
    leads[opening.lead].learn(window, from: start, opening)
    if previous == LeadTable.none { leads[frame.lead].first = opening.lead } else { leads[previous].next = opening.lead }
    return opening
  }

  private static func passColon(_ window: ByteWindow, _ offset: Int) throws(DynamoDBModelError) -> Int {
    let colon = JSONText.skipBlanks(window, from: offset)
    guard window.byte(at: colon) == UInt8(ascii: ":") else { throw JSONText.unexpected(window, at: colon) }
    return JSONText.skipBlanks(window, from: colon + 1)
  }

  /// Reads a value's brace, type key and colon, and the quote or bracket that its type wants.
  private static func readType(_ bytes: Span<UInt8>, _ at: inout Int) throws(DynamoDBModelError) -> AttributeType {
    let window = ByteWindow(bytes)
    guard window.byte(at: at) == UInt8(ascii: "{") else { throw Self.wrongType(window, at: at) }
    at = JSONText.skipBlanks(window, from: at + 1)
    guard window.byte(at: at) == UInt8(ascii: "\"") else {
      if window.byte(at: at) == UInt8(ascii: "}") { throw DynamoDBModelError(.notOneType, at: at) }
      throw JSONText.unexpected(window, at: at)
    }
    let end = try JSONText.end(window, from: at + 1)
    guard let type = Self.type(bytes, at + 1..<end.offset, escaped: end.isEscaped) else { throw DynamoDBModelError(.unknownType, at: at) }
    at = try Self.passColon(window, end.offset + 1)
    let wanted: UInt8? =
      switch type {
      case .string, .number, .binary: UInt8(ascii: "\"")
      case .map: UInt8(ascii: "{")
      case .list, .stringSet, .numberSet, .binarySet: UInt8(ascii: "[")
      case .bool, .null: nil
      }
    if let wanted {
      guard window.byte(at: at) == wanted else { throw Self.wrongType(window, at: at) }
      at += 1
    }
    return type
  }

  private static func type(_ bytes: Span<UInt8>, _ key: Range<Int>, escaped: Bool) -> AttributeType? {
    if escaped {
      var plain = ByteBuffer(capacity: key.count)
      JSONText.appendUnescaped(bytes, key, to: &plain)
      return type(plain.span, 0..<plain.count, escaped: false)
    }
    for type in AttributeType.allCases where bytes.equals(key, type.name) { return type }
    return nil
  }

  /// Reads a value's content that is neither list nor map, and its closing brace, and puts it on the tape.
  @inline(never)
  internal mutating func readScalar(_ bytes: Span<UInt8>, _ opening: Opening) throws(DynamoDBModelError) -> Int {
    let window = ByteWindow(bytes)
    var at = opening.content
    var end = JSONText.End(offset: at, isEscaped: false)
    switch opening.type {
    case .string, .number, .binary:
      end = try JSONText.end(window, from: at)
      if opening.type == .number { try Self.judgeNumber(bytes, window, at..<end.offset, escaped: end.isEscaped) }
      if opening.type == .binary { try Self.judgeBinary(bytes, at..<end.offset, escaped: end.isEscaped) }
      at = end.offset + 1
    case .bool, .null:
      // The one kind of content that no quote or bracket begins: behind a lead that was expected there may still be blanks.
      let start = JSONText.skipBlanks(window, from: at)
      if start > at {
        var moved = opening
        moved.starts[3] = UInt32(truncatingIfNeeded: start)
        return try readScalar(bytes, moved)
      }
      let word = window.word(at: at)
      if word & 0xFFFF_FFFF == 0x6575_7274 {  // true
        at += 4
      } else if word & 0xFF_FFFF_FFFF == 0x65_736C_6166 {  // false
        guard opening.type == .bool else { throw DynamoDBModelError(.nullNotTrue, at: at) }
        at += 5
      } else {
        throw Self.wrongType(window, at: at)
      }
      end.offset = at
    case .stringSet, .numberSet, .binarySet:
      return try readSet(bytes, opening)
    case .list, .map: preconditionFailure("lists and maps are opened, not read")
    }
    at = try Self.close(window, at)
    let node = Node(opening, contentEnd: end.offset, valueEnd: at, contentEscaped: end.isEscaped, next: nodes.count + 1)
    nodes.append(node)
    return at
  }

  private mutating func readSet(_ bytes: Span<UInt8>, _ opening: Opening) throws(DynamoDBModelError) -> Int {
    let window = ByteWindow(bytes)
    let set = nodes.count
    nodes.append(Node(opening))
    var at = JSONText.skipBlanks(window, from: opening.content)
    if window.byte(at: at) == UInt8(ascii: "]") { throw DynamoDBModelError(.emptySet, at: at) }
    while true {
      guard window.byte(at: at) == UInt8(ascii: "\"") else { throw Self.wrongType(window, at: at) }
      let start = UInt32(at)
      let member = Opening(starts: SIMD4(start, start, start, start + 1), lead: LeadTable.none, type: opening.type.member, flags: 0)
      let end = try JSONText.end(window, from: at + 1)
      if member.type == .number { try Self.judgeNumber(bytes, window, at + 1..<end.offset, escaped: end.isEscaped) }
      if member.type == .binary { try Self.judgeBinary(bytes, at + 1..<end.offset, escaped: end.isEscaped) }
      at = end.offset + 1
      let node = Node(member, contentEnd: end.offset, valueEnd: at, contentEscaped: end.isEscaped, next: nodes.count + 1)
      nodes.append(node)
      at = JSONText.skipBlanks(window, from: at)
      if window.byte(at: at) == UInt8(ascii: "]") { break }
      guard window.byte(at: at) == UInt8(ascii: ",") else { throw JSONText.unexpected(window, at: at) }
      at = JSONText.skipBlanks(window, from: at + 1)
    }
    try judgeMembers(of: set, bytes)
    nodes[set].contentEnd = UInt32(truncatingIfNeeded: at)
    at = try Self.close(window, at + 1)
    nodes[set].valueEnd = UInt32(truncatingIfNeeded: at)
    nodes[set].next = UInt32(truncatingIfNeeded: nodes.count)
    return at
  }

  @inline(never)
  internal static func wrongType(_ window: ByteWindow, at offset: Int) -> DynamoDBModelError {
    offset < window.count ? DynamoDBModelError(.wrongJSONType, at: offset) : JSONText.unexpected(window, at: offset)
  }
}
