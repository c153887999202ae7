/// Sends signed requests as bytes and hands back answers as bytes: the seam between the client and the wire.
///
/// libcurl's connections conform to it, and so does the embedded DynamoDB, so that signing, JSON, retry and errors run for real in
/// simulations. A transport sends what it is given once. It never sends anything again by itself, but for a kept connection found
/// closed before the request's first byte was sent, which it replaces.
package protocol HTTPTransport: Sendable {
  /// The transport's event loops, as executors for work that should stay beside its connections. Never empty.
  var loops: [any TaskExecutor] { get }

  /// Sends every request of `source` and returns when it is drained and each of its requests was answered or has failed.
  ///
  /// The transport pulls: whenever a connection is free it asks `source` for the next request. It calls `source` from one loop only,
  /// one call at a time: from the caller's own where the caller runs on one of `loops`. Sources that are active at once take turns.
  /// When the calling task is cancelled, nothing more is pulled and what is in flight fails with `.cancelled`.
  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async

  /// Closes every connection; what is in flight fails with `.closed`, and so does every request after it.
  func shutdown() async

  /// Refuses whatever wasn't pulled yet, lets what is in flight come to an end within `grace`, and closes every connection.
  ///
  /// What is refused fails with `.closed` and has not been sent. What is still in flight after `grace` fails with `.closed`, too.
  func shutdown(grace: Duration) async
}

extension HTTPTransport {
  /// For transports that have nothing in flight.
  package func shutdown(grace: Duration) async { await shutdown() }
}

/// A queue of requests that a transport pulls from, and the place where their answers go.
///
/// While `perform` runs, only the transport calls it, from one thread at a time; afterwards it is the caller's again. That is what
/// makes a conforming class with plain stored state sound as `@unchecked Sendable`.
package protocol HTTPRequestSource: AnyObject, Sendable {
  /// Writes the next request, signed and ready to go, into the empty `request`, and returns a token to know it by.
  ///
  /// - Returns: nil if there is none; the transport doesn't ask again before one of this source's requests was answered or failed,
  ///   and is done with the source when none is in flight.
  func nextRequest(into request: inout HTTPRequestBuffer) -> Int?

  /// False where `nextRequest` would surely return nil now; asked after each pull, answer and failure. Default true.
  ///
  /// A source that can tell is done with the moment its last request is: one that can't must wait for its next turn to say so.
  var mayHaveMore: Bool { get }

  /// The answer to the request `token`, whatever its status. The answer's bytes may be taken.
  func answered(_ token: Int, _ answer: inout HTTPAnswer)

  /// The request `token` has no answer.
  ///
  /// One that failed as `.closed` or `.overloaded` must not be offered again within the same `perform`, which would fail it at once again.
  func failed(_ token: Int, _ error: HTTPTransportError)
}

extension HTTPRequestSource {
  package var mayHaveMore: Bool { true }
}

/// How long each request may take, counted from when it was pulled.
package struct HTTPTimeouts: Sendable {
  /// To resolve, connect and negotiate TLS. Default 3 s.
  package var connect: Duration
  /// Between two bytes, either way. Default 10 s.
  package var idle: Duration
  /// From the pull to the answer's last byte. Default 30 s.
  package var total: Duration

  package init(connect: Duration = .seconds(3), idle: Duration = .seconds(10), total: Duration = .seconds(30)) {
    self.connect = connect
    self.idle = idle
    self.total = total
  }
}
