internal import DynamoDBClient
package import HTTPTransport

/// A run of bytes on disk with its length and checksum before it, so that half a write is recognized.
///
/// Four bytes of length and four of CRC-32, low byte first, then the payload, which is never empty.
package enum Frame {
  /// Bytes before the payload.
  package static let headSize = 8
  /// No payload of this kit's is longer; a length beyond it is damage.
  package static let sizeLimit = 1 << 26

  /// Appends a frame whose payload `write` appends.
  package static func append(to bytes: inout ByteBuffer, _ write: (inout ByteBuffer) -> Void) {
    let start = bytes.count
    for _ in 0..<headSize { bytes.append(0) }
    write(&bytes)
    let payload = (start + headSize)..<bytes.count
    precondition(!payload.isEmpty && payload.count <= sizeLimit)
    let sum = crc32(of: bytes.span.extracting(payload))
    for index in 0..<4 {
      bytes[start + index] = UInt8(truncatingIfNeeded: payload.count >> (8 * index))
      bytes[start + 4 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
    }
  }

  /// Where the payload of the frame at `offset` has to lie by its length; nil if the head isn't whole or says an impossible length.
  package static func extent(_ bytes: Span<UInt8>, at offset: Int) -> Range<Int>? {
    guard bytes.count - offset >= headSize else { return nil }
    let size = Int(word(bytes, offset))
    guard size > 0 && size <= sizeLimit else { return nil }
    return (offset + headSize)..<(offset + headSize + size)
  }

  /// Where the payload of the frame at `offset` lies; nil if no whole and undamaged frame is there.
  package static func payload(_ bytes: Span<UInt8>, at offset: Int) -> Range<Int>? {
    guard let extent = extent(bytes, at: offset), extent.upperBound <= bytes.count,
      crc32(of: bytes.extracting(extent)) == word(bytes, offset + 4)
    else { return nil }
    return extent
  }

  private static func word(_ bytes: Span<UInt8>, _ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }
}
