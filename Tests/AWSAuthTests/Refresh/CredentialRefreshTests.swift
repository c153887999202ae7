import Testing

@testable import AWSAuth

/// When credentials are fetched anew, without any time passing.
@Suite struct CredentialRefreshTests {
  static let minute: Int64 = 60_000

  static func credentials(_ key: String, end: Int64?) throws -> AWSCredentials {
    try AWSCredentials(accessKeyID: key, secretAccessKey: "s", expiration: end)
  }

  /// A refresh that has fetched credentials at 0 which end after `minutes`.
  static func holding(_ minutes: Int64) throws -> CredentialRefresh {
    var refresh = CredentialRefresh()
    _ = refresh.ask(at: 0)
    _ = refresh.fetched(try credentials("A", end: minutes * minute), at: 0)
    return refresh
  }

  static func shown(_ answer: CredentialRefresh.Answer) -> String {
    switch answer {
    case .use: "use"
    case .useAndFetch: "use and fetch"
    case .wait: "wait"
    case .fetch: "fetch"
    case .fail(let error): "fail \(error.code)"
    }
  }

  @Test(
    "refresh 15 minutes early, must have by 10 minutes early",
    arguments: [
      (60, 0, "use"), (60, 44, "use"), (60, 45, "use and fetch"), (60, 49, "use and fetch"), (60, 50, "fetch"), (60, 59, "fetch"),
      (60, 61, "fetch"),
      // Shorter lives: at their half, and two thirds.
      (15, 7, "use"), (15, 8, "use and fetch"), (15, 10, "fetch"), (6, 2, "use"), (6, 3, "use and fetch"), (6, 4, "fetch"),
    ] as [(Int64, Int64, String)]) func windows(_ life: Int64, _ now: Int64, _ answer: String) throws
  {
    var refresh = try Self.holding(life)
    #expect((refresh.current(at: now * Self.minute) != nil) == (answer == "use"))
    #expect(Self.shown(refresh.ask(at: now * Self.minute)) == answer)
  }

  @Test(arguments: [60, nil] as [Int64?])
  func `what the service calls ended is fetched anew, but not again and again`(_ minutes: Int64?) throws {
    var refresh = CredentialRefresh()
    refresh.refused(at: 0)
    _ = refresh.ask(at: 0)
    _ = refresh.fetched(try Self.credentials("A", end: minutes.map { $0 * Self.minute }), at: 0)
    refresh.refused(at: 29_999)
    #expect(refresh.current(at: 29_999) != nil && Self.shown(refresh.ask(at: 29_999)) == "use", "said of those before it")
    refresh.refused(at: 30_000)
    #expect(refresh.current(at: 30_000) == nil && Self.shown(refresh.ask(at: 30_000)) == "fetch")
    refresh.refused(at: 30_000)
    #expect(Self.shown(refresh.ask(at: 30_000)) == "wait")
    _ = refresh.fetched(try Self.credentials("A", end: nil), at: 31_000)
    refresh.refused(at: 60_000)
    #expect(Self.shown(refresh.ask(at: 60_000)) == "use")
  }

  @Test func `one fetch at a time`() throws {
    var refresh = CredentialRefresh()
    #expect(Self.shown(refresh.ask(at: 0)) == "fetch" && Self.shown(refresh.ask(at: 0)) == "wait")
    _ = refresh.fetched(try Self.credentials("A", end: 60 * Self.minute), at: 0)
    #expect(Self.shown(refresh.ask(at: 45 * Self.minute)) == "use and fetch" && Self.shown(refresh.ask(at: 46 * Self.minute)) == "use")
    // Nobody may go on with what there is any longer: who comes now waits for the fetch that is under way.
    #expect(Self.shown(refresh.ask(at: 50 * Self.minute)) == "wait")
  }

  @Test func `a failed early fetch keeps the old ones, and is tried again after half a minute`() throws {
    var refresh = try Self.holding(60)
    let (first, error) = (45 * Self.minute, CredentialError(.unreachable, "x"))
    _ = refresh.ask(at: first)
    refresh.failed(error, at: first)
    #expect(Self.shown(refresh.ask(at: first + 29_999)) == "use" && Self.shown(refresh.ask(at: first + 30_000)) == "use and fetch")
    refresh.failed(error, at: first + 30_000)
    #expect(Self.shown(refresh.ask(at: 50 * Self.minute)) == "fetch")
    refresh.failed(error, at: 50 * Self.minute)
    // A crowd that meets the failure isn't a crowd at the source.
    #expect(Self.shown(refresh.ask(at: 50 * Self.minute + 999)) == "fail unreachable")
    #expect(Self.shown(refresh.ask(at: 50 * Self.minute + 1_000)) == "fetch")
    _ = refresh.fetched(try Self.credentials("B", end: 120 * Self.minute), at: 50 * Self.minute + 1_001)
    #expect(refresh.current(at: 51 * Self.minute)?.accessKeyID == "B")
  }

  @Test func `credentials that have ended are none`() throws {
    var refresh = CredentialRefresh()
    _ = refresh.ask(at: 10)
    guard case .failure(let error) = refresh.fetched(try Self.credentials("A", end: 10), at: 10) else {
      Issue.record("ended credentials were taken")
      return
    }
    #expect(error.code == .expired && refresh.current(at: 10) == nil && !refresh.isFetching)
  }

  @Test func `what doesn't end is looked at again only where it may change`() throws {
    var refresh = CredentialRefresh()
    _ = refresh.ask(at: 0)
    _ = refresh.fetched(try Self.credentials("A", end: nil), at: 0)
    #expect(refresh.current(at: .max - 1) != nil)
    _ = refresh.fetched(try Self.credentials("A", end: nil), at: 0, rereadAfter: Self.minute)
    #expect(Self.shown(refresh.ask(at: Self.minute - 1)) == "use" && Self.shown(refresh.ask(at: Self.minute)) == "use and fetch")
    refresh.failed(CredentialError(.malformed, "x"), at: Self.minute)
    #expect(Self.shown(refresh.ask(at: 100 * Self.minute)) == "use and fetch")
  }

  @Test func `a fetch that was cut off is nobody's failure`() {
    var refresh = CredentialRefresh()
    _ = refresh.ask(at: 0)
    refresh.failed(CredentialError(.cancelled, "x"), at: 0)
    #expect(Self.shown(refresh.ask(at: 0)) == "fetch")
  }
}
