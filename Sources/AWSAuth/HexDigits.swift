/// A digest in lower-case hex, as signatures spell it.
package struct HexDigits: Sendable {
  /// The 64 characters.
  package private(set) var text = InlineArray<64, UInt8>(repeating: 0)

  package init(_ digest: borrowing SHA256Digest) {
    for index in 0..<32 {
      let byte = digest[index]
      text[2 * index] = Self.digit(byte >> 4)
      text[2 * index + 1] = Self.digit(byte & 15)
    }
  }

  /// The characters as a string.
  package var string: String { String(decoding: (0..<64).map { text[$0] }, as: UTF8.self) }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }
}
