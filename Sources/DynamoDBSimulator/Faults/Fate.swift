internal import DynamoDBClient

/// What happens to one request on its way and to its answer: drawn when it is sent.
package struct Fate: Sendable, Hashable {
  enum Fault: Sendable, Hashable, CaseIterable {
    case throttled, failedBefore, failedAfter, unavailable, lostRequest, lostAnswer, duplicated, late, reset, truncated, corrupted, expired
    case tableGone
  }

  var fault: Fault?
  /// When it arrives, in nanoseconds after it was sent.
  package internal(set) var arrival: Int64 = 0
  /// When it arrives once more; nil: it doesn't.
  var again: Int64?
  /// How long its answer travels.
  package internal(set) var answer: Int64 = 0
  /// Where in the answer a fault hits, as a part of it.
  var position = 0.5

  /// A request that nothing happens to.
  package init() {}

  /// True if its connection breaks without an answer, as soon as it is sent.
  var isCutOff: Bool { fault == .lostRequest || fault == .late }
}

extension FaultPlan {
  /// Draws what happens to a request.
  ///
  /// - Parameters:
  ///   - table: the one it names; empty if it names none.
  ///   - elapsed: nanoseconds since the simulator's start.
  func fate(of table: String, at elapsed: Int64, _ generator: inout SeededGenerator) -> Fate {
    var fate = Fate()
    if isCalm { return fate }
    fate.fault = fault(at: elapsed, &generator)
    if outages.contains(where: { $0.table == table && $0.span.holds(elapsed) }) { fate.fault = .tableGone }
    fate.arrival = draw(delay, &generator) + (slowTables[table]?.inNanoseconds ?? 0)
    fate.answer = draw(delay, &generator)
    if reordered > 0, generator.chance() < reordered { fate.arrival += 10 * max(delay.upperBound.inNanoseconds, 1_000_000) }
    switch fate.fault {
    case .duplicated: fate.again = fate.arrival + draw(delay, &generator)
    case .late: fate.again = draw(lateness, &generator)
    case .reset, .truncated, .corrupted: fate.position = generator.chance()
    default: break
    }
    return fate
  }

  private func fault(at elapsed: Int64, _ generator: inout SeededGenerator) -> Fate.Fault? {
    if let storm, storm.rages(at: elapsed, seed: seed), generator.chance() < storm.chance { return .throttled }
    var draw = generator.chance()
    for (chance, fault) in [
      (throttled, Fate.Fault.throttled), (failedBefore, .failedBefore), (failedAfter, .failedAfter), (lostRequest, .lostRequest),
      (lostAnswer, .lostAnswer), (unavailable, .unavailable), (duplicated, .duplicated), (late, .late), (reset, .reset),
      (truncated, .truncated), (corrupted, .corrupted), (expired, .expired),
    ] {
      if draw < chance { return fault }
      draw -= chance
    }
    return nil
  }

  private func draw(_ range: ClosedRange<Duration>, _ generator: inout SeededGenerator) -> Int64 {
    let (low, high) = (range.lowerBound.inNanoseconds, range.upperBound.inNanoseconds)
    return low == high ? low : low + Int64(generator.below(Int(high - low) + 1))
  }
}

extension FaultPlan.Storm {
  /// True if one is on at this time since the simulator's start.
  fileprivate func rages(at elapsed: Int64, seed: UInt64) -> Bool {
    let cycle = max(1, period.inNanoseconds)
    var generator = SeededGenerator(seed: seed)
    return (elapsed + Int64(generator.below(Int(cycle)))) % cycle < length.inNanoseconds
  }
}

extension Range<Duration> {
  fileprivate func holds(_ nanoseconds: Int64) -> Bool {
    lowerBound.inNanoseconds <= nanoseconds && nanoseconds < upperBound.inNanoseconds
  }
}

extension SeededGenerator {
  /// A number of 0..<1.
  mutating func chance() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
