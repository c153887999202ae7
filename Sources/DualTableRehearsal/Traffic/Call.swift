/// One operation that a client makes up.
package struct Call: Sendable {
  package var key: String
  package var operation: HistoryEvent.Operation
  package var value: String?
  package var expect: String?
  /// True for a write that goes as an update expression rather than as a whole item.
  package var isUpdateExpression = false
  /// True if it asks what was there.
  package var tellsResult = false

  package init(key: String, operation: HistoryEvent.Operation) {
    self.key = key
    self.operation = operation
  }
}

/// What a client was told of one operation.
package enum Told: Sendable {
  /// It happened; `result` is what a read saw or a write replaced, where `tells`.
  case ok(result: String?, tells: Bool)
  case refused
  case unknown
  /// It certainly didn't happen.
  case nothing

  package var isDecided: Bool {
    switch self {
    case .ok, .refused: true
    case .unknown, .nothing: false
    }
  }
}
