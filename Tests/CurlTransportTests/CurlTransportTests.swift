import CurlTransport
import Glibc
import HTTPTransport
import Testing

@Suite struct CurlTransportTests {
  /// Answers every request with its own body.
  static let echo: TestServer.Script = { peer, _ in
    while let request = peer.request() {
      let text = String(decoding: request, as: UTF8.self)
      peer.answer(String(text[text.range(of: "\r\n\r\n")!.upperBound...]))
    }
  }

  @Test(arguments: [1, 2], [1, 3, 500]) func answersEachRequestWithItsOwnAnswer(loops: Int, count: Int) async {
    let server = TestServer(Self.echo)
    let transport = CurlTransport(configuration: .init(loops: loops))
    let source = ListSource(count: count)
    await transport.perform(source, at: server.origin, timeouts: HTTPTimeouts())
    #expect(source.outcomes == (0..<count).map { .answered(200, "request \($0)") })
    await transport.shutdown()
  }
}

extension String {
  func range(of text: String) -> Range<String.Index>? {
    firstRange(of: text)
  }
}

extension TestServer {
  var origin: HTTPOrigin { HTTPOrigin(isSecure: false, host: "127.0.0.1", port: port) }
}
