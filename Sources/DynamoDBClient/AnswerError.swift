internal import DynamoDBModel

/// Where an answer's body stops being what the operation's answer should be.
package struct AnswerError: Error, Sendable {
  /// The byte of the body, nil where a part is missing or of the wrong kind.
  let offset: Int?
  /// What is wrong, without any of the body.
  let reason: String

  init(at offset: Int) {
    self.offset = offset
    reason = "it is not JSON of the right shape"
  }

  init(_ reason: String) {
    offset = nil
    self.reason = reason
  }

  init(_ error: DynamoDBModelError, from start: Int) {
    offset = error.offset.map { $0 + start }
    reason = error.message
  }

  var message: String {
    "The answer can't be read\(offset.map { " at byte \($0)" } ?? ""): \(reason)."
  }
}
