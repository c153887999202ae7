internal import HTTPTransport

extension ItemTape {
  /// Judges a number's text where it lies. Up to sixteen digits without sign and point go at once.
  @inline(__always)
  internal mutating func judgeNumber(_ bytes: Span<UInt8>, _ node: Node) throws(DynamoDBModelError) {
    let raw = bytes.bytes
    let start = Int(node.contentStart)
    let count = Int(node.contentEnd) &- start
    if count > 0 && count <= 8 && start <= raw.byteCount &- 8 {
      // Moved up, so that the text's last digit is the word's last byte and zeros stand before the first.
      let shift = UInt64(64 &- count &* 8)
      let word = raw.word(at: start) &<< shift | 0x3030_3030_3030_3030 & (1 &<< shift &- 1)
      let isDigits = word & 0xF0F0_F0F0_F0F0_F0F0 == 0x3030_3030_3030_3030
      if isDigits && (word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0 == 0x3030_3030_3030_3030 { return }
    }
    try judgeAnyNumber(bytes, node)
  }

  @inline(never)
  private mutating func judgeAnyNumber(_ bytes: Span<UInt8>, _ node: Node) throws(DynamoDBModelError) {
    if Self.isShortPlainNumber(bytes, node.contentRange) { return }
    let offset = Int(node.contentStart)
    if node.contentEscaped {
      scratch.removeAll()
      JSONText.appendUnescaped(bytes, node.contentRange, to: &scratch)
      do {
        _ = try Decimal38(scratch.span)
      } catch {
        throw DynamoDBModelError(error.code, at: offset)
      }
    } else {
      do {
        _ = try Decimal38(bytes.extracting(node.contentRange))
      } catch {
        throw DynamoDBModelError(error.code, at: offset + (error.offset ?? 0))
      }
    }
  }

  /// True for sign, digits and point, at most 38 bytes: whatever such a text says is in range.
  private static func isShortPlainNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count <= 38 else { return false }
    var points = 0
    var digits = 0
    for index in range {
      let byte = bytes[index]
      if byte &- UInt8(ascii: "0") < 10 {
        digits &+= 1
      } else if byte == UInt8(ascii: ".") {
        points &+= 1
      } else if byte != UInt8(ascii: "-") || index > range.lowerBound {
        return false
      }
    }
    return digits > 0 && points < 2
  }

  /// Judges a binary's text.
  @inline(never)
  internal mutating func judgeBinary(_ bytes: Span<UInt8>, _ node: Node) throws(DynamoDBModelError) {
    guard node.contentEscaped else {
      if let fault = Base64.fault(bytes, node.contentRange) { throw DynamoDBModelError(.invalidBase64, at: fault) }
      return
    }
    scratch.removeAll()
    JSONText.appendUnescaped(bytes, node.contentRange, to: &scratch)
    if Base64.fault(scratch.span, 0..<scratch.count) != nil { throw DynamoDBModelError(.invalidBase64, at: Int(node.contentStart)) }
  }

  /// Notes a name in its map, about to go on the tape, and refuses it if the map has it already.
  @inline(__always)
  internal mutating func enterName(_ bytes: Span<UInt8>, _ node: Node, scope: Int) throws(DynamoDBModelError) {
    let scope = UInt32(truncatingIfNeeded: scope)
    let hash = node.nameEscaped ? hashEscaped(bytes, node.nameRange) : Self.hash(bytes.bytes, node.nameRange)
    var slot = names.slot(hash, scope)
    while let other = names.candidate(&slot, hash, scope) {
      if isSameName(bytes, nodes[Int(other)], node) { throw DynamoDBModelError(.duplicateName, at: Int(node.nameStart) &- 1) }
      slot = names.next(slot)
    }
    names.insert(at: slot, hash, scope, node: UInt32(truncatingIfNeeded: nodes.count))
  }

  /// Notes a member in its set, about to go on the tape, and refuses it if the set has it already.
  internal mutating func enterMember(_ bytes: Span<UInt8>, _ node: Node, scope: Int) throws(DynamoDBModelError) {
    let scope = UInt32(truncatingIfNeeded: scope)
    scratch.removeAll()
    Self.appendContent(of: node, bytes, to: &scratch)
    if node.type == .number {
      let decimal = try Decimal38(scratch.span)
      scratch.removeAll()
      decimal.append(to: &scratch)
    }
    let hash = Self.hash(scratch.span.bytes, 0..<scratch.count)
    var slot = names.slot(hash, scope)
    while let other = names.candidate(&slot, hash, scope) {
      var content = ByteBuffer()
      Self.appendContent(of: nodes[Int(other)], bytes, to: &content)
      let isSame: Bool
      if node.type == .number {
        isSame = try Decimal38(content.span) == Decimal38(scratch.span)
      } else {
        isSame = UTF8Text.equal(content.span, scratch.span)
      }
      if isSame { throw DynamoDBModelError(.duplicateMember, at: Int(node.valueStart)) }
      slot = names.next(slot)
    }
    names.insert(at: slot, hash, scope, node: UInt32(truncatingIfNeeded: nodes.count))
  }

  @inline(never)
  private func isSameName(_ bytes: Span<UInt8>, _ left: Node, _ right: Node) -> Bool {
    if !left.nameEscaped && !right.nameEscaped {
      return UTF8Text.equal(bytes.extracting(left.nameRange), bytes.extracting(right.nameRange))
    }
    var leftName = ByteBuffer()
    var rightName = ByteBuffer()
    Self.append(left.nameRange, escaped: left.nameEscaped, bytes, to: &leftName)
    Self.append(right.nameRange, escaped: right.nameEscaped, bytes, to: &rightName)
    return UTF8Text.equal(leftName.span, rightName.span)
  }

  @inline(never)
  private mutating func hashEscaped(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
    scratch.removeAll()
    JSONText.appendUnescaped(bytes, range, to: &scratch)
    return Self.hash(scratch.span.bytes, 0..<scratch.count)
  }

  /// Eight bytes at a time, multiplied and folded.
  @inline(__always)
  private static func hash(_ raw: RawSpan, _ range: Range<Int>) -> UInt32 {
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var hash = UInt64(truncatingIfNeeded: range.count)
    var index = range.lowerBound
    while index <= range.upperBound &- 8 {
      hash = (hash ^ raw.word(at: index)) &* factor
      hash ^= hash &>> 32
      index &+= 8
    }
    let rest = UInt64(truncatingIfNeeded: range.upperBound &- index)
    // The bytes behind the text don't count.
    let word = raw.word(at: index) & (1 &<< (rest &* 8) &- 1)
    hash = (hash ^ word) &* factor
    return UInt32(truncatingIfNeeded: hash &>> 32)
  }
}
