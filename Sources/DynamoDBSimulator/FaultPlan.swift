internal import DynamoDBClient

/// What goes wrong, how often, and drawn from which seed: one plan replays one run.
package struct FaultPlan: Sendable, Hashable {
  /// Chance that a request is refused as throttled.
  package var throttled = 0.0
  /// Chance that a request is answered by a 500 before it did anything.
  package var failedBefore = 0.0
  /// Chance that a request is carried out and answered by a 500.
  package var failedAfter = 0.0
  /// Chance that a request never arrives and its connection breaks.
  package var lostRequest = 0.0
  /// Chance that a request is carried out and its answer never arrives.
  package var lostAnswer = 0.0
  /// Where all draws, and the order in which requests under way are taken, come from.
  package var seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// What happens to one request.
  enum Fault: Sendable {
    case none, throttled, failedBefore, failedAfter, lostRequest, lostAnswer
  }

  func draw(_ generator: inout SeededGenerator) -> Fault {
    var draw = Double(generator.next() >> 11) / Double(1 << 53)
    for (chance, fault) in [
      (throttled, Fault.throttled), (failedBefore, .failedBefore), (failedAfter, .failedAfter), (lostRequest, .lostRequest),
      (lostAnswer, .lostAnswer),
    ] {
      if draw < chance { return fault }
      draw -= chance
    }
    return .none
  }
}
