internal import DynamoDBModel

/// Walks the members of a JSON object, or the elements of an array, and builds nothing: each is named by where it lies.
struct JSONCursor {
  private var offset: Int
  private var isFirst = true
  private let close: UInt8

  /// Stands before the first member of the object at `offset`.
  init(object bytes: Span<UInt8>, at offset: Int) throws(AnswerError) {
    try self.init(bytes, at: offset, open: UInt8(ascii: "{"), close: UInt8(ascii: "}"))
  }

  /// Stands before the first element of the array at `offset`.
  init(array bytes: Span<UInt8>, at offset: Int) throws(AnswerError) {
    try self.init(bytes, at: offset, open: UInt8(ascii: "["), close: UInt8(ascii: "]"))
  }

  private init(_ bytes: Span<UInt8>, at offset: Int, open: UInt8, close: UInt8) throws(AnswerError) {
    self.offset = offset
    self.close = close
    try take(open, bytes)
  }

  /// The next member's name (without quotes) and value; nil at the end.
  mutating func nextMember(_ bytes: Span<UInt8>) throws(AnswerError) -> (name: Range<Int>, value: Range<Int>)? {
    guard try advance(bytes) else { return nil }
    guard bytes[offset] == UInt8(ascii: "\"") else { throw AnswerError(at: offset) }
    let name = try value(bytes)
    try take(UInt8(ascii: ":"), bytes)
    skipBlanks(bytes)
    return (name.lowerBound + 1..<name.upperBound - 1, try value(bytes))
  }

  /// The next element; nil at the end.
  mutating func nextElement(_ bytes: Span<UInt8>) throws(AnswerError) -> Range<Int>? {
    guard try advance(bytes) else { return nil }
    return try value(bytes)
  }

  /// Goes to the next name or element; false at the closing bracket.
  private mutating func advance(_ bytes: Span<UInt8>) throws(AnswerError) -> Bool {
    skipBlanks(bytes)
    guard offset < bytes.count else { throw AnswerError(at: offset) }
    if bytes[offset] == close { return false }
    if !isFirst { try take(UInt8(ascii: ","), bytes) }
    isFirst = false
    skipBlanks(bytes)
    guard offset < bytes.count else { throw AnswerError(at: offset) }
    return true
  }

  private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) throws(AnswerError) {
    skipBlanks(bytes)
    guard offset < bytes.count, bytes[offset] == byte else { throw AnswerError(at: offset) }
    offset += 1
  }

  private mutating func value(_ bytes: Span<UInt8>) throws(AnswerError) -> Range<Int> {
    let start = offset
    do {
      offset = try JSONValue.end(bytes, at: start)
    } catch {
      throw AnswerError(error, from: 0)
    }
    return start..<offset
  }

  private mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x0A, 0x0D, 0x09: offset += 1
      default: return
      }
    }
  }
}

/// True if `range` of `bytes` spells `text`.
func spells(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
  guard range.count == text.utf8CodeUnitCount else { return false }
  for index in 0..<range.count where unsafe bytes[range.lowerBound + index] != text.utf8Start[index] { return false }
  return true
}
