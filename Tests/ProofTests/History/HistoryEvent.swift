/// What one client of a run saw of one operation: a line of a history.
struct HistoryEvent: Sendable, Hashable {
  enum Operation: String, Sendable, CaseIterable {
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

  enum Outcome: String, Sendable, CaseIterable {
    case ok
    /// Its condition was false.
    case refused
    /// It may have happened, or may happen yet.
    case unknown
  }

  var client = 0
  var key: String
  var operation: Operation
  /// What it writes; unlike any other write's.
  var value: String?
  /// What a `replace` expects.
  var expect: String?
  /// What a get saw, or what a write was told that it replaced; nil for no item, and where `tellsResult` is false.
  var result: String?
  /// True if the operation says what was there.
  var tellsResult = false
  var outcome = Outcome.ok
  /// Nanoseconds of one clock.
  var start: Int64 = 0
  var end: Int64 = 0
}
