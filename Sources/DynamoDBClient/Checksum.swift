internal import CZlib
package import HTTPTransport

/// The CRC-32 of `bytes`, as the service counts it over an answer's body.
package func crc32(of bytes: Span<UInt8>) -> UInt32 {
  unsafe bytes.withUnsafeBufferPointer { buffer in
    unsafe czlib_crc32(buffer.baseAddress, buffer.count)
  }
}

extension HTTPAnswer {
  /// False if the answer says a checksum of its body (`x-amz-crc32`) and it isn't the body's; an answer that says none is accepted.
  package var isIntact: Bool {
    guard let field = field("x-amz-crc32") else { return true }
    guard let said = decimal(bytes.span, field), said <= UInt32.max else { return false }
    return UInt32(said) == crc32(of: bodySpan)
  }
}

/// The whole number that the digits of `range` spell, nil where they spell none or one of more than 18 digits.
func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
  guard !range.isEmpty, range.count <= 18 else { return nil }
  var value = 0
  for index in range {
    let digit = bytes[index] &- 0x30
    guard digit <= 9 else { return nil }
    value = value * 10 + Int(digit)
  }
  return value
}
