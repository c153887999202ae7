import HTTPTransport
import Synchronization

/// A transport that answers as a source of credentials would, and keeps what it was asked.
final class SourceDouble: HTTPTransport {
  struct Request: Sendable, Equatable {
    var method = "GET"
    var url = ""
    /// Names in lower case; neither `host` nor `user-agent`, `accept` nor `content-length`, which all requests have or may have.
    var fields: [String: String] = [:]
    var body = ""
  }

  enum Answer: Sendable {
    case answer(Int, String)
    case lost(HTTPTransportError.Phase, mayHaveArrived: Bool)
  }

  let loops: [any TaskExecutor] = [globalConcurrentExecutor]
  private let answer: @Sendable (Request, _ number: Int) -> Answer
  private let kept = Mutex<[Request]>([])

  init(_ answer: @escaping @Sendable (Request, _ number: Int) -> Answer) { self.answer = answer }

  /// Answers one after the other, and the last one for good.
  convenience init(_ answers: Answer...) { self.init { _, number in answers[min(number, answers.count - 1)] } }

  var requests: [Request] { kept.withLock { $0 } }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    var buffer = HTTPRequestBuffer()
    guard let token = source.nextRequest(into: &buffer) else { return }
    let request = Self.request(buffer.message, origin)
    let number = kept.withLock { kept in
      kept.append(request)
      return kept.count - 1
    }
    switch answer(request, number) {
    case .answer(let status, let body):
      let bytes = ByteBuffer(body.utf8)
      var answer = HTTPAnswer(status: status, bytes: bytes, fields: 0..<0, body: 0..<body.utf8.count)
      source.answered(token, &answer)
    case .lost(let phase, let mayHaveArrived):
      source.failed(token, HTTPTransportError(phase, mayHaveArrived: mayHaveArrived, "nothing at \(origin)"))
    }
  }

  func shutdown() async {}

  private static func request(_ message: Span<UInt8>, _ origin: HTTPOrigin) -> Request {
    let text = String(decoding: message.indices.map { message[$0] }, as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = parts[0].split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    var request = Request(method: String(words[0]), url: "\(origin)\(words[1])", body: parts.count > 1 ? String(parts[1]) : "")
    for line in lines.dropFirst() {
      let field = line.split(separator: ": ", maxSplits: 1)
      let name = field[0].lowercased()
      if !["host", "user-agent", "accept", "content-length"].contains(name) {
        request.fields[name] = field.count > 1 ? String(field[1]) : ""
      }
    }
    return request
  }
}
