/// Bytes to be read a word or a vector at a time, each access checked once.
///
/// Behind the end there are zeros, which JSON has nowhere, so that a reader needs no second check for the end.
internal struct ByteWindow: ~Escapable {
  private let raw: RawSpan
  /// Offsets below have eight bytes.
  private let wordLimit: UInt
  /// Offsets below have sixteen bytes.
  private let vectorLimit: UInt
  /// Offsets below have thirty-one bytes: two vectors up to fifteen bytes apart.
  private let pairLimit: UInt

  @_lifetime(copy bytes)
  @inline(__always)
  init(_ bytes: Span<UInt8>) {
    raw = bytes.bytes
    wordLimit = UInt(bitPattern: max(0, bytes.count &- 7))
    vectorLimit = UInt(bitPattern: max(0, bytes.count &- 15))
    pairLimit = UInt(bitPattern: max(0, bytes.count &- 30))
  }

  /// How many bytes there are.
  @inline(__always)
  var count: Int { raw.byteCount }

  /// One byte; 0 behind the end.
  @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    guard UInt(bitPattern: offset) < UInt(bitPattern: raw.byteCount) else { return 0 }
    return unsafe raw.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }

  /// Eight bytes, low byte first; zeros behind the end.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    guard UInt(bitPattern: offset) < wordLimit else { return shortWord(at: offset) }
    return unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }

  /// True if `vector` may be asked for at this offset.
  @inline(__always)
  func hasVector(at offset: Int) -> Bool { UInt(bitPattern: offset) < vectorLimit }

  /// Sixteen bytes, all of which must be there.
  @inline(__always)
  func vector(at offset: Int) -> SIMD16<UInt8> {
    precondition(hasVector(at: offset))
    return unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD16<UInt8>.self)
  }

  /// True if `vectors` may be asked for at this offset.
  @inline(__always)
  func hasVectors(at offset: Int) -> Bool { UInt(bitPattern: offset) < pairLimit }

  /// The sixteen bytes at `offset`, and the sixteen that begin `distance` (0 to 15) behind it; `hasVectors` must be true.
  @inline(__always)
  func vectors(at offset: Int, and distance: UInt8) -> (SIMD16<UInt8>, SIMD16<UInt8>) {
    precondition(hasVectors(at: offset))
    let second = offset &+ Int(distance & 15)
    return unsafe (
      raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD16<UInt8>.self),
      raw.unsafeLoadUnaligned(fromUncheckedByteOffset: second, as: SIMD16<UInt8>.self)
    )
  }

  @inline(never)
  private func shortWord(at offset: Int) -> UInt64 {
    var word: UInt64 = 0
    for place in 0..<8 { word |= UInt64(byte(at: offset &+ place)) << UInt64(place * 8) }
    return word
  }
}
