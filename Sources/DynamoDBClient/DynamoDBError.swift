public import DynamoDBModel

/// Why a call has no answer: the service's refusal, or what kept the client from getting one.
///
/// `description` holds nothing of items, keys or credentials; `message` may, where the service quotes the request.
public struct DynamoDBError: Error, Sendable, CustomStringConvertible {
  /// What went wrong.
  public let code: Code
  /// The service's own words, or the client's cause and remedy. The service's may quote values from the request: don't log them.
  public let message: String
  /// The service's id of the request (`x-amzn-requestid`).
  public let requestID: String?
  /// The answer's HTTP status; nil where none came.
  public let httpStatus: Int?
  /// The item that a false condition met, where the request asked for it (ALL_OLD) and the engine gives it.
  public let item: Item?
  /// Why the request was throttled, as far as the service says.
  public let throttlingReasons: [ThrottlingReason]
  /// What became of each action of a canceled transaction, in the request's order; nil for an action that nothing was wrong with.
  public let cancellationReasons: [ActionError?]
  /// How long the service asks to wait before the next try (`x-amz-retry-after`).
  public let retryAfter: Duration?
  /// What time it was for the service, in milliseconds since 1970, by the answer's `Date`.
  package let serviceTime: Int64?
  /// True if this try's request may have reached the service and nothing said that it was refused.
  public let mayHaveArrived: Bool
  /// True for a write that may or may not have happened: this try's outcome, or an earlier one's of the same call, is unknown.
  public package(set) var outcomeUnknown: Bool
  /// How many tries the call has had; 0 where nothing was sent.
  public package(set) var attempts: Int
  /// What lies beneath, where the client itself failed.
  public let cause: (any Error)?

  package init(
    _ code: Code, _ message: String, requestID: String? = nil, httpStatus: Int? = nil, item: Item? = nil,
    throttlingReasons: [ThrottlingReason] = [], cancellationReasons: [ActionError?] = [], retryAfter: Duration? = nil,
    serviceTime: Int64? = nil, mayHaveArrived: Bool = false, cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.requestID = requestID.map { Self.plain($0, longest: 128) }
    self.httpStatus = httpStatus
    self.item = item
    self.throttlingReasons = throttlingReasons
    self.cancellationReasons = cancellationReasons
    self.retryAfter = retryAfter
    self.serviceTime = serviceTime
    self.mayHaveArrived = mayHaveArrived
    self.outcomeUnknown = false
    self.attempts = 0
    self.cause = cause
  }

  /// True if the same request may succeed a little later.
  public var isRetryable: Bool {
    if code.isTransient || isThrottling { return true }
    if code == .transactionCanceled { return isCanceled(for: ["TransactionConflict"] + Self.throttledReasons) }
    // What a proxy or a load balancer says in the service's place has no code of the service's.
    switch httpStatus {
    case 500, 502, 503, 504: return true
    default: return false
    }
  }

  /// True if the request was refused because there were too many or too costly ones.
  public var isThrottling: Bool { code.isThrottling || code == .transactionCanceled && isCanceled(for: Self.throttledReasons) }

  private static let throttledReasons = ["ThrottlingError", "ProvisionedThroughputExceeded"]

  /// True if a transaction was canceled for these reasons and no other.
  private func isCanceled(for reasons: [String]) -> Bool {
    let given = cancellationReasons.compactMap { $0?.code }
    return !given.isEmpty && given.allSatisfy(reasons.contains)
  }

  /// True if the session token has expired: other credentials may pass.
  package var isExpiry: Bool { code == .expiredToken || code == .expired }

  /// One sentence without item data or secrets; no period ends it, so that it can be part of another one.
  public var description: String {
    var text = "\(code)"
    if let words = explanation { text += ": \(words)" }
    var notes: [String] = []
    if let httpStatus { notes.append("HTTP \(httpStatus)") }
    if attempts > 1 { notes.append("\(attempts) tries") }
    if outcomeUnknown { notes.append("the write may have happened") }
    if let requestID { notes.append("request \(requestID)") }
    return notes.isEmpty ? text : "\(text) (\(notes.joined(separator: ", ")))"
  }
}
