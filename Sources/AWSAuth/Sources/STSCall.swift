internal import HTTPTransport

/// A call of the Security Token Service: a form in, XML out.
struct STSCall: Sendable {
  let action: String
  let parameters: [(name: String, value: String)]
  /// What signs it; nil for a call that proves itself by a token among its parameters.
  let credentials: AWSCredentials?
  let region: String
  let origin: HTTPOrigin
  /// What an answer must not be quoted for holding.
  let secrets: [String]

  private static let contentType = "application/x-www-form-urlencoded; charset=utf-8"

  /// The credentials that the role gives.
  ///
  /// - Parameter role: for sentences.
  func credentials(of role: String, _ surroundings: CredentialSurroundings) async throws(CredentialError) -> AWSCredentials {
    var request = SourceRequest(method: "POST", origin: origin, body: Array(form.utf8))
    request.fields = fields(body: request.body, at: surroundings.wallClock.now())
    let answer = try await surroundings.send(request, to: "STS")
    let xml = XMLText(answer.body)
    guard answer.status == 200 else { throw refusal(answer.status, xml, role) }
    let path = "\(action)Response/\(action)Result/Credentials"
    return try GivenCredentials(
      accessKeyID: xml?["\(path)/AccessKeyId"], secretAccessKey: xml?["\(path)/SecretAccessKey"],
      sessionToken: xml?["\(path)/SessionToken"],
      expiration: xml?["\(path)/Expiration"]
    ).checked(from: "STS", mustExpire: true)
  }

  private var form: String {
    ([("Action", action), ("Version", "2011-06-15")] + parameters).map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
  }

  private func fields(body: [UInt8], at milliseconds: Int64) -> [(name: String, value: String)] {
    guard let credentials else { return [("content-type", Self.contentType)] }
    let token = credentials.sessionToken
    let names = "content-type;host;x-amz-date\(token == nil ? "" : ";x-amz-security-token")"
    var signature = SigV4(
      secret: credentials.secretAccessKey, region: region, service: "sts",
      beforeDate: "POST\n/\n\ncontent-type:\(Self.contentType)\nhost:\(origin.authority.lowercased())\nx-amz-date:",
      afterDate: "\n\(token.map { "x-amz-security-token:\($0)\n" } ?? "")\n\(names)\n")
    let date = SigningDate(seconds: milliseconds / 1_000)
    signature.date(date)
    let credential = "\(credentials.accessKeyID)/\(signature.scope(day: date.day))"
    let authorization =
      "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(names), Signature=\(signature.signature(ofBody: body.span).string)"
    return [("content-type", Self.contentType), ("x-amz-date", date.string), ("authorization", authorization)]
      + (token.map { [("x-amz-security-token", $0)] } ?? [])
  }

  private func refusal(_ status: Int, _ xml: XMLText?, _ role: String) -> CredentialError {
    let code = xml?["ErrorResponse/Error/Code"] ?? "HTTP \(status)"
    let said = quotable(xml?["ErrorResponse/Error/Message"]).map { " (\($0))" } ?? ""
    let sentence = "STS gives no credentials of the role \(role): \(quotable(code) ?? "HTTP \(status)")\(said)"
    switch code {
    case "AccessDenied":
      return CredentialError(.denied, "\(sentence); allow it in the role's trust policy and in a policy of whoever assumes it.")
    case "ExpiredToken", "ExpiredTokenException":
      return CredentialError(.expired, "\(sentence); renew the credentials or the token that the role is assumed with.")
    case "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidIdentityToken", "IncompleteSignature":
      return CredentialError(.denied, "\(sentence); check the credentials that the role is assumed with, and this machine's clock.")
    default:
      let isTransient = status >= 500 || status == 429 || code == "Throttling" || code == "IDPCommunicationError"
      return CredentialError(isTransient ? .unreachable : .denied, "\(sentence); check the profile's role and its options.")
    }
  }

  /// What STS says, where it can be shown: it names users and roles, and should it ever repeat what it was sent, nobody is told.
  private func quotable(_ text: String?) -> String? {
    guard let text, !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
    return secrets.contains { !$0.isEmpty && text.contains($0) } ? nil : String(text.prefix(300))
  }
}
