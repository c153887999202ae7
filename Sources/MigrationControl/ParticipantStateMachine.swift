/// Decides when a participant beats, which phase its operations begin in, and which requests it may still sign.
///
/// A pure value. The driver hands in both clocks with every event and performs what comes back. The order of a beat is what makes the
/// switch safe: the participant's own item first, then the control item. Whoever lists participants after writing a drain has either
/// listed this one, or this one reads the drain.
package struct ParticipantStateMachine: Sendable, Hashable {
  /// Between beats.
  package static let refresh: Duration = .seconds(5)
  /// Between a beat that failed and the next: a lease for old writes outlives four of them.
  package static let recovery: Duration = .seconds(1)
  /// Between beats while a switch is under way.
  package static let hurry: Duration = .milliseconds(250)
  /// How long a participant bears with one drain: its coordinator may be dead.
  package static let longestDrain: Duration = .seconds(5)

  /// An operation under way. It keeps the phase in which it began to its end.
  package struct Operation: Sendable, Hashable {
    package let kind: RequestKind
    package let phase: MigrationPhase
    /// True if it writes by a client that isn't leased, so that it counts as a whole.
    package let isUnmanaged: Bool
    fileprivate let registration: Int32
  }

  private let mapping: String
  private var registration: Int32 = 0
  private var item: ParticipantItem? {
    didSet { isRegistered = item != nil }
  }
  private var control: ControlItem? {
    didSet { outlook = control.map { Outlook(phase: $0.phase, drained: $0.drained) } }
  }
  private var outlook: Outlook?
  /// True while there should be an item of its own.
  package private(set) var isRegistered = false
  /// The beginning of the last beat that told the phase, under the registration that holds.
  private var lease: ClockReading?
  private var beat: ClockReading?
  private var drainSeen: ClockReading?
  /// How many of each are under way: few are different, so that a list is found through sooner than a table.
  private var operations: [Group] = []
  private var attempts = AttemptLedger()
  private var hasFailed = false
  /// True once an operation has asked to write to OLD by a client that isn't leased.
  private var isUnmanaged = false
  /// True while the item that a beat has written says so: only then may such an operation begin, or this participant could be counted
  /// dead in the middle of it.
  private var isKnownUnmanaged = false
  /// True from the wish to leave: nothing begins any more.
  private var isClosed = false
  private var fallbacks = 0
  private var lastFallback: Int64?

  /// A participant that hasn't registered yet.
  ///
  /// - Parameter mapping: the digest of its mapping; a control item with another one is refused.
  package init(mapping: String) { self.mapping = mapping }

  /// What operations and attempts are judged by: nothing that has to be retained, since every request asks.
  private struct Outlook: Sendable, Hashable {
    let phase: MigrationPhase
    let drained: RequestKind?
  }

  private struct Group: Sendable, Hashable {
    let operation: Operation
    var count: Int
  }

  // MARK: - Beats

  /// What a beat writes to the participant's own item.
  package enum BeatWrite: Sendable, Hashable {
    /// Only if the item is there.
    case renew(ParticipantItem)
    /// Only if there is none of this name.
    case register(ParticipantItem)
  }

  /// Begins a beat. Beats never overlap.
  ///
  /// - Parameter freshName: the participant's name should it have to register; nobody's before.
  package mutating func beatBegins(at now: ClockReading, freshName: @autoclosure () -> String) -> BeatWrite {
    attempts.expire(at: now)
    beat = now
    guard var own = item else {
      registration += 1
      // What was known under the last registration is void: a switch may have gone by without this participant.
      (lease, control, drainSeen) = (nil, nil, nil)
      isKnownUnmanaged = false
      let own = described(ParticipantItem(name: freshName(), nonce: 1))
      item = own
      return .register(own)
    }
    own.nonce += 1
    if isQuiet, let control { own.acknowledged = control.epoch }
    own = described(own)
    item = own
    return .renew(own)
  }

  /// Notes that the beat's write was refused or failed, which ends the beat.
  ///
  /// - Parameter isGone: true if the item is no longer there, or the fresh name was taken: the next beat registers.
  package mutating func beatFailed(isGone: Bool) {
    beat = nil
    hasFailed = true
    if isGone { item = nil }
  }

  /// What follows from the control item.
  package enum Reading: Sendable, Hashable {
    /// The phase is known.
    case accepted
    /// Older than what is known already.
    case stale
    /// There is no control item.
    case missing
    /// The migration has another mapping.
    case otherMapping
    /// The phase is known, and a drain that nobody ends should be withdrawn.
    case withdraw(ControlItem)
  }

  /// Takes the control item as a consistent read gave it after the beat's write, and ends the beat.
  package mutating func controlRead(_ read: ControlItem?, at now: ClockReading) -> Reading {
    guard let began = beat else { return .stale }
    beat = nil
    // Its write went through before.
    hasFailed = false
    isKnownUnmanaged = item?.unmanaged ?? false
    guard let read else { return .missing }
    guard read.mapping == mapping else { return .otherMapping }
    if let control, read.epoch < control.epoch { return .stale }
    if read.drained == nil || read.epoch != control?.epoch { drainSeen = nil }
    control = read
    lease = began
    guard read.drained != nil else { return .accepted }
    let since = drainSeen ?? now
    drainSeen = since
    guard let waited = now.most(since: since), waited >= Self.longestDrain else { return .accepted }
    return .withdraw(read)
  }

  /// How long to wait for the next beat.
  package var pause: Duration {
    if needsAcknowledging || isUnmanaged && !isKnownUnmanaged && !hasFailed { return .zero }
    guard let control, control.next == nil, !isClosed else { return Self.hurry }
    return hasFailed ? Self.recovery : Self.refresh
  }

  /// True if the next beat acknowledges what no beat has yet.
  private var needsAcknowledging: Bool {
    guard let item, let control else { return false }
    return item.acknowledged != control.epoch && isQuiet
  }

  /// True if every operation begun in another phase has ended, its write attempts are resolved, and nothing is under way that a drain
  /// forbids.
  private var isQuiet: Bool {
    guard let control else { return false }
    let drained = control.drained
    let forgives = drained == .oldWrite && (control.next?.acceptUnresolved == true || control.next?.fenced == true)
    if operations.contains(where: { $0.operation.phase != control.phase || ($0.operation.isUnmanaged && drained == .oldWrite) }) {
      return false
    }
    if drained == .oldWrite, isUnmanaged, !forgives { return false }
    return !attempts.holds(unresolvedToo: true) { attempt in
      guard attempt.phase != control.phase || attempt.kind == drained else { return false }
      return !(forgives && attempt.kind == .oldWrite)
    } && !attempts.holds(unresolvedToo: false) { $0.phase != control.phase || $0.kind == drained }
  }

  private func described(_ own: ParticipantItem) -> ParticipantItem {
    var own = own
    own.unresolvedUntil = attempts.unresolvedUntil
    own.unmanaged = isUnmanaged
    own.fallbacks = fallbacks
    own.lastFallback = lastFallback
    return own
  }

  // MARK: - Operations

  /// Whether an operation may begin.
  package enum Beginning: Sendable, Hashable {
    case begun(Operation)
    /// The phase isn't known well enough, or a switch is under way: after a beat it may.
    case wait
    /// Not in this phase.
    case wrongPhase(MigrationPhase)
    /// The participant takes its leave.
    case closed
  }

  /// Begins an operation in the phase that holds.
  ///
  /// - Parameter isUnmanaged: it writes to OLD by a client that isn't leased.
  package mutating func begin(_ kind: RequestKind, isUnmanaged: Bool = false, at now: @autoclosure () -> ClockReading) -> Beginning {
    guard !isClosed else { return .closed }
    guard let outlook else { return .wait }
    // However long ago that was heard.
    if kind.isOver(in: outlook.phase) { return .wrongPhase(outlook.phase) }
    guard isRegistered, hasLease(for: kind, in: outlook.phase, at: now()) else { return .wait }
    guard kind.isAllowed(in: outlook.phase) else { return .wrongPhase(outlook.phase) }
    guard outlook.drained != kind else { return .wait }
    if isUnmanaged, !isKnownUnmanaged {
      self.isUnmanaged = true
      return .wait
    }
    let operation = Operation(kind: kind, phase: outlook.phase, isUnmanaged: isUnmanaged, registration: registration)
    if let index = operations.firstIndex(where: { $0.operation == operation }) {
      operations[index].count += 1
    } else {
      operations.append(Group(operation: operation, count: 1))
    }
    return .begun(operation)
  }

  /// Ends an operation.
  package mutating func end(_ operation: Operation) {
    guard let index = operations.firstIndex(where: { $0.operation == operation }) else { return }
    operations[index].count -= 1
    if operations[index].count == 0 { operations.remove(at: index) }
  }

  /// Whether a request may be signed.
  package enum Signing: Sendable, Hashable {
    case sign(AttemptLedger.Attempt)
    /// What is known of the phase is too old: after a beat it may.
    case wait
    /// A switch forbids it: the operation ends, and begins anew in the phase that comes if none of its attempts may have landed.
    case beginAnew
    /// The participant has registered anew since the operation began, which ends it.
    case phaseUnknown
  }

  /// Counts an attempt and says whether it may be signed with the time of `now`, which was taken first.
  ///
  /// The lease is checked after the time of the signature was taken: a process suspended between the two sends a signature that is as old
  /// as its lease, and one suspended later a dead one.
  package mutating func sign(_ kind: RequestKind, of operation: Operation, at now: @autoclosure () -> ClockReading) -> Signing {
    guard operation.registration == registration, isRegistered else { return .phaseUnknown }
    guard let outlook else { return .wait }
    // Reads and writes of neighboring phases get on with each other; only what a switch forbids doesn't outlive it.
    if kind.isOver(in: outlook.phase) { return .beginAnew }
    guard hasLease(for: kind, in: operation.phase, at: now()) else { return .wait }
    if outlook.drained == kind { return .beginAnew }
    return .sign(attempts.sign(kind, phase: operation.phase, at: now()))
  }

  /// Ends an attempt.
  ///
  /// - Parameter isResolved: true if the answer tells whether it landed: a 2xx, or a 4xx that excludes the write.
  package mutating func end(attempt number: Int, isResolved: Bool) {
    attempts.end(number, isResolved: isResolved)
  }

  /// Notes a read that found in OLD what NEW lacks.
  package mutating func fellBack(at now: ClockReading) {
    fallbacks += 1
    lastFallback = now.wall
  }

  private func hasLease(for kind: RequestKind, in phase: MigrationPhase, at now: @autoclosure () -> ClockReading) -> Bool {
    guard let limit = kind.longestLease(in: phase) else { return true }
    guard let lease, let age = now().most(since: lease) else { return false }
    return age < limit
  }

  // MARK: - Leaving

  /// Lets operations begin, again after a leave.
  package mutating func open() { isClosed = false }

  /// Lets nothing begin any more; what is under way goes on, with beats and leases.
  package mutating func close() { isClosed = true }

  /// True if no operation is under way, and no attempt in flight.
  package var isIdle: Bool { operations.isEmpty && attempts.isIdle }

  /// The own item, to be removed on condition of its nonce; nil where it has to stay, because something may still land.
  ///
  /// What isn't removed is counted dead in time. Who is gone signs nothing more.
  package mutating func signOff(at now: ClockReading) -> ParticipantItem? {
    attempts.expire(at: now)
    // What went by another client may be on its way still, and nobody can tell for how long.
    let mayWriteOld = isUnmanaged && (control?.phase ?? .old) <= .dualRead
    guard isClosed, isIdle, attempts.isEmpty, !mayWriteOld else { return nil }
    defer { item = nil }
    return item
  }

  // MARK: - What is known

  /// The phase, as of the last beat; nil before the first.
  package var phase: MigrationPhase? { outlook?.phase }
  /// How old what is known of the phase is; nil if it isn't known, or nobody can say.
  package func leaseAge(at now: ClockReading) -> Duration? { lease.flatMap { now.most(since: $0) } }
  /// True while a request of this kind could be signed by the clock.
  package func isCurrent(for kind: RequestKind, at now: ClockReading) -> Bool {
    control.map { hasLease(for: kind, in: $0.phase, at: now) } ?? false
  }
}
