import CurlTransport
import HTTPTransport
import TestSupport
import Testing

/// A transport, made for one test of the contract. Whoever writes another adds it here.
enum ContractTransport: String, Sendable, CaseIterable {
  case curl

  func make(connections: Int, trusting bundle: String?) -> any HTTPTransport {
    switch self {
    case .curl:
      CurlTransport.one(connections: connections) {
        $0.caBundle = bundle
        $0.maxAnswerBytes = 1_000_000
      }
    }
  }
}

/// A way to the server: which transport, over what, and whether somebody stands between.
struct ContractWay: Sendable, CustomTestStringConvertible {
  let transport: ContractTransport
  let isSecure: Bool
  let isProxied: Bool

  var testDescription: String { "\(transport) over \(isSecure ? "TLS" : "plain HTTP") \(isProxied ? "through toxiproxy" : "directly")" }

  static let all = ContractTransport.allCases.flatMap { transport in
    [(false, false), (true, false), (false, true), (true, true)].map { ContractWay(transport: transport, isSecure: $0, isProxied: $1) }
  }

  /// Those that can be gone on this machine.
  static let open = all.filter { (!$0.isSecure || TestCertificate.shared != nil) && (!$0.isProxied || Toxiproxy.isAvailable) }
}

/// A server at the end of a way, with a transport that leads there, and what the server has seen.
final class ContractServer: Sendable {
  let origin: HTTPOrigin
  let transport: any HTTPTransport
  private let server: TestServer
  private let proxy: Toxiproxy?
  private let log: Locked<[String]>

  /// Answers each request with its body, but for those whose body begins with "victim", which `misbehave` answers;
  /// where that returns false the connection is closed.
  init(
    _ way: ContractWay, connections: Int = 1, toxics: [(Toxiproxy.Toxic, Toxiproxy.Direction)] = [],
    misbehave: @escaping @Sendable (inout Peer) -> Bool = { _ in true }
  ) throws {
    let log = Locked<[String]>([])
    let certificate = way.isSecure ? TestCertificate.shared : nil
    try #require(way.isSecure == (certificate != nil))
    server = TestServer(certificate: certificate) { peer, _ in
      while let request = peer.request() {
        let body = bodyText(of: request)
        log.withLock { $0.append(body) }
        guard body.hasPrefix("victim") else {
          peer.answer(body)
          continue
        }
        if !misbehave(&peer) { return }
      }
    }
    self.log = log
    proxy = way.isProxied ? Toxiproxy(to: server.port, toxics) : nil
    try #require(way.isProxied == (proxy != nil))
    origin = HTTPOrigin(isSecure: way.isSecure, host: server.origin.host, port: proxy?.port ?? server.port)
    transport = way.transport.make(connections: connections, trusting: certificate?.bundle)
  }

  /// The bodies of the requests that the server has read, in order.
  var seen: [String] { log.withLock { $0 } }
  /// True once the server has no connection left.
  var isDeserted: Bool { server.open == 0 }

  /// Sends one request for each body, and checks what must hold whatever became of them: an answer is the request's own, a request that
  /// can't have arrived was not seen, and none was seen twice.
  func outcomes(_ bodies: [String], timeouts: HTTPTimeouts, _ place: SourceLocation = #_sourceLocation) async -> [ListSource.Outcome] {
    let source = ListSource(bodies)
    let clock = ContinuousClock()
    let began = clock.now
    await transport.perform(source, at: origin, timeouts: timeouts)
    let outcomes = source.outcomes.compactMap { $0 }
    #expect(outcomes.count == bodies.count, "each request has an outcome", sourceLocation: place)
    // Each request's deadline counts from when it was pulled, so that those of one connection may add up; and the machine may be busy.
    let longest = timeouts.total * bodies.count + .seconds(20)
    #expect(began.duration(to: clock.now) < longest, "nothing hangs past its deadline", sourceLocation: place)
    let seen = seen
    for (body, outcome) in zip(bodies, outcomes) {
      let times = seen.count { $0 == body }
      #expect(times <= 1, "\(body.prefix(40)) was sent \(times) times", sourceLocation: place)
      if case .failed(_, mayHaveArrived: false, let message) = outcome {
        #expect(times == 0, "\(body.prefix(40)) has arrived, and yet: \(message)", sourceLocation: place)
      }
      if case .answered(_, let answer) = outcome, !body.hasPrefix("victim") {
        #expect(answer == body, "an answer from another exchange", sourceLocation: place)
      }
    }
    return outcomes
  }
}
