internal import HTTPTransport

/// A service that answers at once, by what the request's body holds: what is left of a call is the client's own time.
final class CannedTransport: HTTPTransport {
  let loops: [any TaskExecutor] = [globalConcurrentExecutor]
  private let answers: [(needle: String, body: String)]

  /// - Parameter answers: bodies of answers, each for requests that contain its needle.
  init(_ answers: [(needle: String, body: String)]) {
    self.answers = answers.map { (needle: $0.needle, body: "HTTP/1.1 200 OK\r\n\r\n\($0.body)") }
  }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    while true {
      var buffer = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &buffer) else { return }
      let body = String(decoding: (0..<buffer.body.count).map { buffer.body[$0] }, as: UTF8.self)
      let text = answers.first { body.contains($0.needle) }?.body ?? "HTTP/1.1 400 No\r\n\r\n{}"
      let bytes = ByteBuffer(text.utf8)
      let count = bytes.count
      var answer = HTTPAnswer(status: 200, bytes: bytes, fields: 17..<17, body: 19..<count)
      source.answered(token, &answer)
      if !source.mayHaveMore { return }
    }
  }

  func shutdown() async {}
}
