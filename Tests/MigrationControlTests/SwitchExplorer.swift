import MigrationControl

/// A fleet of one participant, a coordinator and whoever removes the dead, in every order of their steps.
///
/// The driver around the state machines, as a value: each of its steps may be followed by any other's, requests may land late or never,
/// answers may be lost, the participant may sleep anywhere, and time jumps. What the new phase forbids must not land once it is committed.
/// Defects break the driver in one place each, the way a careless implementation would.
struct SwitchExplorer {
  /// One broken rule.
  enum Defect: String, CaseIterable {
    /// The control item is read before the participant's own item is written.
    case readThenRegister
    /// A beat that overlaps a later one has the last word.
    case staleBeat
    /// A beat acknowledges whatever it reads.
    case acknowledgedUndrained
    /// A participant counts as dead while its attempts may land.
    case deadBeforeResolved
    /// The time of the signature is taken after the lease was checked.
    case signedAfterCheck
    /// Who signs asks the clock alone, not whether its operation outlived a registration or a switch.
    case oldOperationsSurvive
    /// Participants are listed before the drain is written.
    case listedBeforeDrain
    /// An acknowledgement of any epoch counts.
    case staleAcknowledgement
    /// The dead are removed without looking again.
    case removedUnconditionally
    /// The lease counts from the beat's answer.
    case leaseFromAnswer
    /// The phase is committed whatever the epoch.
    case unconditionalCommit
    /// A participant signs off while attempts of its may land.
    case signedOffUnresolved
    /// A participant signs off and lets operations begin all the same.
    case signedOffOpen
    /// A write by another client counts as any other.
    case unmanagedUncounted
    /// A write by another client begins although nobody can read of it.
    case unmanagedUntold
    /// A participant that writes by other clients signs off once these writes have ended.
    case unmanagedSignedOff

    /// The least in which it shows.
    var bounds: Bounds {
      switch self {
      case .readThenRegister, .listedBeforeDrain: Bounds(1, 1, 0)
      case .acknowledgedUndrained, .staleAcknowledgement: Bounds(2, 1, 0)
      case .deadBeforeResolved, .signedAfterCheck, .leaseFromAnswer: Bounds(1, 1, 1)
      case .removedUnconditionally: Bounds(2, 1, 1)
      case .staleBeat, .oldOperationsSurvive, .unconditionalCommit: Bounds(3, 1, 1)
      case .signedOffUnresolved, .signedOffOpen: Bounds(1, 1, 1, leaves: 1)
      case .unmanagedUncounted: Bounds(3, 0, 0, unmanaged: 1)
      case .unmanagedUntold: Bounds(2, 0, 1, unmanaged: 1)
      case .unmanagedSignedOff: Bounds(2, 0, 0, leaves: 1, unmanaged: 1)
      }
    }
  }

  /// How much of each happens.
  struct Bounds {
    let beats: Int
    let operations: Int
    let jumps: Int
    /// Times that a request is sent again after its answer was lost.
    var resends = 0
    /// Times that the participant takes its leave.
    var leaves = 0
    /// Writes to OLD by another client.
    var unmanaged = 0

    init(_ beats: Int, _ operations: Int, _ jumps: Int, resends: Int = 0, leaves: Int = 0, unmanaged: Int = 0) {
      self.beats = beats
      self.operations = operations
      self.jumps = jumps
      self.resends = resends
      self.leaves = leaves
      self.unmanaged = unmanaged
    }
  }

  enum Beat: Hashable {
    case idle
    case writing(ParticipantStateMachine.BeatWrite, early: ControlItem?)
    case reading(early: ControlItem?)
    case read(ControlItem)
  }

  enum Writer: Hashable {
    case idle
    case begun(ParticipantStateMachine.Operation)
    case timed(ParticipantStateMachine.Operation, ClockReading)
    /// Signed with a time, or about to be with the time of then.
    case sent(ParticipantStateMachine.Operation, AttemptLedger.Attempt, signed: Int64?)
    /// Writes by a client that nobody asks.
    case unleashed(ParticipantStateMachine.Operation)
  }

  struct World: Hashable {
    var now: Int64 = 0
    var control: ControlItem
    var table: [ParticipantItem] = []
    var participant = ParticipantStateMachine(mapping: "m")
    var names = 0
    var beat: Beat = .idle
    /// What the first beat read.
    var firstRead: ControlItem?
    var beatsLeft: Int
    var writer: Writer = .idle
    var writesLeft: Int
    /// When attempts were signed that were given up on and may still land.
    var adrift: [Int64] = []
    var resendsLeft: Int
    var unmanagedLeft: Int
    /// What an unmanaged write has sent may land whenever it likes.
    var isUnleashed = false
    var leavesLeft: Int
    /// The item that the participant is about to remove.
    var goodbye: ParticipantItem?
    var coordinator: SwitchStateMachine
    var action: SwitchStateMachine.Action?
    var earlyList: [ParticipantItem]?
    var watch = SilenceWatch()
    var dead: ParticipantItem?
    var looksLeft = 2
    var jumpsLeft: Int
    var isViolated = false

    var reading: ClockReading { ClockReading(continuous: now, wall: now) }
  }

  let step: MigrationStep
  let kind: RequestKind
  let defect: Defect?
  /// Milliseconds that time may jump: past a drain, a lease, a signature, a participant's life.
  let jumps: [Int64]

  init(_ step: MigrationStep, forbidding kind: RequestKind, _ defect: Defect? = nil) {
    self.step = step
    self.kind = kind
    self.defect = defect
    jumps = [3_000, kind == .oldWrite ? 16_000 : 601_000, 1_000_000, 2_701_000]
  }

  /// Explores all that can come of so many beats, operations and jumps; how many states there are, and whether one breaks the rule.
  func explore(_ bounds: Bounds) -> (states: Int, isViolated: Bool) {
    var start = World(
      control: ControlItem(phase: step.from, epoch: 1, mapping: "m"), beatsLeft: bounds.beats, writesLeft: bounds.operations,
      resendsLeft: bounds.resends, unmanagedLeft: bounds.unmanaged, leavesLeft: bounds.leaves,
      coordinator: SwitchStateMachine(to: step.to, patience: .seconds(10), tries: 1), jumpsLeft: bounds.jumps)
    start.action = start.coordinator.start()
    var seen: Set<World> = [start]
    var open = [start]
    while let world = open.popLast() {
      for next in successors(of: world) {
        if next.isViolated { return (seen.count, true) }
        if seen.insert(next).inserted { open.append(next) }
      }
    }
    return (seen.count, false)
  }

  func successors(of world: World) -> [World] {
    var result: [World] = []
    beatSteps(world, &result)
    writerSteps(world, &result)
    coordinatorSteps(world, &result)
    undertakerSteps(world, &result)
    goodbyeSteps(world, &result)
    if world.jumpsLeft > 0 {
      for jump in jumps {
        var next = world
        next.jumpsLeft -= 1
        next.now += jump
        result.append(next)
      }
    }
    return result
  }

  // MARK: - The participant's beats

  private func beatSteps(_ world: World, _ result: inout [World]) {
    var next = world
    switch world.beat {
    case .idle:
      guard world.beatsLeft > 0 else { return }
      next.beatsLeft -= 1
      next.names += 1
      let early = defect == .readThenRegister ? world.control : nil
      var write = next.participant.beatBegins(at: world.reading, freshName: "p\(next.names)")
      if defect == .acknowledgedUndrained, case .renew(var item) = write {
        item.acknowledged = world.control.epoch
        write = .renew(item)
      }
      next.beat = .writing(write, early: early)
      result.append(next)
    case .writing(let write, let early):
      if land(write, &next) {
        next.beat = .reading(early: early)
        result.append(next)
        // The answer is lost.
        next.participant.beatFailed(isGone: false)
        next.beat = .idle
        result.append(next)
      } else {
        next.participant.beatFailed(isGone: true)
        next.beat = .idle
        result.append(next)
      }
    case .reading(let early):
      next.beat = .read(early ?? world.control)
      result.append(next)
    case .read(var control):
      if defect == .leaseFromAnswer { _ = next.participant.beatBegins(at: world.reading, freshName: "p") }
      if defect == .staleBeat, let first = world.firstRead {
        control = first
        control.epoch = world.control.epoch
      }
      next.firstRead = world.firstRead ?? control
      if case .withdraw(let item) = next.participant.controlRead(control, at: world.reading) {
        if next.control.epoch == item.epoch { next.control = item.changed { $0.next = nil } }
      }
      next.beat = .idle
      result.append(next)
    }
  }

  /// Applies a beat's write; false if it is refused.
  private func land(_ write: ParticipantStateMachine.BeatWrite, _ world: inout World) -> Bool {
    switch write {
    case .renew(var item):
      if defect == .unmanagedUntold { item.unmanaged = false }
      guard let index = world.table.firstIndex(where: { $0.name == item.name }) else { return false }
      world.table[index] = item
    case .register(let item):
      if world.table.contains(where: { $0.name == item.name }) { return false }
      world.table.append(item)
    }
    return true
  }

  // MARK: - An operation that the new phase forbids

  private func writerSteps(_ world: World, _ result: inout [World]) {
    var next = world
    switch world.writer {
    case .idle:
      unleash(world, &result)
      guard world.writesLeft > 0, case .begun(let operation) = next.participant.begin(kind, at: world.reading) else { break }
      next.writesLeft -= 1
      next.writer = .begun(operation)
      result.append(next)
    case .begun(let operation):
      next.writer = .timed(operation, world.reading)
      result.append(next)
    case .timed(let operation, let taken):
      if defect == .oldOperationsSurvive {
        guard world.participant.isCurrent(for: kind, at: taken) else { break }
        var ledger = AttemptLedger()
        next.writer = .sent(operation, ledger.sign(kind, phase: operation.phase, at: taken), signed: taken.wall)
        result.append(next)
        break
      }
      switch next.participant.sign(kind, of: operation, at: taken) {
      case .sign(let attempt):
        next.writer = .sent(operation, attempt, signed: defect == .signedAfterCheck ? nil : taken.wall)
        result.append(next)
      case .wait: break
      case .beginAnew, .phaseUnknown:
        next.participant.end(operation)
        next.writer = .idle
        result.append(next)
      }
    case .sent(let operation, let attempt, let stamp):
      let signed = stamp ?? world.now
      if isAlive(signed, world) {
        var landed = next
        if world.control.phase == step.to { landed.isViolated = true }
        landed.participant.end(attempt: attempt.number, isResolved: true)
        landed.participant.end(operation)
        landed.writer = .idle
        result.append(landed)
        var lost = next
        lost.adrift.append(signed)
        lost.participant.end(attempt: attempt.number, isResolved: false)
        lost.participant.end(operation)
        lost.writer = .idle
        result.append(lost)
        if world.resendsLeft > 0 {
          var again = next
          again.resendsLeft -= 1
          again.adrift.append(signed)
          again.participant.end(attempt: attempt.number, isResolved: false)
          again.writer = .begun(operation)
          result.append(again)
        }
      } else {
        next.participant.end(attempt: attempt.number, isResolved: true)
        next.participant.end(operation)
        next.writer = .idle
        result.append(next)
      }
    case .unleashed(let operation):
      next.participant.end(operation)
      next.writer = .idle
      result.append(next)
    }
    if world.isUnleashed, world.control.phase == step.to {
      var landed = world
      landed.isViolated = true
      result.append(landed)
    }
    for sent in world.adrift where isAlive(sent, world) {
      var landed = world
      if world.control.phase == step.to { landed.isViolated = true }
      landed.adrift.removeAll { $0 == sent }
      result.append(landed)
    }
  }

  /// Begins a write by a client that nobody asks, or the wish for one.
  private func unleash(_ world: World, _ result: inout [World]) {
    guard world.unmanagedLeft > 0 else { return }
    var next = world
    switch next.participant.begin(kind, isUnmanaged: defect != .unmanagedUncounted, at: world.reading) {
    case .begun(let operation):
      next.unmanagedLeft -= 1
      next.isUnleashed = true
      next.writer = .unleashed(operation)
    case .wait: break
    case .wrongPhase, .closed: return
    }
    result.append(next)
  }

  /// The service takes signatures for fifteen minutes.
  private func isAlive(_ signed: Int64, _ world: World) -> Bool { world.now - signed < 900_000 }

  // MARK: - The coordinator

  private func coordinatorSteps(_ world: World, _ result: inout [World]) {
    guard let action = world.action else { return }
    var next = world
    switch action {
    case .readControl: next.action = next.coordinator.controlRead(world.control, at: world.reading)
    case .write(let item, let expecting):
      if defect == .listedBeforeDrain, item.next?.stage == .drain, world.earlyList == nil {
        next.earlyList = world.table
        result.append(next)
        return
      }
      if world.control.epoch == expecting || (defect == .unconditionalCommit && item.phase == step.to) {
        next.control = item
        next.action = next.coordinator.written(at: world.reading)
      } else {
        next.action = next.coordinator.notWritten()
      }
    case .list:
      var list = world.table
      if let early = world.earlyList { list = list.filter { item in early.contains { $0.name == item.name } } }
      if defect == .staleAcknowledgement {
        list = list.map { item in
          var item = item
          if item.acknowledged > 0 { item.acknowledged = world.control.epoch }
          return item
        }
      }
      next.action = next.coordinator.listed(list, at: world.reading)
    case .wait: next.action = next.coordinator.waited()
    case .raiseFence: next.action = next.coordinator.stop()
    case .finish: return
    }
    result.append(next)
  }

  // MARK: - The goodbye

  private func goodbyeSteps(_ world: World, _ result: inout [World]) {
    var next = world
    if let item = world.goodbye {
      // It lands, or is lost.
      next.goodbye = nil
      result.append(next)
      next.table.removeAll { $0.name == item.name && $0.nonce == item.nonce }
      result.append(next)
      return
    }
    guard world.leavesLeft > 0, world.beat == .idle else { return }
    next.leavesLeft -= 1
    if defect == .signedOffOpen {
      next.goodbye = world.table.last
      result.append(next)
      return
    }
    next.participant.close()
    guard next.participant.isIdle else { return }
    let item = next.participant.signOff(at: world.reading)
    let isCareless = defect == .signedOffUnresolved || defect == .unmanagedSignedOff
    next.goodbye = isCareless ? world.table.last : item
    result.append(next)
  }

  // MARK: - The undertaker

  private func undertakerSteps(_ world: World, _ result: inout [World]) {
    var next = world
    if let dead = world.dead {
      // It may have slept since it looked.
      next.dead = nil
      let isSame = world.table.contains { $0.name == dead.name && $0.nonce == dead.nonce }
      if isSame || defect == .removedUnconditionally { next.table.removeAll { $0.name == dead.name } }
      result.append(next)
      return
    }
    guard world.looksLeft > 0, !world.table.isEmpty else { return }
    next.looksLeft -= 1
    var now = world.now
    if defect == .deadBeforeResolved, world.looksLeft == 1 { now += 2_690_000 }
    next.dead = next.watch.see(world.table, at: ClockReading(continuous: now, wall: now)).first { !$0.unmanaged }
    result.append(next)
  }
}
