/// One segment of a pass that several processes share: who holds it, how far it is, and what it counted.
///
/// All of it is one item of the control table, written together on condition of the revision before. So a checkpoint counts only while its
/// writer still holds the segment, and what a page came to is in the sums exactly once, whoever dies when.
package struct SegmentLease: Sendable, Equatable {
  package let segment: Int
  /// Raised with each write; 0: nobody has written the item yet.
  package var revision = 0
  /// The name of the worker that holds it; nil: nobody does.
  package var owner: String?
  /// The name of the worker that held it last.
  package var worker: String?
  /// The last `LastEvaluatedKey` whose page and all before it have ended, the wire's JSON unchanged; nil at the segment's start.
  package var key: [UInt8]?
  package var isDone = false
  package var counts = PassCounts()
  /// How many of the dead letters have which reason.
  package var reasons: [String: Int] = [:]

  package init(segment: Int) { self.segment = segment }

  /// The next revision of it, in the hands of `owner`.
  func claimed(by owner: String) -> SegmentLease {
    var lease = self
    lease.revision += 1
    lease.owner = owner
    lease.worker = owner
    return lease
  }

  /// The next revision of it, further by what pages came to.
  ///
  /// - Parameter keepsHold: whether its owner goes on with it; a segment that is done has none.
  func advanced(by progress: SegmentGain, keepsHold: Bool) -> SegmentLease {
    var lease = self
    lease.revision += 1
    if let end = progress.end {
      lease.key = end.key
      lease.isDone = end.key == nil
    }
    lease.counts += progress.counts
    lease.reasons.merge(progress.reasons, uniquingKeysWith: +)
    if lease.isDone || !keepsHold { lease.owner = nil }
    return lease
  }
}

/// What pages of a segment came to since the last write of its lease.
struct SegmentGain: Sendable, Equatable {
  /// Where the last of the pages ended; nil: there was none.
  struct End: Sendable, Equatable {
    /// Its `LastEvaluatedKey`; nil at the segment's end.
    var key: [UInt8]?
  }

  var end: End?
  var counts = PassCounts()
  var reasons: [String: Int] = [:]
  var lines: [UInt8] = []

  /// Units of work that are done again at most if the process dies, beside the page in flight.
  static let mostUnits = 300.0

  var isEmpty: Bool { end == nil }

  mutating func add(_ outcome: consuming PassCheckpoint.Outcome) {
    end = End(key: outcome.lastEvaluatedKey)
    counts += outcome.counts
    reasons.merge(outcome.reasons, uniquingKeysWith: +)
    lines += outcome.lines
  }

  /// Whether a checkpoint is due.
  ///
  /// One costs a write unit, and at most a hundredth of all writes may go into them: so pages that come to little wait for others. Dead
  /// letters don't wait, so that one transaction can always hold them.
  var isDue: Bool {
    guard let end else { return false }
    if end.key == nil || !lines.isEmpty { return true }
    return Double(counts[.writeMilliunits] + counts[.readMilliunits]) / 1_000 >= Self.mostUnits
  }
}
