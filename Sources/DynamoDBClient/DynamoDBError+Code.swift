extension DynamoDBError {
  /// What went wrong: the service's own code, as text so that unknown ones are kept, or one of the client's.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The code as the service spells it, such as `ConditionalCheckFailedException`; the client's own have no `Exception` behind.
    public let rawValue: String

    /// Makes a code of its text.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The code's text.
    public var description: String { rawValue }
  }
}

extension DynamoDBError.Code {
  /// The condition of a write was false; `item` may hold the item that it met.
  public static let conditionalCheckFailed = Self("ConditionalCheckFailedException")
  /// The request is not valid.
  public static let validation = Self("ValidationException")
  /// The request's body is not what the service can read.
  public static let serialization = Self("SerializationException")
  /// No such table or index.
  public static let resourceNotFound = Self("ResourceNotFoundException")
  /// No such table, as operations on backups say it.
  public static let tableNotFound = Self("TableNotFoundException")
  /// The table or stream has no policy, or not the expected one.
  public static let policyNotFound = Self("PolicyNotFoundException")
  /// The table exists already, or is being changed.
  public static let resourceInUse = Self("ResourceInUseException")
  /// The endpoint has no such operation.
  public static let unknownOperation = Self("UnknownOperationException")
  /// The credentials don't allow the request.
  public static let accessDenied = Self("AccessDeniedException")
  /// The access key or the session token is unknown.
  public static let unrecognizedClient = Self("UnrecognizedClientException")
  /// The session token has expired.
  public static let expiredToken = Self("ExpiredTokenException")
  /// The session token has expired, as other services and proxies say it.
  public static let expired = Self("ExpiredToken")
  /// The signature isn't the one that the service computed, or has expired.
  public static let invalidSignature = Self("InvalidSignatureException")
  /// The signature isn't the one that the service computed, as other services and proxies say it.
  public static let signatureDoesNotMatch = Self("SignatureDoesNotMatch")
  /// The credentials can't be verified.
  public static let authFailure = Self("AuthFailure")
  /// The request's date is too far from the service's.
  public static let requestTimeTooSkewed = Self("RequestTimeTooSkewed")
  /// The request carries no credentials.
  public static let missingAuthenticationToken = Self("MissingAuthenticationTokenException")
  /// More than the table's, the index's or the partition's throughput.
  public static let provisionedThroughputExceeded = Self("ProvisionedThroughputExceededException")
  /// More than the service takes at the moment.
  public static let throttling = Self("ThrottlingException")
  /// More requests than the account may send.
  public static let requestLimitExceeded = Self("RequestLimitExceeded")
  /// Too many table operations at once.
  public static let limitExceeded = Self("LimitExceededException")
  /// An item collection has reached 10 GB.
  public static let itemCollectionSizeLimitExceeded = Self("ItemCollectionSizeLimitExceededException")
  /// A single write met a transaction on the same item.
  public static let transactionConflict = Self("TransactionConflictException")
  /// A transaction did not happen, and `cancellationReasons` says because of which actions.
  public static let transactionCanceled = Self("TransactionCanceledException")
  /// The token of a transaction was used for another one within ten minutes.
  public static let idempotentParameterMismatch = Self("IdempotentParameterMismatchException")
  /// The same transaction is still under way.
  public static let transactionInProgress = Self("TransactionInProgressException")
  /// A replica in another Region was writing the item.
  public static let replicatedWriteConflict = Self("ReplicatedWriteConflictException")
  /// The service failed; a write may have happened.
  public static let internalServerError = Self("InternalServerError")
  /// The service is not available.
  public static let serviceUnavailable = Self("ServiceUnavailable")
  /// The request is larger than 16 MB.
  public static let requestTooLarge = Self("RequestEntityTooLarge")

  /// The endpoint's name has no address.
  public static let cannotResolve = Self("CannotResolve")
  /// No connection to the endpoint.
  public static let cannotConnect = Self("CannotConnect")
  /// No trusted TLS connection to the endpoint.
  public static let tlsFailed = Self("TLSFailed")
  /// The connection ended before the answer had come.
  public static let connectionLost = Self("ConnectionLost")
  /// No answer in time.
  public static let timeout = Self("Timeout")
  /// The calling task was cancelled.
  public static let cancelled = Self("Cancelled")
  /// The client was shut down.
  public static let closed = Self("Closed")
  /// Too many requests wait for a connection already.
  public static let overloaded = Self("Overloaded")
  /// The answer's bytes don't match its checksum.
  public static let checksumMismatch = Self("ChecksumMismatch")
  /// The answer is not one of DynamoDB's.
  public static let unexpectedAnswer = Self("UnexpectedAnswer")
  /// The service was too busy for all of a batch, to the deadline.
  public static let unprocessed = Self("Unprocessed")
  /// A table did not get into the state that was waited for.
  public static let stateNotReached = Self("StateNotReached")
  /// There are no credentials to sign with.
  public static let noCredentials = Self("NoCredentials")
  /// The phase of a migration keeps the request from being sent; nothing was.
  public static let heldBack = Self("HeldBack")
  /// The client can't be set up as it was asked to be.
  public static let invalidConfiguration = Self("InvalidConfiguration")
}

extension DynamoDBError.Code {
  /// True for refusals because of too many or too costly requests.
  var isThrottling: Bool {
    switch self {
    case .provisionedThroughputExceeded, .throttling, .requestLimitExceeded, .limitExceeded, .unprocessed: true
    default: false
    }
  }

  /// True where the same request may succeed a little later; throttling is.
  var isTransient: Bool {
    switch self {
    case .internalServerError, .serviceUnavailable, .transactionInProgress, .replicatedWriteConflict, .transactionConflict,
      .unrecognizedClient, .cannotResolve, .cannotConnect, .tlsFailed, .connectionLost, .timeout, .overloaded, .checksumMismatch:
      true
    default: isThrottling
    }
  }
}
