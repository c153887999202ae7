/// What one connection is doing, as a pure value: an event in, the next action out.
///
/// It knows the one rule by which a request may go out twice: a kept connection that turns out to be closed before a byte of the
/// request was taken is replaced in silence. From the first byte on the request may have arrived, and who asked must be told.
struct ConnectionState: Equatable {
  enum Stage: Equatable {
    case closed, connecting, idle, sending, receiving
  }

  enum Action: Equatable {
    case none
    /// Open the connection.
    case connect
    /// Ask the kernel whether the peer has closed the connection or spoken, then say `.probed`.
    case probe
    /// Send the request from `sent` on.
    case send
    /// Go on once the socket takes more.
    case awaitWritable
    /// The request is out: wait for the answer.
    case awaitAnswer
    /// Hand the answer over; close the connection unless it is kept.
    case deliver(keep: Bool)
    /// Close and open again; the request is still to be sent.
    case replace
    /// Close; nobody waits for anything.
    case close
    /// Close and tell whoever asked.
    case fail(ExchangeFailure)
  }

  struct Limits: Equatable, Sendable {
    var connect: Nanoseconds
    var idle: Nanoseconds
    var total: Nanoseconds
  }

  private(set) var stage = Stage.closed
  /// Bytes of the request that the kernel, or the TLS layer, has taken.
  private(set) var sent = 0
  private var length = 0
  private var isTouched = false
  private var isKept = false
  private var hasBytes = false
  private var limits = Limits(connect: 0, idle: 0, total: 0)
  private var pulled: Nanoseconds = 0
  private var active: Nanoseconds = 0
  private let keepAlive: Nanoseconds

  /// A connection that the poller hasn't looked at for this long is probed before it is used, a call of 0.3 µs: a close may have gone
  /// unseen, or an answer that nobody has asked for. What sends a hundred requests in one go doesn't get there.
  static let probeAfter: Nanoseconds = 1_000_000

  init(keepAlive: Nanoseconds) { self.keepAlive = keepAlive }

  /// How long connecting may take.
  var connectLimit: Nanoseconds { limits.connect }

  /// When `expired` is due.
  var deadline: Nanoseconds {
    switch stage {
    case .closed: .max
    case .connecting: min(active + limits.connect, pulled + limits.total)
    case .idle: active + keepAlive
    case .sending, .receiving: min(active + limits.idle, pulled + limits.total)
    }
  }

  /// How long the exchange has taken, from its pull to what happened last.
  var spent: Nanoseconds { active - pulled }

  /// True where a byte of the request can have reached the server.
  private var mayHaveArrived: Bool { sent > 0 || isTouched }

  // MARK: Events

  /// A request of `length` bytes was pulled for this connection, which is closed or idle; the poller has last looked at `polled`.
  mutating func pulled(_ length: Int, _ limits: Limits, at now: Nanoseconds, polled: Nanoseconds) -> Action {
    self.length = length
    self.limits = limits
    sent = 0
    isTouched = false
    hasBytes = false
    pulled = now
    switch stage {
    case .closed:
      return connect(at: now)
    case .idle:
      let (idle, unseen) = (now - active, now - max(active, polled))
      stage = .sending
      isKept = true
      active = now
      if idle >= keepAlive { return .replace }
      return unseen >= Self.probeAfter ? .probe : .send
    case .connecting, .sending, .receiving:
      preconditionFailure("a connection carries one exchange at a time")
    }
  }

  /// The kernel says what became of the connection before the first byte was sent; nil: nothing.
  mutating func probed(_ finding: ExchangeFailure.Reason?) -> Action {
    guard let finding else { return .send }
    // An answer that lies there before its request is nobody's, on a new connection as on a kept one.
    return isKept ? .replace : fail(finding)
  }

  /// The connection that was to replace one is being opened.
  mutating func connect(at now: Nanoseconds) -> Action {
    stage = .connecting
    isKept = false
    active = now
    return .connect
  }

  /// The connection is open, TLS and proxy included.
  mutating func connected(at now: Nanoseconds) -> Action {
    stage = .sending
    active = now
    return .probe
  }

  /// The connection could not be opened.
  mutating func refused(_ reason: ExchangeFailure.Reason) -> Action { fail(reason) }

  /// The socket took `count` bytes more of the request.
  mutating func sent(_ count: Int, at now: Nanoseconds) -> Action {
    sent += count
    active = now
    guard sent == length else { return .awaitWritable }
    stage = .receiving
    return .awaitAnswer
  }

  /// The socket took nothing; over TLS it may have taken part of a record, which is `touched`.
  mutating func blocked(touched: Bool) -> Action {
    isTouched = isTouched || touched
    return .awaitWritable
  }

  /// Bytes came, but not the whole answer yet.
  mutating func receivedPart(at now: Nanoseconds) -> Action {
    guard stage == .sending || stage == .receiving else { return lost(.unexpectedBytes) }
    active = now
    hasBytes = true
    return .none
  }

  /// The answer is whole. One that came before the request was out, or with bytes behind it, leaves a connection nobody can trust.
  mutating func receivedAll(closes: Bool, excess: Int, at now: Nanoseconds) -> Action {
    let keep = !closes && excess == 0 && stage == .receiving
    stage = keep ? .idle : .closed
    active = now
    return .deliver(keep: keep)
  }

  /// A proxy answered in the server's place, and did not pass the request on.
  mutating func turnedAway(_ reason: ExchangeFailure.Reason) -> Action {
    stage = .closed
    return .fail(ExchangeFailure(reason: reason, mayHaveArrived: false))
  }

  /// What came is no answer.
  mutating func receivedFault(_ fault: AnswerFault) -> Action { fail(.invalid(fault)) }

  /// The peer closed, reset, or spoke unasked.
  mutating func lost(_ reason: ExchangeFailure.Reason) -> Action {
    switch stage {
    case .closed:
      return .none
    case .idle:
      stage = .closed
      return .close
    case .connecting:
      return fail(reason)
    case .sending, .receiving:
      // A race that can't be won: the server closes an idle connection while we pick it. As long as the kernel took no byte the server
      // has seen nothing, so the request goes out on a new connection, once: that one is not a kept one.
      if isKept && !mayHaveArrived && !hasBytes { return .replace }
      return fail(reason)
    }
  }

  /// The deadline has passed.
  mutating func expired(at now: Nanoseconds) -> Action {
    switch stage {
    case .closed:
      return .none
    case .idle:
      stage = .closed
      return .close
    case .connecting:
      return fail(now >= pulled + limits.total ? .totalTimeout : .connectTimeout)
    case .sending, .receiving:
      return fail(now >= pulled + limits.total ? .totalTimeout : .idleTimeout)
    }
  }

  /// The group was cancelled, or the transport shut down.
  mutating func abandoned(_ reason: ExchangeFailure.Reason) -> Action {
    switch stage {
    case .closed: return .none
    case .idle:
      stage = .closed
      return .close
    case .connecting, .sending, .receiving: return fail(reason)
    }
  }

  private mutating func fail(_ reason: ExchangeFailure.Reason) -> Action {
    let failure = ExchangeFailure(reason: reason, mayHaveArrived: mayHaveArrived)
    stage = .closed
    return .fail(failure)
  }
}
