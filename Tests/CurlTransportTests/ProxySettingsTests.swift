import CurlTransport
import HTTPTransport
import Testing

@Suite struct ProxySettingsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let variables: [String: String]
    let url: String
    let proxy: String?
    var testDescription: String { "\(variables.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }) \(url)" }

    init(_ variables: [String: String], _ url: String, _ proxy: String?) {
      (self.variables, self.url, self.proxy) = (variables, url, proxy)
    }

    var origin: HTTPOrigin {
      let isSecure = url.hasPrefix("https://")
      return HTTPOrigin(isSecure: isSecure, host: String(url.dropFirst(isSecure ? 8 : 7)))
    }
  }

  static let variables: [Case] = [
    Case([:], "http://a", nil),
    Case([:], "https://a", nil),
    Case(["http_proxy": "p"], "http://a", "p"),
    Case(["http_proxy": "p"], "https://a", nil),
    Case(["HTTP_PROXY": "p"], "http://a", nil),
    Case(["https_proxy": "p"], "https://a", "p"),
    Case(["https_proxy": "p"], "http://a", nil),
    Case(["HTTPS_PROXY": "p"], "https://a", "p"),
    Case(["HTTPS_PROXY": "p", "https_proxy": "q"], "https://a", "q"),
    Case(["all_proxy": "p"], "https://a", "p"),
    Case(["ALL_PROXY": "p"], "http://a", "p"),
    Case(["ALL_PROXY": "p", "all_proxy": "q"], "http://a", "q"),
    Case(["all_proxy": "p", "http_proxy": "q"], "http://a", "q"),
    Case(["all_proxy": "p", "http_proxy": ""], "http://a", nil),
    Case(["https_proxy": "p", "no_proxy": ""], "https://a", "p"),
    Case(["https_proxy": "p", "NO_PROXY": "a"], "https://a", nil),
    Case(["https_proxy": "p", "no_proxy": "b", "NO_PROXY": "a"], "https://a", "p"),
  ]

  @Test func noWayOfPrintingShowsAPassword() {
    let settings = ProxySettings { $0 == "no_proxy" ? "a.test" : $0.hasSuffix("_proxy") ? "http://user:s3cr3t@proxy.test:3128" : nil }
    var configuration = CurlTransport.Configuration(loops: 1)
    configuration.proxies = settings
    var dumped = ""
    dump(configuration, to: &dumped)
    for printing in ["\(settings)", String(reflecting: settings), String(reflecting: configuration), dumped] {
      #expect(!printing.contains("s3cr3t") && printing.contains("ProxySettings"))
    }
  }

  @Test(arguments: variables) func readsTheVariables(_ test: Case) {
    #expect(ProxySettings { test.variables[$0] }.proxy(for: test.origin) == test.proxy)
  }

  /// The rules of libcurl's `Curl_check_noproxy`, of versions that know ranges.
  static let exemptions: [(list: String, host: String, isExempt: Bool)] = [
    ("*", "a.example", true),
    ("*", "10.0.0.1", true),
    ("*,b", "a", false),
    ("a.example", "a.example", true),
    ("A.Example", "a.eXAMPLE", true),
    ("example", "a.example", true),
    (".example", "a.example", true),
    (".example", "example", true),
    ("example", "anexample", false),
    ("a.example", "example", false),
    ("example.", "a.example", true),
    ("example", "a.example.", true),
    ("x, example ,y", "a.example", true),
    ("x example", "a.example", true),
    (",,example", "a.example", true),
    (".", "a", false),
    ("dynamodb.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com", true),
    ("amazonaws.com", "dynamodb.eu-west-1.amazonaws.com", true),
    ("amazonaws.com", "dynamodb.cn-north-1.amazonaws.com.cn", false),
    ("localhost", "localhost", true),
    ("localhost", "127.0.0.1", false),
    ("127.0.0.1", "127.0.0.1", true),
    ("0.0.1", "127.0.0.1", false),
    ("10.0.0.0/8", "10.255.1.2", true),
    ("10.0.0.0/8", "11.0.0.1", false),
    ("10.1.2.3/8", "10.255.1.2", true),
    ("192.168.1.128/25", "192.168.1.129", true),
    ("192.168.1.128/25", "192.168.1.127", false),
    ("192.168.1.1/32", "192.168.1.1", true),
    ("192.168.1.1/32", "192.168.1.2", false),
    ("192.168.1.1/33", "192.168.1.1", false),
    ("192.168.1.1/x", "192.168.1.1", false),
    ("192.168.1.1/", "192.168.1.1", false),
    ("10.0.0.0/8", "10.example", false),
    ("::1", "::1", true),
    ("[::1]", "::1", true),
    ("0:0:0:0:0:0:0:1", "::1", true),
    ("fd00::/8", "fd12:3456::1", true),
    ("fd00::/8", "fe80::1", false),
    ("2001:db8::/33", "2001:db8:7fff::1", true),
    ("2001:db8::/33", "2001:db8:8000::1", false),
    ("::/1", "127.0.0.1", false),
    ("0.0.0.0/0", "127.0.0.1", true),
  ]

  @Test(arguments: exemptions) func knowsWhatIsExempt(list: String, host: String, isExempt: Bool) {
    let settings = ProxySettings { ["https_proxy": "p", "no_proxy": list][$0] }
    #expect(settings.proxy(for: HTTPOrigin(isSecure: true, host: host)) == (isExempt ? nil : "p"))
  }
}
