package import DualTableMapping
package import DualTableScan
package import MigrationControl

extension Verification {
  /// Which of the two tables; the name that files carry.
  package enum Role: String, Sendable, CaseIterable {
    case old, new
  }

  /// What a verification is to do.
  package struct Configuration: Sendable {
    package var old: TableSide
    package var new: TableSide
    package var mapping: any TableMapping
    /// Where spill files and checkpoints are kept while it runs: about as many bytes as the new keys have, and 16 an item; 16 more where
    /// contents are compared. Made if it isn't there, emptied at the end; what it lies in must be writable by its owner alone.
    package var stateDirectory: StatePath
    /// Where progress, counts and findings are kept instead, so that any number of processes can work on the run; nil: in the state
    /// directory, and no other process can.
    package var shared: Shared?
    /// Where the keys of findings go, as JSON lines; nil: nowhere. Where contents are compared, the keys of what was written since go to a
    /// file of this name and `.superseded`.
    package var keysOut: String?
    /// Whether items are compared too, not only their ids: whole items are read then, instead of what decides their keys.
    package var comparesContent = false
    /// The root attribute of a new item that each write of the service's changes (a time, a version): an item that differs there from
    /// what the old one yields was written since. Nil: there is none, and only what is written while the verification looks can be told.
    package var writtenAttribute: String?
    /// How what is missing is put; nil: nothing is written.
    package var repair: Repair?
    /// `TotalSegments` of both scans; nil: chosen by each table's size.
    package var segments: Int?
    /// Segments worked on at once in each table, and suspects rechecked at once. Default 8: a page of the old table takes one to two
    /// megabytes, so this keeps a run below 64.
    package var openSegments = 8
    /// Bytes of all pages in flight together, of each table. Default 12 MB.
    package var bytesInFlight = PageSizing.bytesInFlight
    /// Bytes of the new table's ids that a shared run holds at once; what isn't held is looked up by its key. Default 32 MB.
    package var idBytes = 32 << 20
    /// Stop after this long, nil: never.
    package var timeLimit: Duration?
    /// How long a page of a shared run may still take once it was asked to stop; one that takes longer is done again. Default 8 s.
    package var gracePeriod = Duration.seconds(8)
    /// Whether the old table is scanned consistently. Default true. The new one never is: what an eventual read misses there is
    /// rechecked, what it misses of the old table is never asked for.
    package var isConsistent = true
    /// Read units a second of the old table, at most; nil: as many as there are.
    package var oldReadBudget: CapacityBudget?
    /// Likewise of the new table.
    package var newReadBudget: CapacityBudget?
    /// Makes what a part of the work that blocks on the disk runs on. Default: a thread each.
    package var diskExecutor: @Sendable () -> any SerialExecutor = { FileThread() }
    /// Bytes free on the disk that a path lies on.
    package var freeBytes: @Sendable (String) throws(StateError) -> Int = { path throws(StateError) in try File.freeBytes(at: path) }
    /// How long one request may fail before it is given up. Default 2 minutes.
    package var patience = Duration.seconds(120)
    /// Where random choices come from: the digests' key, the order of segments.
    package var seed: UInt64

    /// A run that several processes share.
    package struct Shared: Sendable {
      package var table: ControlTable
      /// This process's name among them, which none had before.
      package var worker: String
      /// Throws where the migration isn't in a phase in which a missing id is a loss; asked before the result is kept.
      package var checkPhase: @Sendable () async throws -> Void

      package init(table: ControlTable, worker: String, checkPhase: @escaping @Sendable () async throws -> Void = {}) {
        self.table = table
        self.worker = worker
        self.checkPhase = checkPhase
      }
    }

    package init(old: TableSide, new: TableSide, mapping: any TableMapping, stateDirectory: StatePath, seed: UInt64) {
      self.old = old
      self.new = new
      self.mapping = mapping
      self.stateDirectory = stateDirectory
      self.seed = seed
    }
  }
}
