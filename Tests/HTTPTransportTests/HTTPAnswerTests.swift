import HTTPTransport
import Testing

@Suite struct HTTPAnswerTests {
  static let text = "HTTP/1.1 200 OK\r\nServer: a\r\nX-Amz-Crc32:  12 \t\r\nEmpty:\r\nserver: b\r\nx-amz-crc32-x: 1\r\n\r\n{}"

  static func answer() -> HTTPAnswer {
    let bytes = Array(text.utf8)
    return HTTPAnswer(status: 200, bytes: ByteBuffer(bytes), fields: 17..<(bytes.count - 4), body: (bytes.count - 2)..<bytes.count)
  }

  @Test func findsTheFirstFieldOfAName() {
    let answer = Self.answer()
    let found = [
      answer.text("server"), answer.text("x-amz-crc32"), answer.text("empty"), answer.text("x-amz-crc32-x"), answer.text("x-amz"),
      answer.text("http/1.1 200 ok"),
    ]
    #expect(found == ["a", "12", "", "1", nil, nil])
  }

  @Test func itsBytesMayBeTaken() {
    var answer = Self.answer()
    let body = answer.bodySpan.count
    #expect(body == 2)
    let bytes = answer.takeBytes()
    let (first, left) = (bytes[answer.body.lowerBound], answer.bytes.count)
    #expect(first == UInt8(ascii: "{") && left == 0)
  }
}
