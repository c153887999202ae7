import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// Waits until `condition` holds, ten seconds at most.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<2_000 {
    if condition() { return true }
    usleep(5_000)
    await Task.yield()
  }
  return condition()
}

/// Keeps the calling thread until `condition` holds, ten seconds at most.
func blockUntil(_ condition: () -> Bool) -> Bool {
  for _ in 0..<10_000 {
    if condition() { return true }
    usleep(1_000)
  }
  return condition()
}

extension HTTPTimeouts {
  /// For exchanges that aren't about time, on machines that have none to spare.
  static let patient = HTTPTimeouts(connect: .seconds(50), idle: .seconds(50), total: .seconds(50))
}

extension ProxySettings {
  /// Whatever the machine's environment says.
  static let none = ProxySettings { _ in nil }
}

extension CurlTransport {
  /// A transport of one loop, which most tests want.
  static func one(connections: Int = 64, _ change: (inout Configuration) -> Void = { _ in }) -> CurlTransport {
    var configuration = Configuration(loops: 1)
    configuration.maxConnectionsPerOrigin = connections
    configuration.proxies = .none
    change(&configuration)
    return CurlTransport(configuration: configuration)
  }

  /// Sends `count` requests in one group and says what became of them.
  func outcomes(_ count: Int = 1, at origin: HTTPOrigin, timeouts: HTTPTimeouts = .patient) async -> [ListSource.Outcome?] {
    let source = ListSource(count: count)
    await perform(source, at: origin, timeouts: timeouts)
    return source.outcomes
  }
}

/// Exchanges with a server that behaves.
@Suite(.timeLimit(.minutes(3))) struct CurlTransportTests {
  static func echoes(_ count: Int) -> [ListSource.Outcome?] { (0..<count).map { .answered(200, "request \($0)") } }

  /// Each connection is counted when it is open, and again when it is closed, whoever closes it.
  @Test func openConnectionsAreCounted() async {
    let server = TestServer(TestServer.echo)
    let told = Locked<[Int]>([])
    let transport = CurlTransport.one(connections: 3) { $0.onConnections = { count in told.withLock { $0.append(count) } } }
    #expect(await transport.outcomes(1, at: server.origin) == Self.echoes(1))
    #expect(await transport.outcomes(1, at: server.origin) == Self.echoes(1))
    #expect(told.withLock { $0 } == [1])
    #expect(await transport.outcomes(200, at: server.origin) == Self.echoes(200))
    let most = told.withLock { $0.max() }
    #expect((1...3).contains(most ?? 0))
    await transport.shutdown()
    let all = told.withLock { $0 }
    #expect(all.last == 0 && zip(all, all.dropFirst()).allSatisfy { abs($0 - $1) == 1 })
    let refused = await transport.outcomes(1, at: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1))
    #expect(refused.count == 1 && told.withLock { $0.count } == all.count)
  }

  @Test(arguments: [1, 2], [1, 3, 500]) func answersEachRequestWithItsOwnAnswer(loops: Int, count: Int) async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport(configuration: .init(loops: loops))
    #expect(await transport.outcomes(count, at: server.origin) == Self.echoes(count))
    await transport.shutdown()
  }

  @Test func reusesOneConnection() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one(connections: 1)
    for _ in 0..<3 { #expect(await transport.outcomes(50, at: server.origin) == Self.echoes(50)) }
    #expect(server.accepted == 1)
  }

  @Test func opensNoMoreConnectionsThanItMay() async {
    let most = Locked((now: 0, most: 0))
    let server = TestServer { peer, _ in
      most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      while let request = peer.request() { peer.answer(bodyText(of: request)) }
      most.withLock { $0.now -= 1 }
    }
    var configuration = CurlTransport.Configuration(loops: 2)
    configuration.maxConnectionsPerOrigin = 5
    let transport = CurlTransport(configuration: configuration)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { #expect(await transport.outcomes(100, at: server.origin) == Self.echoes(100)) } }
    }
    #expect(most.withLock { $0.most } <= 5)
    #expect(server.accepted >= 2, "each loop has its own")
  }

  @Test func closesWhereTheServerSaysSo() async {
    let server = TestServer { peer, _ in
      while let request = peer.request() { peer.answer(bodyText(of: request), fields: "connection: close\r\n") }
    }
    let transport = CurlTransport.one(connections: 1)
    #expect(await transport.outcomes(20, at: server.origin) == Self.echoes(20))
    #expect(server.accepted == 20)
  }

  @Test func speaksToAServerOfHTTP10() async {
    let server = TestServer { peer, _ in
      if let request = peer.request() {
        peer.send("HTTP/1.0 200 OK\r\ncontent-length: \(bodyText(of: request).utf8.count)\r\n\r\n\(bodyText(of: request))")
      }
    }
    #expect(await CurlTransport.one(connections: 2).outcomes(20, at: server.origin) == Self.echoes(20))
  }

  @Test func takesAnswersInAnyPieces() async {
    let server = TestServer { peer, number in
      while let request = peer.request() {
        let body = bodyText(of: request)
        let chunks = body.map { "1\r\n\($0)\r\n" }.joined()
        let answer =
          number % 2 == 0
          ? "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
          : "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n"
        for byte in answer.utf8 { peer.send([byte]) }
      }
    }
    #expect(await CurlTransport.one(connections: 4).outcomes(40, at: server.origin) == Self.echoes(40))
  }

  @Test(arguments: [0, 1, 8_000, 70_000, 3_000_000]) func carriesBodiesOfAnySize(size: Int) async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one(connections: 2)
    let text = String(repeating: "0123456789", count: size / 10 + 1).prefix(size)
    let source = ListSource((0..<4).map { _ in String(text) })
    await transport.perform(source, at: server.origin, timeouts: .patient)
    #expect(source.outcomes.allSatisfy { $0?.body?.utf8.count == size && $0?.body == String(text) })
  }

  @Test func lendsTheAnswersBytes() async {
    final class Taker: HTTPRequestSource, @unchecked Sendable {
      // Sound: the transport's while `perform` runs, the test's afterwards.
      var left = 3
      var sizes: [Int] = []
      var ranges: [Range<Int>] = []
      func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
        guard left > 0 else { return nil }
        left -= 1
        let head = ByteBuffer(Array("POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n".utf8))
        request.prepend(head: head.span)
        return left
      }
      func answered(_ token: Int, _ answer: inout HTTPAnswer) {
        let bytes = answer.takeBytes()
        sizes.append(bytes.count)
        ranges.append(answer.body)
      }
      func failed(_ token: Int, _ error: HTTPTransportError) { Issue.record(error) }
    }
    let server = TestServer { peer, _ in while peer.request() != nil { peer.answer(String(repeating: "x", count: 500_000)) } }
    let taker = Taker()
    await CurlTransport.one(connections: 1).perform(taker, at: server.origin, timeouts: .patient)
    #expect(taker.sizes.count == 3 && taker.sizes.allSatisfy { $0 > 500_000 })
    #expect(taker.ranges.allSatisfy { $0.count == 500_000 })
    #expect(server.accepted == 1)
  }

  @Test func groupsTakeTurns() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one(connections: 1)
    let order = Locked<[Int]>([])
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<2 {
        group.addTask(executorPreference: transport.loops[0]) {
          let source = ListSource(count: 20)
          source.onPull = { _ in order.withLock { $0.append(number) } }
          await transport.perform(source, at: server.origin, timeouts: .patient)
          #expect(source.outcomes == Self.echoes(20))
        }
      }
    }
    let pulls = order.withLock { $0 }
    // The first may pull once or twice before the second is there; from then on they alternate.
    for index in 3..<37 { #expect(pulls[index] != pulls[index + 1], "\(pulls)") }
  }

  @Test func aSourceThatIsDoneDoesNotWaitForOthers() async {
    let released = Locked(false)
    let server = TestServer { peer, _ in
      while let request = peer.request() {
        let body = bodyText(of: request)
        if body.hasPrefix("slow") { _ = blockUntil { released.withLock { $0 } } }
        peer.answer(body)
      }
    }
    let transport = CurlTransport.one(connections: 1)
    let isPulled = Locked(false)
    await withTaskGroup(of: Void.self) { group in
      let quick = ListSource(["quick"])
      quick.onPull = { _ in isPulled.withLock { $0 = true } }
      group.addTask {
        await transport.perform(quick, at: server.origin, timeouts: .patient)
        #expect(quick.outcomes == [.answered(200, "quick")])
        released.withLock { $0 = true }
      }
      group.addTask {
        _ = await eventually { isPulled.withLock { $0 } }
        let slow = ListSource(["slow 1", "slow 2"])
        await transport.perform(slow, at: server.origin, timeouts: .patient)
        #expect(slow.outcomes == [.answered(200, "slow 1"), .answered(200, "slow 2")])
      }
    }
  }

  @Test func anEmptySourceIsDoneAtOnce() async {
    let server = TestServer(TestServer.echo)
    #expect(await CurlTransport.one().outcomes(0, at: server.origin) == [])
    #expect(server.accepted == 0)
  }
}
