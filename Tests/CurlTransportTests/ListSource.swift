import HTTPTransport

/// A source of requests made beforehand, and what became of each of them.
final class ListSource: HTTPRequestSource, @unchecked Sendable {
  // Sound: the transport has it to itself while `perform` runs, the test before and after.
  enum Outcome: Equatable {
    case answered(Int, String)
    case failed(HTTPTransportError.Phase, mayHaveArrived: Bool, String)

    var body: String? {
      if case .answered(_, let body) = self { return body }
      return nil
    }
  }

  private let bodies: [String]
  private var next = 0
  private(set) var outcomes: [Outcome?]
  var onOutcome: ((Int) -> Void)?
  var onPull: ((Int) -> Void)?

  init(_ bodies: [String]) {
    self.bodies = bodies
    outcomes = Array(repeating: nil, count: bodies.count)
  }

  convenience init(count: Int) { self.init((0..<count).map { "request \($0)" }) }

  var pulled: Int { next }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard next < bodies.count else { return nil }
    let body = bodies[next]
    request.writeBody { $0.append(contentsOf: Array(body.utf8)) }
    let head = ByteBuffer(Array("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: \(body.utf8.count)\r\n\r\n".utf8))
    request.prepend(head: head.span)
    next += 1
    onPull?(next - 1)
    return next - 1
  }

  var mayHaveMore: Bool { next < bodies.count }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    precondition(outcomes[token] == nil, "a request has one outcome")
    var body: [UInt8] = []
    let span = answer.bodySpan
    for index in span.indices { body.append(span[index]) }
    outcomes[token] = .answered(answer.status, String(decoding: body, as: UTF8.self))
    onOutcome?(token)
  }

  func failed(_ token: Int, _ error: HTTPTransportError) {
    precondition(outcomes[token] == nil, "a request has one outcome")
    outcomes[token] = .failed(error.phase, mayHaveArrived: error.mayHaveArrived, error.message)
    onOutcome?(token)
  }
}
