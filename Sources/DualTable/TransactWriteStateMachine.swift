package import DynamoDBModel

/// Decides what a transaction sends next, until it is known to have happened or not.
///
/// A pure value: events in, actions out. Each action on NEW has the state machine of a single write. What they ask for is asked for
/// together, and the transaction goes out once each of them says under which guard, all guards at once: whatever others do in between, it
/// lands where all of them hold, or not at all. A condition check is a put that puts nothing: it needs no item in NEW, so where it was
/// true of OLD's item it asks that NEW be missing still, since OLD can't change.
package struct TransactWriteStateMachine: Sendable {
  package typealias Guard = GuardedWriteStateMachine.Guard

  package enum Action: Sendable, Hashable {
    /// The whole transaction, each action under its guard; nil for one on another table, which goes as it came.
    case send([Guard?])
    /// Consistent reads of NEW, of the keys of these actions.
    case readNew([Int])
    /// Consistent reads of OLD, converted, of the keys of these actions.
    case readOld([Int])
    /// Put OLD's converted items where nothing is, for these actions.
    case promote([Promotion])
    case succeed
    case fail(Failure)
  }

  package struct Promotion: Sendable, Hashable {
    package var index: Int
    package var item: Item

    package init(index: Int, item: Item) {
      self.index = index
      self.item = item
    }
  }

  /// Why an action kept the transaction from happening.
  package enum Reason: Sendable, Hashable {
    /// Its guard or the caller's condition was false, of this item if the answer has it.
    case conditionFailed(Item?)
    /// Something that no other guard would mend.
    case other
  }

  package enum Failure: Sendable, Hashable {
    /// At least one of the caller's conditions was false; a verdict for each action, in order.
    case conditionFailed([Verdict])
    /// The service refuses an action for another reason than a condition.
    case refused([Verdict])
    /// Others won every round.
    case contention
    /// The transaction may have happened.
    case outcomeUnknown
  }

  package enum Verdict: Sendable, Hashable {
    /// Not known to be false.
    case holds
    /// The caller's condition was false, of this item.
    case isFalse(Item?)
  }

  /// One action of the transaction on its way.
  fileprivate struct Part: Sendable {
    /// Nil for an action on another table.
    var machine: GuardedWriteStateMachine?
    var wants: GuardedWriteStateMachine.Action?
    var verdict = Verdict.holds
    /// True once it was refused: what it is sent as from then on it has learned.
    var wasRefused = false
  }

  private var parts: [Part]
  private var rounds = 1
  /// True once the service refused an action for what no guard would mend.
  private var isRefused = false

  /// A transaction of these actions, in order; nil for one on another table.
  package init(_ rules: [GuardedWriteStateMachine.Rules?]) {
    parts = rules.map { Part(machine: $0.map { GuardedWriteStateMachine($0) }) }
  }

  // MARK: - Events

  package mutating func start() -> Action {
    for index in parts.indices { parts[index].wants = parts[index].machine?.start() }
    return next
  }

  package func written() -> Action { .succeed }

  /// The transaction was cancelled.
  ///
  /// - Parameters:
  ///   - reasons: for each action, in order; nil where nothing was wrong with it, or something that passes.
  ///   - afterLost: true if an earlier try of this very request has no answer. It may arrive yet, and land: so nothing else may go out.
  package mutating func cancelled(_ reasons: [Reason?], afterLost: Bool) -> Action {
    guard !afterLost else { return .fail(.outcomeUnknown) }
    var hasLost = false
    for (index, reason) in zip(parts.indices, reasons) {
      switch reason {
      case nil: break
      case .other: isRefused = true
      case .conditionFailed(let item):
        hasLost = hasLost || parts[index].wasRefused
        parts[index].wasRefused = true
        if parts[index].machine == nil { parts[index].verdict = .isFalse(item) }
        parts[index].wants = parts[index].machine?.refused(item, afterLost: false)
      }
    }
    // An action's first refusal tells what state it is in; each further one means that another writer was faster.
    if hasLost { rounds += 1 }
    return next
  }

  /// NEW was read, for the actions that were asked for, in order.
  package mutating func newRead(_ found: [PhysicalItem]) -> Action {
    for (index, found) in zip(indices { $0 == .readNew }, found) { parts[index].wants = parts[index].machine?.newRead(found) }
    return next
  }

  /// OLD was read and converted, for the actions that were asked for, in order.
  package mutating func oldRead(_ items: [Item?]) -> Action {
    for (index, item) in zip(indices { $0 == .readOld }, items) { parts[index].wants = parts[index].machine?.oldRead(item) }
    return next
  }

  /// The promotions landed, were refused because someone else's writes had, or have no answer: step 1 tells.
  package mutating func promotionsEnded() -> Action {
    for promotion in promotions { parts[promotion.index].wants = parts[promotion.index].machine?.promotionEnded() }
    return next
  }

  // MARK: - Decisions

  /// What all actions together want next: first to know all that is false, so that it is reported together and before anything is copied.
  private var next: Action {
    let (new, old) = (indices { $0 == .readNew }, indices { $0 == .readOld })
    if !new.isEmpty { return .readNew(new) }
    if !old.isEmpty { return .readOld(old) }
    let verdicts = parts.map(\.judged)
    if isRefused { return .fail(.refused(verdicts)) }
    if verdicts.contains(where: { $0 != .holds }) { return .fail(.conditionFailed(verdicts)) }
    if rounds > GuardedWriteStateMachine.mostRounds || parts.contains(where: { $0.wants == .fail(.contention) }) {
      return .fail(.contention)
    }
    if !promotions.isEmpty { return .promote(promotions) }
    return .send(parts.map(\.guarded))
  }

  private func indices(where wants: (GuardedWriteStateMachine.Action) -> Bool) -> [Int] {
    parts.indices.filter { parts[$0].wants.map(wants) ?? false }
  }

  private var promotions: [Promotion] {
    parts.indices.compactMap { index in
      if case .promote(let item) = parts[index].wants { Promotion(index: index, item: item) } else { nil }
    }
  }
}

extension TransactWriteStateMachine.Part {
  fileprivate var judged: TransactWriteStateMachine.Verdict {
    if case .fail(.conditionFailed(let item)) = wants { .isFalse(item) } else { verdict }
  }

  fileprivate var guarded: TransactWriteStateMachine.Guard? {
    if case .send(let guarded) = wants { guarded } else { nil }
  }
}
