/// One worker's share of a pass's budgets: what it claims for all to see, and what of that it may use. A pure value.
///
/// Each worker writes its claim down where nobody else writes, and looks at all claims only then. It uses no more than before unless that
/// look shows them to add up to the whole at most: of several who claim the same at once, whoever looks last sees the others. So no two of
/// them ever wait for one another's writes, however many there are. Who claims more than an equal part uses less at once and says so then;
/// who has less claims what is free. A newcomer starts with nothing and gets its part once the others have made room; what a worker that
/// died claimed is free once it is known to be dead, and has long stopped to use it.
package struct BudgetShare: Sendable, Equatable {
  /// All there is.
  package static let whole = 1_000_000

  /// What others see; nil while that isn't known, since a write's answer was lost or is on its way.
  package private(set) var claimed: Int? = 0
  /// What may be used.
  package private(set) var parts = 0

  package init() {}

  /// Takes what the others claim, by a look that began after this worker's last write.
  ///
  /// - Returns: what is to be claimed from now on; nil where that is what others see already.
  package mutating func see(_ others: [Int]) -> Int? {
    let (fair, sum) = (Self.whole / (others.count + 1), others.reduce(0, +))
    parts = min(parts, fair)
    let claim = min(fair, max(parts, Self.whole - sum))
    guard claimed == claim else { return claim }
    if claim + sum <= Self.whole { parts = claim }
    return nil
  }

  /// Notes that a claim is being written: until it is known to have landed, others may see either.
  package mutating func claims() { claimed = nil }

  /// Notes that a claim landed.
  package mutating func claimed(_ claim: Int) { claimed = claim }

  /// Whether it has an equal part among so many.
  package func isFair(workers: Int) -> Bool { parts == Self.whole / max(1, workers) }
}
