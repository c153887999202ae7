/// Who sends next on which connection: the pool of one event loop as a pure value.
///
/// Groups (one a `perform`) wait for their turn per origin, oldest first; one that was pulled from goes to the end of the line, so
/// groups that are active at once take turns. Connections are taken most recently used first, so that superfluous ones grow old and
/// are closed. Groups, connections and origins are known by small integers that are used again; the driver keeps its tables by them.
struct ConnectionPool {
  struct Limits: Equatable {
    /// Connections per origin, whatever they do.
    var connections: Int
    /// Groups that wait for their turn, per origin.
    var waiting: Int
  }

  /// A group whose turn it is and a connection that it may use.
  struct Turn: Equatable {
    let group: Int
    let connection: Int
    /// True where the connection has yet to be opened.
    let isNew: Bool
  }

  private struct Origin {
    var waiting = IndexList()
    var idle = IndexList()
    var connections = 0
    var groups = 0
  }

  private struct Group {
    var origin: Int
    var inFlight = 0
    var isStopped = false
  }

  private struct Connection {
    var origin: Int
    var group: Int?
  }

  let limits: Limits
  private var origins: [Origin] = []
  private var groups: [Group] = []
  private var connections: [Connection] = []
  private var groupLinks = IndexLinks()
  private var connectionLinks = IndexLinks()
  private var freeGroups: [Int] = []
  private var freeConnections: [Int] = []

  init(limits: Limits) {
    precondition(limits.connections > 0 && limits.waiting > 0)
    self.limits = limits
  }

  /// Adds an origin, known from now on by the number of those before it.
  mutating func addOrigin() { origins.append(Origin()) }

  /// True where neither a group nor a connection belongs to `origin`, so that its number may serve another one.
  func isVacant(_ origin: Int) -> Bool { origins[origin].groups == 0 && origins[origin].connections == 0 }

  // MARK: Groups

  /// Takes in a group, which waits for its turn from now on; nil where too many wait already.
  mutating func admit(to origin: Int) -> Int? {
    guard origins[origin].waiting.count < limits.waiting else { return nil }
    let group: Int
    if let free = freeGroups.popLast() {
      group = free
      groups[group] = Group(origin: origin)
    } else {
      group = groups.count
      groups.append(Group(origin: origin))
      groupLinks.grow(to: groups.count)
    }
    groupLinks.append(group, to: &origins[origin].waiting)
    origins[origin].groups += 1
    return group
  }

  /// Stops pulling from `group`; true where nothing of it is in flight, so that it is done.
  mutating func stop(_ group: Int) -> Bool {
    groups[group].isStopped = true
    setWaiting(group, false)
    return groups[group].inFlight == 0
  }

  /// Forgets a group that is done.
  mutating func release(_ group: Int) {
    precondition(groups[group].inFlight == 0)
    setWaiting(group, false)
    origins[groups[group].origin].groups -= 1
    freeGroups.append(group)
  }

  // MARK: Turns

  /// The next turn at `origin`, nil where nobody waits or no connection is free; it must be taken or declined before the next one.
  mutating func nextTurn(at origin: Int) -> Turn? {
    guard let group = origins[origin].waiting.first else { return nil }
    if let idle = origins[origin].idle.first {
      connectionLinks.remove(idle, from: &origins[origin].idle)
      return Turn(group: group, connection: idle, isNew: false)
    }
    guard origins[origin].connections < limits.connections else { return nil }
    origins[origin].connections += 1
    if let free = freeConnections.popLast() {
      connections[free] = Connection(origin: origin)
      return Turn(group: group, connection: free, isNew: true)
    }
    connections.append(Connection(origin: origin))
    connectionLinks.grow(to: connections.count)
    return Turn(group: group, connection: connections.count - 1, isNew: true)
  }

  /// The group gave a request; it waits again, at the end of the line, where it may have `more`.
  mutating func take(_ turn: Turn, more: Bool) {
    let origin = groups[turn.group].origin
    connections[turn.connection].group = turn.group
    groups[turn.group].inFlight += 1
    // Alone in line it stays where it is, which is the usual case.
    if more && origins[origin].waiting.count == 1 { return }
    setWaiting(turn.group, false)
    setWaiting(turn.group, more)
  }

  /// The group had no request: the connection is free again; true where nothing of the group is in flight, so that it is done.
  mutating func decline(_ turn: Turn) -> Bool {
    if turn.isNew {
      free(turn.connection)
    } else {
      connectionLinks.prepend(turn.connection, to: &origins[groups[turn.group].origin].idle)
    }
    setWaiting(turn.group, false)
    return groups[turn.group].inFlight == 0
  }

  /// The exchange on `connection` is over, and the connection `kept` or closed; true where its group, with no `more` to send, is done.
  mutating func end(_ connection: Int, kept: Bool, more: Bool) -> Bool {
    guard let group = connections[connection].group else { preconditionFailure("no exchange to end") }
    connections[connection].group = nil
    groups[group].inFlight -= 1
    let more = more && !groups[group].isStopped
    setWaiting(group, more)
    if kept {
      connectionLinks.prepend(connection, to: &origins[connections[connection].origin].idle)
    } else {
      free(connection)
    }
    return !more && groups[group].inFlight == 0
  }

  // MARK: Connections

  /// The idle `connection` was closed.
  mutating func closeIdle(_ connection: Int) {
    connectionLinks.remove(connection, from: &origins[connections[connection].origin].idle)
    free(connection)
  }

  /// The group whose request is on `connection`, nil where it is idle or closed.
  func group(on connection: Int) -> Int? { connections[connection].group }

  /// The origin that `connection` leads to.
  func origin(of connection: Int) -> Int { connections[connection].origin }

  // MARK: Figures

  /// Requests in flight of `group`.
  func inFlight(of group: Int) -> Int { groups[group].inFlight }

  /// Open connections to `origin`, and how many of them are idle.
  func connections(to origin: Int) -> (open: Int, idle: Int) { (origins[origin].connections, origins[origin].idle.count) }

  private mutating func free(_ connection: Int) {
    origins[connections[connection].origin].connections -= 1
    freeConnections.append(connection)
  }

  private mutating func setWaiting(_ group: Int, _ waits: Bool) {
    guard groupLinks.contains(group) != waits else { return }
    let origin = groups[group].origin
    if waits {
      groupLinks.append(group, to: &origins[origin].waiting)
    } else {
      groupLinks.remove(group, from: &origins[origin].waiting)
    }
  }
}
