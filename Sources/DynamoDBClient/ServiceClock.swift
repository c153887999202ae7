package import AWSAuth
internal import Synchronization

/// This machine's clock, corrected as the service's refusals demand: what everything of a client dates its signatures with.
package final class ServiceClock: Sendable {
  private let machine: WallClock
  private let offset = Atomic<Int64>(0)
  private let correction = Mutex(ClockCorrection())

  package init(_ machine: WallClock) { self.machine = machine }

  /// The corrected clock; it follows later corrections.
  package var wallClock: WallClock {
    WallClock { [self] in machine.now() + offset.load(ordering: .relaxed) }
  }

  /// How often the clock was corrected.
  package var corrections: Int { correction.withLock { $0.count } }

  /// By how many milliseconds.
  package var milliseconds: Int64 { offset.load(ordering: .relaxed) }

  /// True if signing again may help after this refusal: the clock is wrong, or was until now.
  ///
  /// Many requests meet a wrong clock at once. The first refusal corrects it; to those that come after, the clock is right by then, so they
  /// are told by the count that theirs was signed before.
  ///
  /// - Parameter signedAfter: `corrections` as it was before the request was signed.
  package func corrects(_ error: DynamoDBError, signedAfter: Int) -> Bool {
    guard error.code.mayBeSkew else { return false }
    return correction.withLock { correction in
      if correction.learned(from: error, at: machine.now()) { offset.store(correction.offset, ordering: .relaxed) }
      return correction.count != signedAfter
    }
  }
}
