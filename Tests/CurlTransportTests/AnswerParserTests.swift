import HTTPTransport
import Testing

@testable import CurlTransport

/// What a parser made of some bytes.
struct Parsed: Equatable, CustomStringConvertible {
  var status = 0
  var body = ""
  var closes = false
  var excess = 0
  var fault: AnswerFault?
  var isComplete = false

  var description: String {
    fault.map { "\($0)" } ?? (isComplete ? "\(status) “\(body.prefix(60))” closes \(closes) excess \(excess)" : "incomplete")
  }

  static func complete(_ status: Int, _ body: String, closes: Bool = false, excess: Int = 0) -> Parsed {
    Parsed(status: status, body: body, closes: closes, excess: excess, isComplete: true)
  }

  /// Feeds `bytes` cut into pieces; what is behind the answer's end stays out, since nobody reads on there.
  static func feed(_ bytes: [UInt8], pieces: (Int) -> Int, longestAnswer: Int = 1_000) -> Parsed {
    var parser = AnswerParser(longestAnswer: longestAnswer)
    var buffer = ByteBuffer()
    var result = Parsed()
    var fed = 0
    while fed < bytes.count {
      let count = min(max(1, pieces(fed)), bytes.count - fed)
      buffer.append(contentsOf: bytes[fed..<(fed + count)])
      fed += count
      do throws(AnswerFault) {
        if try parser.advance(&buffer) == .incomplete(expected: 0) { continue }
        guard try parser.advance(&buffer) == .complete else { continue }
      } catch {
        result.fault = error
        return result
      }
      result.isComplete = true
      result.status = parser.status
      result.closes = parser.closes
      result.excess = parser.excess(in: buffer) + bytes.count - fed
      var body: [UInt8] = []
      for index in parser.body { body.append(buffer[index]) }
      result.body = String(decoding: body, as: UTF8.self)
      return result
    }
    return result
  }
}

@Suite struct AnswerParserTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let expected: Parsed
    var testDescription: String { "\(text.prefix(100).debugDescription) is \(expected)" }

    init(_ text: String, _ expected: Parsed) { (self.text, self.expected) = (text, expected) }
    init(_ text: String, _ fault: AnswerFault) { (self.text, expected) = (text, Parsed(fault: fault)) }
  }

  static let long = String(repeating: "x", count: 70_000)

  static let good: [Case] = [
    Case("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", .complete(200, "{}")),
    Case("HTTP/1.1 200 OK\r\nContent-Length:2\r\n\r\n{}", .complete(200, "{}")),
    Case("HTTP/1.1 200 OK\r\nCONTENT-LENGTH: \t 2 \t\r\n\r\n{}", .complete(200, "{}")),
    Case("HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n", .complete(200, "")),
    Case("HTTP/1.1 200\r\ncontent-length: 00000000000000000002\r\n\r\n{}", .complete(200, "{}")),
    Case("HTTP/1.1 400 Bad Request\r\nx:\r\nx: \r\ncontent-length: 1\r\nserver: a b\tc\u{E9}\r\n\r\n!", .complete(400, "!")),
    Case("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!?", .complete(200, "!", excess: 1)),
    Case("HTTP/1.1 204 No Content\r\n\r\n", .complete(204, "")),
    Case("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", .complete(204, "")),
    Case("HTTP/1.1 204 No Content\r\n\r\nbody", .complete(204, "", excess: 4)),
    Case("HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n", .complete(304, "")),
    Case("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n!", .complete(200, "!", closes: true)),
    Case("HTTP/1.1 200 OK\r\nConnection: x, Close ,y\r\ncontent-length: 1\r\n\r\n!", .complete(200, "!", closes: true)),
    Case("HTTP/1.1 200 OK\r\nconnection: keep-alive, closed\r\ncontent-length: 1\r\n\r\n!", .complete(200, "!")),
    Case("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\n!", .complete(200, "!", closes: true)),
    Case("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!", .complete(200, "!")),
    Case("HTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 102 X\r\n\r\nHTTP/1.1 599 OK\r\ncontent-length: 1\r\n\r\n!", .complete(599, "!")),
    Case("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", .complete(200, "{}")),
    Case(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n00a\r\n0123456789\r\nA;x=y\r\n0123456789\r\n0\r\nt: v\r\n\r\n",
      .complete(200, "a01234567890123456789")),
    Case("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP", .complete(200, "", excess: 4)),
    Case(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n\(long.prefix(1_000))\r\n0\r\n\r\n",
      .complete(200, String(long.prefix(1_000)))),
    Case("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n\(long.prefix(1_000))", .complete(200, String(long.prefix(1_000)))),
    Case("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n00000002\r\n{}\r\n00000000\r\n\r\n", .complete(200, "{}")),
    // A trailing field is no field: neither of these says where the answer ends.
    Case(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\ncontent-length: 9\r\ntransfer-encoding: gzip\r\n\r\n",
      .complete(200, "{}")),
    // Names that only look like those that matter.
    Case("HTTP/1.1 200 OK\r\ntransfer_encoding: chunked\r\nxcontent-length: 9\r\ncontent-length: 2\r\n\r\n{}", .complete(200, "{}")),
    Case("HTTP/1.1 100 X\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}", .complete(200, "{}")),
    // What an interim answer says of the connection, or of HTTP, isn't said of the final one.
    Case("HTTP/1.0 100 X\r\nconnection: close\r\n\r\nHTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}", .complete(200, "{}")),
    Case("HTTP/1.1 200 OK\r\nx: \(long.prefix(60_000))\r\ncontent-length: 1\r\n\r\n!", .complete(200, "!")),
  ]

  static let unfinished: [Case] = [
    "", "H", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1234", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nt: v\r\n",
  ].map { Case($0, Parsed()) }

  static let head = "HTTP/1.1 200 OK\r\n"
  static let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

  static let bad: [Case] = [
    Case("\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", .statusLine),
    Case("HTTP/2.0 200 OK\r\n", .statusLine),
    Case("HTTP/1.2 200 OK\r\n", .statusLine),
    Case("HTTP/1.1  200 OK\r\n", .statusLine),
    Case("HTTP/1.1 20 OK\r\n", .statusLine),
    Case("HTTP/1.1 2000 OK\r\n", .statusLine),
    Case("HTTP/1.1 -20 OK\r\n", .statusLine),
    Case("HTTP/1.1 99\r\n", .statusLine),
    Case("http/1.1 200 OK\r\n", .statusLine),
    Case("SSH-2.0-OpenSSH_9.2p1\r\n", .statusLine),
    Case("<html>\r\n", .statusLine),
    Case("HTTP/1.1\t200 OK\r\n", .statusLine),
    Case("HTTP/1.1 200\tOK\r\n", .statusLine),
    Case("HTTP/1.1 200OK\r\n", .statusLine),
    Case("HTTP/1.1 2OO OK\r\n", .statusLine),
    Case("HTTP/1.1 +20 OK\r\n", .statusLine),
    Case("HTTP/1.10 200 OK\r\n", .statusLine),
    Case("HTTP/01.1 200 OK\r\n", .statusLine),
    Case("HTTP/0.9 200 OK\r\n", .statusLine),
    Case("HTTP/1,1 200 OK\r\n", .statusLine),
    Case("ICY 200 OK\r\n\r\n", .statusLine),
    Case(" HTTP/1.1 200 OK\r\n", .statusLine),
    Case("\u{FEFF}HTTP/1.1 200 OK\r\n", .statusLine),
    Case("POST / HTTP/1.1\r\n", .statusLine),
    Case("HTTP/1.1 200 OK\rcontent-length: 0\r\n\r\n", .fieldValue),
    Case("HTTP/1.1 000 OK\r\n", .status),
    Case("HTTP/1.1 099 OK\r\n", .status),
    Case("HTTP/1.1 600 OK\r\n", .status),
    Case("HTTP/1.1 101 Switching Protocols\r\n", .status),
    Case("HTTP/1.1 200 O\u{0}K\r\n", .fieldValue),
    Case("HTTP/1.1 200 OK\ncontent-length: 0\n\n", .lineEnd),
    Case(head + "content-length: 0\n\r\n", .lineEnd),
    Case(head + "content-length: 0\r\n\n", .lineEnd),
    Case(head + "content-length: 0\r\r\n\r\n", .fieldValue),
    Case(head + " content-length: 0\r\n\r\n", .fieldName),
    Case(head + "x: a\r\n folded\r\n\r\n", .fieldName),
    Case(head + ": 0\r\n\r\n", .fieldName),
    Case(head + "content-length : 0\r\n\r\n", .fieldName),
    Case(head + "content length: 0\r\n\r\n", .fieldName),
    Case(head + "content-length\r\n\r\n", .fieldName),
    Case(head + "x\u{0}: 0\r\n\r\n", .fieldName),
    Case(head + "x: \u{0}\r\n\r\n", .fieldValue),
    Case(head + "x: 01234567\u{7F}0123456\r\n\r\n", .fieldValue),
    Case(head + "x: 0123456\u{1B}0123456789\r\n\r\n", .fieldValue),
    Case(head + "x: \(long)", .headTooLong),
    Case(head + "x: \(long)\r\ncontent-length: 0\r\n\r\n", .headTooLong),
    Case(head + String(repeating: "x: y\r\n", count: 11_000) + "content-length: 0\r\n\r\n", .headTooLong),
    Case(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 3_000), .headTooLong),
    Case(long, .headTooLong),
    Case(head + "\r\n", .lengthMissing),
    Case("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end", .lengthMissing),
    Case(head + "content-length:\r\n\r\n", .lengthInvalid),
    Case(head + "content-length: -1\r\n\r\n", .lengthInvalid),
    Case(head + "content-length: +1\r\n\r\n", .lengthInvalid),
    Case(head + "content-length: 1 2\r\n\r\n", .lengthInvalid),
    Case(head + "content-length: 0x1\r\n\r\n", .lengthInvalid),
    Case(head + "content-length: 1.0\r\n\r\n", .lengthInvalid),
    Case(head + "content-length: 2, 2\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: 2,\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: 2;\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: 1\t2\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: 2_0\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: 2e0\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: \u{A0}2\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length:\r\n 2\r\n\r\n{}", .lengthInvalid),
    Case(head + "x: a\r\n\tcontent-length: 2\r\n\r\n{}", .fieldName),
    Case(head + "content-length: ２\r\n\r\n{}", .lengthInvalid),
    Case(head + "content-length: 99999999999999999999\r\n\r\n", .tooLong),
    Case(head + "content-length: 18446744073709551618\r\n\r\n{}", .tooLong),
    Case(head + "content-length: 9223372036854775807\r\n\r\n{}", .tooLong),
    Case(head + "content-length: 1001\r\n\r\n", .tooLong),
    Case(head + "content-length: 1000000000\r\n\r\n", .tooLong),
    Case(head + "content-length: 2\r\ncontent-length: 2\r\n\r\n{}", .lengthTwice),
    Case(head + "content-length: 2\r\nContent-Length: 3\r\n\r\n{}", .lengthTwice),
    Case(head + "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", .lengthAndChunks),
    Case(head + "transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n", .lengthAndChunks),
    Case(head + "transfer-encoding: gzip\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: gzip, chunked\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: chunked, chunked\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: identity\r\ncontent-length: 2\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding:\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: chunked;x=y\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: chunked,\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: ,chunked\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: xchunked\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: chunked\u{A0}\r\n\r\n", .transferEncoding),
    Case(head + "transfer-encoding: \u{B}chunked\r\n\r\n", .fieldValue),
    Case(head + "transfer-encoding\t: chunked\r\ncontent-length: 2\r\n\r\n{}", .fieldName),
    Case(head + "\u{FEFF}transfer-encoding: chunked\r\n\r\n", .fieldName),
    Case(head + "transfer-encoding: chunked\rx: y\r\n\r\n", .fieldValue),
    Case(head + "x: y\rtransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}", .fieldValue),
    Case("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", .transferEncoding),
    Case("HTTP/1.1 100 Continue\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", .bodyForbidden),
    Case("HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", .bodyForbidden),
    Case("HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}", .bodyForbidden),
    Case("HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", .bodyForbidden),
    Case("HTTP/1.1 100 Continue\r\ncontent-length: 2\r\n\r\n{}", .bodyForbidden),
    Case(chunked + "\r\n", .chunkSize),
    Case(chunked + "g\r\n", .chunkSize),
    Case(chunked + "-1\r\n", .chunkSize),
    Case(chunked + "0x2\r\n{}\r\n", .chunkSize),
    Case(chunked + " 2\r\n{}\r\n", .chunkSize),
    Case(chunked + "2 \r\n{}\r\n", .chunkSize),
    Case(chunked + "000000002\r\n{}\r\n", .chunkSize),
    Case(chunked + "ffffffffffffffff\r\n", .chunkSize),
    Case(chunked + "2;\u{1}\r\n{}\r\n", .chunkSize),
    Case(chunked + "2;x\ry\r\n{}\r\n", .chunkSize),
    Case(chunked + "2 ;x\r\n{}\r\n", .chunkSize),
    Case(chunked + "2\t\r\n{}\r\n", .chunkSize),
    Case(chunked + "+2\r\n{}\r\n", .chunkSize),
    Case(chunked + "2h\r\n{}\r\n", .chunkSize),
    Case(chunked + "2,2\r\n{}\r\n", .chunkSize),
    Case(chunked + "２\r\n{}\r\n", .chunkSize),
    Case(chunked + "100000002\r\n{}\r\n", .chunkSize),
    Case(chunked + ";x\r\n{}\r\n", .chunkSize),
    Case(chunked + String(repeating: "1;\(long.prefix(900))\r\nx\r\n", count: 80), .chunkSize),
    Case(chunked + "2\r\n{}0\r\n\r\n", .chunkEnd),
    Case(chunked + "2\r\n{}\n\r0\r\n\r\n", .chunkEnd),
    Case(chunked + "0\r\n\n", .lineEnd),
    Case(chunked + "0\r\n folded: x\r\n\r\n", .fieldName),
    Case(chunked + "2;" + String(repeating: "x", count: 1_100), .chunkSize),
    Case(chunked + "2\n{}\r\n", .lineEnd),
    Case(chunked + "2\r\n{}}\r\n0\r\n\r\n", .chunkEnd),
    Case(chunked + "2\r\n{}\r}0\r\n\r\n", .chunkEnd),
    Case(chunked + "2\r\n{}\n0\r\n\r\n", .chunkEnd),
    Case(chunked + "3e9\r\n", .tooLong),
    Case(chunked + "3e8\r\n\(long.prefix(1_000))\r\n1\r\n", .tooLong),
    Case(chunked + "0\r\nno field\r\n\r\n", .fieldName),
    Case(chunked + "0\r\nx: \u{0}\r\n\r\n", .fieldValue),
    Case(chunked + "0\r\nx: \(long)", .headTooLong),
    Case(chunked + "0\r\n" + String(repeating: "x: y\r\n", count: 11_000), .headTooLong),
  ]

  @Test(arguments: good + unfinished + bad) func readsWhole(_ test: Case) {
    #expect(Parsed.feed(Array(test.text.utf8), pieces: { _ in .max }) == test.expected)
  }

  @Test(arguments: good + unfinished + bad) func readsTheSameByteByByte(_ test: Case) {
    #expect(Parsed.feed(Array(test.text.utf8), pieces: { _ in 1 }) == test.expected)
  }

  @Test(arguments: good + unfinished + bad) func readsTheSameInRandomPieces(_ test: Case) {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix(seed: seed)
      let parsed = Parsed.feed(Array(test.text.utf8), pieces: { _ in Int(random.next() % 40) })
      #expect(parsed == test.expected, "seed \(seed)")
    }
  }

  /// Bytes changed, lost or doubled at random never trap, and never read past what came.
  @Test(arguments: 1...40 as ClosedRange<UInt64>) func survivesDamage(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for test in Self.good {
      var bytes = Array(test.text.utf8.prefix(2_000))
      for _ in 0...(random.next() % 4) where !bytes.isEmpty {
        let index = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: index)
        default: bytes.insert(bytes[index], at: index)
        }
      }
      let whole = Parsed.feed(bytes, pieces: { _ in .max })
      #expect(Parsed.feed(bytes, pieces: { _ in 1 }) == whole, "seed \(seed), \(String(decoding: bytes, as: UTF8.self).debugDescription)")
      #expect(whole.body.utf8.count <= 3_000)
    }
  }

  @Test func saysHowMuchIsToCome() throws {
    var parser = AnswerParser(longestAnswer: 1 << 30)
    var buffer = ByteBuffer(Array("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nabc".utf8))
    #expect(try parser.advance(&buffer) == .incomplete(expected: 999_997))
    parser = AnswerParser(longestAnswer: 1 << 30)
    buffer = ByteBuffer(Array((Self.chunked + "100000\r\nabc").utf8))
    #expect(try parser.advance(&buffer) == .incomplete(expected: 0x10_0000 - 3))
  }

  @Test func findsFields() throws {
    var parser = AnswerParser(longestAnswer: 1_000)
    var buffer = ByteBuffer(
      Array("HTTP/1.1 100 Continue\r\nx-a: no\r\n\r\nHTTP/1.1 200 OK\r\nX-A:  yes \r\ncontent-length: 2\r\n\r\n{}".utf8))
    #expect(try parser.advance(&buffer) == .complete)
    let answer = HTTPAnswer(status: parser.status, bytes: buffer, fields: parser.fields, body: parser.body)
    #expect(answer.text("x-a") == "yes")
    #expect(answer.text("content-length") == "2")
    #expect(answer.text("x-b") == nil)
  }

  @Test func knowsTokenCharacters() {
    let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    for byte in UInt8.min...UInt8.max { #expect(byte.isTokenCharacter == token.contains(byte), "\(byte)") }
  }
}

/// A small generator that gives the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
