internal import HTTPTransport

extension LoopCore {
  // MARK: Waiting

  /// Waits until a socket is ready, the loop is woken or a deadline is due, and does what the sockets ask for.
  mutating func wait(mayBlock: Bool) {
    poller.wait(milliseconds: mayBlock ? timeout() : 0)
    now = MonotonicClock.now()
    polled = now
    for number in 0..<poller.ready {
      guard let event = poller.event(number) else { continue }
      let index = event.token.index
      // A connection that was closed earlier in this batch may have given its place, or its descriptor, to another.
      guard index < connections.count, connections[index].generation & 0xF_FFFF == event.token.generation else { continue }
      handle(event, on: index)
    }
  }

  private mutating func handle(_ event: Poller.Event, on index: Int) {
    let origin = pool.origin(of: index)
    if event.writes, connections[index].awaitsWritable { carryOut(.send, on: index) }
    if event.reads { receive(index, hasEnded: event.hasEnded) }
    pump(origin)
  }

  /// Milliseconds to the next deadline, rounded up so that it is due when the wait ends; -1 where there is none.
  private func timeout() -> Int32 {
    guard earliest < .max else { return -1 }
    let left = earliest - MonotonicClock.now()
    return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
  }

  /// Does what is due.
  ///
  /// Deadlines are held against the time when the poller returned: a job that ran for seconds since then must not make answers late that
  /// lie in their sockets unseen. Deadlines mostly move away, so all are looked at only when the earliest that was ever noted has come: about once in
  /// the shortest timeout.
  mutating func expire() {
    guard earliest <= now else { return }
    if closing <= polled { abandonAll() }
    earliest = closing
    for index in 0..<connections.count {
      if connections[index].state.deadline <= polled { carryOut(connections[index].state.expired(at: polled), on: index) }
      earliest = min(earliest, connections[index].state.deadline)
    }
    pumpAll()
  }

  // MARK: Connecting

  mutating func open(_ index: Int) {
    let route = routes[pool.origin(of: index)]
    connections[index].generation &+= 1
    connections[index].isConnecting = true
    connections[index].isSecure = route.isEncrypted
    let timeout = connections[index].state.connectLimit
    wishes.append(ConnectWish(place: index, generation: connections[index].generation, kind: .open(route, timeout: timeout)))
  }

  /// The connector has opened a connection; one that nobody waits for any more closes itself.
  mutating func connected(_ index: Int, _ generation: Int, _ connection: OpenConnection) {
    guard awaits(index, generation) else { return }
    connections[index].isConnecting = false
    connections[index].handle = connection.take()
    connections[index].isOpen = true
    settings.gauge?.change(by: 1)
    let socket = connections[index].handle.socket
    poller.watch(Poller.Token(index: index, generation: generation, descriptor: socket), reads: true, writes: false)
    carryOut(connections[index].state.connected(at: now), on: index)
    pump(pool.origin(of: index))
  }

  /// The connector could not open a connection.
  mutating func refused(_ index: Int, _ generation: Int, _ reason: ExchangeFailure.Reason) {
    guard awaits(index, generation) else { return }
    connections[index].isConnecting = false
    let origin = pool.origin(of: index)
    carryOut(connections[index].state.refused(reason), on: index)
    pump(origin)
  }

  // A connect may be given up on here and succeed there at once: what comes of it then is for nobody, or not for who is there now.
  private func awaits(_ index: Int, _ generation: Int) -> Bool {
    connections[index].isConnecting && connections[index].generation == generation
  }

  // MARK: Receiving

  private mutating func receive(_ index: Int, hasEnded: Bool) {
    var expected = 0
    while true {
      guard connections[index].state.stage != .closed else { return }
      let (received, room) = connections[index].receive(expected: expected)
      switch received {
      case .nothing: return
      case .end: return carryOut(connections[index].state.lost(.closedEarly), on: index)
      case .failed: return carryOut(connections[index].state.lost(.receiveFailed), on: index)
      case .bytes(let count):
        guard let more = parse(index, hasEnded: hasEnded) else { return }
        expected = more
        // The plain socket is empty now, or will say so again; TLS has to be asked until it says so itself.
        if count < room && !connections[index].isSecure { return }
      }
    }
  }

  /// Reads on in the answer; how many more bytes are known to come, or nil where there is nothing to wait for.
  ///
  /// A server may close behind its answer without having said so. Where its end is here already the connection isn't kept, or the next
  /// request on it would be lost; the poller tells that for nothing.
  private mutating func parse(_ index: Int, hasEnded: Bool) -> Int? {
    guard connections[index].state.stage != .idle else {
      carryOut(connections[index].state.lost(.unexpectedBytes), on: index)
      return nil
    }
    let progress: AnswerParser.Progress
    do throws(AnswerFault) {
      progress = try connections[index].advance()
    } catch {
      carryOut(connections[index].state.receivedFault(error), on: index)
      return nil
    }
    switch progress {
    case .incomplete(let expected):
      carryOut(connections[index].state.receivedPart(at: now), on: index)
      return expected
    case .complete:
      let excess = connections[index].parser.excess(in: connections[index].input)
      if connections[index].parser.status == 407, routes[pool.origin(of: index)].isForwarded {
        carryOut(connections[index].state.turnedAway(.proxyCredentials), on: index)
        return nil
      }
      let closes = connections[index].parser.closes || hasEnded || isShutDown
      carryOut(connections[index].state.receivedAll(closes: closes, excess: excess, at: now), on: index)
      return nil
    }
  }
}
