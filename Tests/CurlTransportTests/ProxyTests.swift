import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// Exchanges through a proxy on loopback that takes every name for the server behind it.
@Suite(.timeLimit(.minutes(3))) struct ProxyTests {
  /// What a proxy was asked for: the first line and the credentials of each request to it.
  typealias Log = Locked<[String]>

  static func field(_ name: String, of request: [UInt8]) -> String {
    let line = String(decoding: request, as: UTF8.self).split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name): ") }
    return line.map { String($0.dropFirst(name.count + 2)) } ?? "-"
  }

  static func firstLine(of request: [UInt8]) -> String {
    String(decoding: request.prefix { $0 != 0x0D }, as: UTF8.self)
  }

  /// A proxy that opens tunnels to `port` and passes requests on to it; to others than `credentials`, if there are some, it says 407.
  static func proxy(to port: Int, credentials: String? = nil, _ log: Log) -> TestServer {
    TestServer { peer, _ in
      while let request = peer.request() {
        let line = firstLine(of: request)
        let given = field("proxy-authorization", of: request)
        log.withLock { $0.append("\(line) \(given)") }
        if let credentials, credentials != given {
          peer.send("HTTP/1.1 407 Who are you\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n")
          continue
        }
        guard let upstream = TestServer.connection(to: port) else { return }
        if line.hasPrefix("CONNECT ") {
          peer.send("HTTP/1.1 200 Go on\r\n\r\n")
          peer.relay(upstream)
          return
        }
        var answering = upstream
        answering.send(request)
        if let answer = answering.receive() { peer.send(answer) }
      }
    }
  }

  static func transport(_ proxy: TestServer, user: String = "", _ change: (inout CurlTransport.Configuration) -> Void = { _ in })
    -> CurlTransport
  {
    .one(connections: 1) { configuration in
      configuration.proxies = ProxySettings { $0 == "all_proxy" ? "http://\(user)127.0.0.1:\(proxy.port)" : nil }
      change(&configuration)
    }
  }

  @Test func plainRequestsArePassedOn() async {
    let log = Log([])
    let server = TestServer(TestServer.echo)
    let proxy = Self.proxy(to: server.port, log)
    let origin = HTTPOrigin(isSecure: false, host: "dynamodb.test", port: 8_000)
    #expect(await Self.transport(proxy).outcomes(3, at: origin) == CurlTransportTests.echoes(3))
    #expect(log.withLock { $0 } == Array(repeating: "POST http://dynamodb.test:8000/ HTTP/1.1 -", count: 3))
    #expect(proxy.accepted == 1, "the connection to the proxy is kept")
  }

  @Test func plainRequestsCarryCredentials() async {
    let log = Log([])
    let server = TestServer(TestServer.echo)
    // "us:er" and "p@ss w", as the proxy is to see them.
    let proxy = Self.proxy(to: server.port, credentials: "Basic dXM6ZXI6cEBzcyB3", log)
    let origin = HTTPOrigin(isSecure: false, host: "dynamodb.test")
    #expect(await Self.transport(proxy, user: "us%3Aer:p%40ss%20w@").outcomes(2, at: origin) == CurlTransportTests.echoes(2))
    #expect(log.withLock { $0 } == Array(repeating: "POST http://dynamodb.test/ HTTP/1.1 Basic dXM6ZXI6cEBzcyB3", count: 2))
  }

  @Test func plainRequestsWithoutCredentialsAreRefused() async {
    let server = TestServer(TestServer.echo)
    let proxy = Self.proxy(to: server.port, credentials: "Basic x", Log([]))
    let origin = HTTPOrigin(isSecure: false, host: "dynamodb.test")
    for outcome in await Self.transport(proxy, user: "user:secret@").outcomes(2, at: origin) {
      CurlTransportFaultTests.expectFailure(outcome, .connect, "the proxy wants credentials for http://dynamodb.test, or others")
      #expect(!"\(String(describing: outcome))".contains("secret"))
    }
    #expect(server.accepted == 0)
  }

  @Test(.enabled(if: TestCertificate.shared != nil, "needs openssl")) func encryptedRequestsGoThroughATunnel() async throws {
    let log = Log([])
    let certificate = try #require(TestCertificate.shared)
    let server = TestServer(certificate: certificate, TestServer.echo)
    let proxy = Self.proxy(to: server.port, credentials: "Basic dXNlcjpwYXNz", log)
    let origin = HTTPOrigin(isSecure: true, host: "dynamodb.test")
    let transport = Self.transport(proxy, user: "user:pass@") { $0.caBundle = certificate.bundle }
    #expect(await transport.outcomes(3, at: origin) == CurlTransportTests.echoes(3))
    #expect(log.withLock { $0 } == ["CONNECT dynamodb.test:443 HTTP/1.1 Basic dXNlcjpwYXNz"], "one tunnel, and nothing else is seen")
  }

  @Test func aTunnelWithoutCredentialsIsRefused() async {
    let proxy = Self.proxy(to: 1, credentials: "Basic x", Log([]))
    let origin = HTTPOrigin(isSecure: true, host: "dynamodb.test")
    for user in ["", "user:secret@"] {
      let outcome = await Self.transport(proxy, user: user).outcomes(at: origin)[0]
      CurlTransportFaultTests.expectFailure(outcome, .connect, "the proxy wants credentials for https://dynamodb.test, or others")
      #expect(!"\(String(describing: outcome))".contains("secret"))
    }
  }

  @Test func aTunnelMayBeRefused() async {
    let proxy = TestServer { peer, _ in
      _ = peer.request()
      peer.answer("no", status: 403)
      peer.waitForClose()
    }
    let outcome = await Self.transport(proxy).outcomes(at: HTTPOrigin(isSecure: true, host: "dynamodb.test"))[0]
    CurlTransportFaultTests.expectFailure(outcome, .connect, "the proxy refused a tunnel to https://dynamodb.test (HTTP status 403)")
  }

  @Test(arguments: [true, false]) func theProxyIsNotThere(isSecure: Bool) async {
    let (descriptor, port) = TestServer.listen(backlog: nil)
    defer { close(descriptor) }
    let transport = CurlTransport.one { $0.proxies = ProxySettings { $0 == "all_proxy" ? "http://127.0.0.1:\(port)" : nil } }
    let outcome = await transport.outcomes(at: HTTPOrigin(isSecure: isSecure, host: "dynamodb.test"))[0]
    CurlTransportFaultTests.expectFailure(outcome, .connect, "or at the proxy if one is set")
  }

  @Test func theProxyHasNoName() async {
    let transport = CurlTransport.one { $0.proxies = ProxySettings { $0 == "all_proxy" ? "http://proxy.nowhere.invalid:1" : nil } }
    let timeouts = HTTPTimeouts(connect: .seconds(50), total: .seconds(50))
    let outcome = await transport.outcomes(at: HTTPOrigin(isSecure: true, host: "dynamodb.test"), timeouts: timeouts)[0]
    CurlTransportFaultTests.expectFailure(outcome, .resolve, "the proxy's name could not be resolved")
  }

  @Test func whatIsExemptGoesStraight() async {
    let log = Log([])
    let server = TestServer(TestServer.echo)
    let proxy = Self.proxy(to: server.port, log)
    for list in ["127.0.0.1", "10.0.0.0/8,127.0.0.0/8", "*"] {
      let transport = CurlTransport.one { configuration in
        configuration.proxies = ProxySettings { ["all_proxy": "http://127.0.0.1:\(proxy.port)", "no_proxy": list][$0] }
      }
      #expect(await transport.outcomes(2, at: server.origin) == CurlTransportTests.echoes(2))
    }
    #expect(log.withLock { $0 } == [])
  }
}
