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
    if connections[index].state.stage == .connecting {
      drive(index, event.token.descriptor)
    } else {
      if event.writes, connections[index].awaitsWritable { carryOut(.send, on: index) }
      if event.reads { receive(index, hasEnded: event.hasEnded) }
    }
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
    earliest = .max
    for index in 0..<connections.count {
      if connections[index].timer <= now {
        connections[index].timer = .max
        drive(index, nil)
      }
      if connections[index].state.deadline <= polled { carryOut(connections[index].state.expired(at: polled), on: index) }
      earliest = min(earliest, connections[index].deadline)
    }
    pumpAll()
  }

  // MARK: Connecting

  mutating func open(_ index: Int) {
    let origin = origins[pool.origin(of: index)]
    connections[index].generation &+= 1
    connections[index].isSecure = origin.isSecure
    let timeout = connections[index].state.connectLimit
    if connections[index].handle.open(origin, caBundle: settings.caBundle, timeout: timeout, share: share) {
      takeWishes(index)
    } else {
      // Told in the next round, like every other refusal, so that it doesn't come while connections are being given out.
      connections[index].refusal = .origin
      connections[index].timer = now
    }
  }

  private mutating func drive(_ index: Int, _ socket: Int32?) {
    guard connections[index].state.stage == .connecting else { return }
    let progress = connections[index].refusal.map { .failed($0) } ?? connections[index].handle.drive(socket)
    switch progress {
    case .pending:
      takeWishes(index)
    case .connected:
      takeWishes(index)
      connections[index].timer = .max
      let socket = connections[index].handle.socket
      poller.watch(Poller.Token(index: index, generation: connections[index].generation, descriptor: socket), reads: true, writes: false)
      carryOut(connections[index].state.connected(at: now), on: index)
    case .failed(let reason):
      carryOut(connections[index].state.refused(reason), on: index)
    }
  }

  private mutating func takeWishes(_ index: Int) {
    let generation = connections[index].generation
    connections[index].handle.takeChanges { socket, reads, writes in
      poller.watch(Poller.Token(index: index, generation: generation, descriptor: socket), reads: reads, writes: writes)
    }
    if let milliseconds = connections[index].handle.takeTimer() {
      connections[index].timer = milliseconds < 0 ? .max : now + Nanoseconds(milliseconds) * 1_000_000
    }
    earliest = min(earliest, connections[index].deadline)
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
      let closes = connections[index].parser.closes || hasEnded
      carryOut(connections[index].state.receivedAll(closes: closes, excess: excess, at: now), on: index)
      return nil
    }
  }
}
