/// What a state directory is of: two tables, a mapping, a way of working. Another run may not use it.
package struct RunManifest: Sendable, Equatable {
  /// One table as its run knows it.
  package struct Table: Sendable, Equatable {
    /// The name, or the ARN where the user gave one.
    package var name: String
    /// Where requests about it go: scheme, host and port.
    package var endpoint: String

    package init(name: String, endpoint: String) {
      self.name = name
      self.endpoint = endpoint
    }
  }

  /// The format of everything in the directory; raised with each change that an older binary can't read.
  package static let version = 1

  /// `backfill`, `verify`, …
  package var command: String
  package var old: Table
  package var new: Table
  /// The mapping's digest.
  package var mapping: String
  /// What else changes the meaning of a checkpoint, such as a filter on keys; empty where nothing does.
  package var mode: String
  /// Segments of each scan, in the order of the command's passes.
  package var segments: [Int]
  /// Where every random choice of the run comes from.
  package var seed: UInt64

  package init(command: String, old: Table, new: Table, mapping: String, mode: String = "", segments: [Int], seed: UInt64) {
    self.command = command
    self.old = old
    self.new = new
    self.mapping = mapping
    self.mode = mode
    self.segments = segments
    self.seed = seed
  }
}
