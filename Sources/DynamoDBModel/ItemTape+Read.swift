internal import HTTPTransport

extension ItemTape {
  /// Reads the item, `{"name":{"S":"x"},…}`, that begins at `offset` (blanks before it allowed), and judges it by the service's rules.
  ///
  /// - Returns: the offset behind the item.
  /// - Throws: with the offset in `bytes`, which rule was broken; the tape is empty then.
  package mutating func read(_ bytes: Span<UInt8>, at offset: Int = 0) throws(DynamoDBModelError) -> Int {
    begin(bytes, at: offset)
    do throws(DynamoDBModelError) {
      let window = ByteWindow(bytes)
      let start = JSONText.skipBlanks(window, from: offset)
      guard window.byte(at: start) == UInt8(ascii: "{") else { throw JSONText.unexpected(window, at: start) }
      var opening = Opening(name: start..<start, value: start)
      opening.content = start &+ 1
      opening.type = .map
      opening.lead = LeadTable.root
      try open(opening, at: start)
      return try readOpen(bytes, isItem: true)
    } catch {
      nodes.removeAll()
      throw error
    }
  }

  /// Reads the value, `{"S":"x"}`, that begins at `offset` (blanks before it allowed), as `read` does an item; it becomes node 0.
  package mutating func readValue(_ bytes: Span<UInt8>, at offset: Int = 0) throws(DynamoDBModelError) -> Int {
    begin(bytes, at: offset)
    do throws(DynamoDBModelError) {
      let frame = Frame(node: 0, lead: LeadTable.none, scope: 0, isMap: false)
      let opening = try readOpening(bytes, from: offset, in: frame, behind: LeadTable.none)
      if opening.type == .map || opening.type == .list {
        // The item that it belongs to would be the outermost level.
        frames.append(frame)
        try open(opening, at: opening.value)
        return try readOpen(bytes, isItem: false)
      }
      return try readScalar(bytes, opening)
    } catch {
      nodes.removeAll()
      throw error
    }
  }

  private mutating func begin(_ bytes: Span<UInt8>, at offset: Int) {
    precondition(bytes.count <= Int(UInt32.max) && offset >= 0)
    nodes.removeAll()
    frames.removeAll()
    leads.begin()
  }

  /// Lists and maps that may be open at once within an item, which is a level itself: 32 in all.
  private static let deepest = 31

  /// Puts a list or map on the tape whose bracket was just passed.
  @inline(__always)
  private mutating func open(_ opening: Opening, at offset: Int) throws(DynamoDBModelError) {
    guard frames.count <= Self.deepest else { throw DynamoDBModelError(.tooDeep, at: offset) }
    frames.append(Frame(node: nodes.count, lead: opening.lead, scope: leads.openScope(), isMap: opening.type == .map))
    nodes.append(Node(opening))
  }

  /// Reads the rest of the item, or of the value of type L or M, that was just opened.
  private mutating func readOpen(_ bytes: Span<UInt8>, isItem: Bool) throws(DynamoDBModelError) -> Int {
    let window = ByteWindow(bytes)
    var at = Int(nodes[0].contentStart)
    let outside = isItem ? 0 : 1
    var frame = frames[outside]
    // The lead before the place that was reached, and the one that may be expected there.
    var previous = LeadTable.none
    var guess = leads[frame.lead].first
    var isClosing = false
    if let end = Self.end(window, at, frame) {
      at = end
      isClosing = true
    }
    while true {
      if !isClosing {
        let opening: Opening
        if leads[guess].stands(window, at: at) {
          opening = leads.opening(guess, at: at)
        } else {
          opening = try readOpening(bytes, from: at, in: frame, behind: previous)
        }
        if frame.isMap {
          // A lead belongs to one path: twice under one map, it is the same name twice.
          guard leads[opening.lead].scope != frame.scope else {
            throw DynamoDBModelError(.duplicateName, at: Int(opening.nameStart) &- 1)
          }
          leads[opening.lead].scope = frame.scope
        }
        at = opening.content
        if opening.type == .string || opening.type == .number {
          let end = try JSONText.end(window, from: at)
          if opening.type == .number { try Self.judgeNumber(bytes, window, at..<end.offset, escaped: end.isEscaped) }
          at = try Self.close(window, end.offset &+ 1)
          let node = Node(opening, valueEnd: at, contentEnd: end.offset, contentEscaped: end.isEscaped, next: nodes.count &+ 1)
          nodes.append(node)
        } else if opening.type == .map || opening.type == .list {
          try open(opening, at: opening.value)
          frame = frames[frames.count &- 1]
          previous = LeadTable.none
          guess = leads[opening.lead].first
          if let end = Self.end(window, at, frame) {
            at = end
            isClosing = true
          }
          continue
        } else {
          at = try readScalar(bytes, opening)
        }
        previous = opening.lead
        guess = leads[previous].next
      }
      isClosing = false
      let byte = window.byte(at: at)
      if byte == UInt8(ascii: ",") {
        at &+= 1
      } else if byte == (frame.isMap ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
        let node = frame.node
        nodes[node].contentEnd = UInt32(truncatingIfNeeded: at)
        nodes[node].next = UInt32(truncatingIfNeeded: nodes.count)
        at &+= 1
        if node != 0 || !isItem { at = try Self.close(window, at) }
        nodes[node].valueEnd = UInt32(truncatingIfNeeded: at)
        previous = frame.lead
        guess = leads[previous].next
        frames.removeLast()
        guard frames.count > outside else { return at }
        frame = frames[frames.count &- 1]
        // Nothing to open at the closing bracket: on to the comma or bracket behind it.
        isClosing = true
      } else {
        let next = JSONText.skipBlanks(window, from: at)
        guard next > at else { throw JSONText.unexpected(window, at: at) }
        at = next
        isClosing = true
      }
    }
  }

  /// The closing bracket's offset if nothing but blanks stands before it.
  @inline(__always)
  private static func end(_ window: ByteWindow, _ at: Int, _ frame: Frame) -> Int? {
    let end = JSONText.skipBlanks(window, from: at)
    return window.byte(at: end) == (frame.isMap ? UInt8(ascii: "}") : UInt8(ascii: "]")) ? end : nil
  }

  /// The offset behind the brace that closes a value.
  @inline(__always)
  internal static func close(_ window: ByteWindow, _ at: Int) throws(DynamoDBModelError) -> Int {
    if window.byte(at: at) == UInt8(ascii: "}") { return at &+ 1 }
    return try roughClose(window, at) &+ 1
  }

  @inline(never)
  private static func roughClose(_ window: ByteWindow, _ at: Int) throws(DynamoDBModelError) -> Int {
    let close = JSONText.skipBlanks(window, from: at)
    if window.byte(at: close) == UInt8(ascii: ",") { throw DynamoDBModelError(.notOneType, at: close) }
    guard window.byte(at: close) == UInt8(ascii: "}") else { throw JSONText.unexpected(window, at: close) }
    return close
  }
}
