package import DualTableScan

/// How one scanned item of the old table ended; each ends in exactly one of these.
///
/// An item that a mapping turns into several counts once, as the first of these in declaration order that one of its results met.
package enum BackfillOutcome: UInt8, Sendable, CaseIterable, Comparable, BitwiseCopyable {
  /// A dead letter: it can't be converted or stored; its key and the reason are in the dead-letter file.
  case failed
  /// Refused: a tombstone is there, so the service deleted the item.
  case deleted
  /// Refused: the service wrote something else there.
  case superseded
  /// The put went through, or an earlier try of it whose answer was lost had.
  case migrated
  /// Refused: the very item is there already.
  case alreadyThere
  /// The mapping skipped it, so reads don't find it either.
  case filtered

  /// Each outcome with the counter that it has in a pass's books.
  package static let counters: [(outcome: Self, counter: PassCounter)] = [
    (.migrated, .migrated), (.alreadyThere, .alreadyThere), (.superseded, .superseded), (.deleted, .deleted), (.filtered, .filtered),
    (.failed, .failed),
  ]

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
