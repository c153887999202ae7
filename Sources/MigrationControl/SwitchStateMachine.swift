/// Takes a fleet from one phase to a neighboring one: announce, drain, commit, or withdraw.
///
/// A pure value: events in, actions out. Every change of the control item is conditional on the epoch it was read with, so that two
/// coordinators harm nothing, and nothing rests on clocks that agree. A step that forbids nothing skips the drain. A fence is put up between
/// the two: writes fail behind it, so that it doesn't stand while somebody is still waited for.
package struct SwitchStateMachine: Sendable, Hashable {
  /// How long a drain may take: the service's old writes wait meanwhile.
  package static let longestDrain: Duration = .seconds(2)
  /// How long another coordinator's switch is left alone before it counts as abandoned.
  package static let longestIdle: Duration = .seconds(10)
  /// Between looks while a drain makes writers wait.
  package static let look: Duration = .milliseconds(100)
  /// Between looks while nobody waits.
  package static let patientLook: Duration = .milliseconds(500)

  package enum Action: Sendable, Hashable {
    /// Read the control item consistently.
    case readControl
    /// Write the control item on condition that its epoch is `expecting`.
    case write(ControlItem, expecting: Int)
    /// List all participants consistently.
    case list
    /// Put the fence up, then call `fenceHolds`, or `stop`.
    case raiseFence
    /// Let so much time pass, then call `waited`.
    case wait(Duration)
    case finish(Outcome)
  }

  package enum Outcome: Sendable, Hashable {
    /// The phase holds.
    case done(ControlItem)
    /// There is no control item.
    case notInitialized
    /// No step leads from the phase that holds to the one asked for.
    case noSuchStep(from: MigrationPhase)
    /// These did not acknowledge in time; the phase is what it was.
    case unacknowledged([ParticipantItem])
    /// Other coordinators changed the control item each time.
    case contention
    /// It was asked to stop; the phase is what it was, and nothing is under way.
    case stopped
  }

  private enum State: Sendable, Hashable {
    case reading
    case announcing(ControlItem)
    case preparing(ControlItem, since: ClockReading)
    case fencing(ControlItem)
    case draining(ControlItem)
    case drained(ControlItem, since: ClockReading)
    case committing(ControlItem)
    case withdrawing(ControlItem, missing: [ParticipantItem], isFinal: Bool)
    case stopping(ControlItem)
    case resting
    case finished
  }

  private let target: MigrationPhase
  private let acceptUnresolved: Bool
  private let fences: Bool
  private let patience: Duration
  private let mapping: String?
  private var triesLeft: Int
  private var roundsLeft = 50
  private var isFenceUp = false
  private var state: State = .reading
  private var foreign: Foreign?
  /// Who was waited for at the last look, and what the switch had come to by then.
  package private(set) var missing: [ParticipantItem] = []
  package private(set) var stage: ControlItem.Switch.Stage?

  /// Another coordinator's switch, and since when its epoch stands.
  private struct Foreign: Sendable, Hashable {
    let epoch: Int
    let since: ClockReading
  }

  /// A switch to `target`.
  ///
  /// - Parameters:
  ///   - acceptUnresolved: don't wait for attempts on OLD that were given up on.
  ///   - fences: asks for a fence of OLD once all have acknowledged the phase that holds; of use where OLD's writes are forbidden.
  ///   - patience: how long participants have to acknowledge the phase that holds, before anything is fenced or drained.
  ///   - mapping: the digest that the control item has from the commit on; nil: the one it had.
  ///   - tries: how many drains.
  package init(
    to target: MigrationPhase, acceptUnresolved: Bool = false, fences: Bool = false, patience: Duration, mapping: String? = nil,
    tries: Int = 5
  ) {
    self.target = target
    self.acceptUnresolved = acceptUnresolved
    self.fences = fences
    self.patience = patience
    self.mapping = mapping
    triesLeft = tries
  }

  package mutating func start() -> Action { reread() }

  /// What a participant that has gone silent is to the switch.
  package enum Silence: Sendable, Hashable {
    /// Dead: nothing of it can land any more, and its item is removed.
    case dead
    /// Nothing that may still land matters to this step; the next one must know of it.
    case harmless
    /// It may write to OLD by a client of its own whenever it wakes up.
    case mayWake
  }

  /// Judges a participant whose nonce has stood still for 45 minutes.
  package func judge(silent participant: ParticipantItem) -> Silence {
    let item: ControlItem
    switch state {
    case .preparing(let current, _), .drained(let current, _): item = current
    default: return .mayWake
    }
    guard participant.unmanaged, item.phase <= .dualRead else { return .dead }
    guard MigrationStep(from: item.phase, to: target)?.forbids == .oldWrite else { return .harmless }
    if acceptUnresolved || isFenceUp { return .dead }
    // Not waited for, but still known if the fence can't be had.
    return fences ? .harmless : .mayWake
  }

  /// Takes the control item.
  package mutating func controlRead(_ read: ControlItem?, at now: ClockReading) -> Action {
    guard let read else { return finish(.notInitialized) }
    // A write whose answer was lost has landed after all.
    switch state {
    case .announcing(let written) where written == read: return written.next?.stage == .prepare ? prepare(written, at: now) : reread()
    case .draining(let written) where written == read: return drain(written, at: now)
    default: break
    }
    if read.phase == target && read.next == nil { return finish(.done(read)) }
    guard let step = MigrationStep(from: read.phase, to: target) else { return finish(.noSuchStep(from: read.phase)) }
    if read.next != nil, !isAbandoned(read, at: now) {
      state = .resting
      return .wait(Self.patientLook)
    }
    let announced = read.changed { item in
      item.next = ControlItem.Switch(
        to: target, stage: .prepare, acceptUnresolved: step.forbids == .oldWrite && acceptUnresolved,
        fenced: step.forbids == .oldWrite && fences)
    }
    state = .announcing(announced)
    return .write(announced, expecting: read.epoch)
  }

  /// The write went through.
  package mutating func written(at now: ClockReading) -> Action {
    switch state {
    case .announcing(let item): return prepare(item, at: now)
    case .draining(let item): return drain(item, at: now)
    case .committing(let item): return finish(.done(item))
    case .withdrawing(_, let missing, let isFinal):
      if isFinal { return finish(.unacknowledged(missing)) }
      state = .resting
      return .wait(Self.patientLook)
    case .stopping: return finish(.stopped)
    case .reading, .preparing, .fencing, .drained, .resting, .finished: return reread()
    }
  }

  /// The write was refused, or nobody knows: the control item tells.
  package mutating func notWritten() -> Action {
    roundsLeft -= 1
    if roundsLeft == 0 { return finish(.contention) }
    switch state {
    case .announcing, .draining: return .readControl
    case .withdrawing(_, let missing, let isFinal) where isFinal: return finish(.unacknowledged(missing))
    case .stopping: return finish(.stopped)
    default: return reread()
    }
  }

  /// Takes the participants, all of them, as they were after the last write.
  package mutating func listed(_ participants: [ParticipantItem], at now: ClockReading) -> Action {
    switch state {
    case .preparing(let item, let since):
      (missing, stage) = (participants.filter { $0.acknowledged != item.epoch || holdsUp(item, $0) }, .prepare)
      if missing.isEmpty { return proceed(from: item) }
      return waitOrWithdraw(item, missing, isLate: now.least(since: since) >= patience, isFinal: true)
    case .drained(let item, let since):
      (missing, stage) = (participants.filter { $0.acknowledged != item.epoch }, .drain)
      if missing.isEmpty { return commit(item) }
      return waitOrWithdraw(item, missing, isLate: now.least(since: since) >= Self.longestDrain, isFinal: triesLeft <= 0)
    default: return reread()
    }
  }

  /// The fence holds; who came or fell silent while it was put up is seen at the next look.
  package mutating func fenceHolds(at now: ClockReading) -> Action {
    guard case .fencing(let item) = state else { return reread() }
    isFenceUp = true
    state = .preparing(item, since: now)
    return .list
  }

  /// The time has passed.
  package mutating func waited() -> Action {
    switch state {
    case .preparing, .drained: .list
    default: reread()
    }
  }

  /// Gives the switch up between two looks: what was announced is withdrawn.
  package mutating func stop() -> Action {
    switch state {
    case .preparing(let item, _), .fencing(let item), .drained(let item, _):
      let withdrawn = item.changed { $0.next = nil }
      state = .stopping(withdrawn)
      return .write(withdrawn, expecting: item.epoch)
    default: return finish(.stopped)
    }
  }

  // MARK: - Steps

  private mutating func reread() -> Action {
    state = .reading
    return .readControl
  }

  private mutating func prepare(_ item: ControlItem, at now: ClockReading) -> Action {
    state = .preparing(item, since: now)
    return .wait(Self.patientLook)
  }

  private mutating func drain(_ item: ControlItem, at now: ClockReading) -> Action {
    state = .drained(item, since: now)
    return .wait(Self.look)
  }

  private mutating func proceed(from item: ControlItem) -> Action {
    guard let forbidden = MigrationStep(from: item.phase, to: target)?.forbids else { return commit(item) }
    if fences, !isFenceUp, forbidden == .oldWrite {
      state = .fencing(item)
      return .raiseFence
    }
    triesLeft -= 1
    let draining = item.changed { $0.next?.stage = .drain }
    state = .draining(draining)
    return .write(draining, expecting: item.epoch)
  }

  private mutating func commit(_ item: ControlItem) -> Action {
    let committed = item.changed { item in
      item.phase = target
      item.next = nil
      item.mapping = mapping ?? item.mapping
    }
    state = .committing(committed)
    return .write(committed, expecting: item.epoch)
  }

  private mutating func waitOrWithdraw(
    _ item: ControlItem, _ missing: [ParticipantItem], isLate: Bool, isFinal: Bool
  ) -> Action {
    guard isLate else { return .wait(item.next?.stage == .drain ? Self.look : Self.patientLook) }
    let withdrawn = item.changed { $0.next = nil }
    state = .withdrawing(withdrawn, missing: missing, isFinal: isFinal)
    return .write(withdrawn, expecting: item.epoch)
  }

  private mutating func finish(_ outcome: Outcome) -> Action {
    state = .finished
    return .finish(outcome)
  }

  /// True if the participant could not acknowledge a drain yet: there is no point in making the service wait.
  private func holdsUp(_ item: ControlItem, _ participant: ParticipantItem) -> Bool {
    guard MigrationStep(from: item.phase, to: target)?.forbids == .oldWrite, !acceptUnresolved, !fences else { return false }
    return participant.unresolvedUntil != nil || participant.unmanaged
  }

  private mutating func isAbandoned(_ item: ControlItem, at now: ClockReading) -> Bool {
    guard let foreign, foreign.epoch == item.epoch else {
      foreign = Foreign(epoch: item.epoch, since: now)
      return false
    }
    return now.least(since: foreign.since) >= Self.longestIdle
  }
}
