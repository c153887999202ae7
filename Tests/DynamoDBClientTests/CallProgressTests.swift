import DynamoDBClient
import Testing

/// What follows a failed try: everything that a call's own record adds to the policy.
@Suite struct CallProgressTests {
  private struct Case: Sendable {
    var error: DynamoDBError
    var renewal: CallProgress.Renewal?
    var elapsed = Duration.zero
  }

  private static let lost = DynamoDBError(.connectionLost, "", mayHaveArrived: true)
  private static let throttled = DynamoDBError(.throttling, "", httpStatus: 400)
  private static let signature = DynamoDBError(.invalidSignature, "", httpStatus: 400)
  private static let expired = DynamoDBError(.expiredToken, "", httpStatus: 400)

  private func steps(
    _ cases: [Case], resend: Resend = .always, isWrite: Bool = false, policy: RetryPolicy = .requestPath, quota: inout RetryQuota
  ) -> [String] {
    var progress = CallProgress(policy: policy, resend: resend, isWrite: isWrite)
    return cases.map { each in
      switch progress.failed(each.error, renewal: each.renewal, elapsed: each.elapsed, draw: 0, quota: &quota) {
      case .retry: "again"
      case .fail(let error): "fail \(error.attempts)\(error.outcomeUnknown ? " unknown" : "")"
      }
    }
  }

  @Test func eachKindOfRenewalCountsOnce() {
    var quota = RetryQuota()
    let clock = Case(error: Self.signature, renewal: .clock)
    let token = Case(error: Self.expired, renewal: .credentials)
    #expect(steps([clock, clock], quota: &quota) == ["again", "fail 2"])
    #expect(steps([token, clock, token], quota: &quota) == ["again", "again", "fail 3"])
    #expect(steps([Case(error: Self.signature)], quota: &quota) == ["fail 1"])
    #expect(steps([clock], resend: .never, quota: &quota) == ["fail 1"])
    #expect(steps([Case(error: Self.signature, renewal: .clock, elapsed: .seconds(30))], quota: &quota) == ["fail 1"])
    #expect(quota.tokens == RetryQuota.capacity, "renewals are free")
  }

  /// A renewal is one more try than the policy allows, and doesn't take one of those away.
  @Test func renewalsComeOnTop() {
    var quota = RetryQuota()
    let cases = [
      Case(error: Self.throttled), Case(error: Self.throttled), Case(error: Self.throttled), Case(error: Self.signature, renewal: .clock),
    ]
    #expect(steps(cases, quota: &quota) == ["again", "again", "again", "again"])
  }

  @Test func outcomesOfWrites() {
    var quota = RetryQuota()
    let refused = Case(error: DynamoDBError(.conditionalCheckFailed, "", httpStatus: 400))
    let lost = Case(error: Self.lost)
    #expect(steps([lost, refused], isWrite: true, quota: &quota) == ["again", "fail 2 unknown"])
    #expect(steps([refused], isWrite: true, quota: &quota) == ["fail 1"])
    #expect(steps([lost, refused], isWrite: false, quota: &quota) == ["again", "fail 2"])
    #expect(steps([lost], resend: .unlessOutcomeUnknown, isWrite: true, quota: &quota) == ["fail 1 unknown"])
    #expect(steps([lost], resend: .unlessOutcomeUnknown, isWrite: false, quota: &quota) == ["again"])
    // A clock that is corrected after a lost write doesn't make its outcome known.
    #expect(
      steps([lost, Case(error: Self.signature, renewal: .clock), refused], isWrite: true, quota: &quota) == [
        "again", "again", "fail 3 unknown",
      ])
  }

  @Test func theAllowanceIsDrawnOnByRetriesOfItsPoliciesOnly() {
    var quota = RetryQuota()
    while quota.take() {}
    #expect(steps([Case(error: Self.throttled)], quota: &quota) == ["fail 1"])
    #expect(steps([Case(error: Self.throttled)], policy: .bulk(), quota: &quota) == ["again"])
    #expect(steps([Case(error: Self.signature, renewal: .clock)], quota: &quota) == ["again"])
  }

  @Test func cancelledBetweenTries() {
    var quota = RetryQuota()
    var progress = CallProgress(policy: .requestPath, resend: .always, isWrite: true)
    #expect(progress.cancelled().attempts == 0 && !progress.cancelled().outcomeUnknown && !progress.hasDrawn)
    _ = progress.failed(Self.lost, elapsed: .zero, draw: 0, quota: &quota)
    #expect(progress.cancelled().attempts == 1 && progress.cancelled().outcomeUnknown && progress.hasDrawn)
  }
}
