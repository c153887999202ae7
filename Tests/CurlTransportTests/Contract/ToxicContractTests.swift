import CurlTransport
import HTTPTransport
import TestSupport
import Testing

/// What every transport must do where somebody between it and the server spoils the connections.
@Suite(.timeLimit(.minutes(10)), .enabled(if: Toxiproxy.isAvailable, .init(rawValue: Toxiproxy.absence))) struct ToxicContractTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let toxics: [(Toxiproxy.Toxic, Toxiproxy.Direction)]
    /// The phases that a request may fail in; none: each is answered.
    let phases: Set<HTTPTransportError.Phase>
    /// True where some request must have failed.
    let mustFail: Bool
    let timeouts: HTTPTimeouts
    /// Bytes of a body, beside its number.
    let size: Int

    init(
      _ name: String, _ toxics: [(Toxiproxy.Toxic, Toxiproxy.Direction)], _ phases: Set<HTTPTransportError.Phase> = [],
      mustFail: Bool = true,
      timeouts: HTTPTimeouts = .patient, size: Int = 100
    ) {
      (testDescription, self.toxics, self.phases, self.timeouts, self.size) = (name, toxics, phases, timeouts, size)
      self.mustFail = mustFail && !phases.isEmpty
    }
  }

  static let brief = HTTPTimeouts(connect: .milliseconds(400), idle: .milliseconds(400), total: .seconds(2))

  static let cases: [Case] = [
    Case("latency down", [(.latency(20), .downstream)]),
    Case("latency both ways", [(.latency(10), .upstream), (.latency(10), .downstream)]),
    Case("slices down", [(.slicer(20, 100), .downstream)]),
    Case("slices both ways", [(.slicer(50, 100), .upstream), (.slicer(50, 100), .downstream)], size: 2_000),
    Case("little bandwidth", [(.bandwidth(200), .upstream), (.bandwidth(200), .downstream)], size: 5_000),
    Case("slow closes", [(.slowClose(100), .downstream)]),
    Case("resets at once", [(.resetPeer(0), .downstream)], [.connect, .tls, .send, .receive, .timeout], timeouts: brief),
    Case(
      "resets after a while", [(.resetPeer(60), .downstream), (.latency(10), .downstream)], [.connect, .tls, .send, .receive, .timeout],
      timeouts: brief),
    Case("silence", [(.timeout(0), .downstream)], [.timeout], timeouts: brief),
    Case("silence up", [(.timeout(0), .upstream)], [.timeout], timeouts: brief),
    Case("silence, then a close", [(.timeout(100), .downstream)], [.connect, .tls, .receive, .timeout], timeouts: brief),
    Case("closes after some bytes down", [(.limitData(4_000), .downstream)], [.connect, .tls, .send, .receive], size: 700),
    Case("closes after some bytes up", [(.limitData(4_000), .upstream)], [.connect, .tls, .send, .receive], size: 700),
  ]

  @Test(arguments: ContractWay.open.filter(\.isProxied), cases) func endsInTruth(_ way: ContractWay, _ test: Case) async throws {
    let server = try ContractServer(way, connections: 4, toxics: test.toxics)
    let bodies = (0..<24).map { "\($0) " + String(repeating: "x", count: test.size) }
    let outcomes = await server.outcomes(bodies, timeouts: test.timeouts)
    var failures = 0
    for outcome in outcomes {
      if case .failed(let phase, _, let message) = outcome {
        #expect(test.phases.contains(phase), "\(phase): \(message)")
        failures += 1
      }
    }
    if test.mustFail { #expect(failures > 0) } else if test.phases.isEmpty { #expect(failures == 0) }
    await server.transport.shutdown()
  }
}
