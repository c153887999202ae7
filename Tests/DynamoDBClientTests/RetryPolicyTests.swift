import DynamoDBClient
import Testing

@Suite struct RetryPolicyTests {
  static let retryable: [DynamoDBError.Code] = [
    .provisionedThroughputExceeded, .throttling, .requestLimitExceeded, .limitExceeded, .internalServerError, .serviceUnavailable,
    .transactionInProgress, .replicatedWriteConflict, .transactionConflict, .unrecognizedClient, .cannotResolve, .cannotConnect,
    .tlsFailed, .connectionLost, .timeout, .overloaded, .checksumMismatch, .unprocessed,
  ]
  static let final: [DynamoDBError.Code] = [
    .conditionalCheckFailed, .validation, .serialization, .resourceNotFound, .resourceInUse, .accessDenied, .expiredToken,
    .invalidSignature, .missingAuthenticationToken, .itemCollectionSizeLimitExceeded, .requestTooLarge, .cancelled, .closed,
    .unexpectedAnswer, .expired, .signatureDoesNotMatch, .authFailure, .requestTimeTooSkewed, .stateNotReached, .noCredentials,
    .invalidConfiguration, DynamoDBError.Code("NeverHeardOf"),
  ]
  static let throttles: Set<DynamoDBError.Code> = [
    .provisionedThroughputExceeded, .throttling, .requestLimitExceeded, .limitExceeded, .unprocessed,
  ]

  @Test(arguments: retryable) func worthAnotherTry(_ code: DynamoDBError.Code) {
    let error = DynamoDBError(code, "")
    #expect(error.isRetryable)
    #expect(error.isThrottling == Self.throttles.contains(code))
    #expect(RetryPolicy.requestPath.decision(attempt: 1, error: error, elapsed: .zero, draw: 0) == .retry(after: .zero))
  }

  @Test(arguments: final) func notWorthIt(_ code: DynamoDBError.Code) {
    let error = DynamoDBError(code, "", httpStatus: 400)
    #expect(!error.isRetryable && !error.isThrottling)
    #expect(RetryPolicy.bulk().decision(attempt: 1, error: error, elapsed: .zero, draw: 0) == .giveUp)
  }

  /// A canceled transaction is worth another try if nothing but others' writes or load was in its way.
  @Test(arguments: [
    ([nil, "TransactionConflict"], true, false), (["ThrottlingError", nil], true, true),
    (["ProvisionedThroughputExceeded", "TransactionConflict"], true, false),
    (["TransactionConflict", "ConditionalCheckFailed"], false, false),
    (["ValidationError"], false, false), ([nil], false, false), ([], false, false),
  ]) func canceledTransactions(_ reasons: [String?], _ isRetryable: Bool, _ isThrottling: Bool) {
    let error = DynamoDBError(
      .transactionCanceled, "", httpStatus: 400, cancellationReasons: reasons.map { $0.map { ActionError(code: $0) } })
    #expect(error.isRetryable == isRetryable && error.isThrottling == isThrottling)
  }

  @Test(arguments: [(400, false), (403, false), (404, false), (500, true), (501, false), (502, true), (503, true), (504, true)])
  func statusOfUnknownCodes(_ status: Int, _ isRetryable: Bool) {
    #expect(DynamoDBError(DynamoDBError.Code("Odd"), "", httpStatus: status).isRetryable == isRetryable)
  }

  /// The longest wait is what full jitter draws below.
  @Test(arguments: [
    (DynamoDBError.Code.timeout, 1, 25), (.timeout, 2, 50), (.timeout, 3, 100), (.timeout, 9, 6_400), (.timeout, 11, 20_000),
    (.timeout, 4_000, 20_000), (.throttling, 1, 1_000), (.throttling, 2, 2_000), (.throttling, 5, 16_000), (.throttling, 6, 20_000),
  ]) func longestWait(_ code: DynamoDBError.Code, _ attempt: Int, _ milliseconds: Int) throws {
    let policy = RetryPolicy.bulk(deadline: .seconds(3_600))
    let error = DynamoDBError(code, "")
    #expect(policy.decision(attempt: attempt, error: error, elapsed: .zero, draw: 0) == .retry(after: .zero))
    guard case .retry(let wait) = policy.decision(attempt: attempt, error: error, elapsed: .zero, draw: .max) else {
      Issue.record("gave up")
      return
    }
    #expect(wait < .milliseconds(milliseconds) && wait > .milliseconds(milliseconds) * 0.999)
  }

  @Test func jitterIsEven() {
    var generator = SeededGenerator(seed: 17)
    let error = DynamoDBError(.throttling, "")
    var sum = Duration.zero
    for _ in 0..<2_000 {
      guard case .retry(let wait) = RetryPolicy.requestPath.decision(attempt: 1, error: error, elapsed: .zero, draw: generator.next())
      else { continue }
      sum += wait
    }
    #expect(sum > .seconds(950) && sum < .seconds(1_050), "seed 17")
  }

  @Test func attemptsAndDeadline() {
    let error = DynamoDBError(.timeout, "")
    let path = RetryPolicy.requestPath
    #expect(path.decision(attempt: 3, error: error, elapsed: .zero, draw: 0) == .retry(after: .zero))
    #expect(path.decision(attempt: 4, error: error, elapsed: .zero, draw: 0) == .giveUp)
    #expect(path.decision(attempt: 1, error: error, elapsed: .seconds(30), draw: 0) == .giveUp)
    #expect(path.decision(attempt: 1, error: error, elapsed: .milliseconds(29_990), draw: .max) == .giveUp)
    let bulk = RetryPolicy.bulk(deadline: .seconds(60))
    #expect(bulk.decision(attempt: 1_000_000, error: error, elapsed: .seconds(59), draw: 0) == .retry(after: .zero))
  }

  @Test func unknownKeysGetTwoMoreTries() {
    let error = DynamoDBError(.unrecognizedClient, "")
    let decisions = (1...3).map { RetryPolicy.bulk().decision(attempt: $0, error: error, elapsed: .zero, draw: 0) }
    #expect(decisions == [.retry(after: .zero), .retry(after: .zero), .giveUp])
  }

  @Test(arguments: [(700, 700), (0, 0), (90_000, 20_000)]) func serviceAsksToWait(_ asked: Int, _ waited: Int) {
    let error = DynamoDBError(.throttling, "", retryAfter: .milliseconds(asked))
    #expect(RetryPolicy.requestPath.decision(attempt: 1, error: error, elapsed: .zero, draw: 0) == .retry(after: .milliseconds(waited)))
  }

  @Test func quotaRunsDryAndRecovers() {
    var quota = RetryQuota()
    var taken = 0
    while quota.take() { taken += 1 }
    #expect(taken == 100 && quota.tokens == 0)
    for _ in 0..<4 { quota.succeeded(afterRetry: false) }
    let early = quota.take()
    quota.succeeded(afterRetry: true)
    let late = quota.take()
    #expect(!early && late && quota.tokens == 4)
    for _ in 0..<1_000 { quota.succeeded(afterRetry: false) }
    #expect(quota.tokens == RetryQuota.capacity)
  }
}
