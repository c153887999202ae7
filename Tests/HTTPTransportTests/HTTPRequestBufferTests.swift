import HTTPTransport
import Testing

@Suite struct HTTPRequestBufferTests {
  static func message(_ request: borrowing HTTPRequestBuffer) -> String {
    var bytes: [UInt8] = []
    let span = request.message
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Heads shorter than the headroom, as long, and longer.
  @Test(arguments: [0, 1, 2_047, 2_048, 2_049, 9_000]) func putsTheHeadRightBeforeTheBody(length: Int) {
    var request = HTTPRequestBuffer(bodyCapacity: 4)
    let text = String(repeating: "h", count: length)
    for round in 0..<3 {
      request.writeBody { $0.append(contentsOf: Array("body \(round)".utf8)) }
      let head = ByteBuffer(Array(text.utf8))
      request.prepend(head: head.span)
      let message = Self.message(request)
      let body = request.body.count
      #expect(message == text + "body \(round)" && body == 6)
      request.reset()
    }
    let left = request.message.count
    #expect(left == 0)
  }

  @Test func whatWasWrittenMayBeCutBack() {
    var request = HTTPRequestBuffer()
    request.writeBody { $0.append("kept") }
    request.writeBody { buffer in
      let before = buffer.count
      buffer.append("dropped")
      buffer.truncate(to: before)
    }
    let message = Self.message(request)
    #expect(message == "kept")
  }

  /// Starts that are shorter, as long, longer, and longer than all the room there is.
  @Test(arguments: [0, 3, 5, 100, 2_043, 2_048, 9_000]) func replacesTheStart(length: Int) {
    var request = HTTPRequestBuffer(bodyCapacity: 4)
    for round in 0..<3 {
      request.writeBody { $0.append(contentsOf: Array("body \(round)".utf8)) }
      let head = ByteBuffer(Array("startrest".utf8))
      request.prepend(head: head.span)
      let start = ByteBuffer(Array(repeating: UInt8(ascii: "s"), count: length))
      request.replaceStart(5, with: start.span)
      let message = Self.message(request)
      let body = request.body.count
      #expect(message == String(repeating: "s", count: length) + "restbody \(round)" && body == 6)
      request.reset()
    }
    let left = request.message.count
    #expect(left == 0)
  }
}
