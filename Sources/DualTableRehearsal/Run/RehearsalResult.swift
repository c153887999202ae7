/// What a rehearsal came to.
package struct RehearsalResult: Sendable {
  package let seed: UInt64
  /// Lines of the history, what OLD held at first left out.
  package let operations: Int
  package let clients: Int
  package let history: HistoryVerdict
  /// What went wrong otherwise.
  package let failures: [String]
  /// The migration, and the one back if there was one.
  package let moves: [MoveResult]
  /// When it ended by its own clock, milliseconds since 1970.
  package let moment: Int64
  /// Virtual time from the first instance's start to the sweep's end.
  package let virtual: Duration
  /// SHA-256 of the history's lines in hexadecimal: one seed, one digest.
  package let digest: String

  package var lost: Int { history.lost + moves.reduce(0) { $0 + $1.untouched.lost } }
  package var resurrected: Int { history.resurrected }
  package var overwritten: Int { history.overwritten + moves.reduce(0) { $0 + $1.untouched.overwritten } }

  /// True if nothing was found: nothing lost, resurrected, overwritten, missing, or not convertible.
  package var isClean: Bool {
    lost == 0 && resurrected == 0 && overwritten == 0 && history.undecided == 0 && failures.isEmpty && moves.allSatisfy(\.isClean)
  }
}
