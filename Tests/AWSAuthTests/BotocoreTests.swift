import AWSAuth
import Glibc
import HTTPTransport
import Testing

/// Our signatures beside botocore's, which every AWS tool in Python signs with.
@Suite struct BotocoreTests {
  /// One line of the script's input, and what we made of the same request.
  struct Case {
    let line: String
    let authorization: String
    let summary: String
  }

  @Test(.enabled("botocore isn't here: set DUALTABLE_TEST_PYTHON to a Python that has it") { Python.withBotocore != nil })
  func `signs a thousand requests as botocore does`() throws {
    let python = try #require(Python.withBotocore)
    let seed: UInt64 = 20_261_121
    var generator = SplitMix(state: seed)
    let cases = try (0..<1_200).map { try Self.makeCase(&generator, index: $0) }
    let theirs = try python.run(script: Self.script, input: cases.map(\.line).joined(separator: "\n") + "\n")
    try #require(theirs.count == cases.count, "botocore signed \(theirs.count) of \(cases.count) requests")
    for (index, mine) in cases.enumerated() {
      #expect(mine.authorization == theirs[index], "seed \(seed), request \(index): \(mine.summary)")
    }
  }

  /// Fields apart by blanks; secrets and bodies in hex, so that the line needs no quoting.
  static let script = """
    import datetime, sys
    import botocore.auth, botocore.awsrequest, botocore.credentials
    now = None
    class Frozen(datetime.datetime):
        @classmethod
        def utcnow(cls): return now
        @classmethod
        def now(cls, tz=None): return now.replace(tzinfo=tz)
    botocore.auth.datetime = type(sys)("datetime")
    botocore.auth.datetime.__dict__.update(datetime.__dict__)
    botocore.auth.datetime.datetime = Frozen
    botocore.auth.get_current_datetime = lambda *a, **k: now
    for line in sys.stdin:
        seconds, url, region, target, key, secret, token, body = line.rstrip("\\n").split(" ")
        now = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
        unhex = lambda text: bytes.fromhex(text[1:])
        credentials = botocore.credentials.Credentials(key, unhex(secret).decode(), unhex(token).decode() or None)
        request = botocore.awsrequest.AWSRequest("POST", url, {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target}, unhex(body))
        botocore.auth.SigV4Auth(credentials, "dynamodb", region).add_auth(request)
        print(request.headers["Authorization"])
    """

  static func makeCase(_ generator: inout SplitMix, index: Int) throws -> Case {
    let secure = generator.chance(2)
    let host = generator.pick(["dynamodb.eu-central-1.amazonaws.com", "localhost", "127.0.0.1", "10.0.0.7", "Table.Example.COM", "::1"])
    let port = generator.pick([nil, 80, 443, 8_000, 65_535])
    let origin = HTTPOrigin(isSecure: secure, host: host, port: port)
    let region = generator.pick(["us-east-1", "eu-central-1", "cn-north-1", "ap-southeast-3"])
    let target = "DynamoDB_20120810." + generator.pick(["PutItem", "Scan", "BatchExecuteStatement", "DescribeTable"])
    let key = generator.pick(["AKIDEXAMPLE", "ASIA0123456789ABCDEF", "a"])
    let secret = (0..<generator.below(64) + 1).map { _ in UInt8(0x21 + generator.below(0x7F - 0x21)) }
    let token = generator.chance(2) ? [] : (0..<generator.below(1_500) + 1).map { _ in UInt8(0x21 + generator.below(0x7F - 0x21)) }
    let body = makeBody(&generator, index: index)
    let midnight = Int64(generator.below(36_000)) * 86_400
    let seconds = max(0, midnight + generator.pick([-1, 0, 1, 43_210, 86_399]))

    var signer = RequestSigner(
      credentials: try AWSCredentials(
        accessKeyID: key, secretAccessKey: String(decoding: secret, as: UTF8.self),
        sessionToken: token.isEmpty ? nil : String(decoding: token, as: UTF8.self)),
      region: region, origin: origin, target: target)
    var request = HTTPRequestBuffer()
    request.writeBody { $0.append(contentsOf: body) }
    signer.finish(&request, at: seconds * 1_000 + Int64(generator.below(1_000)))
    let message = request.message
    let head = String(decoding: message.indices.prefix(message.count - body.count).map { message[$0] }, as: UTF8.self)
    let field = head.split(separator: "\r\n").first { $0.hasPrefix("authorization: ") }
    let authorization = String(try #require(field).dropFirst("authorization: ".count))
    return Case(
      line: "\(seconds) \(origin)/ \(region) \(target) \(key) \(hex(secret)) \(hex(token)) \(hex(body))",
      authorization: authorization, summary: "\(origin), \(target), second \(seconds), body of \(body.count) bytes")
  }

  static func makeBody(_ generator: inout SplitMix, index: Int) -> [UInt8] {
    if index % 400 == 7 { return (0..<1_000_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
    switch generator.below(4) {
    case 0: return []
    case 1: return Array("{}".utf8)
    case 2:
      let words = ["ß", "日本語", "🙂", #"\u0000"#, "plain", "\u{202E}", "e\u{301}"]
      let text = (0..<generator.below(40)).map { _ in generator.pick(words) }.joined(separator: " ")
      return Array(#"{"TableName":"users","Item":{"id":{"S":"\#(text)"}}}"#.utf8)
    default: return (0..<generator.below(4_000)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
  }

  /// With a letter before the digits, so that nothing is something too.
  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return "x" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
