/// DynamoDB compares text byte by byte, Swift by canonical equivalence (a composed é equals a decomposed one): everything in the kit that
/// compares names or strings of items goes through here.
package enum UTF8Text {
  /// True if both have the same bytes.
  package static func equal(_ left: String, _ right: String) -> Bool {
    let (left, right) = (left.utf8.span, right.utf8.span)
    return left.count == right.count && equal(left, right)
  }

  /// True if the bytes of `left` come before those of `right`.
  package static func less(_ left: String, _ right: String) -> Bool { less(left.utf8.span, right.utf8.span) }

  /// True if both have the same bytes.
  package static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    let count = left.count
    guard right.count == count else { return false }
    let (left, right) = (ByteWindow(left), ByteWindow(right))
    guard count >= 8 else {
      for index in 0..<count where left.byte(at: index) != right.byte(at: index) { return false }
      return true
    }
    var index = 0
    while index < count &- 8 {
      if left.word(at: index) != right.word(at: index) { return false }
      index &+= 8
    }
    return left.word(at: count &- 8) == right.word(at: count &- 8)
  }

  /// True if `left` comes before `right`, byte by byte.
  package static func less(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    let count = min(left.count, right.count)
    for index in 0..<count where left[index] != right[index] { return left[index] < right[index] }
    return left.count < right.count
  }

  /// Feeds the bytes to `hasher`.
  package static func hash(_ text: String, into hasher: inout Hasher) {
    let span = text.utf8.span
    hasher.combine(span.count)
    span.withUnsafeBufferPointer { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// A copy of bytes that were found to be UTF-8 before; anything else becomes U+FFFD.
  package init(copying utf8: Span<UInt8>) {
    self = utf8.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension [UInt8] {
  /// A copy of the bytes.
  package init(copying bytes: Span<UInt8>) {
    self = bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
