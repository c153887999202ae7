import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// Exchanges with a server that misbehaves, and with none at all.
@Suite(.timeLimit(.minutes(3))) struct CurlTransportFaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let phase: HTTPTransportError.Phase
    let mayHaveArrived: Bool
    let sentence: String
    let timeouts: HTTPTimeouts
    let script: TestServer.Script

    init(
      _ name: String, _ phase: HTTPTransportError.Phase, arrived: Bool = true, _ sentence: String, _ timeouts: HTTPTimeouts = .patient,
      _ script: @escaping TestServer.Script
    ) {
      (testDescription, self.phase, mayHaveArrived, self.sentence) = (name, phase, arrived, sentence)
      (self.timeouts, self.script) = (timeouts, script)
    }

    /// Reads a request, sends `text`, and waits for the client to give up.
    init(sends text: String, _ sentence: String) {
      self.init("sends \(text.prefix(60).debugDescription)", .receive, sentence) { peer, _ in
        _ = peer.request()
        peer.send(text)
        peer.waitForClose()
      }
    }
  }

  static let head = "HTTP/1.1 200 OK\r\n"
  static let silence = HTTPTimeouts(idle: .milliseconds(200), total: .seconds(60))

  static let cases: [Case] = [
    Case("closes without an answer", .receive, "closed the connection before the answer") { peer, _ in _ = peer.request() },
    Case("resets instead of an answer", .receive, "was reset") { peer, _ in
      _ = peer.request()
      peer.reset()
    },
    Case("closes in the middle of an answer", .receive, "closed the connection before the answer") { peer, _ in
      _ = peer.request()
      peer.send(head + "content-length: 10\r\n\r\n12345")
    },
    Case("closes in the middle of a head", .receive, "closed the connection before the answer") { peer, _ in
      _ = peer.request()
      peer.send(head + "content-le")
    },
    Case("closes in the middle of a chunk", .receive, "closed the connection before the answer") { peer, _ in
      _ = peer.request()
      peer.send(head + "transfer-encoding: chunked\r\n\r\n5\r\n123")
    },
    Case("is silent", .timeout, "was silent for 200 ms", silence) { peer, _ in peer.waitForClose() },
    Case("stops in the middle of an answer", .timeout, "was silent for 200 ms", silence) { peer, _ in
      _ = peer.request()
      peer.send(head + "content-length: 10\r\n\r\n12345")
      peer.waitForClose()
    },
    Case("never comes to an end", .timeout, "did not answer within 600 ms", HTTPTimeouts(idle: .seconds(60), total: .milliseconds(600))) {
      peer, _ in
      _ = peer.request()
      peer.send(head + "content-length: 1000\r\n\r\n")
      for _ in 0..<1_000 where peer.isQuiet {
        peer.send("x")
        usleep(20_000)
      }
    },
    Case(sends: head + "content-length: 2\r\ncontent-length: 3\r\n\r\n{}", "has more than one content-length"),
    Case(sends: head + "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}", "both a content-length and a transfer-encoding"),
    Case(sends: head + "content-length: 1000000000\r\n\r\n{}", "longer than the limit"),
    Case(sends: head + "transfer-encoding: chunked\r\n\r\n3B9ACA00\r\n{}", "longer than the limit"),
    Case(sends: head + "x: " + String(repeating: "y", count: 70_000), "head of more than 64 KB"),
    Case(sends: "HTTP/1.1 099 X\r\n\r\n", "status code outside 200 to 599"),
    Case(sends: "HTTP/1.1 204 X\r\ncontent-length: 2\r\n\r\n{}", "body where its status allows none"),
    Case(sends: head + "\r\n", "neither its length nor"),
    Case(sends: "SSH-2.0-OpenSSH\r\n", "doesn't begin with a status line"),
    Case(sends: "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}P\r\n", "doesn't begin with a status line"),
  ]

  @Test(arguments: cases) func tellsWhatHappened(_ test: Case) async throws {
    let server = TestServer(test.script)
    let transport = CurlTransport.one { $0.maxAnswerBytes = 1_000_000 }
    let outcomes = await transport.outcomes(2, at: server.origin, timeouts: test.timeouts)
    for outcome in outcomes {
      guard case .failed(test.phase, test.mayHaveArrived, let message) = try #require(outcome) else {
        Issue.record("\(String(describing: outcome))")
        continue
      }
      #expect(message.contains(test.sentence), "\(message)")
    }
    #expect(await eventually { server.open == 0 }, "the connections are closed")
  }

  @Test func bytesNobodyAskedForEndTheConnection() async {
    let server = TestServer { peer, number in
      while let request = peer.request() {
        peer.answer(bodyText(of: request))
        if number == 0 {
          usleep(20_000)
          peer.answer("a poisoned answer")
          peer.waitForClose()
        }
      }
    }
    let transport = CurlTransport.one(connections: 1)
    #expect(await transport.outcomes(1, at: server.origin) == CurlTransportTests.echoes(1))
    #expect(await eventually { server.open == 0 })
    #expect(await transport.outcomes(5, at: server.origin) == CurlTransportTests.echoes(5))
    #expect(server.accepted == 2)
  }

  @Test func bytesBehindAnAnswerEndTheConnection() async {
    let server = TestServer { peer, _ in
      while let request = peer.request() {
        peer.send("\(Self.head)content-length: 9\r\n\r\n\(bodyText(of: request))\(Self.head)content-length: 0\r\n\r\n")
      }
    }
    #expect(await CurlTransport.one(connections: 1).outcomes(5, at: server.origin) == CurlTransportTests.echoes(5))
    #expect(server.accepted == 5)
  }

  @Test func anIdleConnectionThatWasClosedIsReplaced() async {
    let server = TestServer { peer, _ in
      if let request = peer.request() { peer.answer(bodyText(of: request)) }
    }
    let transport = CurlTransport.one(connections: 1)
    for round in 1...3 {
      #expect(await transport.outcomes(1, at: server.origin) == CurlTransportTests.echoes(1))
      #expect(await eventually { server.open == 0 && server.accepted == round })
    }
  }

  /// The loop is kept busy while the server closes, so that only asking the socket can tell.
  @Test func aConnectionFoundClosedBeforeTheFirstByteIsReplacedInSilence() async {
    let server = TestServer { peer, _ in
      if let request = peer.request() {
        peer.answer(bodyText(of: request))
        usleep(5_000)
      }
    }
    let transport = CurlTransport.one(connections: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: transport.loops[0]) {
        for round in 1...3 {
          #expect(await transport.outcomes(1, at: server.origin) == CurlTransportTests.echoes(1))
          #expect(blockUntil { server.open == 0 && server.accepted == round })
          usleep(10_000)
        }
      }
    }
    #expect(server.accepted == 3)
  }

  @Test func aConnectionFoundOpenIsUsedAgain() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one(connections: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: transport.loops[0]) {
        for _ in 1...3 {
          #expect(await transport.outcomes(2, at: server.origin) == CurlTransportTests.echoes(2))
          usleep(20_000)
        }
      }
    }
    #expect(server.accepted == 1)
  }

  @Test func aConnectionClosedAfterTheFirstByteIsALostAnswer() async {
    let server = TestServer { peer, number in
      if let request = peer.request() { peer.answer(bodyText(of: request)) }
      _ = peer.request()
    }
    let transport = CurlTransport.one(connections: 1)
    let outcomes = await transport.outcomes(2, at: server.origin)
    #expect(outcomes[0] == .answered(200, "request 0"))
    guard case .failed(.receive, mayHaveArrived: true, _) = outcomes[1] else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(server.accepted == 1, "it isn't sent again")
  }

  @Test func anIdleConnectionIsClosedInTime() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one { $0.keepAlive = .milliseconds(100) }
    _ = await transport.outcomes(1, at: server.origin)
    #expect(await eventually { server.open == 0 })
    #expect(await transport.outcomes(1, at: server.origin) == CurlTransportTests.echoes(1))
    #expect(server.accepted == 2)
  }

  /// A job keeps the loop from its sockets for longer than the deadline, and then asks for something itself.
  @Test func anAnswerThatLiesInItsSocketIsNotLate() async {
    let received = Locked(false)
    let server = TestServer { peer, _ in
      while let request = peer.request() {
        peer.answer(bodyText(of: request))
        received.withLock { $0 = true }
      }
    }
    let transport = CurlTransport.one()
    let timeouts = HTTPTimeouts(connect: .seconds(50), idle: .milliseconds(300), total: .milliseconds(400))
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: transport.loops[0]) {
        let source = ListSource(["early"])
        source.onPull = { _ in received.withLock { $0 = false } }
        // The connection is there already, so that the request is out before the loop is blocked.
        _ = await transport.outcomes(at: server.origin)
        await withTaskGroup(of: Void.self) { inner in
          inner.addTask { await transport.perform(source, at: server.origin, timeouts: timeouts) }
          inner.addTask {
            #expect(blockUntil { received.withLock { $0 } })
            usleep(600_000)
            _ = await transport.outcomes(at: server.origin)
          }
        }
        #expect(source.outcomes == [.answered(200, "early")])
      }
    }
  }

  @Test func anAnswerBeforeTheRequestIsOutIsTaken() async {
    let server = TestServer { peer, _ in
      _ = peer.receive()
      peer.answer("too large", status: 413)
      peer.waitForClose()
    }
    let source = ListSource([String(repeating: "x", count: 20_000_000)])
    await CurlTransport.one().perform(source, at: server.origin, timeouts: .patient)
    #expect(source.outcomes == [.answered(413, "too large")])
  }

  // MARK: No connection

  static func expectFailure(
    _ outcome: ListSource.Outcome?, _ phase: HTTPTransportError.Phase, arrived: Bool = false, _ sentence: String,
    _ place: SourceLocation = #_sourceLocation
  ) {
    guard case .failed(phase, arrived, let message) = outcome else {
      Issue.record("\(String(describing: outcome))", sourceLocation: place)
      return
    }
    #expect(message.contains(sentence), "\(message)", sourceLocation: place)
  }

  @Test func nothingListens() async {
    let (descriptor, port) = TestServer.listen(backlog: nil)
    defer { close(descriptor) }
    let origin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: port)
    for outcome in await CurlTransport.one(connections: 2).outcomes(5, at: origin) {
      Self.expectFailure(outcome, .connect, "nothing listens at http://127.0.0.1:\(port)")
    }
  }

  @Test func theNameIsUnknown() async {
    let origin = HTTPOrigin(isSecure: true, host: "dynamodb.nowhere.invalid")
    let timeouts = HTTPTimeouts(connect: .seconds(50), total: .seconds(50))
    let outcome = await CurlTransport.one().outcomes(at: origin, timeouts: timeouts)[0]
    Self.expectFailure(outcome, .resolve, "the name dynamodb.nowhere.invalid could not be resolved")
  }

  @Test(arguments: ["", "a/b", "a@b", "a b", "a?b", "a#b", "a\r\nb", "a%00b", "[::1", "ü"]) func theHostIsNone(host: String) async {
    let origin = HTTPOrigin(isSecure: false, host: host, port: 80)
    let outcome = await CurlTransport.one().outcomes(at: origin)[0]
    Self.expectFailure(outcome, .connect, "can't be used as an endpoint")
  }

  @Test func nobodyAnswersTheConnect() async {
    // A listener whose queue is full: the kernel drops what else knocks.
    let (descriptor, port) = TestServer.listen(backlog: 0)
    let fillers = (0..<4).map { _ in TestServer.knock(port) }
    defer { for filler in fillers + [descriptor] { close(filler) } }
    let origin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: port)
    let outcomes = await CurlTransport.one().outcomes(3, at: origin, timeouts: HTTPTimeouts(connect: .milliseconds(200)))
    for outcome in outcomes { Self.expectFailure(outcome, .timeout, "connecting to \(origin) took longer than 200 ms") }
  }

  // MARK: Limits

  @Test func tooManyWaiting() async {
    let refused = Locked(0)
    let server = TestServer { peer, _ in
      while let request = peer.request() {
        _ = blockUntil { refused.withLock { $0 } >= 3 }
        peer.answer(bodyText(of: request))
      }
    }
    let transport = CurlTransport.one(connections: 1) { $0.maxWaitingPerOrigin = 2 }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          let outcomes = await transport.outcomes(2, at: server.origin)
          if outcomes[0]?.body != nil {
            #expect(outcomes == CurlTransportTests.echoes(2))
          } else {
            for outcome in outcomes { Self.expectFailure(outcome, .overloaded, "too many callers wait") }
            refused.withLock { $0 += 1 }
          }
        }
      }
    }
    #expect(refused.withLock { $0 } >= 3)
  }
}
