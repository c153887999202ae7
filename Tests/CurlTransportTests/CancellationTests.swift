import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct CancellationTests {
  @Test(arguments: [true, false]) func cancellingReachesTheSocket(onLoop: Bool) async {
    let received = Locked(0)
    let server = TestServer { peer, _ in
      while peer.request() != nil { received.withLock { $0 += 1 } }
    }
    let transport = CurlTransport.one(connections: 2)
    let source = ListSource(count: 100)
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: onLoop ? transport.loops[0] : nil) {
        await transport.perform(source, at: server.origin, timeouts: .patient)
      }
      #expect(await eventually { received.withLock { $0 } == 2 })
      group.cancelAll()
    }
    #expect(source.pulled == 2)
    for outcome in source.outcomes[..<2] { CurlTransportFaultTests.expectFailure(outcome, .cancelled, arrived: true, "was cancelled") }
    #expect(await eventually { server.open == 0 })
    #expect(await transport.outcomes(1, at: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1)) != [nil], "the transport goes on")
  }

  @Test(arguments: [true, false]) func aCancelledTaskSendsNothing(onLoop: Bool) async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one()
    let source = ListSource(count: 3)
    await withTaskGroup(of: Void.self) { group in
      group.cancelAll()
      group.addTask(executorPreference: onLoop ? transport.loops[0] : nil) {
        await transport.perform(source, at: server.origin, timeouts: .patient)
      }
    }
    #expect(source.pulled == 0 && server.accepted == 0)
  }

  @Test func cancellingWhileWaitingInLine() async {
    let isBusy = Locked(false)
    let isReleased = Locked(false)
    let server = TestServer { peer, _ in
      while let request = peer.request() {
        isBusy.withLock { $0 = true }
        _ = blockUntil { isReleased.withLock { $0 } }
        peer.answer(bodyText(of: request))
      }
    }
    let transport = CurlTransport.one(connections: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { #expect(await transport.outcomes(2, at: server.origin) == CurlTransportTests.echoes(2)) }
      #expect(await eventually { isBusy.withLock { $0 } })
      let waiting = ListSource(count: 3)
      await withTaskGroup(of: Void.self) { inner in
        inner.addTask { await transport.perform(waiting, at: server.origin, timeouts: .patient) }
        for _ in 0..<100 { await Task.yield() }
        inner.cancelAll()
      }
      #expect(waiting.pulled == 0)
      isReleased.withLock { $0 = true }
    }
  }

  /// Cancellations at every moment: nothing hangs, nothing has two outcomes, and what was pulled has one.
  @Test func cancellingAtAnyMoment() async {
    let server = TestServer(TestServer.echo)
    var configuration = CurlTransport.Configuration(loops: 2)
    configuration.maxConnectionsPerOrigin = 8
    let transport = CurlTransport(configuration: configuration)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<300 {
        group.addTask(executorPreference: number % 3 == 0 ? transport.loops[0] : nil) {
          let source = ListSource(count: 5)
          await withTaskGroup(of: Void.self) { inner in
            inner.addTask { await transport.perform(source, at: server.origin, timeouts: .patient) }
            for _ in 0..<(number % 40) { await Task.yield() }
            if number % 4 != 0 { inner.cancelAll() }
          }
          #expect(source.outcomes[..<source.pulled].allSatisfy { $0 != nil })
          if number % 4 == 0 { #expect(source.outcomes == CurlTransportTests.echoes(5)) }
        }
      }
    }
    #expect(await transport.outcomes(20, at: server.origin) == CurlTransportTests.echoes(20))
  }

  @Test(arguments: [1, 2]) func shuttingDown(loops: Int) async {
    let received = Locked(0)
    let server = TestServer { peer, _ in
      while peer.request() != nil { received.withLock { $0 += 1 } }
    }
    var configuration = CurlTransport.Configuration(loops: loops)
    configuration.maxConnectionsPerOrigin = loops
    let transport = CurlTransport(configuration: configuration)
    await withTaskGroup(of: Void.self) { group in
      for loop in transport.loops {
        group.addTask(executorPreference: loop) {
          let outcomes = await transport.outcomes(3, at: server.origin)
          CurlTransportFaultTests.expectFailure(outcomes[0], .closed, arrived: true, "was shut down")
          CurlTransportFaultTests.expectFailure(outcomes[1], .closed, "was shut down")
          CurlTransportFaultTests.expectFailure(outcomes[2], .closed, "was shut down")
        }
      }
      #expect(await eventually { received.withLock { $0 } == loops })
      await transport.shutdown()
    }
    #expect(await eventually { server.open == 0 })
    for outcome in await transport.outcomes(2, at: server.origin) {
      CurlTransportFaultTests.expectFailure(outcome, .closed, "make a new one")
    }
    await transport.shutdown()
  }
}
