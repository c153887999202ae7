/// A client's allowance of retries, so that a service in trouble isn't met with ever more requests from its request paths.
///
/// Holds 500 tokens at most. A retry takes 5, a call that succeeds after retries gives the last one's back, one that succeeds at once
/// gives 1.
package struct RetryQuota: Sendable, Equatable {
  package static let capacity = 500
  package static let cost = 5

  package private(set) var tokens = RetryQuota.capacity

  package init() {}

  /// Takes the price of one retry; false, and nothing taken, where too little is left.
  package mutating func take() -> Bool {
    guard tokens >= Self.cost else { return false }
    tokens -= Self.cost
    return true
  }

  /// Notes that a call succeeded.
  package mutating func succeeded(afterRetry: Bool) {
    tokens = min(Self.capacity, tokens + (afterRetry ? Self.cost : 1))
  }
}
