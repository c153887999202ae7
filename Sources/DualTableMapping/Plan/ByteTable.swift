import DynamoDBModel
import HTTPTransport

/// A range of a byte table.
struct ByteRange: BitwiseCopyable {
  var start: Int32
  var end: Int32

  static let none = ByteRange(start: -1, end: -1)
  var isNone: Bool { start < 0 }
  var range: Range<Int> { Int(start)..<Int(end) }
}

/// Texts one behind the other: an array for each would cost a retain and a release at each look.
struct ByteTable: Sendable {
  /// The texts, and behind the last one so many zeros that each is appended without a call.
  private var bytes = [UInt8](repeating: 0, count: Self.padding)
  private static let padding = 32

  mutating func add(_ text: some Collection<UInt8>) -> ByteRange {
    let start = bytes.count - Self.padding
    bytes.insert(contentsOf: text, at: start)
    return ByteRange(start: Int32(start), end: Int32(start + text.count))
  }

  /// Adds a value in wire form.
  mutating func add(_ value: AttributeValue) -> ByteRange {
    var wire = ByteBuffer()
    value.encode(into: &wire)
    return add([UInt8](copying: wire.span))
  }

  @inline(__always)
  func append(_ range: ByteRange, to out: inout ByteBuffer) {
    out.append(bytes.span, from: Int(range.start), count: Int(range.end &- range.start))
  }

  func bytes(_ range: ByteRange) -> [UInt8] { Array(bytes[range.range]) }

  func value(_ range: ByteRange) -> AttributeValue? { try? AttributeValue(wire: bytes.span.extracting(range.range)) }

  /// True if `text` is the text in `range`.
  func equals(_ range: ByteRange, _ text: Span<UInt8>) -> Bool { UTF8Text.equal(bytes.span.extracting(range.range), text) }

  /// True if `text` comes before the text in `range`.
  func isLess(_ text: Span<UInt8>, _ range: ByteRange) -> Bool { UTF8Text.less(text, bytes.span.extracting(range.range)) }

  /// True if the text in `range` stands in `text` at `start`.
  func stands(_ range: ByteRange, in text: Span<UInt8>, at start: Int) -> Bool {
    let count = range.range.count
    return text.count - start >= count && equals(range, text.extracting(start..<start + count))
  }

  /// Where the text in `range` first stands in `text`, at or behind `start`; nil if it doesn't.
  func firstPlace(of range: ByteRange, in text: Span<UInt8>, from start: Int) -> Int? {
    let first = bytes[Int(range.start)]
    var place = start
    while place + range.range.count <= text.count {
      if text[place] == first && stands(range, in: text, at: place) { return place }
      place += 1
    }
    return nil
  }
}
