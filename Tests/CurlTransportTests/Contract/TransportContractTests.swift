import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// What every transport must do, whichever way its connections go and however the server at their end behaves.
@Suite(.timeLimit(.minutes(10))) struct TransportContractTests {
  @Test(.enabled(if: TestCertificate.shared != nil, "needs openssl to make certificates")) func tlsIsTested() {}

  @Test(.enabled(if: Toxiproxy.isAvailable, .init(rawValue: Toxiproxy.absence))) func toxiproxyIsTested() {}

  /// A request that meets the misbehavior on a connection that was kept, and on a new one; those before and behind it get their own
  /// answers.
  @Test(arguments: ContractWay.open, Misbehavior.all) func survives(_ way: ContractWay, _ case: Misbehavior) async throws {
    let server = try ContractServer(way) { peer in
      `case`.script(&peer)
      return `case`.goesOn
    }
    for round in 0..<2 {
      if round == 0 {
        #expect(await server.outcomes(["before"], timeouts: .patient) == [.answered(200, "before")])
      }
      let outcome = try #require(await server.outcomes(["victim \(round)"], timeouts: `case`.timeouts).first)
      Self.expect(outcome, `case`.outcome, way)
    }
    let bodies = (0..<3).map { "after \($0)" }
    #expect(await server.outcomes(bodies, timeouts: .patient) == bodies.map { .answered(200, $0) })
    await server.transport.shutdown()
    #expect(await eventually { server.isDeserted }, "no connection is left")
  }

  private static func expect(
    _ outcome: ListSource.Outcome, _ expected: Misbehavior.Outcome, _ way: ContractWay, _ place: SourceLocation = #_sourceLocation
  ) {
    switch (expected, outcome) {
    case (.answered(let status, let body), _):
      #expect(outcome == .answered(status, body), sourceLocation: place)
    case (.refused(let words), .failed(.receive, mayHaveArrived: true, let message)):
      #expect(message.contains(words), "\(message)", sourceLocation: place)
    case (.broken, .failed(.receive, mayHaveArrived: true, let message)):
      #expect(message.contains("closed the connection") || message.contains("was reset"), "\(message)", sourceLocation: place)
    case (.late(let words), .failed(.timeout, mayHaveArrived: true, let message)):
      #expect(message.contains(words), "\(message)", sourceLocation: place)
    default:
      Issue.record("\(outcome)", sourceLocation: place)
    }
  }

  // MARK: Answers out of nowhere

  /// An answer to nothing comes over a kept connection while the transport sees it, and while its loop is busy with something else.
  @Test(arguments: ContractWay.open, [false, true]) func anAnswerOnAnIdleConnectionIsNobodys(_ way: ContractWay, isBusy: Bool) async throws
  {
    let mayPoison = Locked(false)
    let isPoisoned = Locked(false)
    let server = try ContractServer(way) { peer in
      peer.answer("the victim's own")
      _ = blockUntil { mayPoison.withLock { $0 } }
      peer.answer("poison")
      isPoisoned.withLock { $0 = true }
      return true
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: isBusy ? server.transport.loops[0] : nil) {
        #expect(await server.outcomes(["victim"], timeouts: .patient) == [.answered(200, "the victim's own")])
        mayPoison.withLock { $0 = true }
        if isBusy { #expect(blockUntil { isPoisoned.withLock { $0 } }) } else { #expect(await eventually { isPoisoned.withLock { $0 } }) }
        // It is on its way through the kernel, and perhaps a proxy.
        usleep(300_000)
        let bodies = (0..<3).map { "after \($0)" }
        #expect(await server.outcomes(bodies, timeouts: .patient) == bodies.map { .answered(200, $0) })
      }
    }
    await server.transport.shutdown()
    #expect(await eventually { server.isDeserted })
  }

  /// A server that speaks first: the request isn't sent, so that it may be sent again wherever its sender likes. The loop is kept from the
  /// connection until the answer lies there; had it sent its request before, nobody could tell.
  @Test(arguments: ContractWay.open.filter { !$0.isProxied }) func anAnswerBeforeTheRequestIsNobodys(_ way: ContractWay) async throws {
    let certificate = way.isSecure ? TestCertificate.shared : nil
    let hasSpoken = Locked(false)
    let server = TestServer(certificate: certificate) { peer, _ in
      peer.answer("poison")
      hasSpoken.withLock { $0 = true }
      peer.waitForClose()
    }
    let transport = way.transport.make(connections: 1, trusting: certificate?.bundle)
    let source = ListSource(["never"])
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: transport.loops[0]) {
        await withTaskGroup(of: Void.self) { inner in
          inner.addTask { await transport.perform(source, at: server.origin, timeouts: .patient) }
          inner.addTask {
            #expect(blockUntil { hasSpoken.withLock { $0 } })
            // It is on its way through the kernel.
            usleep(300_000)
          }
        }
      }
    }
    CurlTransportFaultTests.expectFailure(source.outcomes[0], .receive, "sent bytes nobody had asked for")
    await transport.shutdown()
    #expect(await eventually { server.open == 0 })
  }

  /// A server that closes each connection behind its answer without having said so. Once the close is here nothing is lost by it; a request
  /// that crosses it on the way can't be told from one that was read.
  @Test(arguments: ContractWay.open) func idleConnectionsThatAreClosedAreReplaced(_ way: ContractWay) async throws {
    let server = try ContractServer(way) { peer in
      peer.answer("bye")
      return false
    }
    for round in 0..<3 {
      #expect(await server.outcomes(["victim \(round)"], timeouts: .patient) == [.answered(200, "bye")])
      #expect(await eventually { server.isDeserted })
      // It is on its way through the kernel, and perhaps a proxy.
      usleep(300_000)
    }
    await server.transport.shutdown()
  }
}
