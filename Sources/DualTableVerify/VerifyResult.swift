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
  /// Why it ended before it was done; nil once it is. The counts of what wasn't done are zero then.
  package var stopped: StopSignal.Reason?

  package init() {}

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
  package var new: PassCheckpoint.Status
  /// Partitions compared so far, and all there are.
  package var compared = 0
  package var partitions: Int
  /// Suspects found so far.
  package var suspects = 0
  /// Suspects rechecked so far.
  package var rechecked = 0
}
