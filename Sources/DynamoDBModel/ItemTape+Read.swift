internal import HTTPTransport

extension ItemTape {
  /// Reads the item, `{"name":{"S":"x"},…}`, that begins at `offset` (blanks before it allowed), and judges it by the service's rules.
  ///
  /// - Returns: the offset behind the item.
  /// - Throws: with the offset in `bytes`, which rule was broken; the tape is empty then.
  package mutating func read(_ bytes: Span<UInt8>, at offset: Int = 0) throws(DynamoDBModelError) -> Int {
    begin(bytes, at: offset)
    do throws(DynamoDBModelError) {
      let raw = bytes.bytes
      var at = JSONText.skipBlanks(raw, from: offset)
      guard raw.byte(at: at) == UInt8(ascii: "{") else { throw JSONText.unexpected(raw, at: at) }
      var item = Node(name: at..<at, nameEscaped: false, valueStart: at)
      item.type = .map
      at &+= 1
      item.contentStart = UInt32(truncatingIfNeeded: at)
      nodes.append(item)
      return try readOpen(bytes, at: at, isItem: true)
    } catch {
      nodes.removeAll()
      throw error
    }
  }

  /// Reads the value, `{"S":"x"}`, that begins at `offset` (blanks before it allowed), as `read` does an item; it becomes node 0.
  package mutating func readValue(_ bytes: Span<UInt8>, at offset: Int = 0) throws(DynamoDBModelError) -> Int {
    begin(bytes, at: offset)
    do throws(DynamoDBModelError) {
      var at = JSONText.skipBlanks(bytes.bytes, from: offset)
      var node = Node(name: at..<at, nameEscaped: false, valueStart: at)
      if try readValue(bytes, &at, &node) { return at }
      nodes.append(node)
      return try readOpen(bytes, at: at, isItem: false)
    } catch {
      nodes.removeAll()
      throw error
    }
  }

  private mutating func begin(_ bytes: Span<UInt8>, at offset: Int) {
    precondition(bytes.count <= Int(UInt32.max) && offset >= 0)
    nodes.removeAll()
    names.begin()
  }

  /// Containers that may be open within the item: 32 levels with the item.
  private static let deepest = 31

  /// Reads the rest of the item, or of the value of type L or M, whose node is on the tape and whose bracket lies before `offset`.
  private mutating func readOpen(_ bytes: Span<UInt8>, at offset: Int, isItem: Bool) throws(DynamoDBModelError) -> Int {
    let raw = bytes.bytes
    var at = offset
    var open = 0
    var inMap = nodes[0].type == .map
    var depth = isItem ? 0 : 1
    var isBehindValue = isClosing(raw, &at, inMap: inMap)
    while true {
      if !isBehindValue {
        // At a member of a map or an element of a list.
        var node = inMap ? try readName(bytes, &at, of: open) : Node(name: at..<at, nameEscaped: false, valueStart: at)
        if try !readValue(bytes, &at, &node) {
          // A list or map, just opened: until it closes, `next` holds what it lies in.
          guard depth < Self.deepest else { throw DynamoDBModelError(.tooDeep, at: Int(node.valueStart)) }
          depth &+= 1
          node.next = UInt32(truncatingIfNeeded: open)
          open = nodes.count
          inMap = node.type == .map
          nodes.append(node)
          if !isClosing(raw, &at, inMap: inMap) { continue }
        }
      }
      isBehindValue = false
      // Behind a value: the next one, or the end of the list or map.
      var byte = raw.byte(at: at)
      while byte != UInt8(ascii: ",") {
        guard byte == (inMap ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          let next = JSONText.skipBlanks(raw, from: at)
          guard next > at else { throw JSONText.unexpected(raw, at: at) }
          at = next
          byte = raw.byte(at: at)
          continue
        }
        let parent = Int(nodes[open].next)
        nodes[open].contentEnd = UInt32(truncatingIfNeeded: at)
        nodes[open].next = UInt32(truncatingIfNeeded: nodes.count)
        at &+= 1
        if open != 0 || !isItem { try Self.closeValue(raw, &at) }
        nodes[open].valueEnd = UInt32(truncatingIfNeeded: at)
        if open == 0 { return at }
        open = parent
        inMap = nodes[open].type == .map
        depth &-= 1
        byte = raw.byte(at: at)
      }
      at &+= 1
    }
  }

  /// True if nothing but blanks stands before the closing bracket; `at` is then on it.
  @inline(__always)
  private func isClosing(_ raw: RawSpan, _ at: inout Int, inMap: Bool) -> Bool {
    let end = JSONText.skipBlanks(raw, from: at)
    guard raw.byte(at: end) == (inMap ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
    at = end
    return true
  }

  /// Reads a name and the colon behind it, and sees to it that the map at `parent` has no other of the same name.
  @inline(__always)
  private mutating func readName(_ bytes: Span<UInt8>, _ at: inout Int, of parent: Int) throws(DynamoDBModelError) -> Node {
    let raw = bytes.bytes
    if raw.byte(at: at) != UInt8(ascii: "\"") {
      at = JSONText.skipBlanks(raw, from: at)
      guard raw.byte(at: at) == UInt8(ascii: "\"") else { throw JSONText.unexpected(raw, at: at) }
    }
    var escaped = false
    let start = at &+ 1
    let end = try JSONText.end(raw, from: start, escaped: &escaped)
    guard end > start else { throw DynamoDBModelError(.emptyName, at: at) }
    at = end &+ 1
    if raw.byte(at: at) != UInt8(ascii: ":") {
      at = JSONText.skipBlanks(raw, from: at)
      guard raw.byte(at: at) == UInt8(ascii: ":") else { throw JSONText.unexpected(raw, at: at) }
    }
    at &+= 1
    let node = Node(name: start..<end, nameEscaped: escaped, valueStart: at)
    try enterName(bytes, node, scope: parent)
    return node
  }

  /// Reads a value from its brace on.
  ///
  /// - Returns: true if it is complete and its node on the tape; false if it is a list or map whose bracket was just passed.
  @inline(__always)
  private mutating func readValue(_ bytes: Span<UInt8>, _ at: inout Int, _ node: inout Node) throws(DynamoDBModelError) -> Bool {
    let raw = bytes.bytes
    // {"T": in one word, T any letter.
    let word = raw.word(at: at)
    var letter = UInt8(truncatingIfNeeded: word &>> 16)
    if word & 0xFF_FF00_FFFF == 0x3A_2200_227B && raw.byte(at: at &+ 5) > 0x20 {
      at &+= 5
    } else {
      letter = try readTypeKey(bytes, &at, &node)
    }
    switch letter {
    case UInt8(ascii: "S"):
      node.type = .string
      try Self.readText(raw, &at, &node)
    case UInt8(ascii: "N"):
      node.type = .number
      try Self.readText(raw, &at, &node)
      try judgeNumber(bytes, node)
    case UInt8(ascii: "M"), UInt8(ascii: "L"):
      node.type = letter == UInt8(ascii: "M") ? .map : .list
      guard raw.byte(at: at) == (node.type == .map ? UInt8(ascii: "{") : UInt8(ascii: "[")) else { throw Self.wrongType(raw, at: at) }
      at &+= 1
      node.contentStart = UInt32(truncatingIfNeeded: at)
      return false
    case UInt8(ascii: "B"):
      node.type = .binary
      try Self.readText(raw, &at, &node)
      try judgeBinary(bytes, node)
    default:
      try readRareValue(bytes, &at, &node)
      return true
    }
    try Self.closeValue(raw, &at)
    node.valueEnd = UInt32(truncatingIfNeeded: at)
    node.next = UInt32(truncatingIfNeeded: nodes.count &+ 1)
    nodes.append(node)
    return true
  }

  /// Reads the string that a value of type S, N or B holds.
  @inline(__always)
  internal static func readText(_ raw: RawSpan, _ at: inout Int, _ node: inout Node) throws(DynamoDBModelError) {
    guard raw.byte(at: at) == UInt8(ascii: "\"") else { throw wrongType(raw, at: at) }
    var escaped = false
    let start = at &+ 1
    let end = try JSONText.end(raw, from: start, escaped: &escaped)
    if escaped { node.flags |= Node.contentIsEscaped }
    node.contentStart = UInt32(truncatingIfNeeded: start)
    node.contentEnd = UInt32(truncatingIfNeeded: end)
    at = end &+ 1
  }

  /// Passes the brace that closes a value.
  @inline(__always)
  internal static func closeValue(_ raw: RawSpan, _ at: inout Int) throws(DynamoDBModelError) {
    if raw.byte(at: at) != UInt8(ascii: "}") { at = try roughClose(raw, at) }
    at &+= 1
  }

  @inline(never)
  private static func roughClose(_ raw: RawSpan, _ at: Int) throws(DynamoDBModelError) -> Int {
    let close = JSONText.skipBlanks(raw, from: at)
    if raw.byte(at: close) == UInt8(ascii: ",") { throw DynamoDBModelError(.notOneType, at: close) }
    guard raw.byte(at: close) == UInt8(ascii: "}") else { throw JSONText.unexpected(raw, at: close) }
    return close
  }

  @inline(never)
  internal static func wrongType(_ raw: RawSpan, at offset: Int) -> DynamoDBModelError {
    offset < raw.byteCount ? DynamoDBModelError(.wrongJSONType, at: offset) : JSONText.unexpected(raw, at: offset)
  }
}
