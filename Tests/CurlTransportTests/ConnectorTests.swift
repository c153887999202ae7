import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// Connections being opened, and what else goes on meanwhile.
@Suite(.timeLimit(.minutes(3))) struct ConnectorTests {
  /// Servers that take a connection and never come to the end of a handshake; everyone else on the loop is served as ever. Had one of the
  /// handshakes kept the loop, nothing would come until its time was up.
  @Test func aHandshakeThatHangsDelaysNobody() async throws {
    let hanging = TestServer { peer, _ in peer.waitForClose() }
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport.one()
    let nowhere = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: hanging.port)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 {
        group.addTask { _ = await transport.outcomes(at: nowhere, timeouts: .patient) }
      }
      #expect(await eventually { hanging.open == 20 })
      for _ in 0..<100 { #expect(await transport.outcomes(1, at: server.origin) == CurlTransportTests.echoes(1)) }
      #expect(hanging.open == 20, "none has come to an end meanwhile")
      group.cancelAll()
    }
    #expect(await eventually { hanging.open == 0 }, "what was given up on is closed")
  }

  @Test func cancellingReachesAConnectThatHangs() async {
    let hanging = TestServer { peer, _ in peer.waitForClose() }
    let transport = CurlTransport.one()
    let source = ListSource(count: 3)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        let origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: hanging.port)
        await transport.perform(source, at: origin, timeouts: .patient)
      }
      #expect(await eventually { hanging.open > 0 })
      group.cancelAll()
    }
    for outcome in source.outcomes[..<source.pulled] { CurlTransportFaultTests.expectFailure(outcome, .cancelled, "was cancelled") }
    #expect(await eventually { hanging.open == 0 })
  }

  @Test func aTransportMayEndWhileItConnects() async {
    let hanging = TestServer { peer, _ in peer.waitForClose() }
    for _ in 0..<20 {
      let transport = CurlTransport.one()
      await withTaskGroup(of: Void.self) { group in
        let accepted = hanging.accepted
        group.addTask {
          let origin = HTTPOrigin(isSecure: true, host: "127.0.0.1", port: hanging.port)
          CurlTransportFaultTests.expectFailure(await transport.outcomes(at: origin)[0], .closed, "was shut down")
        }
        #expect(await eventually { hanging.accepted > accepted })
        await transport.shutdown()
      }
    }
    #expect(await eventually { hanging.open == 0 })
  }

  // MARK: IPv6

  static let hasIPv6: Bool = {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_addr.__in6_u.__u6_addr8.15 = 1
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0 }
    }
  }()

  @Test(.enabled(if: hasIPv6, "this machine has no ::1")) func reachesAnAddressOfIPv6() async {
    let server = TestServer(host: "::1", TestServer.echo)
    #expect(server.origin.description == "http://[::1]:\(server.port)")
    #expect(await CurlTransport.one().outcomes(3, at: server.origin) == CurlTransportTests.echoes(3))
  }

  /// Names have addresses of both kinds; only the one of IPv6 is served here.
  @Test(.enabled(if: namesOfIPv6 != nil, "this machine has no name for ::1")) func reachesANameOfIPv6() async throws {
    let server = TestServer(host: "::1", TestServer.echo)
    let origin = HTTPOrigin(isSecure: false, host: try #require(Self.namesOfIPv6), port: server.port)
    #expect(await CurlTransport.one().outcomes(3, at: origin) == CurlTransportTests.echoes(3))
  }

  static let namesOfIPv6: String? = {
    guard hasIPv6 else { return nil }
    return ["localhost", "ip6-localhost", "localhost6"].first { name in
      var hints = addrinfo()
      hints.ai_family = AF_INET6
      var found: UnsafeMutablePointer<addrinfo>?
      guard getaddrinfo(name, nil, &hints, &found) == 0 else { return false }
      freeaddrinfo(found)
      return true
    }
  }()

  @Test(.enabled(if: hasIPv6 && TestCertificate.shared != nil, "needs openssl and ::1")) func speaksTLSToAnAddressOfIPv6() async throws {
    let certificate = try #require(TestCertificate.shared)
    let server = TestServer(host: "::1", certificate: certificate, TestServer.echo)
    let transport = CurlTransport.one { $0.caBundle = certificate.bundle }
    let origin = HTTPOrigin(isSecure: true, host: "::1", port: server.port)
    #expect(await transport.outcomes(3, at: origin) == CurlTransportTests.echoes(3))
  }
}
