package import DualTableScan
package import DynamoDBModel

extension Sweep {
  /// What a sweep is to do.
  package struct Configuration: Sendable {
    package var new: TableSide
    /// NEW's keys, as the mapping has them.
    package var keys: KeySchema
    /// The attribute that marks tombstones.
    package var reserved: String
    /// The mapping's digest.
    package var mapping: String
    /// Where checkpoints are kept; made if it isn't there.
    package var stateDirectory: StatePath
    /// `TotalSegments`; nil: chosen by the table's size and capacity. A resumed run keeps its own.
    package var segments: Int?
    /// Segments worked on at once. Default 16.
    package var openSegments = 16
    /// Of the new table; nil: as many units as there are.
    package var readBudget: CapacityBudget?
    package var writeBudget: CapacityBudget?
    /// How long nothing may go through before the run stops with the cause. Default 5 minutes.
    package var patience = Duration.seconds(300)
    /// Where checkpoints are written; nil: a thread of their own.
    package var checkpointExecutor: (any SerialExecutor)?
    /// Where the order of the segments comes from.
    package var seed: UInt64

    package init(new: TableSide, keys: KeySchema, reserved: String, mapping: String, stateDirectory: StatePath, seed: UInt64) {
      self.new = new
      self.keys = keys
      self.reserved = reserved
      self.mapping = mapping
      self.stateDirectory = stateDirectory
      self.seed = seed
    }
  }
}

/// What a sweep came to, over all its processes.
package struct SweepResult: Sendable, Equatable {
  /// Items looked at.
  package var scanned: Int
  /// Those of them that bore the mark.
  package var tombstones: Int
  /// Those that were deleted; in place of the others something stood by then.
  package var swept: Int
  package var readUnits: Double
  package var writeUnits: Double
  /// Time worked.
  package var seconds: Double
  /// Why it ended before it was done; nil once it is.
  package var stopped: StopSignal.Reason?
}
