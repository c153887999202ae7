package import DualTableScan

/// What a backfill came to: over all processes that worked on its state directory.
package struct BackfillResult: Sendable, Equatable {
  package var counts: PassCounts
  /// Time worked, in seconds.
  package var seconds: Double
  /// Why it ended before its table did; nil once the table is done.
  package var stopped: StopSignal.Reason?
  /// Path of the dead letters' file.
  package var deadLetters: String
  /// True if the run was complete before this process looked at it.
  package var wasComplete: Bool

  /// How many of the failed items have which reason.
  package var reasons: [String: Int] = [:]

  /// True where more is to do.
  package var more: Bool { stopped != nil }
  /// Items scanned a second of time worked.
  package var itemsPerSecond: Double { seconds > 0 ? Double(counts[.scanned]) / seconds : 0 }
  /// Units of read capacity that the service reported.
  package var readUnits: Double { Double(counts[.readMilliunits]) / 1_000 }
  /// Units of write capacity, reported for what was put and estimated for what was refused.
  package var writeUnits: Double { Double(counts[.writeMilliunits]) / 1_000 }

  /// `scanned = migrated + alreadyThere + superseded + deleted + filtered + failed`.
  package var addsUp: Bool {
    counts[.scanned] == BackfillOutcome.counters.reduce(0) { $0 + counts[$1.counter] }
  }
}
