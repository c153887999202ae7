import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)), .enabled(if: TLSServer.isAvailable, "needs openssl and python3 to make a TLS server"))
struct CurlTransportTLSTests {
  /// A transport that trusts the server's CA.
  static func transport(_ server: TLSServer, connections: Int = 64) -> CurlTransport {
    .one(connections: connections) { $0.caBundle = server.bundle }
  }

  @Test func exchangesAndKeepsTheConnection() async throws {
    let server = try #require(TLSServer(.good))
    let transport = Self.transport(server, connections: 1)
    let source = ListSource((0..<50).map { _ in "port" })
    await transport.perform(source, at: server.origin(), timeouts: .patient)
    let ports = Set(source.outcomes.map { $0?.body ?? "none" })
    #expect(ports.count == 1 && !ports.contains("none"), "one connection: \(ports)")
  }

  @Test func manyConnectionsAtOnce() async throws {
    let server = try #require(TLSServer(.good))
    #expect(await Self.transport(server, connections: 16).outcomes(200, at: server.origin()) == CurlTransportTests.echoes(200))
  }

  /// Bodies of many TLS records either way: what lies in the TLS buffer isn't told by the socket.
  @Test func carriesLargeBodies() async throws {
    let server = try #require(TLSServer(.good))
    let transport = Self.transport(server, connections: 1)
    let source = ListSource(["size 3000000", String(repeating: "y", count: 3_000_000), "size 16384", "size 100000"])
    await transport.perform(source, at: server.origin(), timeouts: .patient)
    #expect(source.outcomes.map { $0?.body?.utf8.count } == [3_000_000, 3_000_000, 16_384, 100_000])
  }

  @Test(arguments: [
    (TestCertificate.Kind.wrongName, "localhost", "is for another name"),
    (.good, "127.0.0.1", "is for another name"),
    (.expired, "localhost", "has expired"),
    (.selfSigned, "localhost", "is self-signed"),
  ])
  func refusesACertificate(_ certificate: TestCertificate.Kind, host: String, sentence: String) async throws {
    let server = try #require(TLSServer(certificate))
    let outcome = await Self.transport(server).outcomes(at: server.origin(host))[0]
    CurlTransportFaultTests.expectFailure(outcome, .tls, sentence)
    CurlTransportFaultTests.expectFailure(outcome, .tls, "\(server.origin(host))")
  }

  @Test func refusesAnIssuerNobodyTrusts() async throws {
    let server = try #require(TLSServer(.good))
    let outcome = await CurlTransport.one().outcomes(at: server.origin())[0]
    CurlTransportFaultTests.expectFailure(outcome, .tls, "nobody trusted has signed")
  }

  @Test(arguments: ["TLSv1", "TLSv1_1"]) func refusesOldVersions(_ version: String) async throws {
    let server = try #require(TLSServer(.good, latest: version))
    let outcome = await Self.transport(server).outcomes(at: server.origin())[0]
    CurlTransportFaultTests.expectFailure(outcome, .tls, "\(server.origin()) speaks no version of TLS from 1.2 on")
  }

  /// What a proxy over TLS passes on is signed, and it is given credentials of its own.
  @Test(
    arguments: [(TestCertificate.Kind.good, nil), (.selfSigned, nil), (.wrongName, nil), (.good, "TLSv1_1")]
      as [(TestCertificate.Kind, String?)])
  func holdsAProxyToTheSame(_ certificate: TestCertificate.Kind, _ latest: String?) async throws {
    let server = try #require(TLSServer(certificate, latest: latest))
    let transport = CurlTransport.one { configuration in
      configuration.caBundle = server.bundle
      configuration.proxies = ProxySettings { $0 == "http_proxy" ? "\(server.origin())" : nil }
    }
    let outcome = await transport.outcomes(at: HTTPOrigin(isSecure: false, host: "dynamodb.test"))
    if certificate == .good && latest == nil {
      #expect(outcome == CurlTransportTests.echoes(1))
    } else {
      guard case .failed(.tls, mayHaveArrived: false, _) = outcome[0] else {
        Issue.record("\(String(describing: outcome))")
        return
      }
    }
  }

  @Test func takesTheOldestVersionThatIsSafe() async throws {
    let server = try #require(TLSServer(.good, latest: "TLSv1_2"))
    #expect(await Self.transport(server).outcomes(2, at: server.origin()) == CurlTransportTests.echoes(2))
  }

  @Test func refusesWhatAnotherCAHasSigned() async throws {
    let server = try #require(TLSServer(.good))
    let other = try #require(TestCertificate(.good))
    let transport = CurlTransport.one { $0.caBundle = other.bundle }
    // The two CAs have one name, so that it is the signature that is wrong.
    guard case .failed(.tls, mayHaveArrived: false, _) = await transport.outcomes(at: server.origin())[0] else {
      Issue.record("another CA was trusted")
      return
    }
  }

  @Test func theBundleIsMissing() async throws {
    let server = try #require(TLSServer(.good))
    let transport = CurlTransport.one { $0.caBundle = "/nowhere/bundle.pem" }
    CurlTransportFaultTests.expectFailure(await transport.outcomes(at: server.origin())[0], .tls, "CA bundle can't be read")
  }

  /// Reading a usual bundle takes 20 ms: too much for each connection.
  @Test func theBundleIsReadOnce() async throws {
    let certificate = try #require(TestCertificate.shared)
    let server = TestServer(certificate: certificate) { peer, _ in
      if let request = peer.request() { peer.answer(bodyText(of: request), fields: "connection: close\r\n") }
    }
    let directory = TemporaryDirectory()
    let bundle = "\(directory.path)/ca.pem"
    #expect(symlink(certificate.bundle, bundle) == 0)
    let transport = CurlTransport.one { $0.caBundle = bundle }
    #expect(await transport.outcomes(2, at: server.origin) == CurlTransportTests.echoes(2))
    #expect(unlink(bundle) == 0)
    #expect(await transport.outcomes(2, at: server.origin) == CurlTransportTests.echoes(2))
    let other = CurlTransport.one { $0.caBundle = bundle }
    CurlTransportFaultTests.expectFailure(await other.outcomes(at: server.origin)[0], .tls, "CA bundle can't be read")
  }

  @Test func theServerSpeaksNoTLS() async {
    let server = TestServer { peer, _ in
      _ = peer.request()
      peer.answer("plain")
    }
    let origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: server.port)
    let timeouts = HTTPTimeouts(connect: .seconds(1))
    // A server that waits for a plain request's end is told from one that closes by libcurl's own words; neither gets the request.
    guard case .failed(let phase, mayHaveArrived: false, _) = await CurlTransport.one().outcomes(at: origin, timeouts: timeouts)[0] else {
      Issue.record("an exchange without TLS")
      return
    }
    #expect(phase == .tls || phase == .timeout)
  }

  @Test func theServerAnswersInPlain() async {
    let server = TestServer { peer, _ in
      peer.send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
      peer.waitForClose()
    }
    let origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: server.port)
    CurlTransportFaultTests.expectFailure(await CurlTransport.one().outcomes(at: origin)[0], .tls, "did not complete a TLS handshake")
  }
}
