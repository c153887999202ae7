package import HTTPTransport

/// Signs the requests of one operation at one origin and writes their heads; owned by whoever sends them.
///
/// The head is kept between requests: only the signature and the length are written anew, and the date once a second. In steady state a
/// request costs no allocation here and under 1 µs.
package struct RequestSigner: ~Copyable, Sendable {
  private var signature: SigV4
  private let accessKeyID: String
  private let signedNames: String
  /// Request line and the fields that never change.
  private let fixedFields: String

  private var second = Int64.min
  private var head = ByteBuffer(capacity: HTTPRequestBuffer.headroom)
  private var signatureAt = 0
  private var lengthAt = 0

  /// Makes a signer.
  ///
  /// - Parameters:
  ///   - region: as in `eu-central-1`.
  ///   - target: version and operation, as in `DynamoDB_20120810.PutItem`.
  ///   - acceptsGzip: whether answers may come compressed.
  package init(
    credentials: AWSCredentials, region: String, service: String = "dynamodb", origin: HTTPOrigin, target: String,
    acceptsGzip: Bool = false
  ) {
    let type = "application/x-amz-json-1.0"
    let host = origin.authority.lowercased()
    let token = credentials.sessionToken
    accessKeyID = credentials.accessKeyID
    signedNames = "content-type;host;x-amz-date;\(token == nil ? "" : "x-amz-security-token;")x-amz-target"
    signature = SigV4(
      secret: credentials.secretAccessKey, region: region, service: service,
      beforeDate: "POST\n/\n\ncontent-type:\(type)\nhost:\(host)\nx-amz-date:",
      afterDate: "\n\(token.map { "x-amz-security-token:\($0)\n" } ?? "")x-amz-target:\(target)\n\n\(signedNames)\n")
    fixedFields =
      "POST / HTTP/1.1\r\nhost: \(host)\r\nuser-agent: dualtable/\(kitVersion)\r\ncontent-type: \(type)\r\n"
      + (acceptsGzip ? "accept-encoding: gzip\r\n" : "")
      + "x-amz-target: \(target)\r\n\(token.map { "x-amz-security-token: \($0)\r\n" } ?? "")"
  }

  /// Signs `request`, whose body is complete, and puts the whole head before it.
  ///
  /// - Parameter milliseconds: since 1970 UTC; the signature's date.
  package mutating func finish(_ request: inout HTTPRequestBuffer, at milliseconds: Int64) {
    let now = milliseconds >= 0 ? milliseconds / 1_000 : (milliseconds - 999) / 1_000
    if now != second { date(now) }
    let digits = signature.signature(ofBody: request.body)
    head.overwrite(at: signatureAt, with: digits.text.span)
    head.truncate(to: lengthAt)
    appendDecimal(request.body.count)
    head.append("\r\n\r\n")
    request.prepend(head: head.span)
  }

  /// Writes the part of the head that holds for a whole second.
  private mutating func date(_ now: Int64) {
    second = now
    let date = SigningDate(seconds: now)
    signature.date(date)
    head.removeAll()
    head.append(contentsOf: fixedFields.utf8)
    head.append("x-amz-date: ")
    head.append(date.text.span)
    let credential = "\(accessKeyID)/\(signature.scope(day: date.day))"
    head.append(
      contentsOf: "\r\nauthorization: AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(signedNames), Signature=".utf8)
    signatureAt = head.count
    for _ in 0..<64 { head.append(UInt8(ascii: "0")) }
    head.append("\r\ncontent-length: ")
    lengthAt = head.count
  }

  private mutating func appendDecimal(_ number: Int) {
    var scale = 1
    while number / scale >= 10 { scale *= 10 }
    while scale > 0 {
      head.append(UInt8(ascii: "0") + UInt8(number / scale % 10))
      scale /= 10
    }
  }
}
