internal import HTTPTransport

/// Any JSON value, numbers with their text kept and objects in order; for answers and files that aren't items.
package indirect enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A member of an object.
  package struct Member: Sendable, Hashable {
    package let name: String
    package let value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// Levels of arrays and objects that are read. An item of 32 levels takes two each.
  package static let deepest = 128

  /// Reads a whole text.
  ///
  /// - Throws: with the offset, what is wrong: not JSON, not UTF-8, over 128 levels deep, or something behind the value.
  package init(parsing bytes: Span<UInt8>) throws(DynamoDBModelError) {
    var parser = Parser(offset: 0)
    self = try parser.value(bytes, depth: 0)
    let end = JSONText.skipBlanks(ByteWindow(bytes), from: parser.offset)
    guard end == bytes.count else { throw DynamoDBModelError(.trailingBytes, at: end) }
  }

  /// Where the value ends that begins at `offset`, judged without building it.
  package static func end(_ bytes: Span<UInt8>, at offset: Int) throws(DynamoDBModelError) -> Int {
    var parser = Parser(offset: offset)
    try parser.skip(bytes, depth: 0)
    return parser.offset
  }

  /// The member `name` of an object (the last, should there be several); nil for anything else.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { UTF8Text.equal($0.name, name) }?.value
  }

  /// The element at `index` of an array; nil beyond its end and for anything else.
  package subscript(index: Int) -> JSONValue? {
    guard case .array(let values) = self, values.indices.contains(index) else { return nil }
    return values[index]
  }

  /// The text of a string.
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The truth value.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// A whole number that fits; nil for any other number and type.
  package var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  /// A number of things, from zero to 2^53: what a file says is added up later, and a sum must not overflow.
  package var count: Int? { integer.flatMap { (0...1 << 53).contains($0) ? $0 : nil } }
  /// Capacity units, from zero to 2^40: they are added up too, as whole thousandths.
  package var units: Double? { double.flatMap { $0 >= 0 && $0 <= Self.mostUnits ? $0 : nil } }
  /// More than any request, or all those of a run, will ever take.
  package static let mostUnits = 0x1p40
  /// A number, rounded to the nearest double.
  package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  /// The elements of an array.
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  /// The members of an object, in order.
  package var object: [Member]? { if case .object(let members) = self { members } else { nil } }
}

extension JSONValue {
  private struct Parser {
    var offset: Int

    mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(DynamoDBModelError) -> JSONValue {
      let raw = ByteWindow(bytes)
      offset = JSONText.skipBlanks(raw, from: offset)
      switch raw.byte(at: offset) {
      case UInt8(ascii: "\""): return .string(try text(bytes))
      case UInt8(ascii: "{"):
        try enter(depth)
        var members: [Member] = []
        while try begin(raw, close: UInt8(ascii: "}"), isFirst: members.isEmpty) {
          let name = try name(bytes)
          members.append(Member(name, try value(bytes, depth: depth + 1)))
        }
        return .object(members)
      case UInt8(ascii: "["):
        try enter(depth)
        var values: [JSONValue] = []
        while try begin(raw, close: UInt8(ascii: "]"), isFirst: values.isEmpty) { values.append(try value(bytes, depth: depth + 1)) }
        return .array(values)
      case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
        let start = offset
        try skipWord(raw)
        return offset - start == 5 ? .bool(false) : raw.byte(at: start) == UInt8(ascii: "t") ? .bool(true) : .null
      default:
        let start = offset
        try skipNumber(raw)
        return .number(String(copying: bytes.extracting(start..<offset)))
      }
    }

    mutating func skip(_ bytes: Span<UInt8>, depth: Int) throws(DynamoDBModelError) {
      let raw = ByteWindow(bytes)
      offset = JSONText.skipBlanks(raw, from: offset)
      let first = raw.byte(at: offset)
      switch first {
      case UInt8(ascii: "\""): _ = try content(raw)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        try enter(depth)
        var isFirst = true
        while try begin(raw, close: first + 2, isFirst: isFirst) {
          isFirst = false
          if first == UInt8(ascii: "{") {
            _ = try content(raw)
            try colon(raw)
          }
          try skip(bytes, depth: depth + 1)
        }
      case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): try skipWord(raw)
      default: try skipNumber(raw)
      }
    }

    private mutating func enter(_ depth: Int) throws(DynamoDBModelError) {
      guard depth < JSONValue.deepest else { throw DynamoDBModelError(.tooDeep, at: offset) }
      offset += 1
    }

    /// Goes to the next element or member, or behind the closing bracket.
    private mutating func begin(_ raw: ByteWindow, close: UInt8, isFirst: Bool) throws(DynamoDBModelError) -> Bool {
      offset = JSONText.skipBlanks(raw, from: offset)
      if raw.byte(at: offset) == close {
        offset += 1
        return false
      }
      if !isFirst {
        guard raw.byte(at: offset) == UInt8(ascii: ",") else { throw JSONText.unexpected(raw, at: offset) }
        offset = JSONText.skipBlanks(raw, from: offset + 1)
      }
      return true
    }

    private mutating func name(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> String {
      let name = try text(bytes)
      try colon(ByteWindow(bytes))
      return name
    }

    private mutating func colon(_ raw: ByteWindow) throws(DynamoDBModelError) {
      offset = JSONText.skipBlanks(raw, from: offset)
      guard raw.byte(at: offset) == UInt8(ascii: ":") else { throw JSONText.unexpected(raw, at: offset) }
      offset += 1
    }

    private mutating func content(_ raw: ByteWindow) throws(DynamoDBModelError) -> (range: Range<Int>, escaped: Bool) {
      guard raw.byte(at: offset) == UInt8(ascii: "\"") else { throw JSONText.unexpected(raw, at: offset) }
      let start = offset + 1
      let end = try JSONText.end(raw, from: start)
      offset = end.offset + 1
      return (start..<end.offset, end.isEscaped)
    }

    private mutating func text(_ bytes: Span<UInt8>) throws(DynamoDBModelError) -> String {
      let (range, escaped) = try content(ByteWindow(bytes))
      guard escaped else { return String(copying: bytes.extracting(range)) }
      var scratch = ByteBuffer(capacity: range.count)
      JSONText.appendUnescaped(bytes, range, to: &scratch)
      return String(copying: scratch.span)
    }

    private mutating func skipWord(_ raw: ByteWindow) throws(DynamoDBModelError) {
      let word = raw.word(at: offset)
      if word & 0xFFFF_FFFF == 0x6575_7274 || word & 0xFFFF_FFFF == 0x6C6C_756E {  // true, null
        offset += 4
      } else if word & 0xFF_FFFF_FFFF == 0x65_736C_6166 {  // false
        offset += 5
      } else {
        throw JSONText.unexpected(raw, at: offset)
      }
    }

    private mutating func skipNumber(_ raw: ByteWindow) throws(DynamoDBModelError) {
      if raw.byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
      if raw.byte(at: offset) == UInt8(ascii: "0") { offset += 1 } else { try skipDigits(raw) }
      if raw.byte(at: offset) == UInt8(ascii: ".") {
        offset += 1
        try skipDigits(raw)
      }
      if raw.byte(at: offset) | 0x20 == UInt8(ascii: "e") {
        offset += 1
        if raw.byte(at: offset) == UInt8(ascii: "+") || raw.byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
        try skipDigits(raw)
      }
    }

    private mutating func skipDigits(_ raw: ByteWindow) throws(DynamoDBModelError) {
      let start = offset
      while raw.byte(at: offset) >= UInt8(ascii: "0") && raw.byte(at: offset) <= UInt8(ascii: "9") { offset += 1 }
      guard offset > start else { throw JSONText.unexpected(raw, at: offset) }
    }
  }
}
