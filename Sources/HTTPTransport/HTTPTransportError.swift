/// Why a request has no answer, and whether it may have arrived all the same.
package struct HTTPTransportError: Error, Sendable, CustomStringConvertible {
  /// How far the exchange had come.
  package enum Phase: String, Sendable, CaseIterable {
    case resolve, connect, tls, send, receive, timeout, cancelled, closed, overloaded
  }

  /// How far the exchange had come when it failed; `timeout` where a deadline ended it, `closed` where the transport was shut down,
  /// `overloaded` where no place to wait was left.
  package let phase: Phase
  /// False only if no byte of the request can have reached the server, so that sending it again is always safe.
  package let mayHaveArrived: Bool
  /// One sentence with cause and remedy; holds no part of request or answer.
  package let message: String

  package init(_ phase: Phase, mayHaveArrived: Bool, _ message: String) {
    self.phase = phase
    self.mayHaveArrived = mayHaveArrived
    self.message = message
  }

  package var description: String { "\(phase.rawValue): \(message)" }
}
