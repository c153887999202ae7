internal import DynamoDBClient
internal import DynamoDBModel
package import HTTPTransport

/// What a request comes to: an answer, whole or spoiled, or a connection that breaks.
package struct SimulatedAnswer: ~Copyable, Sendable {
  /// What the connection does.
  package enum Ending: Sendable, Hashable {
    case whole
    /// It breaks before the answer's first byte.
    case broken
    /// It breaks after so many bytes of the body.
    case brokenAfter(Int)
    /// The simulator was shut down before the request was carried out.
    case closed
  }

  package var ending: Ending
  package var status: Int
  package var body: ByteBuffer
  /// The body's CRC-32 as the answer states it, which is wrong where the answer was spoiled.
  package var checksum: UInt32
  /// The value of the `date` field: when it was made by the service's clock.
  package var dateText: String
  /// Numbers the answers, for `x-amzn-requestid`.
  package var number: UInt64

  init(status: Int, body: consuming ByteBuffer, dateText: String, number: UInt64) {
    ending = .whole
    self.status = status
    checksum = crc32(of: body.span)
    self.body = body
    self.dateText = dateText
    self.number = number
  }

  /// Neither an answer nor a connection any more.
  init(ending: Ending) {
    self.ending = ending
    body = ByteBuffer()
    (status, checksum, dateText, number) = (0, 0, "", 0)
  }

  /// Spoils the answer as its request's fate wants it.
  mutating func suffer(_ fate: Fate) {
    let at = Int(Double(body.count) * fate.position)
    switch fate.fault {
    case .lostAnswer, .lostRequest, .late: ending = .broken
    case .reset: ending = .brokenAfter(at)
    case .truncated: body.truncate(to: at)
    case .corrupted: if at < body.count { body[at] ^= 0x20 }
    default: break
    }
  }

  /// Lends the body's bytes.
  package borrowing func withBody<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body.span.withUnsafeBytes { unsafe use($0) }
  }

  /// The answer's request id: 52 characters, as the service's have.
  package var requestID: String {
    var digits = Array("SIMULATED".utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: 43)
    var rest = number
    for place in digits.indices.reversed() where rest > 0 {
      let digit = UInt8(rest & 31)
      digits[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
      rest >>= 5
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The answer in wire form.
  ///
  /// - Parameter nanoseconds: that it took; nil where nobody asks.
  consuming func wire(after nanoseconds: Int64? = nil) -> HTTPAnswer {
    var bytes = ByteBuffer(capacity: 256 + body.count)
    bytes.append("HTTP/1.1 ")
    bytes.appendDecimal(status)
    bytes.append(" \r\n")
    let start = bytes.count
    bytes.append("content-type: application/x-amz-json-1.0\r\nx-amz-crc32: ")
    bytes.appendDecimal(Int(checksum))
    bytes.append("\r\nx-amzn-requestid: ")
    bytes.append(contentsOf: requestID.utf8)
    bytes.append("\r\ndate: ")
    bytes.append(contentsOf: dateText.utf8)
    bytes.append("\r\ncontent-length: ")
    bytes.appendDecimal(body.count)
    bytes.append("\r\n\r\n")
    let end = bytes.count
    bytes.append(body.span)
    return HTTPAnswer(status: status, bytes: bytes, fields: start..<end, body: end..<end + body.count, nanoseconds: nanoseconds)
  }
}
