/// How a call ended, in few words: a metric's label.
enum CallOutcome: String, Sendable, CaseIterable {
  case success
  case conditionFailed = "condition_failed"
  case transactionCanceled = "transaction_canceled"
  case throttled
  /// Any other refusal of the request.
  case refused
  /// The service failed.
  case serviceFailed = "service_failed"
  /// No answer came.
  case noAnswer = "no_answer"
  case cancelled

  init(_ error: DynamoDBError) {
    self =
      switch error.code {
      case .conditionalCheckFailed: .conditionFailed
      case .transactionCanceled: .transactionCanceled
      case .cancelled: .cancelled
      case _ where error.isThrottling: .throttled
      default:
        switch error.httpStatus {
        case nil: .noAnswer
        case .some(500...): .serviceFailed
        case .some: .refused
        }
      }
  }
}
