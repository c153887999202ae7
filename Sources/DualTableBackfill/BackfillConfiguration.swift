package import DualTableMapping
package import DualTableScan

extension Backfill {
  /// What a backfill is to do.
  package struct Configuration: Sendable {
    package var old: TableSide
    package var new: TableSide
    package var mapping: any TableMapping
    /// Where checkpoints and dead letters are kept; made if it isn't there.
    package var stateDirectory: String
    /// `TotalSegments`; nil: chosen by the tables' size and capacity. A resumed run keeps its own.
    package var segments: Int?
    /// Segments worked on at once. Default 16.
    package var openSegments = 16
    /// Whether the old table is read consistently. Default true: an eventual read could copy what was overwritten just before the old
    /// table was frozen.
    package var isConsistent = true
    /// Read units a second of the old table, at most; nil: as many as there are.
    package var readBudget: CapacityBudget?
    /// Write units a second of the new table, at most; nil: as many as there are.
    package var writeBudget: CapacityBudget?
    /// Bytes of all pages in flight together. Default 12 MB.
    package var bytesInFlight = PageSizing.bytesInFlight
    /// Stop after about this many items, nil: never.
    package var maxItems: Int?
    /// Stop after this long, nil: never.
    package var timeLimit: Duration?
    /// What dead letters hold. Default: keys.
    package var deadLetterPayload = DeadLetterPayload.keys
    /// How long nothing may go through before the run stops with the cause. Default 5 minutes.
    package var patience = Duration.seconds(300)
    /// How long a page may still take once the run was asked to stop; a page that takes longer is done again by the next run. Default 8 s.
    package var gracePeriod = Duration.seconds(8)
    /// Where checkpoints are written; nil: on a thread of their own.
    package var checkpointExecutor: (any SerialExecutor)?
    /// Where random choices come from: the order of segments, the jitter of waits.
    package var seed: UInt64

    package init(old: TableSide, new: TableSide, mapping: any TableMapping, stateDirectory: String, seed: UInt64) {
      self.old = old
      self.new = new
      self.mapping = mapping
      self.stateDirectory = stateDirectory
      self.seed = seed
    }
  }
}
