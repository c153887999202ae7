internal import HTTPTransport

/// What an event loop does to its connections: the driver of the pool's and the connections' state machines.
///
/// It lives on the loop's thread. Sources are called from within, so nothing here may resume a continuation: what is finished is kept in
/// `finished` until the mutating access has ended.
struct LoopCore: ~Copyable {
  /// One `perform`, on its way to the loop that carries it out.
  struct Submission: Sendable {
    let id: Int
    let source: any HTTPRequestSource
    let origin: HTTPOrigin
    let limits: ConnectionState.Limits
    let continuation: UnsafeContinuation<Void, Never>
  }

  let settings: LoopSettings
  var poller: Poller
  var pool: ConnectionPool
  /// The way to each origin that the pool knows.
  var routes: [Route] = []
  var groups: [Submission?] = []
  var connections = Slab<Connection>()
  /// What the connector is to be told.
  var wishes: [ConnectWish] = []
  /// When the next deadline may be due; at or before the earliest of all connections'.
  var earliest = Nanoseconds.max
  /// The time, as it was last asked for.
  var now = MonotonicClock.now()
  /// When the poller returned last: what came until then has been seen.
  var polled: Nanoseconds = 0
  /// Callers to be told that their group is done.
  var finished: [UnsafeContinuation<Void, Never>] = []
  private var liveGroups = 0
  private(set) var isShutDown = false
  /// Until when exchanges may go on that a shutdown has met.
  private(set) var closing = Nanoseconds.max
  private var awaitingShutdown: [UnsafeContinuation<Void, Never>] = []

  init(settings: LoopSettings, wake: Int32) {
    self.settings = settings
    poller = Poller(wake: wake)
    pool = ConnectionPool(limits: settings.pool)
  }

  // MARK: Groups

  /// Takes in a group and sends what can be sent at once.
  mutating func submit(_ submission: Submission, isCancelled: Bool) {
    now = MonotonicClock.now()
    if isCancelled { return finished.append(submission.continuation) }
    let origin = number(of: submission.origin)
    guard !isShutDown, let group = pool.admit(to: origin) else {
      refuse(submission, isShutDown ? .shutDown : .overloaded)
      return finished.append(submission.continuation)
    }
    while groups.count <= group { groups.append(nil) }
    groups[group] = submission
    liveGroups += 1
    pump(origin)
  }

  /// Stops the group `id`: nothing more is pulled, and what is in flight fails. Does nothing if it is done already.
  mutating func cancel(_ id: Int) {
    guard let group = groups.firstIndex(where: { $0?.id == id }) else { return }
    stop(group, .cancelled)
    pumpAll()
  }

  /// Refuses what waits and what comes later, lets exchanges go on for `grace`, and tells `continuation` when nothing is left of them.
  mutating func shutDown(grace: Nanoseconds, _ continuation: UnsafeContinuation<Void, Never>?) {
    now = MonotonicClock.now()
    isShutDown = true
    closing = min(closing, now + grace)
    for group in groups.indices {
      guard let submission = groups[group] else { continue }
      let isDone = pool.stop(group)
      refuse(submission, .shutDown)
      if isDone { finish(group) }
    }
    for index in 0..<connections.count where connections[index].state.stage == .idle {
      carryOut(connections[index].state.abandoned(.shutDown), on: index)
    }
    if let continuation {
      if liveGroups == 0 { finished.append(continuation) } else { awaitingShutdown.append(continuation) }
    }
    if closing <= now { abandonAll() }
    earliest = min(earliest, closing)
  }

  /// Fails what a shutdown has left in flight.
  mutating func abandonAll() {
    closing = .max
    for index in 0..<connections.count { carryOut(connections[index].state.abandoned(.shutDown), on: index) }
  }

  private mutating func stop(_ group: Int, _ reason: ExchangeFailure.Reason) {
    if pool.stop(group) { return finish(group) }
    for index in 0..<connections.count where pool.group(on: index) == group {
      carryOut(connections[index].state.abandoned(reason), on: index)
    }
  }

  /// Fails all requests of a group that isn't let in.
  private func refuse(_ submission: Submission, _ reason: ExchangeFailure.Reason) {
    let failure = ExchangeFailure(reason: reason, mayHaveArrived: false)
    let error = HTTPTransportError(failure, at: submission.origin, limits: submission.limits)
    var request = HTTPRequestBuffer()
    while let token = submission.source.nextRequest(into: &request) {
      submission.source.failed(token, error)
      request.reset()
    }
  }

  private mutating func finish(_ group: Int) {
    guard let submission = groups[group] else { preconditionFailure("a group is finished once") }
    groups[group] = nil
    pool.release(group)
    finished.append(submission.continuation)
    liveGroups -= 1
    guard isShutDown, liveGroups == 0 else { return }
    finished += awaitingShutdown
    awaitingShutdown.removeAll()
  }

  // Field by field: a copy of the whole costs a retain for each reference in it.
  private func source(of group: Int) -> any HTTPRequestSource {
    guard let source = groups[group]?.source else { preconditionFailure("only live groups are asked") }
    return source
  }

  private func limits(of group: Int) -> ConnectionState.Limits {
    guard let limits = groups[group]?.limits else { preconditionFailure("only live groups are asked") }
    return limits
  }

  private mutating func number(of origin: HTTPOrigin) -> Int {
    if let known = routes.firstIndex(where: { $0.origin == origin }) { return known }
    let route = Route(origin: origin, proxy: settings.proxies.proxy(for: origin))
    if let vacant = routes.indices.first(where: { pool.isVacant($0) }) {
      routes[vacant] = route
      return vacant
    }
    routes.append(route)
    pool.addOrigin()
    return routes.count - 1
  }

  // MARK: Pulling

  mutating func pumpAll() {
    for origin in routes.indices { pump(origin) }
  }

  /// Lets free connections pull, until none is free or nobody has a request.
  ///
  /// Nothing that happens in here calls it again: what fails at once only makes another turn possible.
  mutating func pump(_ origin: Int) {
    guard !isShutDown else { return }
    while let turn = pool.nextTurn(at: origin) {
      while connections.count <= turn.connection { connections.append(Connection(settings: settings)) }
      let source = source(of: turn.group)
      if let token = source.nextRequest(into: &connections[turn.connection].request) {
        pool.take(turn, more: source.mayHaveMore)
        connections[turn.connection].token = token
        if routes[origin].isForwarded { routes[origin].address(&connections[turn.connection].request) }
        let length = connections[turn.connection].request.message.count
        carryOut(connections[turn.connection].state.pulled(length, limits(of: turn.group), at: now, polled: polled), on: turn.connection)
      } else if pool.decline(turn) {
        finish(turn.group)
      }
    }
  }

  // MARK: Actions

  mutating func carryOut(_ action: ConnectionState.Action, on index: Int) {
    switch action {
    case .none: break
    case .awaitAnswer:
      if connections[index].awaitsWritable { watch(index, writes: false) }
    case .connect: open(index)
    case .probe:
      let finding = connections[index].probe()
      carryOut(connections[index].state.probed(finding), on: index)
    case .send: send(index)
    case .awaitWritable:
      if !connections[index].awaitsWritable { watch(index, writes: true) }
    case .deliver(let keep): deliver(index, keep: keep)
    case .replace:
      close(index)
      carryOut(connections[index].state.connect(at: now), on: index)
    case .close:
      close(index)
      pool.closeIdle(index)
    case .fail(let failure): fail(index, failure)
    }
    earliest = min(earliest, connections[index].state.deadline)
  }

  private mutating func close(_ index: Int) {
    if connections[index].isOpen { settings.gauge?.change(by: -1) }
    connections[index].close()
  }

  /// Watches a connected socket.
  private mutating func watch(_ index: Int, writes: Bool) {
    connections[index].awaitsWritable = writes
    poller.watch(token(index, connections[index].handle.socket), reads: true, writes: writes)
  }

  private func token(_ index: Int, _ descriptor: Int32) -> Poller.Token {
    Poller.Token(index: index, generation: connections[index].generation, descriptor: descriptor)
  }

  private mutating func send(_ index: Int) {
    while connections[index].state.stage == .sending {
      switch connections[index].send() {
      case .bytes(let count):
        let action = connections[index].state.sent(count, at: now)
        // A short count doesn't say that the socket is full: over TLS a record was. It is asked until it says so.
        if action == .awaitWritable { continue }
        return carryOut(action, on: index)
      case .nothing:
        let touched = connections[index].isSecure
        return carryOut(connections[index].state.blocked(touched: touched), on: index)
      case .failed:
        return carryOut(connections[index].state.lost(.sendFailed), on: index)
      }
    }
  }

  /// Lends the answer to its source; takes its bytes back unless they were kept.
  private mutating func deliver(_ index: Int, keep: Bool) {
    guard let group = pool.group(on: index) else { preconditionFailure("an answer nobody asked for") }
    let source = source(of: group)
    let (parser, token) = (connections[index].parser, connections[index].token)
    var bytes = ByteBuffer()
    swap(&bytes, &connections[index].input)
    var answer = HTTPAnswer(
      status: parser.status, bytes: bytes, fields: parser.fields, body: parser.body, nanoseconds: connections[index].state.spent)
    if !keep { close(index) }
    source.answered(token, &answer)
    connections[index].input = answer.takeBytes()
    connections[index].reset(longestAnswer: settings.longestAnswer)
    if pool.end(index, kept: keep, more: source.mayHaveMore) { finish(group) }
  }

  private mutating func fail(_ index: Int, _ failure: ExchangeFailure) {
    guard let group = pool.group(on: index) else { preconditionFailure("a failure that concerns nobody") }
    let source = source(of: group)
    let token = connections[index].token
    if connections[index].isConnecting {
      connections[index].isConnecting = false
      wishes.append(ConnectWish(place: index, generation: connections[index].generation, kind: .abandon))
    }
    close(index)
    connections[index].reset(longestAnswer: settings.longestAnswer)
    source.failed(token, HTTPTransportError(failure, at: routes[pool.origin(of: index)].origin, limits: limits(of: group)))
    if pool.end(index, kept: false, more: source.mayHaveMore) { finish(group) }
  }
}
