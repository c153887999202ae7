package import HTTPTransport

/// Where one of an item's attributes lies in the item's wire JSON.
@frozen
@usableFromInline
package struct AttributePlace: BitwiseCopyable, Sendable {
  @usableFromInline internal let nameStart: UInt32
  @usableFromInline internal let nameEnd: UInt32
  @usableFromInline internal let valueStart: UInt32
  @usableFromInline internal let valueEnd: UInt32

  /// - Parameters:
  ///   - name: between its quotes, as written.
  ///   - value: all of it, `{"S":"x"}`.
  @inlinable package init(name: Range<Int>, value: Range<Int>) {
    nameStart = UInt32(name.lowerBound)
    nameEnd = UInt32(name.upperBound)
    valueStart = UInt32(value.lowerBound)
    valueEnd = UInt32(value.upperBound)
  }

  /// The name between its quotes, as written.
  @inlinable package var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  /// The whole value, `{"S":"x"}`.
  @inlinable package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}

extension ItemTape {
  /// Notes where the attributes of the item lie whose nodes are from `first` to `last`, as many bytes further on as `shift` says.
  package func appendPlaces(from first: Int, through last: Int, shift: Int, to places: inout Slab<AttributePlace>) {
    var index = first
    while index <= last {
      let (name, value) = (nodes[index].nameRange, nodes[index].valueRange)
      places.append(
        AttributePlace(
          name: name.lowerBound + shift..<name.upperBound + shift, value: value.lowerBound + shift..<value.upperBound + shift))
      index = nodes[index].end
    }
  }
}

extension Span<UInt8> {
  /// False if the bytes in `range` surely hold neither a single quote nor a backslash; looks at eight at a time, so what lies close behind
  /// them may count, too.
  @inlinable @inline(__always)
  package func mayHoldQuoteOrEscape(_ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      guard index <= count &- 8 else { return true }
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      let quotes = word ^ 0x2727_2727_2727_2727
      let escapes = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let found = (quotes &- 0x0101_0101_0101_0101) & ~quotes | (escapes &- 0x0101_0101_0101_0101) & ~escapes
      if found & 0x8080_8080_8080_8080 != 0 { return true }
      index &+= 8
    }
    return false
  }

  /// Appends the text that the content of a JSON string in `range` stands for, which was judged before.
  package func appendUnescaped(_ range: Range<Int>, to out: inout ByteBuffer) { JSONText.appendUnescaped(self, range, to: &out) }
}
