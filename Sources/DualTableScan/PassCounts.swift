/// What a pass counts, page by page; a backfill and a verification share the list and use the entries that they need.
///
/// The raw values stand in journals on disk: append, never renumber. At most 32.
package enum PassCounter: Int, Sendable, CaseIterable {
  /// Scan pages that ended, empty ones too.
  case pages = 0
  /// Items that came out of the scan.
  case scanned = 1
  case migrated = 2
  case alreadyThere = 3
  case superseded = 4
  case deleted = 5
  case filtered = 6
  case failed = 7
  /// Keys of the new table: those that the mapping yields, or those found there.
  case ids = 8
  case tombstones = 9
  case unconvertible = 10
  /// Read capacity in thousandths of a unit, so that halves add up exactly.
  case readMilliunits = 11
  /// Write capacity in thousandths of a unit.
  case writeMilliunits = 12
  /// Bytes of the scan's answers.
  case bytes = 13
  /// Keys of a list whose item is no longer in the old table.
  case absent = 14
  /// Keys found in the new table by a verification that counts those of the old table as `ids`.
  case newIDs = 15
  /// Ids of the old table that the new one has.
  case matched = 16
  case missing = 17
  /// Those of the missing that were put where they belong.
  case repaired = 18
  case differing = 19
  /// Ids that were looked at again.
  case rechecked = 20
  case undecided = 21
  /// Findings that were counted and not listed.
  case unlisted = 22
  /// Read capacity of the new table, likewise.
  case newReadMilliunits = 23
  /// Segments of which the new table's part was not counted, since reading it took too long.
  case uncounted = 24

  /// The name that snapshots use.
  package var name: String { "\(self)" }
}

/// One number for each `PassCounter`; a page's, a segment's, or a whole run's.
package struct PassCounts: Sendable, Hashable {
  // No SIMD32: the compiler aligns such a vector to 256 bytes in an async function's frame, which task memory isn't, and an optimized build
  // then frees another address than it was given.
  private var values = InlineArray<32, Int>(repeating: 0)

  /// All zero.
  package init() {}

  package subscript(_ counter: PassCounter) -> Int {
    get { values[counter.rawValue] }
    set { values[counter.rawValue] = newValue }
  }

  package static func += (left: inout Self, right: Self) {
    for index in left.values.indices { left.values[index] &+= right.values[index] }
  }

  package static func -= (left: inout Self, right: Self) {
    for index in left.values.indices { left.values[index] &-= right.values[index] }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.values.indices.allSatisfy { left.values[$0] == right.values[$0] }
  }

  package func hash(into hasher: inout Hasher) {
    for index in values.indices { hasher.combine(values[index]) }
  }
}
