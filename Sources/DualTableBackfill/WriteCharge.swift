internal import DualTableScan
internal import DynamoDBClient

/// What one segment's puts take of the write budget: a portion at each turn, spent on puts by what they are reckoned to cost, and corrected
/// by what their answers say.
///
/// The shared budget is asked once a portion and told once a round of puts, never once a put.
struct WriteCharge {
  private let pace: Pace
  /// Units that may go without asking; below 0 where a put cost more than was left.
  private var allowance = 0.0
  /// What is known by now of puts that went, and the budget wasn't told yet.
  private var correction = 0.0
  /// What is to be taken at a turn, for which a put had to wait; nil: none had to.
  private(set) var wanted: Double?
  /// What a request cost lately; nil: none went since the others were told.
  private var learned: Double?
  /// What a put costs for each unit that its bytes alone come to: more where there are indexes.
  private var factor = 1.0
  /// Units since `takeSpent`, reported or reckoned.
  private var spent = 0.0
  private var unnoted = 0.0

  init(_ pace: Pace) { self.pace = pace }

  /// True if a request may go without asking.
  mutating func mayGo() -> Bool {
    if pace.isFree {
      // Nothing is owed for what went while nothing was limited.
      allowance = 0
      return true
    }
    return allowance > 1e-6
  }

  /// Takes another portion if nobody waits for one; false if there must be a turn.
  ///
  /// - Parameter bytes: of the next item.
  mutating func asks(for bytes: Int) -> Bool {
    note()
    let units = pace.portion(atLeast: pace.cost ?? reckon(bytes: bytes))
    let goes = pace.goes(units)
    wanted = goes ? nil : units
    if goes { allowance = units }
    return goes
  }

  /// What a request probably costs; high where nobody knows, so that pages don't begin too large.
  var expected: Double { pace.cost ?? 4 }

  /// Goes on after the turn.
  mutating func allow() { allowance += wanted.take() ?? 0 }

  /// Notes that a request of `bytes`, an item on the wire and a little more than its size, went; returns what it is reckoned to cost.
  mutating func went(bytes: Int) -> Double {
    let units = reckon(bytes: bytes)
    went(units: units)
    return units
  }

  /// The same of a request of several items, by what each was reckoned to cost.
  mutating func went(units: Double) {
    allowance -= units
    learned = learned.map { $0 + (units - $0) / 8 } ?? units
  }

  /// What an item probably costs.
  func reckon(bytes: Int) -> Double { factor * Self.units(bytes) }

  /// Books an answer by what it reports; engines that report nothing cost what was reckoned.
  mutating func answered(_ units: Double?, reckoned: Double) {
    let cost = units ?? reckoned
    if reckoned > 0, cost != reckoned { factor = min(100, max(0.1, factor + (cost / reckoned * factor - factor) / 16)) }
    book(cost, reckoned)
  }

  /// Books a batch's answer by what it reports, if it does.
  mutating func answered(_ units: Double?, batchReckoned reckoned: Double) { book(units ?? reckoned, reckoned) }

  /// Books a refusal, which reports nothing and costs by the larger of both items.
  mutating func refused(by size: Int, reckoned: Double) { book(max(reckoned, Self.units(size)), reckoned) }

  /// Books a try that failed otherwise: one that may have arrived probably cost something, one that was refused didn't.
  mutating func failed(_ error: DynamoDBError, reckoned: Double) { book(error.mayHaveArrived ? reckoned : 0, reckoned) }

  /// Puts of all workers that went through so far.
  var landings: Int { pace.landings }

  /// The units since the last call; what is left of a portion goes back.
  mutating func takeSpent() -> Double {
    correction -= max(0, allowance)
    allowance = min(0, allowance)
    note()
    defer { spent = 0 }
    return spent
  }

  /// Tells the pace what is known by now, and what went through, for what it learns from throttling.
  mutating func note() {
    correction -= min(0, allowance)
    allowance = max(0, allowance)
    pace.charge(correction)
    correction = 0
    if unnoted > 0 { pace.used(unnoted) }
    unnoted = 0
    if let learned { pace.learned(cost: learned) }
    learned = nil
  }

  private mutating func book(_ cost: Double, _ reckoned: Double) {
    correction += cost - reckoned
    spent += cost
    unnoted += cost
  }

  private static func units(_ bytes: Int) -> Double { Double(max(1, (bytes + 1_023) / 1_024)) }
}
