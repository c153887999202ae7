package import HTTPTransport

/// Base64 in the standard alphabet, padded; strict, so that equal bytes have one text.
package enum Base64 {
  /// The first offset at which the text in `range` isn't base64, nil if it is: a foreign character, a length that isn't a multiple of
  /// four, padding elsewhere than at the end, or bits behind the last byte that aren't zero.
  @inline(never)
  package static func fault(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    let raw = bytes.bytes
    var end = range.upperBound
    if range.isEmpty { return nil }
    guard range.count & 3 == 0 else { return end }
    var padding = 0
    while padding < 2 && bytes[end - 1] == UInt8(ascii: "=") {
      end -= 1
      padding += 1
    }
    var index = range.lowerBound
    while index <= end - 16 {
      let chunk: SIMD16<UInt8> = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
      let letters: SIMDMask<SIMD16<Int8>> =
        ((chunk | SIMD16<UInt8>(repeating: 0x20)) &- SIMD16<UInt8>(repeating: 0x61)) .< SIMD16<UInt8>(repeating: 26)
      let digits: SIMDMask<SIMD16<Int8>> = (chunk &- SIMD16<UInt8>(repeating: 0x30)) .< SIMD16<UInt8>(repeating: 10)
      let plus: SIMDMask<SIMD16<Int8>> = chunk .== SIMD16<UInt8>(repeating: 0x2B)
      let slash: SIMDMask<SIMD16<Int8>> = chunk .== SIMD16<UInt8>(repeating: 0x2F)
      let good: SIMDMask<SIMD16<Int8>> = (letters .| digits) .| (plus .| slash)
      let halves: SIMD2<UInt64> = unsafe unsafeBitCast(good, to: SIMD2<UInt64>.self)
      if halves[0] & halves[1] != .max { break }
      index += 16
    }
    while index < end {
      if sextet(bytes[index]) == nil { return index }
      index += 1
    }
    guard padding > 0 else { return nil }
    let unused: UInt8 = padding == 1 ? 0x3 : 0xF
    guard let last = sextet(bytes[end - 1]), last & unused == 0 else { return end - 1 }
    return nil
  }

  /// How many bytes the text in `range`, found to be base64 before, stands for.
  package static func decodedCount(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    guard range.count >= 4 else { return 0 }
    var count = range.count / 4 * 3
    if bytes[range.upperBound - 1] == UInt8(ascii: "=") { count -= 1 }
    if bytes[range.upperBound - 2] == UInt8(ascii: "=") { count -= 1 }
    return count
  }

  /// Appends the bytes that the text in `range`, found to be base64 before, stands for.
  package static func appendDecoded(_ bytes: Span<UInt8>, _ range: Range<Int>, to out: inout ByteBuffer) {
    out.reserve(range.count / 4 * 3)
    var held: UInt32 = 0
    var bits: UInt32 = 0
    for index in range {
      guard let six = sextet(bytes[index]) else { return }
      held = held << 6 | UInt32(six)
      bits += 6
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(truncatingIfNeeded: held >> bits))
      }
    }
  }

  /// Appends `bytes` as base64.
  package static func appendEncoded(_ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    out.reserve((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let second = left > 1 ? bytes[index + 1] : 0
      let third = left > 2 ? bytes[index + 2] : 0
      let word = UInt32(bytes[index]) << 16 | UInt32(second) << 8 | UInt32(third)
      out.append(character(word >> 18))
      out.append(character(word >> 12 & 0x3F))
      out.append(left > 1 ? character(word >> 6 & 0x3F) : UInt8(ascii: "="))
      out.append(left > 2 ? character(word & 0x3F) : UInt8(ascii: "="))
      index += 3
    }
  }

  private static func sextet(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  private static func character(_ sextet: UInt32) -> UInt8 {
    switch sextet {
    case 0..<26: UInt8(ascii: "A") + UInt8(sextet)
    case 26..<52: UInt8(ascii: "a") + UInt8(sextet - 26)
    case 52..<62: UInt8(ascii: "0") + UInt8(sextet - 52)
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}
