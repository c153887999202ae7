internal import Dispatch
internal import DualTableMapping
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import Synchronization

/// Both tables at the backfill's end: what OLD held when it was frozen, and what NEW held then.
package struct FrozenTables: Sendable {
  let old: SimulatedService
  let new: SimulatedService
  let move: RehearsedMove

  /// What became of OLD's items that no client touched.
  package struct Findings: Sendable, Hashable {
    /// Neither there, nor skipped by the mapping, nor known not to be convertible.
    package internal(set) var lost = 0
    /// There, and not what the mapping yields.
    package internal(set) var overwritten = 0
    package internal(set) var unconvertible = 0
  }

  /// Looks at every item of OLD, on all cores, by none of the kit's own means.
  ///
  /// What clients use their history tells about.
  func judge() -> Findings {
    let mapping = move.mapping
    let parts = 16
    let total = Mutex(Findings())
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      var findings = Findings()
      old.forEachItem(in: move.old, part: part, of: parts) { item in
        guard let results = try? mapping.checkedConvert(item) else {
          findings.unconvertible += 1
          return
        }
        for result in results {
          guard let key = mapping.newSchema.key(of: result) else { continue }
          let found = new.item(key, in: move.new)
          if move.catalog.hasRegister(key), found != nil { continue }
          if found == nil || found?[mapping.reservedAttribute] != nil {
            findings.lost += 1
          } else if found != result {
            findings.overwritten += 1
          }
        }
      }
      total.withLock { total in
        total.lost += findings.lost
        total.overwritten += findings.overwritten
        total.unconvertible += findings.unconvertible
      }
    }
    return total.withLock { $0 }
  }
}
