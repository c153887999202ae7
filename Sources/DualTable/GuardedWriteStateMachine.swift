package import DynamoDBExpressions
package import DynamoDBModel
package import MigrationControl

/// Decides what a put, an update or a delete sends next, until it is known to have happened or not.
///
/// A pure value: events in, actions out. Every write goes out under a guard that says in which physical state of NEW it was meant, so that
/// whatever others do in between, it lands in that state or not at all.
package struct GuardedWriteStateMachine: Sendable {
  /// What kind of write it is: whole items need no promotion, updates do.
  package enum Kind: Sendable { case put, update, delete }

  /// What must be true of NEW's item for the write to land.
  package enum Guard: Sendable, Hashable {
    /// Anything.
    case none
    /// There is an item, no tombstone, and the caller's condition holds. Step 1 while OLD counts.
    case live
    /// There is no tombstone, and the caller's condition holds. Step 1 once OLD doesn't count.
    case notTombstone
    /// There is a tombstone; the caller's condition held of no item.
    case tombstone
    /// There is nothing; the caller's condition held of OLD's item.
    case missing
  }

  package enum Action: Sendable, Hashable {
    case send(Guard)
    /// One consistent read of NEW.
    case readNew
    /// One consistent read of OLD, converted.
    case readOld
    /// Put OLD's converted item where nothing is.
    case promote(Item)
    case succeed(Returned)
    case fail(Failure)
  }

  /// Where the attributes that the caller asked for come from.
  package enum Returned: Sendable, Hashable {
    /// From the write's own answer.
    case answer
    /// The value before the write is this.
    case item(Item?)
  }

  package enum Failure: Sendable, Hashable {
    /// The caller's condition was false, of this item.
    case conditionFailed(Item?)
    /// Others won every round.
    case contention
    /// The write may have happened.
    case outcomeUnknown
  }

  /// What the write is, and what it knows before it begins.
  package struct Rules: Sendable {
    package var kind: Kind
    package var phase: MigrationPhase
    /// The caller's condition.
    package var condition: Condition?
    /// NEW's key attributes.
    package var keyAttributes: [String]
    /// The attribute that marks tombstones.
    package var reserved: String
    /// True if the caller asked for the value before the write.
    package var returnsOld: Bool
    /// True if each body goes out under a token of its own, so that it lands once however often it is sent.
    package var isIdempotent: Bool
    /// True once this engine was seen to send the item along with a refusal: then a refusal without one means that there is none.
    package var refusalsCarryItems: Bool

    package init(
      kind: Kind, phase: MigrationPhase, condition: Condition? = nil, keyAttributes: [String], reserved: String = "_dt",
      returnsOld: Bool = false, isIdempotent: Bool = false, refusalsCarryItems: Bool = true
    ) {
      self.kind = kind
      self.phase = phase
      self.condition = condition
      self.keyAttributes = keyAttributes
      self.reserved = reserved
      self.returnsOld = returnsOld
      self.isIdempotent = isIdempotent
      self.refusalsCarryItems = refusalsCarryItems
    }
  }

  private enum State {
    case idle, ended
    case writing(Guard)
    case readingNew
    case readingOld
    /// A create reads OLD before it writes.
    case readingOldFirst
    /// An unconditional put landed where nothing was, and owes its caller OLD's item.
    case readingReplaced
    case promoting
  }

  private enum OldValue {
    case unread
    case read(Item?)
  }

  /// Rounds before a write gives up; each begins only because another writer won the one before.
  package static let mostRounds = 8

  private let rules: Rules
  private var state = State.idle
  private var old = OldValue.unread
  private var lastWrite: Guard?
  private var rounds = 0
  /// True once a try was lost and the write went on all the same: whatever keeps it from landing now, it may have landed then.
  package private(set) var mayHaveLanded = false

  package init(_ rules: Rules) { self.rules = rules }

  /// True if a missing key's value is OLD's.
  private var fallsBack: Bool { rules.phase == .dualTable }
  private var stepOne: Guard { fallsBack ? .live : .notTombstone }

  private func holds(of item: Item?) -> Bool { rules.condition?.evaluate(on: item) ?? true }

  // MARK: - Events

  package mutating func start() -> Action {
    // A whole item or a tombstone needs nothing from what it replaces. A delete that returns the old value takes the guarded way: sent
    // twice, a plain one would meet its own tombstone and say that there had been nothing.
    if rules.condition == nil, rules.kind == .put || rules.kind == .delete && !rules.returnsOld { return send(.none) }
    // A create would be refused by step 1's guard wherever it can succeed; it asks first what it would ask then.
    if fallsBack, let condition = rules.condition, condition.isFalseOfEveryItem(with: rules.keyAttributes) {
      state = .readingOldFirst
      return .readOld
    }
    return send(stepOne)
  }

  /// The write landed; `replaced` is what its answer says was there, if it was asked.
  package mutating func written(replaced: Item?) -> Action {
    guard case .writing(let condition) = state else { return fail(.contention) }
    guard rules.returnsOld else { return succeed(.answer) }
    switch condition {
    case .live, .notTombstone: return succeed(.answer)
    case .tombstone: return succeed(.item(nil))
    case .missing:
      if case .read(let item) = old { return succeed(.item(item)) }
      return succeed(.item(nil))
    case .none:
      switch PhysicalItem(replaced, reserved: rules.reserved) {
      case .live: return succeed(.answer)
      case .tombstone: return succeed(.item(nil))
      case .missing where !fallsBack: return succeed(.item(nil))
      case .missing:
        state = .readingReplaced
        return .readOld
      }
    }
  }

  /// The write was refused for its guard or the caller's condition.
  ///
  /// - Parameter afterLost: true if an earlier try of this very request has no answer and may have landed.
  package mutating func refused(_ item: Item?, afterLost: Bool) -> Action {
    guard case .writing(let condition) = state else { return fail(.contention) }
    // The lost try may have landed, and the condition be false by its own doing. Without a condition of the caller's, and without an old
    // value to tell, going on is one more sending of the same write, as any other after a lost answer. A token says that the try had not
    // landed until now, but it may still be under way: landing behind the body that came after it, it would count twice.
    if afterLost && (rules.condition != nil || rules.returnsOld || rules.isIdempotent) { return fail(.outcomeUnknown) }
    mayHaveLanded = mayHaveLanded || afterLost
    guard let item else { return refusedInSilence(condition) }
    let found = PhysicalItem(item, reserved: rules.reserved)
    if condition == .none || condition == stepOne && rules.condition != nil, case .live(let item) = found {
      return fail(.conditionFailed(item))
    }
    return decide(found)
  }

  private mutating func refusedInSilence(_ condition: Guard) -> Action {
    switch condition {
    case .none: return fail(.conditionFailed(nil))
    // Something is there, or this would have landed; and nothing is no reason to refuse an update that has no condition.
    case .missing: return readNew()
    case .notTombstone where rules.condition == nil: return readNew()
    case .live, .notTombstone, .tombstone: return rules.refusalsCarryItems ? decide(.missing) : readNew()
    }
  }

  /// NEW was read.
  package mutating func newRead(_ found: PhysicalItem) -> Action { decide(found) }

  /// OLD was read and converted.
  package mutating func oldRead(_ item: Item?) -> Action {
    old = .read(item)
    switch state {
    case .readingReplaced: return succeed(.item(item))
    case .readingOldFirst: return item == nil && holds(of: nil) ? send(.missing) : readNew()
    default: return decideMissing(item)
    }
  }

  /// The promotion landed, was refused because someone else's write had, or has no answer: step 1 tells.
  package mutating func promotionEnded() -> Action { send(stepOne) }

  // MARK: - Decisions

  private mutating func decide(_ found: PhysicalItem) -> Action {
    switch found {
    case .live(let item): return holds(of: item) ? send(stepOne) : fail(.conditionFailed(item))
    case .tombstone: return holds(of: nil) ? send(.tombstone) : fail(.conditionFailed(nil))
    case .missing where !fallsBack: return holds(of: nil) ? send(stepOne) : fail(.conditionFailed(nil))
    case .missing:
      if case .read(let item) = old { return decideMissing(item) }
      state = .readingOld
      return .readOld
    }
  }

  /// NEW was seen to be missing, so the value was OLD's then, and OLD's can't change.
  private mutating func decideMissing(_ item: Item?) -> Action {
    guard holds(of: item) else { return fail(.conditionFailed(item)) }
    // An update of what isn't there would make a partial item, which would shadow OLD's and keep the backfill out for good.
    guard rules.kind == .update, let item else { return send(.missing) }
    state = .promoting
    return .promote(item)
  }

  private mutating func send(_ condition: Guard) -> Action {
    if lastWrite == nil || condition == stepOne || lastWrite != stepOne { rounds += 1 }
    guard rounds <= Self.mostRounds else { return fail(mayHaveLanded ? .outcomeUnknown : .contention) }
    lastWrite = condition
    state = .writing(condition)
    return .send(condition)
  }

  private mutating func readNew() -> Action {
    state = .readingNew
    return .readNew
  }

  private mutating func succeed(_ returned: Returned) -> Action {
    state = .ended
    return .succeed(returned)
  }

  private mutating func fail(_ failure: Failure) -> Action {
    state = .ended
    return .fail(failure)
  }
}
