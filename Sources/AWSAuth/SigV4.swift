/// Signs requests that differ in date and body only, by AWS Signature Version 4.
///
/// Of the canonical request everything but the body's digest is the same within a second, and of the string to sign everything but the
/// canonical request's digest: both are kept as hash states, behind the key's pad, and a signature hashes 64 characters twice. The
/// signing key is derived once a day. Not copyable, and so out of reach for printing and reflection, as its keys are.
package struct SigV4: ~Copyable, Sendable {
  private let secret: String
  private let region: String
  private let service: String
  private let beforeDate: String
  private let afterDate: String

  private var day = ""
  private var key: HMACKey
  private var requestStart = SHA256()
  private var stringStart = SHA256()

  /// Makes a signer of one request shape.
  ///
  /// - Parameters:
  ///   - beforeDate: the canonical request up to and with `x-amz-date:`.
  ///   - afterDate: the canonical request behind the date, up to and with the line end before the body's digest.
  package init(secret: String, region: String, service: String, beforeDate: String, afterDate: String) {
    self.secret = secret
    self.region = region
    self.service = service
    self.beforeDate = beforeDate
    self.afterDate = afterDate
    key = HMACKey([UInt8]().span)
  }

  /// The scope of a day's signing key, as it stands in the string to sign and the authorization field.
  package func scope(day: String) -> String { "\(day)/\(region)/\(service)/aws4_request" }

  /// Dates the signatures that follow; only needed when the second has changed.
  package mutating func date(_ date: SigningDate) {
    if date.day != day {
      day = date.day
      key = HMACKey(Self.signingKey(secret: secret, day: day, region: region, service: service).span)
    }
    requestStart = SHA256()
    requestStart.update(beforeDate)
    requestStart.update(date.text.span)
    requestStart.update(afterDate)
    stringStart = key.inner
    stringStart.update("AWS4-HMAC-SHA256\n\(date.string)\n\(scope(day: day))\n")
  }

  /// The signature of a request with this body.
  package func signature(ofBody body: Span<UInt8>) -> HexDigits {
    var bodyHash = SHA256()
    bodyHash.update(body)
    var requestHash = requestStart
    requestHash.update(HexDigits(bodyHash.finish()).text.span)
    var string = stringStart
    string.update(HexDigits(requestHash.finish()).text.span)
    return HexDigits(key.finish(&string))
  }

  /// The signing key of a day: four codes in a chain, from the secret to `aws4_request`.
  package static func signingKey(secret: String, day: String, region: String, service: String) -> SHA256Digest {
    var link = HMACKey(Array("AWS4\(secret)".utf8).span).code(of: day)
    link = HMACKey(link.span).code(of: region)
    link = HMACKey(link.span).code(of: service)
    return HMACKey(link.span).code(of: "aws4_request")
  }
}
