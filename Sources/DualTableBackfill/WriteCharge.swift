internal import DualTableScan
internal import DynamoDBClient

/// What one segment's puts take of the write budget: reckoned before each goes, corrected by what its answer says.
struct WriteCharge {
  private let pace: Pace
  /// The place in the line of the request that goes next; nil: none is needed, or none was taken yet.
  private var place: Double?
  /// What was taken for it.
  private var taken = 0.0
  /// What a request cost lately. Begins high, so that many workers at once don't begin over the budget.
  private(set) var expected = 4.0
  /// What a put costs for each unit that its bytes alone come to: more where there are indexes.
  private var factor = 1.0
  /// Units since `takeSpent`, reported or reckoned.
  private var spent = 0.0
  private var unnoted = 0.0

  init(_ pace: Pace) { self.pace = pace }

  /// True if a request may go now; else it has a place, and `wait` tells how long until it comes up.
  mutating func mayGo() -> Bool {
    if place == nil {
      if pace.isFree { return true }
      (place, taken) = (pace.take(expected), expected)
    }
    guard let place else { return true }
    return pace.wait(for: place) == nil
  }

  /// How long until the next request may go; nil: now.
  var wait: Duration? { place.flatMap { pace.wait(for: $0) } }

  /// Notes that a request went.
  ///
  /// - Parameter bytes: of the item on the wire, a little more than its size.
  /// - Returns: what it is reckoned to cost.
  mutating func went(bytes: Int) -> Double { went(units: reckon(bytes: bytes)) }

  /// The same of a request of several items, by what each was reckoned to cost.
  @discardableResult
  mutating func went(units: Double) -> Double {
    if place != nil { pace.charge(units - taken) }
    place = nil
    expected += (units - expected) / 8
    return units
  }

  /// What an item probably costs.
  func reckon(bytes: Int) -> Double { factor * Self.units(bytes) }

  /// Books an answer by what it reports; engines that report nothing cost what was reckoned.
  mutating func answered(_ units: Double?, reckoned: Double) {
    let cost = units ?? reckoned
    if reckoned > 0 { factor = min(100, max(0.1, factor + (cost / reckoned * factor - factor) / 16)) }
    book(cost, reckoned)
  }

  /// Books a batch's answer by what it reports, if it does.
  mutating func answered(_ units: Double?, batchReckoned reckoned: Double) { book(units ?? reckoned, reckoned) }

  /// Books a refusal, which reports nothing and costs by the larger of both items.
  mutating func refused(by size: Int, reckoned: Double) { book(max(reckoned, Self.units(size)), reckoned) }

  /// Books a try that failed otherwise: one that may have arrived probably cost something, one that was refused didn't.
  mutating func failed(_ error: DynamoDBError, reckoned: Double) { book(error.mayHaveArrived ? reckoned : 0, reckoned) }

  /// The units since the last call.
  mutating func takeSpent() -> Double {
    note()
    defer { spent = 0 }
    return spent
  }

  /// Tells the pace what went through, for what it learns from throttling.
  mutating func note() {
    if unnoted > 0 { pace.used(unnoted) }
    unnoted = 0
  }

  private mutating func book(_ cost: Double, _ reckoned: Double) {
    pace.charge(cost - reckoned)
    spent += cost
    unnoted += cost
  }

  private static func units(_ bytes: Int) -> Double { Double(max(1, (bytes + 1_023) / 1_024)) }
}
