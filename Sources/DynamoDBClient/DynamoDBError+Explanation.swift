extension DynamoDBError {
  /// What `description` says beside the code: the message where it can't quote the request, else words of our own.
  var explanation: String? {
    if httpStatus == nil { return Self.clause(message) }
    return safeWords.map { Self.plain($0, longest: 1_000) }
  }

  /// `text` as a part of one line of a log or a terminal, which an endpoint must neither forge nor command nor fill.
  static func plain(_ text: String, longest: Int) -> String {
    let bytes = text.utf8.prefix(longest).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: bytes, as: UTF8.self) + (text.utf8.count > longest ? " ..." : "")
  }

  private var safeWords: String? {
    switch code {
    case .accessDenied: words(or: "the credentials don't allow this", "allow it in a policy, or use other credentials")
    case .resourceNotFound, .tableNotFound: words(or: "there is no such table", "check the table's name, the region and the endpoint")
    case .resourceInUse, .limitExceeded, .throttling, .provisionedThroughputExceeded,
      .requestLimitExceeded, .internalServerError, .serviceUnavailable, .checksumMismatch, .unexpectedAnswer, .requestTooLarge,
      .transactionConflict, .transactionInProgress, .replicatedWriteConflict, .itemCollectionSizeLimitExceeded:
      message.isEmpty ? nil : Self.clause(message)
    case .conditionalCheckFailed: "the condition of the write was false"
    case .transactionCanceled: "the transaction was canceled [\(cancellationReasons.map { $0?.code ?? "None" }.joined(separator: ", "))]"
    case .idempotentParameterMismatch: "the client request token was used for another transaction; make a new one for each"
    case .policyNotFound: "the resource has no policy, or not the expected one"
    case .validation: "the service calls the request invalid"
    case .serialization: "the service cannot read the request"
    case .unrecognizedClient: "the access key or session token is unknown; check the credentials and the region"
    case .expiredToken, .expired: "the session token has expired; renew the credentials"
    case .invalidSignature, .signatureDoesNotMatch, .authFailure, .requestTimeTooSkewed:
      "the signature was refused; check the secret key, the region and this machine's clock"
    case .missingAuthenticationToken: "the endpoint saw no credentials; check the endpoint"
    default: nil
    }
  }

  private func words(or cause: String, _ remedy: String) -> String {
    "\(message.isEmpty ? cause : Self.clause(message)); \(remedy)"
  }

  /// A sentence as part of another one.
  private static func clause(_ sentence: String) -> String { sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence }
}
