extension DynamoDBError {
  /// What `description` says beside the code: the message where it can't quote the request, else words of our own.
  var explanation: String? {
    if httpStatus == nil { return message }
    return switch code {
    case .resourceNotFound, .resourceInUse, .accessDenied, .limitExceeded, .throttling, .provisionedThroughputExceeded,
      .requestLimitExceeded, .internalServerError, .serviceUnavailable, .checksumMismatch, .unexpectedAnswer, .requestTooLarge,
      .transactionConflict, .transactionInProgress, .replicatedWriteConflict, .itemCollectionSizeLimitExceeded:
      message.isEmpty ? nil : message
    case .conditionalCheckFailed: "the condition of the write was false"
    case .validation: "the service calls the request invalid"
    case .serialization: "the service cannot read the request"
    case .unrecognizedClient: "the access key or session token is unknown; check the credentials and the region"
    case .expiredToken: "the session token has expired; renew the credentials"
    case .invalidSignature: "the signature was refused; check the secret key, the region and this machine's clock"
    case .missingAuthenticationToken: "the endpoint saw no credentials; check the endpoint"
    default: nil
    }
  }
}
