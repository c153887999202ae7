internal import DynamoDBSimulator
internal import HTTPTransport

/// A request that a connection brings, and its answer until the last byte of it has left.
///
/// Sound as `@unchecked Sendable`: it belongs to the server's thread, but for the time in which its connection is suspended, when it
/// belongs to whoever resumes it. libmicrohttpd's own lock lies between the two.
final class ServerExchange: @unchecked Sendable {
  enum Phase {
    case receiving
    /// Too much came; what is left is thrown away.
    case overflowing
    case suspended
    case answered
  }

  var phase = Phase.receiving
  var body = ByteBuffer()
  var head = RequestHead(target: "")
  var fate = Fate()
  var answer: SimulatedAnswer?

  /// Bytes of the answer's body.
  var bodyCount: Int { answer?.body.count ?? 0 }

  /// Lends the answer's body, which stays where it is until the exchange is reset.
  func withBody<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result? {
    answer?.withBody(use)
  }

  func reset() {
    phase = .receiving
    answer = nil
    body.removeAll()
  }
}
