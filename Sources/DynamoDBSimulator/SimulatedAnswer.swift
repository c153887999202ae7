internal import DynamoDBClient
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
  /// When it was made by the service's clock, in milliseconds since 1970 UTC.
  package var date: Int64
  /// Numbers the answers, for `x-amzn-requestid`.
  package var number: UInt64

  init(status: Int, body: consuming ByteBuffer, date: Int64, number: UInt64) {
    ending = .whole
    self.status = status
    checksum = crc32(of: body.span)
    self.body = body
    self.date = date
    self.number = number
  }

  /// Neither an answer nor a connection any more.
  init(ending: Ending) {
    self.ending = ending
    body = ByteBuffer()
    (status, checksum, date, number) = (0, 0, 0, 0)
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

  /// The answer's request id: 52 characters, as the service's have.
  package var requestID: String {
    let digits = String(number, radix: 32, uppercase: true)
    return "SIMULATED" + String(repeating: "0", count: 43 - digits.utf8.count) + digits
  }

  /// The value of the `date` field.
  package var dateText: String { HTTPDate(seconds: date / 1_000).text }

  /// The answer in wire form.
  consuming func wire() -> HTTPAnswer {
    var head = "HTTP/1.1 \(status) \r\n"
    let start = head.utf8.count
    head += "content-type: application/x-amz-json-1.0\r\nx-amz-crc32: \(checksum)\r\nx-amzn-requestid: \(requestID)\r\n"
    head += "date: \(dateText)\r\ncontent-length: \(body.count)\r\n\r\n"
    let end = head.utf8.count
    var bytes = ByteBuffer(capacity: end + body.count)
    bytes.append(contentsOf: head.utf8)
    bytes.append(body.span)
    return HTTPAnswer(status: status, bytes: bytes, fields: start..<end, body: end..<end + body.count)
  }
}
