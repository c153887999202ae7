import HTTPTransport
import Testing

@Suite struct HTTPOriginTests {
  @Test(arguments: [
    (HTTPOrigin(isSecure: true, host: "dynamodb.eu-west-1.amazonaws.com"), "dynamodb.eu-west-1.amazonaws.com", "https"),
    (HTTPOrigin(isSecure: true, host: "a", port: 8443), "a:8443", "https"),
    (HTTPOrigin(isSecure: false, host: "a"), "a", "http"),
    (HTTPOrigin(isSecure: false, host: "a", port: 443), "a:443", "http"),
    (HTTPOrigin(isSecure: false, host: "::1", port: 8000), "[::1]:8000", "http"),
    (HTTPOrigin(isSecure: true, host: "::1"), "[::1]", "https"),
  ])
  func namesItsAuthority(origin: HTTPOrigin, authority: String, scheme: String) {
    #expect(origin.authority == authority)
    #expect("\(origin)" == "\(scheme)://\(authority)")
  }

  @Test(arguments: [
    ("localhost", true), ("LocalHost", true), ("127.0.0.1", true), ("127.255.0.3", true), ("::1", true), ("128.0.0.1", false),
    ("127.0.0", false), ("127.0.0.256", false), ("127.0.0.1.example", false), ("localhost.example", false), ("::2", false),
  ])
  func knowsThisMachine(host: String, isLoopback: Bool) {
    #expect(HTTPOrigin(isSecure: true, host: host).isLoopback == isLoopback)
  }
}
