import Testing

@testable import CurlTransport

/// Like `#expect`, for conditions that change what they look at, which the macro's expansion can't.
func check(_ condition: Bool, _ comment: Comment? = nil, at place: SourceLocation = #_sourceLocation) {
  #expect(condition, comment, sourceLocation: place)
}

@Suite struct ConnectionPoolTests {
  static func pool(connections: Int = 2, waiting: Int = 10, origins: Int = 1) -> ConnectionPool {
    var pool = ConnectionPool(limits: .init(connections: connections, waiting: waiting))
    for _ in 0..<origins { pool.addOrigin() }
    return pool
  }

  /// Takes the next turn, which must be `group`'s, and returns the connection.
  static func take(_ pool: inout ConnectionPool, _ group: Int, more: Bool = true, _ place: SourceLocation = #_sourceLocation) -> Int {
    guard let turn = pool.nextTurn(at: 0) else {
      Issue.record("no turn", sourceLocation: place)
      return 0
    }
    #expect(turn.group == group, sourceLocation: place)
    pool.take(turn, more: more)
    return turn.connection
  }

  @Test func groupsTakeTurns() {
    var pool = Self.pool(connections: 6)
    let groups = (0..<3).map { _ in pool.admit(to: 0)! }
    check(groups == [0, 1, 2])
    for group in [0, 1, 2, 0, 1, 2] { _ = Self.take(&pool, group) }
    check(pool.nextTurn(at: 0) == nil, "no more connections")
    check(groups.map { pool.inFlight(of: $0) } == [2, 2, 2])
  }

  @Test func aFreedConnectionGoesToWhoeverWaitsLongest() {
    var pool = Self.pool(connections: 1)
    let (first, second) = (pool.admit(to: 0)!, pool.admit(to: 0)!)
    for group in [first, second, first, second] {
      let connection = Self.take(&pool, group)
      check(pool.nextTurn(at: 0) == nil)
      check(!pool.end(connection, kept: true, more: true))
    }
  }

  @Test func aGroupWithNothingMoreIsDoneWithItsLastAnswer() {
    var pool = Self.pool()
    let (group, other) = (pool.admit(to: 0)!, pool.admit(to: 0)!)
    let first = Self.take(&pool, group, more: false)
    let second = Self.take(&pool, other)
    check(!pool.end(second, kept: true, more: true))
    check(pool.end(first, kept: true, more: false), "though another group waits")
    pool.release(group)
    check(pool.admit(to: 0) == group, "its number is used again")
  }

  @Test func aGroupThatDeclinesWaitsForItsAnswers() {
    var pool = Self.pool()
    let group = pool.admit(to: 0)!
    let connection = Self.take(&pool, group)
    let turn = pool.nextTurn(at: 0)!
    check(turn.isNew)
    check(!pool.decline(turn), "one is in flight")
    check(pool.nextTurn(at: 0) == nil, "it isn't asked again")
    check(pool.connections(to: 0) == (open: 1, idle: 0), "the connection was never opened")
    check(!pool.end(connection, kept: true, more: true))
    check(pool.decline(pool.nextTurn(at: 0)!), "nothing in flight: done")
    check(pool.connections(to: 0) == (open: 1, idle: 1), "the connection is idle again")
  }

  @Test func theConnectionUsedLastIsUsedFirst() {
    var pool = Self.pool(connections: 3)
    let group = pool.admit(to: 0)!
    let connections = (0..<3).map { _ in Self.take(&pool, group) }
    for connection in connections { _ = pool.end(connection, kept: true, more: true) }
    check(pool.nextTurn(at: 0) == .init(group: group, connection: connections[2], isNew: false))
  }

  @Test(arguments: [true, false]) func aLostConnectionMakesRoom(wasIdle: Bool) {
    var pool = Self.pool(connections: 1)
    let group = pool.admit(to: 0)!
    let connection = Self.take(&pool, group)
    _ = pool.end(connection, kept: wasIdle, more: true)
    if wasIdle { pool.closeIdle(connection) }
    check(pool.connections(to: 0) == (open: 0, idle: 0))
    check(pool.nextTurn(at: 0) == .init(group: group, connection: connection, isNew: true))
  }

  @Test func theLineIsBounded() {
    var pool = Self.pool(connections: 1, waiting: 2)
    let first = pool.admit(to: 0)!
    _ = Self.take(&pool, first, more: false)
    check(pool.admit(to: 0) != nil && pool.admit(to: 0) != nil)
    check(pool.admit(to: 0) == nil, "two wait")
  }

  @Test func originsHaveTheirOwnConnectionsAndLines() {
    var pool = Self.pool(connections: 1, waiting: 1, origins: 2)
    let (here, there) = (pool.admit(to: 0)!, pool.admit(to: 1)!)
    let connection = Self.take(&pool, here)
    let turn = pool.nextTurn(at: 1)!
    check(turn.group == there && turn.isNew && turn.connection != connection)
    pool.take(turn, more: false)
    check(pool.origin(of: connection) == 0 && pool.origin(of: turn.connection) == 1)
    check(pool.group(on: turn.connection) == there)
    check(pool.end(turn.connection, kept: false, more: false))
    pool.release(there)
    check(pool.isVacant(1) && !pool.isVacant(0))
  }

  @Test func aStoppedGroupIsNotAskedAgain() {
    var pool = Self.pool()
    let group = pool.admit(to: 0)!
    let connection = Self.take(&pool, group)
    check(!pool.stop(group))
    check(pool.nextTurn(at: 0) == nil)
    check(pool.end(connection, kept: false, more: true), "done, whatever it says")
    let idle = pool.admit(to: 0)!
    check(pool.stop(idle), "nothing in flight")
  }

  /// Random events keep what must always hold; whatever a seed finds can be run again.
  @Test(arguments: 1...50 as ClosedRange<UInt64>) func keepsItsPromises(seed: UInt64) {
    var random = SplitMix(seed: seed)
    func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }
    let limit = Int(1 + random.next() % 4)
    var pool = Self.pool(connections: limit, waiting: 5)
    var left: [Int: Int] = [:]
    var busy: [(connection: Int, group: Int)] = []
    var finished = 0
    var admitted = 0
    func settle(_ isDone: Bool, _ group: Int) {
      guard isDone else { return }
      #expect(left[group] == 0 && !busy.contains { $0.group == group }, "seed \(seed)")
      left[group] = nil
      pool.release(group)
      finished += 1
    }
    func pump() {
      while let turn = pool.nextTurn(at: 0) {
        if left[turn.group, default: 0] > 0 {
          left[turn.group, default: 0] -= 1
          pool.take(turn, more: chance(50) || left[turn.group, default: 0] > 0)
          busy.append((turn.connection, turn.group))
        } else {
          settle(pool.decline(turn), turn.group)
        }
      }
    }
    for _ in 0..<400 {
      if chance(30), let group = pool.admit(to: 0) {
        left[group] = Int(random.next() % 6)
        admitted += 1
      }
      pump()
      #expect(busy.count <= limit && Set(busy.map(\.connection)).count == busy.count, "seed \(seed)")
      #expect(pool.connections(to: 0).open <= limit, "seed \(seed)")
      if !busy.isEmpty, chance(80) {
        let (connection, group) = busy.remove(at: Int(random.next() % UInt64(busy.count)))
        settle(pool.end(connection, kept: chance(70), more: chance(50) || left[group, default: 0] > 0), group)
      }
    }
    pump()
    while let (connection, group) = busy.popLast() {
      settle(pool.end(connection, kept: true, more: true), group)
      pump()
    }
    #expect(finished == admitted && left.isEmpty, "every group is done in the end; seed \(seed)")
  }
}
