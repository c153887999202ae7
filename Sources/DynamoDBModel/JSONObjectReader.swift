internal import HTTPTransport

/// Walks the members of one JSON object where it lies, without building it.
///
/// `next` stands on a member's value; then `skip`, or whoever reads the value and sets `offset` behind it, takes the reader on.
package struct JSONObjectReader: Sendable {
  /// Where the reader stands: at a member's value after `next`, behind the object after `next` has returned nil.
  package var offset: Int
  private var isFirst = true
  private var nameIsEscaped = false

  /// Enters the object that begins at `offset`, blanks before it allowed.
  package init(_ bytes: Span<UInt8>, at offset: Int = 0) throws(DynamoDBModelError) {
    let raw = ByteWindow(bytes)
    let start = JSONText.skipBlanks(raw, from: offset)
    guard raw.byte(at: start) == UInt8(ascii: "{") else { throw JSONText.unexpected(raw, at: start) }
    self.offset = start + 1
  }

  /// Goes to the next member.
  ///
  /// - Returns: where its name's content lies (as written, escapes and all); nil behind the last one.
  package mutating func next(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> Range<Int>? {
    let raw = ByteWindow(bytes)
    offset = JSONText.skipBlanks(raw, from: offset)
    if raw.byte(at: offset) == UInt8(ascii: "}") {
      offset += 1
      return nil
    }
    if !isFirst {
      guard raw.byte(at: offset) == UInt8(ascii: ",") else { throw JSONText.unexpected(raw, at: offset) }
      offset = JSONText.skipBlanks(raw, from: offset + 1)
    }
    isFirst = false
    guard raw.byte(at: offset) == UInt8(ascii: "\"") else { throw JSONText.unexpected(raw, at: offset) }
    let end = try JSONText.end(raw, from: offset + 1)
    let name = offset + 1..<end.offset
    nameIsEscaped = end.isEscaped
    offset = JSONText.skipBlanks(raw, from: name.upperBound + 1)
    guard raw.byte(at: offset) == UInt8(ascii: ":") else { throw JSONText.unexpected(raw, at: offset) }
    offset = JSONText.skipBlanks(raw, from: offset + 1)
    return name
  }

  /// True if the name that `next` returned is `text`, however it is written.
  package func isNamed(_ text: StaticString, _ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard nameIsEscaped else { return bytes.equals(name, text) }
    var plain = ByteBuffer(capacity: name.count)
    JSONText.appendUnescaped(bytes, name, to: &plain)
    return plain.span.equals(0..<plain.count, text)
  }

  /// Goes behind the value, whatever it is, and judges it on the way.
  ///
  /// - Returns: where it lies.
  @discardableResult
  package mutating func skip(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> Range<Int> {
    let start = offset
    offset = try JSONValue.end(bytes, at: start)
    return start..<offset
  }

  /// Sees to it that nothing but blanks follows the object; call it behind the last member.
  package func finish(_ bytes: Span<UInt8>) throws(DynamoDBModelError) {
    let end = JSONText.skipBlanks(ByteWindow(bytes), from: offset)
    guard end == bytes.count else { throw DynamoDBModelError(.trailingBytes, at: end) }
  }
}

extension Span<UInt8> {
  /// True if the bytes in `range` are those of `text`.
  package func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    for place in 0..<range.count where unsafe self[range.lowerBound + place] != text.utf8Start[place] { return false }
    return true
  }
}
