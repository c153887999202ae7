import AWSAuth
import CZlib
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import TestSupport
import Testing

@Suite struct GzipTests {
  /// What zlib makes of `bytes`.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let window: Int32 = 16 + 15
    precondition(
      deflateInit2_(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
    defer { deflateEnd(&stream) }
    let room = Int(deflateBound(&stream, UInt(bytes.count)))
    return bytes.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: room) { target, count in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(room)
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        count = room - Int(stream.avail_out)
      }
    }
  }

  /// An answer with these bytes as its body; its checksum is theirs unless the fields say another.
  static func answer(_ body: [UInt8], status: Int = 200, _ fields: [String] = ["Content-Encoding: gzip"]) -> HTTPAnswer {
    var all = ["x-amzn-RequestId: REQUEST"] + fields
    if !fields.contains(where: { $0.hasPrefix("x-amz-crc32") }) { all.append("x-amz-crc32: \(referenceCRC32(body))") }
    let line = "HTTP/1.1 \(status) X\r\n"
    let head = line + all.map { $0 + "\r\n" }.joined()
    let end = head.utf8.count
    let bytes = ByteBuffer(Array("\(head)\r\n".utf8) + body)
    return HTTPAnswer(status: status, bytes: bytes, fields: line.utf8.count..<end, body: (end + 2)..<(end + 2 + body.count))
  }

  static func code(_ body: () throws(DynamoDBError) -> Void) -> DynamoDBError.Code? {
    do {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  @Test(arguments: [0, 2, 5_000, 65_536, 3_000_000]) func decompresses(count: Int) throws {
    let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 7 & 0x5F) }
    let compressed = Self.answer(Self.gzip(text))
    guard let plain = try compressed.decompressed() else {
      Issue.record("not compressed")
      return
    }
    try plain.requireSuccess()
    let body = (0..<plain.body.count).map { plain.bodySpan[$0] }
    #expect(body == text)
    #expect(plain.status == 200)
    let (encoding, id, again) = (plain.text("content-encoding"), plain.text("x-amzn-requestid"), plain.isCompressed)
    #expect(encoding == nil && id == "REQUEST" && !again)
  }

  @Test func theChecksumIsOfWhatWasSent() {
    let text = Array(#"{"ConsumedCapacity":{"CapacityUnits":2}}"#.utf8)
    let sent = Self.gzip(text)
    #expect(Self.code { () throws(DynamoDBError) in _ = try Self.answer(sent).decompressed() } == nil)
    let ofPlain = ["content-encoding: gzip", "x-amz-crc32: \(referenceCRC32(text))"]
    #expect(Self.code { () throws(DynamoDBError) in _ = try Self.answer(sent, ofPlain).decompressed() } == .checksumMismatch)
  }

  @Test func whatIsNotCompressedStaysAsItIs() {
    let plain = Array("{}".utf8)
    let spoken = Self.answer(plain, ["content-encoding: gzip"]).isCompressed
    let unspoken = Self.answer(Self.gzip(plain), []).isCompressed
    let other = Self.answer(Self.gzip(plain), ["content-encoding: br"]).isCompressed
    #expect(!spoken && !unspoken && !other)
  }

  /// Cut off, doubled, followed by something, or changed anywhere: never taken, whatever the checksum says.
  @Test func damageIsRefused() {
    let whole = Self.gzip(Array(String(repeating: "some JSON ", count: 50).utf8))
    var cases = [whole + [0], whole + whole]
    for end in 1..<whole.count { cases.append(Array(whole[..<end])) }
    for index in 10..<whole.count {
      var changed = whole
      changed[index] ^= 0x10
      cases.append(changed)
    }
    for bytes in cases {
      #expect(Self.code { () throws(DynamoDBError) in _ = try Self.answer(bytes).decompressed() } == .checksumMismatch)
    }
  }

  /// Gigabytes in a few kilobytes: given up on at the limit, whatever the format's own length says.
  @Test(arguments: [(1_000, 1_001), (1_000, 1_000_000), (64_000_000, 70_000_000)]) func bombsAreRefused(longest: Int, count: Int) {
    let bomb = Self.gzip([UInt8](repeating: 0, count: count))
    #expect(bomb.count < count)
    #expect(
      Self.code { () throws(DynamoDBError) in _ = try Self.answer(bomb).decompressed(longest: longest) } == .unexpectedAnswer)
  }

  @Test func theLimitItselfIsAllowed() throws {
    guard let plain = try Self.answer(Self.gzip([UInt8](repeating: 0, count: 1_000))).decompressed(longest: 1_000) else {
      Issue.record("not compressed")
      return
    }
    let count = plain.body.count
    #expect(count == 1_000)
  }

  @Test func errorsAndCapacityAreReadFromCompressedAnswers() throws {
    let units = try Self.answer(Self.gzip(Array(#"{"ConsumedCapacity":{"CapacityUnits":2.5}}"#.utf8))).capacityUnits()
    #expect(units == 2.5)
    let refusal = Array(#"{"__type":"x#ConditionalCheckFailedException","Item":{"id":{"S":"a"}}}"#.utf8)
    do {
      _ = try Self.answer(Self.gzip(refusal), status: 400).capacityUnits()
      Issue.record("no error")
    } catch {
      #expect(error.code == .conditionalCheckFailed && error.item == ["id": .string("a")])
    }
  }

  @Test(arguments: [
    ("https://dynamodb.eu-central-1.amazonaws.com", true), ("http://10.0.0.1:8000", true), ("http://127.0.0.1:8000", false),
    ("http://localhost:8000", false), ("http://[::1]:8000", false),
  ]) func isAskedForAcrossANetwork(url: String, isAsked: Bool) async throws {
    let transport = ScriptedTransport([.answer(200, #"{"Item":{"id":{"S":"a"}}}"#)])
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: url),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"))),
      transport: transport, wallClock: WallClock { 1_700_000_000_000 }, clock: SteppedClock(), seed: 1)
    _ = try await client.getItem(GetItemInput(tableName: "t", key: ["id": .string("a")]))
    #expect(transport.sent[0].head.contains("\r\naccept-encoding: gzip\r\n") == isAsked)
  }

  /// From the socket to the value.
  @Test func aCallReadsACompressedAnswer() async throws {
    let item = #"{"Item":{"id":{"S":"\#(String(repeating: "long ", count: 10_000))"}}}"#
    let body = Self.gzip(Array(item.utf8))
    let server = TestServer { peer, _ in
      while peer.request() != nil {
        let fields = "content-encoding: gzip\r\nx-amz-crc32: \(referenceCRC32(body))\r\ncontent-length: \(body.count)\r\n"
        peer.send(Array("HTTP/1.1 200 OK\r\n\(fields)\r\n".utf8) + body)
      }
    }
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "\(server.origin)"),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"))))
    let output = try await client.getItem(GetItemInput(tableName: "t", key: ["id": .string("a")]))
    #expect(output.item?["id"] == .string(String(repeating: "long ", count: 10_000)))
    await client.shutdown()
  }
}
