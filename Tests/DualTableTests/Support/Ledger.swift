import DualTable
import DynamoDBClient
import DynamoDBModel

/// What one linearizable register a key would hold, kept beside the tables, and everything that contradicts it.
///
/// Requests are applied one at a time. After each, the value of every key is what the tables say it is; it may have changed only by the
/// operation whose request it was, as that operation says, and only if its condition held of the value before.
struct Ledger: Sendable {
  enum Outcome: Sendable { case running, succeeded, failed, unknown }

  struct Entry: Sendable {
    let operation: SimulatedOperation
    let began: Int
    var outcome = Outcome.running
    var lost = 0
    /// The value before each time that it landed.
    var landings: [Item?] = []
  }

  private(set) var findings: [String] = []
  private(set) var entries: [Entry] = []
  /// Every value that a key has had, and the step at which it came.
  private var history: [Item: [(step: Int, value: Item?)]]
  private(set) var step = 0
  private let retryUnknownWrites: Bool

  init(_ values: [Item: Item?], retryUnknownWrites: Bool) {
    history = values.mapValues { [(step: 0, value: $0)] }
    self.retryUnknownWrites = retryUnknownWrites
  }

  mutating func begin(_ operation: SimulatedOperation) -> Int {
    entries.append(Entry(operation: operation, began: step))
    return entries.count - 1
  }

  mutating func noteLost(_ id: Int) { entries[id].lost += 1 }

  /// A write request of the operation was applied.
  ///
  /// - Parameter isOwn: false for a copy of OLD's item, which must change no value.
  mutating func applied(_ id: Int, isOwn: Bool, key: Item, before: Item?, after: Item?) {
    step += 1
    if before != after { history[key]?.append((step: step, value: after)) }
    let entry = entries[id]
    guard isOwn else {
      if before != after { find(id, "a copy of OLD's item changed the value") }
      return
    }
    entries[id].landings.append(before)
    if !entry.operation.holds(of: before) { find(id, "landed where its condition was false") }
    if after != entry.operation.apply(to: before) { find(id, "left something else behind than it should") }
    switch entry.outcome {
    case .running: break
    case .succeeded: if entry.lost == 0 || !retryUnknownWrites { find(id, "landed after it had succeeded") }
    case .failed: find(id, "landed after it had failed")
    case .unknown: break
    }
    let most = retryUnknownWrites && !entry.operation.landsOnce ? 1 + entry.lost : 1
    if entries[id].landings.count > most { find(id, "landed too often") }
  }

  mutating func read(_ id: Int, _ key: Item, _ value: Item?) {
    entries[id].outcome = .succeeded
    if !values(key, since: entries[id].began).contains(value) { find(id, "read a value that was not there while it ran") }
  }

  mutating func succeeded(_ id: Int, returned: Item?) {
    entries[id].outcome = .succeeded
    let entry = entries[id]
    guard let before = entry.landings.first else {
      find(id, "succeeded without landing")
      return
    }
    // After a lost answer the old value may be its own; that is documented.
    guard entry.lost == 0 else { return }
    switch entry.operation.returnValues {
    case .allOld: if returned != before { find(id, "returned another old value than there was") }
    case .allNew: if returned != entry.operation.apply(to: before) { find(id, "returned another new value than it made") }
    default: break
    }
  }

  mutating func failed(_ id: Int, _ error: DualTableError) {
    let entry = entries[id]
    switch error.code {
    case .outcomeUnknown:
      entries[id].outcome = .unknown
      if entry.lost == 0 { find(id, "says that an answer was lost, and none was") }
      return
    case .conditionFailed:
      if values(entry.operation.key, since: entry.began).allSatisfy({ entry.operation.holds(of: $0) }) {
        find(id, "failed its condition, which held all the time")
      }
    case .contention: break
    case .requestFailed:
      // Faults spend the tries; nothing else may fail.
      if let cause = error.cause as? DynamoDBError, !cause.isRetryable, cause.code != .connectionLost { find(id, "failed with \(cause)") }
    default: find(id, "failed with \(error)")
    }
    entries[id].outcome = .failed
    if !entry.landings.isEmpty { find(id, "landed, and says \(error.code)") }
  }

  /// The values that the key has had since a step, the one at that step included.
  private func values(_ key: Item, since begin: Int) -> [Item?] {
    let all = history[key] ?? []
    let first = all.lastIndex { $0.step <= begin } ?? 0
    return all[first...].map(\.value)
  }

  private mutating func find(_ id: Int, _ what: String) {
    let operation = entries[id].operation
    findings.append("operation \(id) (\(operation.kind) on \(operation.key), if \(operation.condition ?? "always")) \(what)")
  }
}
