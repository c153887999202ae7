internal import HTTPTransport

/// One request to a source of credentials.
struct SourceRequest: Sendable {
  var method = "GET"
  let origin: HTTPOrigin
  /// Begins with a slash.
  var path = "/"
  var fields: [(name: String, value: String)] = []
  var body: [UInt8] = []
  /// True for what is answered on this machine or beside it.
  var isLocal = false
  var timeouts = HTTPTimeouts(connect: .seconds(3), idle: .seconds(5), total: .seconds(10))
  /// How often it is sent, where the answer is lost or says that the source is overloaded or has failed.
  var attempts = 3

  /// Request line, fields and the empty line.
  fileprivate var head: String {
    let all =
      [("host", origin.authority.lowercased()), ("user-agent", "dualtable/\(kitVersion)"), ("accept", "*/*")] + fields
      + (body.isEmpty && method == "GET" ? [] : [("content-length", "\(body.count)")])
    return "\(method) \(path) HTTP/1.1\r\n" + all.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n"
  }
}

/// What a source answered.
struct SourceAnswer: Sendable {
  let status: Int
  let body: [UInt8]

  /// True where the same request may get another answer a little later.
  var isTransient: Bool { status == 429 || status >= 500 }
}

extension CredentialSurroundings {
  /// Sends `request` until there is an answer that another try wouldn't change.
  ///
  /// - Parameter source: for sentences: "STS".
  /// - Throws: `CredentialError` of code `unreachable` or `cancelled`.
  func send(_ request: SourceRequest, to source: String) async throws(CredentialError) -> SourceAnswer {
    // What can't travel in a field must not become one: a token from a file may hold anything.
    for (_, value) in request.fields where !value.utf8.allSatisfy({ ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x09 }) {
      throw CredentialError(.malformed, "The token for \(source) holds a line end or a character outside ASCII; write it anew.")
    }
    var tries = 0
    while true {
      let exchange = SingleExchange(request)
      let carrier = transport(request.isLocal)
      await carrier.perform(exchange, at: request.origin, timeouts: request.timeouts)
      await carrier.shutdown()
      tries += 1
      switch exchange.outcome {
      case .success(let answer) where !answer.isTransient || tries >= request.attempts: return answer
      case .success: break
      case .failure(let error):
        if error.phase == .cancelled || Task.isCancelled { throw CredentialError(.cancelled, "The wait for \(source) was cancelled.") }
        // Where nothing is beside this machine, nothing will come in a second, and whoever isn't on an instance waits for that.
        let isHopeless = [.resolve, .tls].contains(error.phase) || request.isLocal && !error.mayHaveArrived
        if isHopeless || tries >= request.attempts {
          throw CredentialError(.unreachable, "\(source) gives no credentials: \(error.message).", cause: error)
        }
      }
      do {
        try await clock.sleep(for: .milliseconds(200 << min(tries, 4)))
      } catch {
        throw CredentialError(.cancelled, "The wait for \(source) was cancelled.")
      }
    }
  }
}

/// A source of one request, and what became of it.
private final class SingleExchange: HTTPRequestSource, @unchecked Sendable {
  // Sound: the transport has it to itself while `perform` runs, the caller before and after.
  private let request: SourceRequest
  private var isSent = false
  private(set) var outcome = Result<SourceAnswer, HTTPTransportError>.failure(
    HTTPTransportError(.cancelled, mayHaveArrived: false, "the request was cancelled"))

  init(_ request: SourceRequest) { self.request = request }

  var mayHaveMore: Bool { !isSent }

  func nextRequest(into buffer: inout HTTPRequestBuffer) -> Int? {
    if isSent { return nil }
    isSent = true
    buffer.writeBody { $0.append(contentsOf: request.body) }
    buffer.prepend(head: ByteBuffer(request.head.utf8).span)
    return 0
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    let body = answer.bodySpan
    outcome = .success(SourceAnswer(status: answer.status, body: body.indices.map { body[$0] }))
  }

  func failed(_ token: Int, _ error: HTTPTransportError) { outcome = .failure(error) }
}
