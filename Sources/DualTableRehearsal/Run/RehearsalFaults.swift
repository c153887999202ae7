internal import DynamoDBSimulator

/// How much goes wrong in a rehearsal.
package enum RehearsalFaults: String, Sendable, Hashable, CaseIterable {
  /// Requests take their time, and that is all.
  case none
  /// What a service meets in a bad week.
  case light
  /// Storms of throttling, answers lost by the hundred, requests that arrive a quarter of an hour late.
  case heavy

  /// What goes wrong with requests.
  func plan(seed: UInt64) -> FaultPlan {
    var plan = FaultPlan(seed: seed)
    plan.delay = .milliseconds(1) ... .milliseconds(10)
    guard self != .none else { return plan }
    let amount = self == .light ? 0.001 : 0.02
    (plan.throttled, plan.failedBefore, plan.failedAfter, plan.unavailable) = (amount, amount / 2, amount / 2, amount / 2)
    (plan.lostRequest, plan.lostAnswer, plan.late, plan.reset) = (amount / 2, amount / 2, amount / 4, amount / 4)
    (plan.truncated, plan.corrupted, plan.reordered) = (amount / 8, amount / 8, amount * 2)
    plan.lateness = .milliseconds(50) ... .seconds(self == .light ? 60 : 880)
    if self == .heavy { plan.storm = .init(every: .seconds(30), lasting: .seconds(2), chance: 0.5) }
    return plan
  }
}
