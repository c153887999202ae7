internal import Glibc

/// What a loop asks of the connector: for which place in its table of connections, and which of those that have been there.
struct ConnectWish: Sendable {
  enum Kind: Sendable {
    case open(Route, timeout: Nanoseconds)
    /// Nobody waits for it any more.
    case abandon
  }

  let place: Int
  let generation: Int
  let kind: Kind
}

/// An open connection on its way from the connector's thread to a loop's. Sound as Sendable: whoever holds it last takes the handle, and
/// the inbox that it goes through has a lock.
final class OpenConnection: @unchecked Sendable {
  private var handle: CurlHandle?

  init(_ handle: consuming CurlHandle) { self.handle = consume handle }

  func take() -> CurlHandle { handle.take() ?? CurlHandle() }
}

/// Opens the connections of all loops on a thread of its own, many at once: names, TCP, proxies and TLS.
///
/// A handshake takes half a millisecond of computing, and reading the certificates 20: on a loop's thread they would be taken from everyone
/// whose answer is there. Ends its thread when the last loop is gone.
final class Connector: Sendable {
  private let thread: ConnectorThread

  init(caBundle: String?) {
    thread = ConnectorThread(caBundle: caBundle)
    thread.start()
  }

  deinit { thread.stop() }

  /// Takes what `loop` wishes; the answers go to its inbox.
  func take(_ wishes: [ConnectWish], from loop: LoopThread) { thread.post(.wishes(wishes, loop)) }
}

/// The connector's thread. Sound as Sendable: `inbox` has a lock, `identity` never changes once the thread runs, and everything else is
/// touched on that thread only.
private final class ConnectorThread: @unchecked Sendable {
  enum Message: Sendable {
    case wishes([ConnectWish], LoopThread)
    case stop
  }

  /// One connection being opened.
  struct Attempt: ~Copyable {
    var handle = CurlHandle()
    /// Who waits for it; nil where the place is free.
    var loop: LoopThread?
    var wish: ConnectWish?
    /// When libcurl wants to be driven.
    var timer = Nanoseconds.max
    /// How often this place was used.
    var generation = 0
  }

  private let caBundle: String?
  private let inbox = Inbox<Message>()
  private var identity = pthread_t()

  private var poller: Poller
  private let share = CurlShare()
  private var store: CertificateStore?
  private var storeExpires = Nanoseconds.min
  private var attempts = Slab<Attempt>()
  private var free: [Int] = []
  private var isStopped = false

  /// Certificates are renewed while services run.
  private static let storeLifetime: Nanoseconds = 24 * 3_600 * 1_000_000_000

  init(caBundle: String?) {
    self.caBundle = caBundle
    poller = Poller(wake: inbox.wake)
  }

  // MARK: From any thread

  func post(_ message: Message) { inbox.post(message) }

  func start() { inbox.start(named: "dualtable-open", identity: { identity = $0 }) { self.run() } }

  /// Ends the thread; waits for that unless it is called on it, by the last loop that went.
  func stop() {
    post(.stop)
    if pthread_equal(pthread_self(), identity) != 0 { pthread_detach(identity) } else { pthread_join(identity, nil) }
  }

  // MARK: On the thread

  private func run() {
    inbox.awaitStart()
    while !isStopped {
      poller.wait(milliseconds: timeout())
      for number in 0..<poller.ready {
        guard let event = poller.event(number) else { continue }
        let token = event.token
        guard token.index < attempts.count, attempts[token.index].generation & 0xF_FFFF == token.generation else { continue }
        drive(token.index, token.descriptor)
      }
      if poller.isWoken { takeMessages() }
      driveTimers()
    }
    for index in 0..<attempts.count { release(index) }
  }

  private func takeMessages() {
    var messages: [Message] = []
    inbox.take(into: &messages)
    for message in messages {
      switch message {
      case .stop: isStopped = true
      case .wishes(let wishes, let loop):
        for wish in wishes {
          switch wish.kind {
          case .open(let route, let timeout): open(wish, route, timeout, for: loop)
          case .abandon: abandon(wish, of: loop)
          }
        }
      }
    }
  }

  private func open(_ wish: ConnectWish, _ route: Route, _ timeout: Nanoseconds, for loop: LoopThread) {
    var store: CertificateStore?
    if route.isEncrypted {
      store = currentStore()
      if store == nil { return loop.post(.refused(wish.place, wish.generation, .tls(.bundle))) }
    }
    var handle = CurlHandle()
    guard handle.open(route, store: store, timeout: timeout, share: share) else {
      return loop.post(.refused(wish.place, wish.generation, .origin))
    }
    if free.isEmpty {
      free.append(attempts.count)
      attempts.append(Attempt())
    }
    let index = free.removeLast()
    attempts[index].handle = handle
    attempts[index].loop = loop
    attempts[index].wish = wish
    attempts[index].generation &+= 1
    takeChanges(index)
  }

  private func abandon(_ wish: ConnectWish, of loop: LoopThread) {
    for index in 0..<attempts.count where attempts[index].loop === loop {
      if attempts[index].wish?.place == wish.place, attempts[index].wish?.generation == wish.generation { return release(index) }
    }
  }

  private func release(_ index: Int) {
    guard attempts[index].loop != nil else { return }
    attempts[index].handle = CurlHandle()
    attempts[index].loop = nil
    attempts[index].wish = nil
    attempts[index].timer = .max
    attempts[index].generation &+= 1
    free.append(index)
  }

  private func drive(_ index: Int, _ socket: Int32?) {
    guard let loop = attempts[index].loop, let wish = attempts[index].wish else { return }
    let progress = attempts[index].handle.drive(socket)
    takeChanges(index)
    switch progress {
    case .pending: return
    case .failed(let reason): loop.post(.refused(wish.place, wish.generation, reason))
    case .connected:
      // The descriptor stays open, so it has to be taken out of this thread's poller by name.
      poller.watch(token(index, attempts[index].handle.socket), reads: false, writes: false)
      var handle = CurlHandle()
      swap(&handle, &attempts[index].handle)
      loop.post(.connected(wish.place, wish.generation, OpenConnection(handle)))
    }
    release(index)
  }

  private func takeChanges(_ index: Int) {
    let generation = attempts[index].generation
    attempts[index].handle.takeChanges { socket, reads, writes in
      poller.watch(Poller.Token(index: index, generation: generation, descriptor: socket), reads: reads, writes: writes)
    }
    if let milliseconds = attempts[index].handle.takeTimer() {
      attempts[index].timer = milliseconds < 0 ? .max : MonotonicClock.now() + Nanoseconds(milliseconds) * 1_000_000
    }
  }

  private func token(_ index: Int, _ descriptor: Int32) -> Poller.Token {
    Poller.Token(index: index, generation: attempts[index].generation, descriptor: descriptor)
  }

  // MARK: Time

  private func driveTimers() {
    let now = MonotonicClock.now()
    for index in 0..<attempts.count where attempts[index].timer <= now {
      attempts[index].timer = .max
      drive(index, nil)
    }
  }

  private func timeout() -> Int32 {
    var earliest = Nanoseconds.max
    for index in 0..<attempts.count { earliest = min(earliest, attempts[index].timer) }
    guard earliest < .max else { return -1 }
    let left = earliest - MonotonicClock.now()
    return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
  }

  private func currentStore() -> CertificateStore? {
    let now = MonotonicClock.now()
    if store == nil || now >= storeExpires {
      // Where the file has become unreadable meanwhile, what it held is still as good as it was.
      store = CertificateStore(bundle: caBundle) ?? store
      storeExpires = now + Self.storeLifetime
    }
    return store
  }
}
