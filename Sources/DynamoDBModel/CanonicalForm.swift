package import HTTPTransport

// The canonical form of a value: equal values have equal bytes, different values different ones. It serves comparing and digests, lives in
// memory only, and is no format to keep. A type byte, then: for text, numbers (canonical text) and binaries a length and the bytes; for
// BOOL a byte; for lists, maps and sets a count and the elements, maps by name and sets by member in byte order. Lengths and counts are
// four bytes, low byte first.

extension AttributeMap {
  /// Appends the item's canonical form: that of a map.
  package func appendCanonical(to out: inout ByteBuffer) {
    out.append(AttributeType.map.rawValue)
    out.appendCanonical(length: count)
    for (name, value) in sorted(by: { UTF8Text.less($0.name, $1.name) }) {
      out.appendCanonical(name.utf8.span)
      value.appendCanonical(to: &out)
    }
  }
}

extension AttributeValue {
  /// Appends the value's canonical form.
  package func appendCanonical(to out: inout ByteBuffer) {
    if case .map(let map) = self { return map.appendCanonical(to: &out) }
    out.append(type.rawValue)
    switch self {
    case .string(let text): out.appendCanonical(text.utf8.span)
    case .number(let number): out.appendCanonical(number)
    case .binary(let bytes): out.appendCanonical(bytes.span)
    case .bool(let value): out.append(value ? 1 : 0)
    case .null, .map: break
    case .list(let values):
      out.appendCanonical(length: values.count)
      for value in values { value.appendCanonical(to: &out) }
    case .stringSet(let texts):
      out.appendCanonical(length: texts.count)
      for text in texts.sorted(by: UTF8Text.less) { out.appendCanonical(text.utf8.span) }
    case .numberSet(let numbers):
      out.appendCanonical(length: numbers.count)
      for text in numbers.map(\.canonicalText).sorted(by: UTF8Text.less) { out.appendCanonical(text.utf8.span) }
    case .binarySet(let binaries):
      out.appendCanonical(length: binaries.count)
      for bytes in binaries.sorted(by: { $0.lexicographicallyPrecedes($1) }) { out.appendCanonical(bytes.span) }
    }
  }
}

extension KeySchema {
  /// Appends the canonical form of the key attributes of `item`, partition key first; their names don't count.
  ///
  /// - Returns: false, with nothing appended, if one is missing or of another type.
  package func appendCanonicalKey(of item: Item, to out: inout ByteBuffer) -> Bool {
    guard let key = key(of: item) else { return false }
    for (_, value) in key { value.appendCanonical(to: &out) }
    return true
  }
}

extension ByteBuffer {
  internal mutating func appendCanonical(length: Int) {
    for place in 0..<4 { append(UInt8(truncatingIfNeeded: length >> (place * 8))) }
  }

  internal mutating func overwriteCanonical(length: Int, at offset: Int) {
    for place in 0..<4 { self[offset + place] = UInt8(truncatingIfNeeded: length >> (place * 8)) }
  }

  internal mutating func appendCanonical(_ bytes: Span<UInt8>) {
    appendCanonical(length: bytes.count)
    append(bytes)
  }

  internal mutating func appendCanonical(_ number: DynamoDBNumber) {
    let start = count
    appendCanonical(length: 0)
    number.decimal.append(to: &self)
    overwriteCanonical(length: count - start - 4, at: start)
  }
}
