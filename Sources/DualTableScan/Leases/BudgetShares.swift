/// How the workers of a pass share its budgets: a book of parts that never adds up to more than the whole.
///
/// Everybody changes their own entry alone, on condition that nobody changed the book since it was read. Who has more than an equal part
/// slows down first and gives it back then; who has less takes what is free. So a newcomer starts with nothing and gets its part once the
/// others have made room, and what a worker that died had is handed on once it is known to be dead, and has long stopped to use it.
package struct BudgetShares: Sendable, Equatable {
  /// All there is.
  package static let whole = 1_000_000

  package struct Entry: Sendable, Equatable {
    package let worker: String
    package var parts: Int

    package init(worker: String, parts: Int) {
      self.worker = worker
      self.parts = parts
    }
  }

  /// In the order of the workers' names.
  package private(set) var entries: [Entry]

  package init(_ entries: [Entry] = []) { self.entries = entries.sorted { $0.worker < $1.worker } }

  /// What all have together.
  package var sum: Int { entries.reduce(0) { $0 + $1.parts } }

  /// What a worker has.
  package func parts(of worker: String) -> Int { entries.first { $0.worker == worker }?.parts ?? 0 }

  /// The book as it should be after a worker's turn; the same if there is nothing to do.
  ///
  /// - Parameters:
  ///   - worker: whose turn it is.
  ///   - living: all that beat, `worker` among them; entries of others are struck out.
  package func settled(by worker: String, living: [String]) -> BudgetShares {
    let others = entries.filter { $0.worker != worker && living.contains($0.worker) }
    let fair = Self.whole / max(1, living.count)
    let free = Self.whole - others.reduce(0) { $0 + $1.parts }
    let mine = max(0, min(fair, free))
    // Somebody who joins or leaves is worth a write; a rounding isn't.
    let hasDead = others.count + (entries.contains { $0.worker == worker } ? 1 : 0) < entries.count
    if mine == parts(of: worker) && !hasDead { return self }
    return BudgetShares(others + (mine > 0 ? [Entry(worker: worker, parts: mine)] : []))
  }

  /// The book without a worker that leaves.
  package func without(_ worker: String) -> BudgetShares { BudgetShares(entries.filter { $0.worker != worker }) }

  /// Whether everybody who lives has an equal part.
  package func isSettled(living: [String]) -> Bool {
    let fair = Self.whole / max(1, living.count)
    return entries.count == living.count && entries.allSatisfy { $0.parts == fair }
  }
}
