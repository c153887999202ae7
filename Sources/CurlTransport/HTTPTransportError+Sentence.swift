internal import Glibc
internal import HTTPTransport

extension HTTPTransportError {
  /// Puts `failure` of an exchange with `origin` into one sentence with its cause and what to do.
  init(_ failure: ExchangeFailure, at origin: HTTPOrigin, limits: ConnectionState.Limits) {
    let (phase, sentence) = Self.words(failure.reason, origin, limits)
    self.init(phase, mayHaveArrived: failure.mayHaveArrived, sentence)
  }

  private static func words(
    _ reason: ExchangeFailure.Reason, _ origin: HTTPOrigin, _ limits: ConnectionState.Limits
  ) -> (Phase, String) {
    switch reason {
    case .resolve:
      (.resolve, "the name \(origin.host) could not be resolved; check the endpoint, the region in it and this machine's DNS")
    case .proxyName:
      (.resolve, "the proxy's name could not be resolved; check the variables http_proxy, https_proxy and no_proxy")
    case .unreachable(let code):
      (.connect, unreachable(code, origin))
    case .proxy(let status):
      (.connect, "the proxy refused a tunnel to \(origin) (HTTP status \(status)); check the proxy's rules, or exempt the host in no_proxy")
    case .proxyCredentials:
      (
        .connect,
        "the proxy wants credentials for \(origin), or others than it was given (HTTP status 407); put user and password into the proxy's "
          + "URL, or exempt the host in no_proxy"
      )
    case .tls(let fault):
      (.tls, words(fault, origin))
    case .origin:
      (.connect, "\(origin) can't be used as an endpoint; check its host and port, and the CA bundle's path if one is set")
    case .library(let code):
      (.connect, "libcurl could not connect to \(origin) (its code \(code)); check the endpoint")
    case .connectTimeout:
      (.timeout, "connecting to \(origin) took longer than \(text(limits.connect)); check the network, firewalls and the endpoint")
    case .idleTimeout:
      (.timeout, "\(origin) was silent for \(text(limits.idle)); it may be overloaded, or the network broken")
    case .totalTimeout:
      (.timeout, "\(origin) did not answer within \(text(limits.total)); it may be overloaded, or the deadline too short")
    case .sendFailed:
      (.send, "the connection to \(origin) broke while the request was sent; try again where that is safe")
    case .receiveFailed:
      (.receive, "the connection to \(origin) was reset before the answer was complete; try again where that is safe")
    case .closedEarly:
      (.receive, "\(origin) closed the connection before the answer was complete; try again where that is safe")
    case .unexpectedBytes:
      (.receive, "\(origin) sent bytes nobody had asked for; check that it speaks HTTP/1.1")
    case .invalid(let fault):
      (.receive, "the answer from \(origin) \(fault.rawValue), so it was refused; check that nothing between here and there alters it")
    case .cancelled:
      (.cancelled, "the request to \(origin) was cancelled by its caller")
    case .shutDown:
      (.closed, "the transport was shut down; make a new one to send requests to \(origin)")
    case .overloaded:
      (.overloaded, "too many callers wait for a connection to \(origin); slow down, or allow more connections")
    }
  }

  private static func unreachable(_ code: Int, _ origin: HTTPOrigin) -> String {
    switch Int32(truncatingIfNeeded: code) {
    case ECONNREFUSED: "nothing listens at \(origin), or at the proxy if one is set; check that it is running and its port is right"
    case ENETUNREACH, EHOSTUNREACH: "there is no route to \(origin); check this machine's network"
    case EMFILE, ENFILE: "no file descriptor is left for a connection to \(origin); raise the limit (ulimit -n) or use fewer connections"
    case EADDRNOTAVAIL: "no local port is left for a connection to \(origin); use fewer new connections a second"
    case let other: "\(origin) can't be reached (error \(other) of the system); check the endpoint and the network"
    }
  }

  private static func words(_ fault: ExchangeFailure.TLSFault, _ origin: HTTPOrigin) -> String {
    switch fault {
    case .wrongName: "the certificate of \(origin) is for another name; check the endpoint, or whether something intercepts the connection"
    case .expired: "the certificate of \(origin) has expired; renew it, or check this machine's clock"
    case .notYetValid: "the certificate of \(origin) is not valid yet; check this machine's clock"
    case .selfSigned: "the certificate of \(origin) is self-signed; give its CA by a CA bundle (AWS_CA_BUNDLE) if you trust it"
    case .unknownIssuer: "nobody trusted has signed the certificate of \(origin); give the CA's certificate by a CA bundle (AWS_CA_BUNDLE)"
    case .bundle: "the CA bundle can't be read; check the path in AWS_CA_BUNDLE and that the file holds PEM certificates"
    case .handshake: "\(origin) did not complete a TLS handshake; check that it speaks TLS 1.2 or later on that port"
    case .oldVersion:
      "\(origin) speaks no version of TLS from 1.2 on, and older ones aren't safe; have it speak a later one, or check the endpoint"
    case .other(let code): "the certificate of \(origin) was refused (libcrypto's code \(code)); check it with openssl s_client"
    }
  }

  private static func text(_ duration: Nanoseconds) -> String {
    duration % 1_000_000_000 == 0 ? "\(duration / 1_000_000_000) s" : "\(duration / 1_000_000) ms"
  }
}
