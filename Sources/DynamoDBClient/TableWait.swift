/// What is waited for to become true of a table.
public struct TableState: Sendable, Hashable, CustomStringConvertible {
  enum Value: Hashable {
    case active
    case gone
    case indexActive(String)
    case indexGone(String)
  }

  let value: Value

  /// The table is there and ready; a change that was under way is done.
  public static let active = TableState(value: .active)
  /// There is no such table.
  public static let gone = TableState(value: .gone)
  /// The table has this global index, filled and ready.
  public static func indexActive(_ name: String) -> TableState { TableState(value: .indexActive(name)) }
  /// The table has no such global index, and is ready.
  public static func indexGone(_ name: String) -> TableState { TableState(value: .indexGone(name)) }

  public var description: String {
    switch value {
    case .active: "active"
    case .gone: "gone"
    case .indexActive(let name): "active with its index \(name)"
    case .indexGone(let name): "active without its index \(name)"
    }
  }
}

/// How long to wait for a table, and how often to look.
public struct WaitPolicy: Sendable, Hashable {
  /// How long in all. Default 10 minutes; filling an index of a large table takes hours.
  public var deadline: Duration
  /// The time between two looks, of which up to half is taken off at random, so that many that wait don't look at once. Default 2 s.
  public var interval: Duration

  /// Makes a policy.
  public init(deadline: Duration = .seconds(600), interval: Duration = .seconds(2)) {
    self.deadline = deadline
    self.interval = interval
  }
}

/// Decides, after each look at a table, whether to look again: a value without a clock of its own.
struct TableWait {
  enum Step: Equatable {
    /// What was waited for is true.
    case done
    case look(after: Duration)
    case fail(String)
  }

  let state: TableState
  let policy: WaitPolicy

  /// - Parameters:
  ///   - table: what the service says; nil where it says that there is none.
  ///   - elapsed: since the wait began.
  ///   - draw: 64 random bits.
  func looked(at table: TableDescription?, elapsed: Duration, draw: UInt64) -> Step {
    if isReached(by: table) { return .done }
    if let status = table?.tableStatus, Self.hopeless.contains(status), state != .gone {
      return .fail("The table is \(status.rawValue) and won't become \(state) by itself.")
    }
    let wait = policy.interval * (1 - Double(draw >> 11) / Double(1 << 54))
    guard elapsed + wait < policy.deadline else {
      return .fail("The table isn't \(state) within \(policy.deadline): it is \(table?.tableStatus.rawValue ?? "not there").")
    }
    return .look(after: wait)
  }

  private static let hopeless: [TableDescription.Status] = [
    .init(rawValue: "INACCESSIBLE_ENCRYPTION_CREDENTIALS"), .init(rawValue: "ARCHIVING"), .init(rawValue: "ARCHIVED"),
  ]

  private func isReached(by table: TableDescription?) -> Bool {
    func index(_ name: String) -> TableDescription.Index? { table?.globalSecondaryIndexes.first { $0.indexName == name } }
    switch state.value {
    case .gone: return table == nil
    case .active: return table?.tableStatus == .active
    case .indexActive(let name):
      return table?.tableStatus == .active && index(name)?.indexStatus == .active && index(name)?.backfilling != true
    case .indexGone(let name): return table?.tableStatus == .active && index(name) == nil
    }
  }
}

extension DynamoDBClient {
  /// Looks at a table until it is in `state`; a table that isn't there yet is waited for, since a new one isn't known everywhere at once.
  ///
  /// - Returns: the table as it was seen last; nil where it is gone.
  /// - Throws: `DynamoDBError`, of code `stateNotReached` where the deadline came first or the table can't get there by itself.
  @discardableResult
  public func wait(
    for state: TableState, of table: String, policy: WaitPolicy = WaitPolicy(), options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> TableDescription? {
    try await wait(TableWait(state: state, policy: policy), table, options, on: clock)
  }

  private func wait<Time: Clock<Duration>>(
    _ wait: TableWait, _ table: String, _ options: CallOptions, on clock: Time
  ) async throws(DynamoDBError) -> TableDescription? {
    let began = clock.now
    while true {
      var seen: TableDescription?
      do {
        seen = try await describeTable(DescribeTableInput(tableName: table), options: options).table
      } catch  where error.code == .resourceNotFound {}
      switch wait.looked(at: seen, elapsed: began.duration(to: clock.now), draw: draw()) {
      case .done: return seen
      case .fail(let message): throw DynamoDBError(.stateNotReached, message)
      case .look(let wait): do { try await clock.sleep(for: wait) } catch { throw .cancelled }
      }
    }
  }
}
