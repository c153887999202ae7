internal import HTTPTransport

/// Why an exchange failed, before it is put into words.
struct ExchangeFailure: Equatable {
  enum Reason: Equatable, Sendable {
    case resolve
    case proxyName
    case unreachable(code: Int)
    case proxy(status: Int)
    case proxyCredentials
    case tls(TLSFault)
    case origin
    case library(code: Int)
    case connectTimeout, idleTimeout, totalTimeout
    case sendFailed, receiveFailed, closedEarly, unexpectedBytes
    case invalid(AnswerFault)
    case cancelled, shutDown, overloaded
  }

  enum TLSFault: Equatable, Sendable {
    case wrongName, expired, notYetValid, selfSigned, unknownIssuer, bundle
    case handshake, oldVersion
    case other(code: Int)
  }

  let reason: Reason
  let mayHaveArrived: Bool
}
