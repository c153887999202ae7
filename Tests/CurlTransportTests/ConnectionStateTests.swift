import Testing

@testable import CurlTransport

@Suite struct ConnectionStateTests {
  /// What happens to a connection; times in milliseconds.
  enum Event: Sendable {
    /// `polled` is when the poller has looked last.
    case pull(at: Int64, polled: Int64 = .max)
    case connected, refused, probed(ExchangeFailure.Reason?), sent(Int), blocked(touched: Bool), sendFails
    case turnedAway
    case part, all(closes: Bool = false, excess: Int = 0), fault, end, reset, expire(at: Int64), abandon, reconnect
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: [(Event, ConnectionState.Action)]
    var testDescription: String { name }
    init(_ name: String, _ steps: (Event, ConnectionState.Action)...) { (self.name, self.steps) = (name, steps) }
  }

  static func fails(_ reason: ExchangeFailure.Reason, arrived: Bool) -> ConnectionState.Action {
    .fail(ExchangeFailure(reason: reason, mayHaveArrived: arrived))
  }

  /// One exchange, over at 0 ms, of a connection that stays open.
  static let kept: [(Event, ConnectionState.Action)] = [
    (.pull(at: 0), .connect), (.connected, .probe), (.sent(100), .awaitAnswer), (.all(), .deliver(keep: true)),
  ]

  static let cases: [Case] = [
    Case(
      "an exchange", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send), (.sent(100), .awaitAnswer), (.all(), .deliver(keep: true))),
    Case("sent in parts", kept[0], kept[1], (.sent(40), .awaitWritable), (.sent(59), .awaitWritable), (.sent(1), .awaitAnswer)),
    Case("received in parts", kept[0], kept[1], kept[2], (.part, .none), (.part, .none), (.all(), .deliver(keep: true))),
    Case("the server closes", kept[0], kept[1], kept[2], (.all(closes: true), .deliver(keep: false)), (.pull(at: 1), .connect)),
    Case("bytes behind the answer", kept[0], kept[1], kept[2], (.all(excess: 1), .deliver(keep: false))),
    Case("an answer before the request is out", kept[0], kept[1], (.sent(40), .awaitWritable), (.all(), .deliver(keep: false))),
    Case("no connection", (.pull(at: 0), .connect), (.refused, fails(.resolve, arrived: false)), (.pull(at: 1), .connect)),
    Case("connecting takes too long", (.pull(at: 0), .connect), (.expire(at: 3_000), fails(.connectTimeout, arrived: false))),
    Case("broken before a byte was sent", kept[0], kept[1], (.sendFails, fails(.sendFailed, arrived: false))),
    Case("broken while it was sent", kept[0], kept[1], (.sent(1), .awaitWritable), (.sendFails, fails(.sendFailed, arrived: true))),
    Case(
      "broken in the middle of a TLS record", kept[0], kept[1], (.blocked(touched: true), .awaitWritable),
      (.reset, fails(.receiveFailed, arrived: true))),
    Case("closed before the answer", kept[0], kept[1], kept[2], (.end, fails(.closedEarly, arrived: true))),
    Case("closed in the answer", kept[0], kept[1], kept[2], (.part, .none), (.end, fails(.closedEarly, arrived: true))),
    Case("no answer but bytes", kept[0], kept[1], kept[2], (.fault, fails(.invalid(.statusLine), arrived: true))),
    Case("silence", kept[0], kept[1], kept[2], (.expire(at: 10_000), fails(.idleTimeout, arrived: true))),
    Case("too long in all", kept[0], kept[1], kept[2], (.part, .none), (.expire(at: 30_000), fails(.totalTimeout, arrived: true))),
    Case("cancelled while connecting", kept[0], (.abandon, fails(.cancelled, arrived: false))),
    Case("cancelled in flight", kept[0], kept[1], kept[2], (.abandon, fails(.cancelled, arrived: true))),
    Case("abandoned while idle", kept[0], kept[1], kept[2], kept[3], (.abandon, .close), (.abandon, .none)),
    Case("closed while idle", kept[0], kept[1], kept[2], kept[3], (.end, .close), (.pull(at: 1), .connect)),
    Case("bytes while idle", kept[0], kept[1], kept[2], kept[3], (.part, .close)),
    Case("idle too long", kept[0], kept[1], kept[2], kept[3], (.expire(at: 50_000), .close)),
    Case("still there at 50 s", kept[0], kept[1], kept[2], kept[3], (.pull(at: 50_000), .replace), (.reconnect, .connect)),
    Case("nothing heard of late", kept[0], kept[1], kept[2], kept[3], (.pull(at: 5, polled: 4), .probe), (.probed(nil), .send)),
    Case(
      "closed of late", kept[0], kept[1], kept[2], kept[3], (.pull(at: 5, polled: 4), .probe), (.probed(.closedEarly), .replace),
      (.reconnect, .connect)),
    Case(
      "an answer to nothing of late", kept[0], kept[1], kept[2], kept[3], (.pull(at: 5, polled: 4), .probe),
      (.probed(.unexpectedBytes), .replace), (.reconnect, .connect), (.connected, .probe),
      (.probed(.unexpectedBytes), fails(.unexpectedBytes, arrived: false))),
    Case("idle for long, and seen just now", kept[0], kept[1], kept[2], kept[3], (.pull(at: 5, polled: 5), .send)),
    Case("a new connection that is well", kept[0], (.connected, .probe), (.probed(nil), .send)),
    Case("closed right away", kept[0], (.connected, .probe), (.probed(.closedEarly), fails(.closedEarly, arrived: false))),
    Case(
      "an answer before the request", kept[0], (.connected, .probe), (.probed(.unexpectedBytes), fails(.unexpectedBytes, arrived: false))),
    Case(
      "turned away by a proxy", kept[0], kept[1], kept[2], (.turnedAway, fails(.proxyCredentials, arrived: false)), (.pull(at: 1), .connect)
    ),
    Case(
      "a kept connection, closed before a byte was sent, is replaced once", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send),
      (.sendFails, .replace), (.reconnect, .connect), (.connected, .probe), (.sendFails, fails(.sendFailed, arrived: false))),
    Case(
      "a kept connection that took nothing yet", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send),
      (.blocked(touched: false), .awaitWritable), (.end, .replace)),
    Case(
      "a kept connection that took part of a record", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send),
      (.blocked(touched: true), .awaitWritable), (.end, fails(.closedEarly, arrived: true))),
    Case(
      "a kept connection that spoke before a byte was sent", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send),
      (.blocked(touched: false), .awaitWritable), (.part, .none), (.end, fails(.closedEarly, arrived: false))),
    Case(
      "a kept connection, closed after the first byte, is a lost answer", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send),
      (.sent(1), .awaitWritable), (.end, fails(.closedEarly, arrived: true))),
    Case(
      "a kept connection, closed after the request, is a lost answer", kept[0], kept[1], kept[2], kept[3], (.pull(at: 1), .send),
      (.sent(100), .awaitAnswer), (.reset, fails(.receiveFailed, arrived: true))),
  ]

  @Test(arguments: cases) func acts(_ test: Case) {
    var state = ConnectionState(keepAlive: 50_000_000_000)
    for (number, (event, expected)) in test.steps.enumerated() {
      #expect(Self.apply(event, to: &state) == expected, "\(test.name), step \(number)")
    }
  }

  static func apply(_ event: Event, to state: inout ConnectionState) -> ConnectionState.Action {
    let limits = ConnectionState.Limits(connect: 3_000_000_000, idle: 10_000_000_000, total: 30_000_000_000)
    switch event {
    case .pull(let time, let polled):
      return state.pulled(100, limits, at: time * 1_000_000, polled: min(polled, time) * 1_000_000)
    case .turnedAway: return state.turnedAway(.proxyCredentials)
    case .connected: return state.connected(at: 0)
    case .refused: return state.refused(.resolve)
    case .probed(let finding): return state.probed(finding)
    case .sent(let count): return state.sent(count, at: 0)
    case .blocked(let touched): return state.blocked(touched: touched)
    case .sendFails: return state.lost(.sendFailed)
    case .part: return state.receivedPart(at: 0)
    case .all(let closes, let excess): return state.receivedAll(closes: closes, excess: excess, at: 0)
    case .fault: return state.receivedFault(.statusLine)
    case .end: return state.lost(.closedEarly)
    case .reset: return state.lost(.receiveFailed)
    case .expire(let time): return state.expired(at: time * 1_000_000)
    case .abandon: return state.abandoned(.cancelled)
    case .reconnect: return state.connect(at: 0)
    }
  }

  @Test func deadlinesFollowWhatItDoes() {
    let second: Nanoseconds = 1_000_000_000
    let limits = ConnectionState.Limits(connect: 3 * second, idle: 10 * second, total: 30 * second)
    var state = ConnectionState(keepAlive: 50 * second)
    #expect(state.deadline == .max)
    _ = state.pulled(10, limits, at: second, polled: 0)
    #expect(state.deadline == 4 * second, "connect")
    _ = state.connected(at: 2 * second)
    #expect(state.deadline == 12 * second, "idle")
    _ = state.sent(5, at: 20 * second)
    #expect(state.deadline == 30 * second, "idle, counted from the last byte")
    _ = state.sent(5, at: 25 * second)
    #expect(state.deadline == 31 * second, "total, counted from the pull")
    _ = state.receivedAll(closes: false, excess: 0, at: 26 * second)
    #expect(state.deadline == 76 * second, "keep-alive")
    _ = state.abandoned(.shutDown)
    #expect(state.deadline == .max)
  }

  @Test func aReplacementKeepsTheTotalDeadline() {
    let second: Nanoseconds = 1_000_000_000
    let limits = ConnectionState.Limits(connect: 3 * second, idle: 10 * second, total: 4 * second)
    var state = ConnectionState(keepAlive: 50 * second)
    _ = state.pulled(10, limits, at: 0, polled: 0)
    _ = state.connected(at: 0)
    _ = state.sent(10, at: 0)
    _ = state.receivedAll(closes: false, excess: 0, at: 0)
    check(state.pulled(10, limits, at: 1, polled: 1) == .send)
    check(state.lost(.sendFailed) == .replace)
    _ = state.connect(at: 2 * second)
    #expect(state.deadline == 4 * second + 1)
  }
}
