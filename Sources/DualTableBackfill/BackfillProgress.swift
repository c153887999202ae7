package import DualTableScan

/// Where a backfill stands, and what it spends its time with.
package struct BackfillProgress: Sendable, Equatable {
  package var pass: PassCheckpoint.Status
  package var read: Pace.Status
  package var write: Pace.Status
  /// Since this process began.
  package var times: WorkerTimes.Sums
  /// Segments that are to be worked on at once.
  package var openSegments: Int

  package init(
    pass: PassCheckpoint.Status, read: Pace.Status, write: Pace.Status, times: WorkerTimes.Sums, openSegments: Int
  ) {
    self.pass = pass
    self.read = read
    self.write = write
    self.times = times
    self.openSegments = openSegments
  }
}
