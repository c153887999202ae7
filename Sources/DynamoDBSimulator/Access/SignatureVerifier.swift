internal import AWSAuth
internal import HTTPTransport

/// Checks the signatures of requests as the service does, by the very code that signs.
struct SignatureVerifier: Sendable {
  /// How far a signature's date may lie from the service's, in milliseconds.
  static let window: Int64 = 900_000

  /// The parts of an `authorization` field.
  private struct Authorization {
    let accessKeyID: String
    let day: String
    let region: String
    let service: String
    let signedNames: [String]
    let signature: String

    init?(_ field: String) {
      guard field.hasPrefix("AWS4-HMAC-SHA256") else { return nil }
      var parts: [String: String] = [:]
      // By bytes: by characters it was a twentieth of a rehearsal's time.
      for part in field.utf8.dropFirst(16).split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }) {
        guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        parts[Self.text(part[..<equals])] = Self.text(part[part.index(after: equals)...])
      }
      guard let scope = parts["Credential"]?.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Self.text),
        scope.count >= 5, scope.last == "aws4_request", let names = parts["SignedHeaders"], let signature = parts["Signature"]
      else { return nil }
      // A key's id may hold slashes; what follows it has four parts.
      accessKeyID = scope.dropLast(4).joined(separator: "/")
      (day, region, service) = (scope[scope.count - 4], scope[scope.count - 3], scope[scope.count - 2])
      signedNames = names.utf8.split(separator: UInt8(ascii: ";")).map(Self.text)
      self.signature = signature
    }

    private static func text(_ bytes: Substring.UTF8View) -> String { String(Substring(bytes)) }
  }

  /// The id that a request claims to be signed with, unchecked; empty if there is none.
  static func claimedKey(_ head: RequestHead) -> String {
    head["authorization"].flatMap(Authorization.init)?.accessKeyID ?? ""
  }

  /// Refuses a request that isn't signed by one of the keys, as it came and about now.
  ///
  /// - Parameter now: the service's time, in milliseconds since 1970 UTC.
  static func verify(
    _ head: RequestHead, _ body: Span<UInt8>, _ access: AccessControl, at now: Int64
  ) throws(ServiceError) -> Caller {
    guard let field = head["authorization"] else {
      throw refusal("MissingAuthenticationTokenException", "Request is missing Authentication Token")
    }
    guard let authorization = Authorization(field), let text = head["x-amz-date"], let date = SigningDate(parsing: text) else {
      throw refusal("IncompleteSignatureException", "Authorization header or X-Amz-Date is missing a part or can't be read.")
    }
    guard let key = access.keys[authorization.accessKeyID] else {
      throw refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
    }
    try checkToken(head["x-amz-security-token"], of: key, at: now)
    try check(date, text, at: now)
    guard let canonical = CanonicalParts(head, authorization.signedNames) else {
      throw refusal("InvalidSignatureException", "The request signature we calculated covers no host and no date.")
    }
    var signer = SigV4(
      secret: key.credentials.secretAccessKey, region: authorization.region, service: authorization.service,
      beforeDate: canonical.beforeDate, afterDate: canonical.afterDate)
    signer.date(date)
    let expected = signer.signature(ofBody: body).string
    guard expected == authorization.signature, authorization.day == date.day, authorization.service == "dynamodb" else {
      throw refusal(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
          + "method. Consult the service documentation for details.")
    }
    return Caller(accessKeyID: authorization.accessKeyID)
  }

  private static func checkToken(_ token: String?, of key: AccessKey, at now: Int64) throws(ServiceError) {
    guard token == key.credentials.sessionToken else {
      throw refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
    }
    if let end = key.credentials.expiration, end <= now { throw expired }
  }

  private static func check(_ date: SigningDate, _ text: String, at now: Int64) throws(ServiceError) {
    let signed = date.seconds * 1_000
    let nowText = SigningDate(seconds: now / 1_000).string
    if signed < now - window {
      let oldest = SigningDate(seconds: (now - window) / 1_000).string
      throw refusal(
        "InvalidSignatureException", "Signature expired: \(text) is now earlier than \(oldest) (\(nowText) - 15 min.)")
    }
    if signed > now + window {
      let newest = SigningDate(seconds: (now + window) / 1_000).string
      throw refusal(
        "InvalidSignatureException", "Signature not yet current: \(text) is still later than \(newest) (\(nowText) + 15 min.)")
    }
  }

  /// What temporary credentials meet that have ended.
  static let expired = refusal("ExpiredTokenException", "The security token included in the request is expired")

  private static func refusal(_ code: String, _ message: String) -> ServiceError {
    ServiceError(type: "com.amazon.coral.service#\(code)", message: message)
  }
}

/// The canonical request of a request that came, cut at its date as `SigV4` wants it.
private struct CanonicalParts {
  let beforeDate: String
  let afterDate: String

  init?(_ head: RequestHead, _ names: [String]) {
    guard names.contains("host"), let dateAt = names.firstIndex(of: "x-amz-date"), names == names.sorted() else { return nil }
    func lines(_ names: ArraySlice<String>) -> String {
      names.map { "\($0):\(Self.trimmed(head[$0] ?? ""))\n" }.joined()
    }
    beforeDate = "\(head.method)\n\(head.path)\n\n\(lines(names[..<dateAt]))x-amz-date:"
    afterDate = "\n\(lines(names[(dateAt + 1)...]))\n\(names.joined(separator: ";"))\n"
  }

  /// Runs of blanks count as one.
  private static func trimmed(_ value: String) -> String {
    value.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }.joined(separator: " ")
  }
}
