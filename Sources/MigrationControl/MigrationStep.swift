/// A step from one phase to a neighboring one.
package struct MigrationStep: Sendable, Hashable {
  package let from: MigrationPhase
  package let to: MigrationPhase

  /// The step, nil where there is none.
  ///
  /// Back go only 2→1 and 4→3: after 3 the new table has writes that the old one lacks, and after 5 deletes that left no tombstone.
  package init?(from: MigrationPhase, to: MigrationPhase) {
    switch (from, to) {
    case (.old, .dualRead), (.dualRead, .dualTable), (.dualTable, .newWithTombstones), (.newWithTombstones, .new): break
    case (.dualRead, .old), (.newWithTombstones, .dualTable): break
    default: return nil
    }
    self.from = from
    self.to = to
  }

  /// What nobody may send any more once the step is taken; nil where neighboring phases get on with each other.
  ///
  /// An old write after 2→3 would be lost beneath what the new table has. A copy after 4→5 could bring back what a delete, which leaves no
  /// tombstone there, has taken away.
  package var forbids: RequestKind? {
    switch (from, to) {
    case (.dualRead, .dualTable): .oldWrite
    case (.newWithTombstones, .new): .copy
    default: nil
    }
  }
}
