internal import DynamoDBModel
package import HTTPTransport

/// One request on its way, and what came of it.
///
/// Sound as `@unchecked Sendable`: it belongs to one call of `perform`, which doesn't touch it while the simulator has it.
package final class Letter: HTTPRequestSource, @unchecked Sendable {
  private enum Outcome: ~Copyable {
    case none
    case answered(HTTPAnswer)
    case failed(HTTPTransportError)
  }

  private var request: HTTPRequestBuffer
  private var isSent = false
  private var outcome = Outcome.none

  package init(_ request: consuming HTTPRequestBuffer) { self.request = request }

  /// One that is answered already, by a 200.
  package init(answer body: Span<UInt8>) {
    request = HTTPRequestBuffer()
    isSent = true
    outcome = .answered(Self.answer(body))
  }

  private static func answer(_ body: Span<UInt8>) -> HTTPAnswer {
    var bytes = ByteBuffer()
    bytes.append("HTTP/1.1 200 OK\r\n\r\n")
    let head = bytes.count
    bytes.append(body)
    return HTTPAnswer(status: 200, bytes: bytes, fields: head - 2..<head - 2, body: head..<bytes.count)
  }

  /// True if the request may have been carried out and nobody knows.
  package private(set) var isLost = false

  /// Looks at the request before it is sent.
  package func read<Value>(_ body: (borrowing HTTPRequestBuffer) -> Value) -> Value { body(request) }

  /// Makes it look as if nothing had been sent.
  package func neverArrived() { outcome = .failed(HTTPTransportError(.connect, mayHaveArrived: false, "Nothing listens there.")) }

  /// Changes a good answer; `body` returns the new one, nil to leave it.
  package func change(_ body: (Span<UInt8>) -> ByteBuffer?) {
    var taken = Outcome.none
    swap(&taken, &outcome)
    switch consume taken {
    case .none: break
    case .failed(let error): outcome = .failed(error)
    case .answered(let answer):
      let changed = answer.status == 200 ? Self.body(of: answer, body) : nil
      if let changed { outcome = .answered(Self.answer(changed.span)) } else { outcome = .answered(answer) }
    }
  }

  private static func body(of answer: borrowing HTTPAnswer, _ change: (Span<UInt8>) -> ByteBuffer?) -> ByteBuffer? {
    change(answer.bodySpan)
  }

  package var mayHaveMore: Bool { !isSent }

  package func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard !isSent else { return nil }
    isSent = true
    swap(&request, &self.request)
    return 0
  }

  package func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    isLost = answer.status >= 500
    outcome = .answered(
      HTTPAnswer(
        status: answer.status, bytes: answer.takeBytes(), fields: answer.fields, body: answer.body, nanoseconds: answer.nanoseconds))
  }

  package func failed(_ token: Int, _ error: HTTPTransportError) {
    isLost = error.mayHaveArrived
    outcome = .failed(error)
  }

  func deliver(_ token: Int, to source: any HTTPRequestSource) {
    var outcome = Outcome.none
    swap(&outcome, &self.outcome)
    switch consume outcome {
    case .none: source.failed(token, HTTPTransportError(.cancelled, mayHaveArrived: isSent, "The call was cancelled."))
    case .answered(var answer): source.answered(token, &answer)
    case .failed(let error): source.failed(token, error)
    }
  }
}
