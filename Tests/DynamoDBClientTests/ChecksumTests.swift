import DynamoDBClient
import HTTPTransport
import Testing

@Suite struct ChecksumTests {
  @Test(arguments: [("", 0), ("123456789", 0xCBF4_3926), ("{}", 2_745_614_147)]) func knownValues(_ text: String, _ sum: UInt32) {
    #expect(crc32(of: Array(text.utf8).span) == sum)
    #expect(referenceCRC32(Array(text.utf8)) == sum)
  }

  @Test func agreesWithTheDefinition() {
    var generator = SeededGenerator(seed: 5)
    // Long ones go in blocks of 64 and of 16, from wherever they begin.
    for count in [1, 7, 64, 1_000, 70_000] + Array(250..<340) {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(crc32(of: bytes.span) == referenceCRC32(bytes), "seed 5, \(count) bytes")
    }
  }

  @Test(arguments: [
    ("x-amz-crc32: 2745614147", true), ("X-AMZ-CRC32:2745614147 ", true), ("x-amz-crc32: 2745614148", false), ("x-amz-crc32: ", false),
    ("x-amz-crc32: 0xA3A6BF43", false), ("x-amz-crc32: 7040581443", false), ("x-amz-crc32: -1", false),
  ]) func field(_ field: String, _ isIntact: Bool) {
    let answer = makeAnswer(200, "{}", [field])
    let found = answer.isIntact
    #expect(found == isIntact)
  }

  @Test func absentIsAccepted() {
    let body = ByteBuffer("HTTP/1.1 200 OK\r\n\r\n{}".utf8)
    let answer = HTTPAnswer(status: 200, bytes: body, fields: 17..<17, body: 19..<21)
    let isIntact = answer.isIntact
    #expect(isIntact)
  }
}
