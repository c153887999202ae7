/// DynamoDB compares text byte by byte, Swift by canonical equivalence (a composed é equals a decomposed one): everything in the kit that
/// compares names or strings of items goes through here.
package enum UTF8Text {
  /// True if both have the same bytes.
  package static func equal(_ left: String, _ right: String) -> Bool {
    // Most names that are compared differ in length, which a string tells without showing its bytes.
    guard left.utf8.count == right.utf8.count else { return false }
    return equal(left.utf8.span, right.utf8.span)
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

  /// Less than, equal to or more than zero as the bytes of `text` come before, with or after those of `prefix` and `rest` together.
  package static func compare(_ text: String, prefix: String, _ rest: String) -> Int {
    let (text, prefix, rest) = (text.utf8.span, prefix.utf8.span, rest.utf8.span)
    let shared = min(text.count, prefix.count)
    if let order = differing(text.extracting(first: shared), prefix.extracting(first: shared)) { return order }
    guard text.count >= prefix.count else { return -1 }
    let tail = text.extracting(droppingFirst: prefix.count)
    let count = min(tail.count, rest.count)
    return differing(tail.extracting(first: count), rest.extracting(first: count)) ?? (tail.count - rest.count).signum()
  }

  /// How runs of one length differ; nil if they don't.
  private static func differing(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int? {
    for index in 0..<left.count where left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
    return nil
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
