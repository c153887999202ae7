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
      let begin = UInt32(start)
      let item = Opening(starts: SIMD4(begin, begin, begin, begin + 1), lead: LeadTable.root, type: .map, flags: 0)
      return try readRoot(bytes, item, isItem: true)
    } catch {
      nodes.removeAll()
      throw error
    }
  }

  /// Reads the value, `{"S":"x"}`, that begins at `offset` (blanks before it allowed), as `read` does an item; it becomes node 0.
  package mutating func readValue(_ bytes: Span<UInt8>, at offset: Int = 0) throws(DynamoDBModelError) -> Int {
    begin(bytes, at: offset)
    do throws(DynamoDBModelError) {
      let frame = Frame(node: 0, lead: LeadTable.none, scope: 0, closer: UInt8(ascii: "]"))
      let opening = try readOpening(bytes, from: offset, in: frame, behind: LeadTable.none)
      guard opening.type == .map || opening.type == .list else { return try readScalar(bytes, opening) }
      // The item that it belongs to would be the outermost level.
      frames.append(frame)
      return try readRoot(bytes, opening, isItem: false)
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
  ///
  /// - Returns: nil if it is to be read now; the offset behind it if it is empty.
  @inline(__always)
  private mutating func open(
    _ opening: Opening, _ window: ByteWindow, at content: Int, isItem: Bool
  ) throws(DynamoDBModelError) -> Int? {
    guard frames.count <= Self.deepest else { throw DynamoDBModelError(.tooDeep, at: opening.value) }
    let closer = opening.type == .map ? UInt8(ascii: "}") : UInt8(ascii: "]")
    let node = nodes.count
    nodes.append(Node(opening))
    let first = JSONText.skipBlanks(window, from: content)
    if window.byte(at: first) == closer { return try close(node, window, at: first, isItem: isItem) }
    frames.append(Frame(node: node, lead: opening.lead, scope: leads.openScope(), closer: closer))
    return nil
  }

  /// Completes the node of a list or map whose closing bracket is at `offset`.
  ///
  /// - Returns: the offset behind its value.
  @inline(__always)
  private mutating func close(_ node: Int, _ window: ByteWindow, at offset: Int, isItem: Bool) throws(DynamoDBModelError) -> Int {
    let end = isItem ? offset &+ 1 : try Self.close(window, offset &+ 1)
    nodes[node].contentEnd = UInt32(truncatingIfNeeded: offset)
    nodes[node].valueEnd = UInt32(truncatingIfNeeded: end)
    nodes[node].next = UInt32(truncatingIfNeeded: nodes.count)
    return end
  }

  /// Reads the item, or a value of type L or M, whose bracket was just passed.
  private mutating func readRoot(_ bytes: Span<UInt8>, _ root: Opening, isItem: Bool) throws(DynamoDBModelError) -> Int {
    let window = ByteWindow(bytes)
    let outside = frames.count
    if let end = try open(root, window, at: root.content, isItem: isItem) { return end }
    var frame = frames[outside]
    var at = root.content
    // The lead before the place that was reached, and the one that may be expected there.
    var previous = LeadTable.none
    var guess = leads[frame.lead].first
    members: while true {
      let opening: Opening
      if leads[guess].stands(window, at: at) {
        opening = leads.opening(guess, at: at)
        // The same as `opening.content`, but not by way of a vector: everything that follows waits for it.
        at &+= Int(leads[guess].length)
      } else {
        opening = try readOpening(bytes, from: at, in: frame, behind: previous)
        at = opening.content
      }
      if frame.isMap && !leads.enter(opening.lead, frame.scope) {
        throw DynamoDBModelError(.duplicateName, at: opening.name.lowerBound &- 1)
      }
      if opening.type == .string || opening.type == .number {
        let end = JSONText.plainEnd(window, from: at)
        let tail = window.word(at: end)
        if tail & 0xFFFF == 0x7D22 {  // "}
          if opening.type == .number { try Self.judgeNumber(bytes, window, Range(uncheckedBounds: (at, end)), escaped: false) }
          at = end &+ 2
          nodes.append(Node(opening, contentEnd: end, valueEnd: at, next: nodes.count &+ 1))
        } else {
          at = try readScalar(bytes, opening)
        }
      } else if opening.type == .map || opening.type == .list {
        guard let end = try open(opening, window, at: at, isItem: false) else {
          frame = frames[frames.count &- 1]
          previous = LeadTable.none
          guess = leads[opening.lead].first
          continue members
        }
        at = end
      } else {
        at = try readScalar(bytes, opening)
      }
      previous = opening.lead
      while true {
        let byte = window.byte(at: at)
        if byte == UInt8(ascii: ",") {
          at &+= 1
          guess = leads[previous].next
          continue members
        }
        guard byte == frame.closer else {
          let next = JSONText.skipBlanks(window, from: at)
          guard next > at else { throw JSONText.unexpected(window, at: at) }
          at = next
          continue
        }
        at = try close(frame.node, window, at: at, isItem: isItem && frame.node == 0)
        previous = frame.lead
        frames.removeLast()
        guard frames.count > outside else { return at }
        frame = frames[frames.count &- 1]
      }
    }
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
