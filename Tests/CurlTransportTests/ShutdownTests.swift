import CurlTransport
import HTTPTransport
import TestSupport
import Testing

/// Shutting down with time for what is in flight.
@Suite(.timeLimit(.minutes(3))) struct ShutdownTests {
  /// Answers when it is told to.
  private struct PatientServer {
    let received = Locked(0)
    let isReleased = Locked(false)
    let server: TestServer

    init() {
      server = TestServer { [received, isReleased] peer, _ in
        while let request = peer.request() {
          received.withLock { $0 += 1 }
          _ = blockUntil { isReleased.withLock { $0 } }
          peer.answer(bodyText(of: request))
        }
      }
    }
  }

  @Test(arguments: [1, 2]) func whatIsInFlightFinishes(loops: Int) async {
    let patient = PatientServer()
    var configuration = CurlTransport.Configuration(loops: loops)
    configuration.maxConnectionsPerOrigin = 2 * loops
    let transport = CurlTransport(configuration: configuration)
    let isShutDown = Locked(false)
    await withTaskGroup(of: Void.self) { group in
      for loop in transport.loops {
        group.addTask(executorPreference: loop) {
          // Two go out, the rest waits for a connection.
          let outcomes = await transport.outcomes(5, at: patient.server.origin)
          #expect(Array(outcomes[..<2]) == CurlTransportTests.echoes(2))
          for outcome in outcomes[2...] { CurlTransportFaultTests.expectFailure(outcome, .closed, "was shut down") }
          // And what comes later is refused, though the transport still has something to do.
          CurlTransportFaultTests.expectFailure(await transport.outcomes(at: patient.server.origin)[0], .closed, "was shut down")
        }
      }
      #expect(await eventually { patient.received.withLock { $0 } == 2 * loops })
      group.addTask {
        await transport.shutdown(grace: .seconds(50))
        isShutDown.withLock { $0 = true }
      }
      group.addTask {
        // Refused at once, while the two are still in flight.
        while true {
          let outcome = await transport.outcomes(at: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1))[0]
          if case .failed(.closed, mayHaveArrived: false, _) = outcome { break }
        }
        #expect(!isShutDown.withLock { $0 })
        patient.isReleased.withLock { $0 = true }
      }
    }
    #expect(isShutDown.withLock { $0 })
    #expect(await eventually { patient.server.open == 0 }, "every connection is closed")
  }

  @Test func theGraceEnds() async {
    let patient = PatientServer()
    let transport = CurlTransport.one(connections: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        let outcomes = await transport.outcomes(2, at: patient.server.origin)
        CurlTransportFaultTests.expectFailure(outcomes[0], .closed, arrived: true, "was shut down")
        CurlTransportFaultTests.expectFailure(outcomes[1], .closed, "was shut down")
      }
      #expect(await eventually { patient.received.withLock { $0 } == 1 })
      await transport.shutdown(grace: .milliseconds(100))
      patient.isReleased.withLock { $0 = true }
    }
    #expect(await eventually { patient.server.open == 0 })
  }

  /// A second caller waits as the first does; one with no patience ends it for both.
  @Test func theShortestGraceCounts() async {
    let patient = PatientServer()
    let transport = CurlTransport.one(connections: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        let outcome = await transport.outcomes(at: patient.server.origin)[0]
        CurlTransportFaultTests.expectFailure(outcome, .closed, arrived: true, "was shut down")
      }
      #expect(await eventually { patient.received.withLock { $0 } == 1 })
      group.addTask { await transport.shutdown(grace: .seconds(100)) }
      group.addTask { await transport.shutdown(grace: .seconds(200)) }
      group.addTask { await transport.shutdown() }
      await group.waitForAll()
      patient.isReleased.withLock { $0 = true }
    }
  }

  @Test func nothingToWaitForIsNotWaitedFor() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one()
    #expect(await transport.outcomes(3, at: server.origin) == CurlTransportTests.echoes(3))
    await transport.shutdown(grace: .seconds(1_000))
    await transport.shutdown(grace: .seconds(1_000))
    #expect(await eventually { server.open == 0 })
  }
}
