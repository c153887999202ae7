package import DualTableScan

/// What a verification found.
package struct VerifyResult: Sendable, Equatable {
  /// Ids that the mapping yields from the old table.
  package var oldIDs = 0
  /// Ids in the new table, tombstones among them.
  package var newIDs = 0
  /// Old ids that the new table doesn't have, neither live nor as a tombstone.
  package var missing = 0
  /// Those of the missing that were put there.
  package var repaired = 0
  /// Items that differ from what the old ones yield, and nothing shows that they were written since. Zero where only ids are compared.
  package var differing = 0
  /// Items that differ because they were written since. Likewise.
  package var superseded = 0
  /// New ids that the old table doesn't yield: the service's own.
  package var extra = 0
  /// Tombstones in the new table.
  package var tombstones = 0
  /// Old items that can't be converted, so that nobody can say what they should yield.
  package var unconvertible = 0
  /// Old items that the mapping skips.
  package var filtered = 0
  /// Suspects that were looked at again.
  package var rechecked = 0
  /// Suspects of which nothing is known, since they couldn't be read.
  package var undecided = 0
  /// Units of read capacity that the service reported for the scans.
  package var readUnits = 0.0
  /// Time worked, over all processes.
  package var seconds = 0.0
  /// Findings that a shared run counted and didn't list: too many of one segment.
  package var unlisted = 0
  /// False where the new table wasn't scanned whole, so that nobody knows what else it has.
  package var countsNew = true
  /// True if a shared run was done before this process looked at it.
  package var wasComplete = false
  /// Why it ended before it was done; nil once it is. The counts of what wasn't done are zero then.
  package var stopped: StopSignal.Reason?

  package init() {}

  /// What the segments of a shared run came to.
  ///
  /// - Parameter countsNew: whether the new table was scanned.
  package init(shared counts: PassCounts, countsNew: Bool, seconds: Double) {
    self.countsNew = countsNew && counts[.uncounted] == 0
    self.seconds = seconds
    oldIDs = counts[.ids]
    filtered = counts[.filtered]
    newIDs = counts[.newIDs]
    tombstones = counts[.tombstones]
    // An id that came between the scan and the second look is matched and wasn't counted.
    extra = max(0, counts[.newIDs] - counts[.matched])
    rechecked = counts[.rechecked]
    missing = counts[.missing]
    unconvertible = counts[.unconvertible]
    undecided = counts[.undecided]
    repaired = counts[.repaired]
    superseded = counts[.superseded]
    differing = counts[.differing]
    unlisted = counts[.unlisted]
    readUnits = Double(counts[.readMilliunits] + counts[.newReadMilliunits]) / 1_000
  }

  /// Every figure that is known, by the name that JSON has for it.
  package var counts: [(name: String, value: Int)] {
    let unknown: Set = countsNew ? [] : ["newIds", "extra", "tombstones"]
    return VerifyOutcome.counts.filter { !unknown.contains($0.name) }.map { ($0.name, self[keyPath: $0.count]) }
      + (unlisted > 0 ? [("unlisted", unlisted)] : [])
  }

  /// How the command exits.
  package enum Verdict: Int, Sendable, CaseIterable {
    /// Every id is there.
    case clean = 0
    /// Something is missing (repaired or not), differing or unconvertible.
    case findings = 1
    /// Nothing was found missing, but not everything could be looked at.
    case undecided = 2
  }

  /// The verdict; nil where it was stopped before there is one.
  package var verdict: Verdict? {
    if stopped != nil { return nil }
    if missing > 0 || differing > 0 || unconvertible > 0 { return .findings }
    return undecided > 0 ? .undecided : .clean
  }
}

/// Where a verification stands.
package struct VerifyProgress: Sendable, Equatable {
  /// What it is at.
  package enum Stage: String, Sendable, CaseIterable {
    case scanning, comparing, rechecking
  }

  package var stage: Stage
  package var old: PassCheckpoint.Status
  /// Nil in a shared run, whose segments are of both tables.
  package var new: PassCheckpoint.Status?
  /// Partitions compared so far, and all there are.
  package var compared = 0
  package var partitions: Int
  /// Suspects found so far.
  package var suspects = 0
  /// Suspects rechecked so far.
  package var rechecked = 0
}
