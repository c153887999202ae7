/// A digest in lower-case hex, as signatures spell it.
package struct HexDigits: Sendable {
  /// The 64 characters.
  package private(set) var text = InlineArray<64, UInt8>(repeating: 0)

  /// Spells `digest`, four bytes at a time as the lanes of a word: three digests a signature make this a measurable part of it.
  package init(_ digest: borrowing SHA256Digest) {
    // A span, because an array of 32 bytes travels in registers and would be spilled again for each index.
    let digest = digest.span
    var characters = text.mutableSpan
    var bytes = characters.mutableBytes
    for group in 0..<8 {
      var word: UInt64 = 0
      for byte in 0..<4 { word |= UInt64(digest[4 * group + byte]) << UInt64(16 * byte) }
      let digits = (word >> 4) & 0x000F_000F_000F_000F | (word & 0x000F_000F_000F_000F) << 8
      let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
      let spelled = digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
      bytes.storeBytes(of: spelled.littleEndian, toByteOffset: 8 * group, as: UInt64.self)
    }
  }

  /// The characters as a string.
  package var string: String { String(decoding: (0..<64).map { text[$0] }, as: UTF8.self) }
}
