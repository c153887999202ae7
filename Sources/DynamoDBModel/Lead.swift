/// What stands before a value's content in an item: the name, the colon, the brace, the type, and the quote or bracket.
///
/// The items of a table are alike. So the reader keeps each lead it has met, knows which came behind it last time, and looks first whether
/// that one stands there again: one comparison instead of reading name and type byte by byte. A lead is met under one parent, itself a lead,
/// so equal leads are attributes of one path, and a lead met twice in one map is a duplicate name.
internal struct Lead: BitwiseCopyable {
  /// The text that predicts it, in two overlapping vectors; what isn't text is masked out.
  var low: SIMD16<UInt8>
  var lowMask: SIMD16<UInt8>
  var high: SIMD16<UInt8>
  var highMask: SIMD16<UInt8>
  /// Where name, the name's end, value and content begin, counted from where the text does.
  var starts = SIMD4<UInt32>(repeating: 0)
  /// Bytes of text: where the content begins.
  var length: UInt32 = 0
  /// Where the second vector begins.
  var highOffset: UInt8 = 0
  var type: AttributeType = .null
  /// The map that it was met in last.
  var scope: UInt32 = 0
  /// The lead that came behind it in the same map or list last time, 0 for none.
  var next: UInt32 = 0
  /// The lead that came first in it last time, 0 for none.
  var first: UInt32 = 0
  /// What it is known by: its parent and its name, without escapes.
  var parent: UInt32
  var hash: UInt32
  var keyStart: UInt32
  var keyCount: UInt32

  /// A lead that nothing predicts yet.
  init(parent: UInt32, hash: UInt32, key: Range<Int>) {
    // A bit outside of the mask: equal to nothing.
    low = SIMD16<UInt8>(repeating: 1)
    lowMask = SIMD16<UInt8>(repeating: 0)
    high = SIMD16<UInt8>(repeating: 0)
    highMask = SIMD16<UInt8>(repeating: 0)
    self.parent = parent
    self.hash = hash
    keyStart = UInt32(key.lowerBound)
    keyCount = UInt32(key.count)
  }

  /// Bytes of text that can be predicted.
  static let longest = 31

  /// Takes on how it was written this time, if that can be predicted: without escapes, and not too long.
  mutating func learn(_ bytes: ByteWindow, from start: Int, _ opening: ItemTape.Opening) {
    // What came first in a map can't be expected in a list.
    if opening.type != type { first = LeadTable.none }
    type = opening.type
    let count = opening.content - start
    guard count <= Self.longest && !opening.isNameEscaped && bytes.hasVectors(at: start) else {
      low = SIMD16<UInt8>(repeating: 1)
      lowMask = SIMD16<UInt8>(repeating: 0)
      return
    }
    length = UInt32(count)
    starts = opening.starts &- SIMD4<UInt32>(repeating: UInt32(start))
    highOffset = UInt8(max(0, count - 16))
    for place in 0..<16 {
      lowMask[place] = place < count ? 0xFF : 0
      highMask[place] = count > 16 ? 0xFF : 0
    }
    let (first, second) = bytes.vectors(at: start, and: highOffset)
    low = first & lowMask
    high = second & highMask
  }

  /// True if it stands at `offset`, written as last time.
  @inline(__always)
  func stands(_ bytes: ByteWindow, at offset: Int) -> Bool {
    guard bytes.hasVectors(at: offset) else { return false }
    let (first, second) = bytes.vectors(at: offset, and: highOffset)
    let lowDifference: SIMD16<UInt8> = (first & lowMask) ^ low
    let highDifference: SIMD16<UInt8> = (second & highMask) ^ high
    let difference: SIMD16<UInt8> = lowDifference | highDifference
    let halves: SIMD2<UInt64> = unsafe unsafeBitCast(difference, to: SIMD2<UInt64>.self)
    return halves[0] | halves[1] == 0
  }
}
