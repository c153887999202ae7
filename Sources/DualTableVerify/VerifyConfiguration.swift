package import DualTableMapping
package import DualTableScan

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
    /// Where spill files and checkpoints are kept while it runs: about as many bytes as the old table's keys have, and 16 an item of
    /// the new table. Made if it isn't there, emptied at the end.
    package var stateDirectory: String
    /// Where the keys of findings go, as JSON lines; nil: nowhere.
    package var keysOut: String?
    /// `TotalSegments` of both scans; nil: chosen by each table's size.
    package var segments: Int?
    /// Segments worked on at once in each table, and suspects rechecked at once. Default 8: a page of the old table takes one to two
    /// megabytes, so this keeps a run below 64.
    package var openSegments = 8
    /// Whether the old table is scanned consistently. Default true. The new one never is: what an eventual read misses there is
    /// rechecked, what it misses of the old table is never asked for.
    package var isConsistent = true
    /// How long one request may fail before it is given up. Default 2 minutes.
    package var patience = Duration.seconds(120)
    /// Where random choices come from: the digests' key, the order of segments.
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
