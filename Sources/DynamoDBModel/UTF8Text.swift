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
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
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
