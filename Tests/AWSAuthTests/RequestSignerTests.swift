import AWSAuth
import HTTPTransport
import Testing

@Suite struct RequestSignerTests {
  static let origin = HTTPOrigin(isSecure: true, host: "dynamodb.eu-central-1.amazonaws.com")

  static func signer(
    token: String? = nil, origin: HTTPOrigin = origin, target: String = "DynamoDB_20120810.PutItem"
  ) throws -> RequestSigner {
    RequestSigner(
      credentials: try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: SigV4Tests.secret, sessionToken: token),
      region: "eu-central-1", origin: origin, target: target)
  }

  static func message(_ signer: inout RequestSigner, _ body: String, at milliseconds: Int64) -> String {
    var request = HTTPRequestBuffer()
    return message(&signer, body, at: milliseconds, into: &request)
  }

  static func message(
    _ signer: inout RequestSigner, _ body: String, at milliseconds: Int64, into request: inout HTTPRequestBuffer
  ) -> String {
    request.reset()
    request.writeBody { $0.append(contentsOf: body.utf8) }
    signer.finish(&request, at: milliseconds)
    let bytes = request.message
    return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
  }

  @Test func `writes the whole head`() throws {
    var signer = try Self.signer(token: "T/o+ken==")
    let message = Self.message(&signer, #"{"TableName":"t"}"#, at: SigV4Tests.second * 1_000 + 999)
    // The signature is botocore's for the same request.
    #expect(
      message == """
        POST / HTTP/1.1\r
        host: dynamodb.eu-central-1.amazonaws.com\r
        user-agent: dualtable/\(kitVersion)\r
        content-type: application/x-amz-json-1.0\r
        x-amz-target: DynamoDB_20120810.PutItem\r
        x-amz-security-token: T/o+ken==\r
        x-amz-date: 20150830T123600Z\r
        authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/dynamodb/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
        Signature=40207eafbbad6425690ce3bc636a77f08ca6c030a260a571ee9bdf019fdac512\r
        content-length: 17\r
        \r
        {"TableName":"t"}
        """)
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 1_000, 65_537]) func `states the body's length`(_ length: Int) throws {
    var signer = try Self.signer()
    _ = Self.message(&signer, String(repeating: "y", count: 123_456), at: 0)
    let message = Self.message(&signer, String(repeating: "x", count: length), at: 0)
    #expect(message.contains("\r\ncontent-length: \(length)\r\n\r\n"))
    #expect(message.hasSuffix("\r\n\r\n" + String(repeating: "x", count: length)))
  }

  /// A signer that lives on must sign as a fresh one would: over midnight, on a clock set back, at a longer body after a shorter one.
  @Test func `signs alike however it got there`() throws {
    let midnight = (SigV4Tests.second / 86_400 + 1) * 86_400_000
    var kept = try Self.signer()
    var request = HTTPRequestBuffer(bodyCapacity: 16)
    for (index, time) in [-1, 0, 999, 1_000, -1, -86_400_001, 0, 31 * 86_400_000].enumerated() {
      let body = String(repeating: "ü€", count: (index * 37) % 101)
      var fresh = try Self.signer()
      let message = Self.message(&kept, body, at: midnight + Int64(time), into: &request)
      #expect(message == Self.message(&fresh, body, at: midnight + Int64(time)), "step \(index)")
    }
  }

  @Test func `a session token longer than the headroom still fits`() throws {
    let token = String(repeating: "t", count: 2 * HTTPRequestBuffer.headroom)
    var signer = try Self.signer(token: token)
    var request = HTTPRequestBuffer()
    for body in ["{}", #"{"a":1}"#] {
      let message = Self.message(&signer, body, at: 0, into: &request)
      #expect(message.contains("x-amz-security-token: \(token)\r\n"))
      #expect(message.hasSuffix("\r\n\r\n\(body)"))
    }
  }
}
