/// What one client of a run saw of one operation: a line of a history.
package struct HistoryEvent: Sendable, Hashable {
  package enum Operation: String, Sendable, CaseIterable {
    /// What OLD held before anybody began.
    case initial
    /// A consistent read.
    case get
    case put
    /// Only if there is no item.
    case create
    /// Only if the value is `expect`.
    case replace
    /// Only if there is an item.
    case update
    case delete
  }

  package enum Outcome: String, Sendable, CaseIterable {
    case ok
    /// Its condition was false.
    case refused
    /// It may have happened, or may happen yet.
    case unknown
  }

  package var client = 0
  package var key: String
  package var operation: Operation
  /// What it writes; unlike any other write's.
  package var value: String?
  /// What a `replace` expects.
  package var expect: String?
  /// What a get saw, or what a write was told that it replaced; nil for no item, and where `tellsResult` is false.
  package var result: String?
  /// True if the operation says what was there.
  package var tellsResult = false
  package var outcome = Outcome.ok
  /// Nanoseconds of one clock.
  package var start: Int64 = 0
  package var end: Int64 = 0

  package init(
    client: Int = 0, key: String, operation: Operation, value: String? = nil, expect: String? = nil, result: String? = nil,
    tellsResult: Bool = false, outcome: Outcome = .ok, start: Int64 = 0, end: Int64 = 0
  ) {
    self.client = client
    self.key = key
    self.operation = operation
    self.value = value
    self.expect = expect
    self.result = result
    self.tellsResult = tellsResult
    self.outcome = outcome
    self.start = start
    self.end = end
  }
}
