import MigrationControl
import Testing

@Suite("A switch of phase")
struct SwitchStateMachineTests {
  private typealias Action = SwitchStateMachine.Action

  private func reading(_ milliseconds: Int64) -> ClockReading { ClockReading(continuous: milliseconds, wall: milliseconds) }

  private func machine(_ target: MigrationPhase, acceptUnresolved: Bool = false, fences: Bool = false, tries: Int = 2)
    -> SwitchStateMachine
  {
    SwitchStateMachine(to: target, acceptUnresolved: acceptUnresolved, fences: fences, patience: .seconds(20), tries: tries)
  }

  /// `machine` once its switch from `phase` is announced, with epoch 2.
  private func announced(_ machine: SwitchStateMachine, from phase: MigrationPhase) -> SwitchStateMachine {
    var machine = machine
    _ = machine.start()
    _ = machine.controlRead(item(phase, 1), at: reading(0))
    _ = machine.written(at: reading(0))
    return machine
  }

  private func item(_ phase: MigrationPhase, _ epoch: Int, _ next: ControlItem.Switch? = nil) -> ControlItem {
    ControlItem(phase: phase, next: next, epoch: epoch, mapping: "m")
  }

  private func acknowledged(_ epoch: Int, unresolvedUntil: Int64? = nil) -> ParticipantItem {
    ParticipantItem(name: "a", nonce: 1, acknowledged: epoch, unresolvedUntil: unresolvedUntil)
  }

  @Test("2→3 is announced, drained once all have acknowledged 2, and committed once all have acknowledged the drain")
  func drained() {
    var machine = machine(.dualTable)
    let prepare = item(.dualRead, 8, .init(to: .dualTable, stage: .prepare))
    let drain = item(.dualRead, 9, .init(to: .dualTable, stage: .drain))
    #expect(machine.start() == .readControl)
    #expect(machine.controlRead(item(.dualRead, 7), at: reading(0)) == .write(prepare, expecting: 7))
    #expect(machine.written(at: reading(1)) == .wait(SwitchStateMachine.patientLook))
    #expect(machine.waited() == .list)
    #expect(machine.listed([acknowledged(7)], at: reading(100)) == .wait(SwitchStateMachine.patientLook))
    #expect(machine.waited() == .list)
    #expect(machine.listed([acknowledged(8)], at: reading(200)) == .write(drain, expecting: 8))
    #expect(machine.written(at: reading(201)) == .wait(SwitchStateMachine.look))
    #expect(machine.waited() == .list)
    #expect(machine.listed([acknowledged(8)], at: reading(300)) == .wait(SwitchStateMachine.look))
    #expect(machine.waited() == .list)
    #expect(machine.listed([acknowledged(9)], at: reading(400)) == .write(item(.dualTable, 10), expecting: 9))
    #expect(machine.written(at: reading(401)) == .finish(.done(item(.dualTable, 10))))
  }

  @Test("Steps that forbid nothing need no drain", arguments: [(1, 2), (3, 4), (2, 1), (4, 3)])
  func undrained(from: Int, to: Int) throws {
    let (from, to) = (try #require(MigrationPhase(rawValue: from)), try #require(MigrationPhase(rawValue: to)))
    var machine = machine(to)
    _ = machine.start()
    #expect(machine.controlRead(item(from, 1), at: reading(0)) == .write(item(from, 2, .init(to: to, stage: .prepare)), expecting: 1))
    _ = machine.written(at: reading(0))
    #expect(machine.listed([acknowledged(2)], at: reading(1)) == .write(item(to, 3), expecting: 2))
  }

  @Test("Without participants a switch goes through at once")
  func alone() {
    var machine = announced(machine(.dualRead), from: .old)
    #expect(machine.listed([], at: reading(1)) == .write(item(.dualRead, 3), expecting: 2))
  }

  @Test("A drain that not all acknowledge within two seconds is withdrawn, tried again, and then given up with the names")
  func withdrawn() {
    var machine = machine(.dualTable)
    _ = machine.start()
    var epoch = 1
    var now: Int64 = 0
    for isLast in [false, true] {
      _ = machine.controlRead(item(.dualRead, epoch), at: reading(now))
      _ = machine.written(at: reading(now))
      _ = machine.listed([acknowledged(epoch + 1)], at: reading(now))
      _ = machine.written(at: reading(now))
      let missing = acknowledged(epoch + 1)
      #expect(machine.listed([missing], at: reading(now + 1_999)) == .wait(SwitchStateMachine.look))
      #expect(machine.listed([missing], at: reading(now + 2_000)) == .write(item(.dualRead, epoch + 3), expecting: epoch + 2))
      now += 3_000
      epoch += 3
      if isLast {
        #expect(machine.written(at: reading(now)) == .finish(.unacknowledged([missing])))
      } else {
        #expect(machine.written(at: reading(now)) == .wait(SwitchStateMachine.patientLook))
        #expect(machine.waited() == .readControl)
      }
    }
  }

  @Test(
    "Attempts given up on hold up the drain, unless they are accepted or fenced off",
    arguments: [(false, false), (true, false), (false, true)])
  func unresolved(accepts: Bool, fenced: Bool) {
    var machine = announced(machine(.dualTable, acceptUnresolved: accepts, fences: fenced), from: .dualRead)
    let participant = acknowledged(2, unresolvedUntil: 1_000_000)
    var action = machine.listed([participant], at: reading(10))
    if fenced {
      #expect(action == .raiseFence)
      #expect(machine.fenceHolds(at: reading(60_000)) == .list)
      action = machine.listed([participant], at: reading(60_001))
    }
    if accepts || fenced {
      let drain = ControlItem.Switch(to: .dualTable, stage: .drain, acceptUnresolved: accepts, fenced: fenced)
      #expect(action == .write(item(.dualRead, 3, drain), expecting: 2))
    } else {
      #expect(action == .wait(SwitchStateMachine.patientLook))
      #expect(machine.listed([participant], at: reading(20_000)) == .write(item(.dualRead, 3), expecting: 2))
      #expect(machine.written(at: reading(20_000)) == .finish(.unacknowledged([participant])))
    }
  }

  @Test("Fence first: it is put up only once all have acknowledged the phase that holds, and those who came meanwhile are waited for")
  func fenced() {
    var machine = announced(machine(.dualTable, fences: true), from: .dualRead)
    #expect(machine.listed([acknowledged(1)], at: reading(10)) == .wait(SwitchStateMachine.patientLook))
    #expect(machine.listed([acknowledged(2)], at: reading(20)) == .raiseFence)
    #expect(machine.fenceHolds(at: reading(60_000)) == .list)
    #expect(machine.listed([acknowledged(2), acknowledged(0)], at: reading(60_001)) == .wait(SwitchStateMachine.patientLook))
    let drain = ControlItem.Switch(to: .dualTable, stage: .drain, fenced: true)
    #expect(machine.listed([acknowledged(2)], at: reading(60_500)) == .write(item(.dualRead, 3, drain), expecting: 2))
    _ = machine.written(at: reading(60_501))
    // Withdrawn and tried again, it asks for no second one.
    #expect(machine.listed([acknowledged(2)], at: reading(63_000)) == .write(item(.dualRead, 4), expecting: 3))
    _ = machine.written(at: reading(63_001))
    _ = machine.controlRead(item(.dualRead, 4), at: reading(63_500))
    _ = machine.written(at: reading(63_501))
    #expect(machine.listed([acknowledged(5)], at: reading(64_000)) == .write(item(.dualRead, 6, drain), expecting: 5))
  }

  @Test("A fence that can't be had withdraws what was announced; only OLD's freeze asks for one")
  func notFenced() {
    var machine = announced(machine(.dualTable, fences: true), from: .dualRead)
    #expect(machine.listed([], at: reading(10)) == .raiseFence)
    #expect(machine.stop() == .write(item(.dualRead, 3), expecting: 2))
    #expect(machine.written(at: reading(20)) == .finish(.stopped))

    var other = announced(self.machine(.new, fences: true), from: .newWithTombstones)
    let drain = ControlItem.Switch(to: .new, stage: .drain)
    #expect(other.listed([], at: reading(10)) == .write(item(.newWithTombstones, 3, drain), expecting: 2))
  }

  @Test(
    "What can't be is said",
    arguments: [
      (nil, .dualTable, .notInitialized), (3, .dualTable, .done(ControlItem(phase: .dualTable, epoch: 1, mapping: "m"))),
      (3, .dualRead, .noSuchStep(from: .dualTable)), (1, .dualTable, .noSuchStep(from: .old)),
      (5, .newWithTombstones, .noSuchStep(from: .new)),
    ] as [(Int?, MigrationPhase, SwitchStateMachine.Outcome)])
  func refused(phase: Int?, target: MigrationPhase, outcome: SwitchStateMachine.Outcome) throws {
    var machine = machine(target)
    _ = machine.start()
    let control = phase.flatMap(MigrationPhase.init(rawValue:)).map { item($0, 1) }
    #expect(machine.controlRead(control, at: reading(0)) == .finish(outcome))
  }

  @Test("Another coordinator's switch is left alone, and taken over once it stood still for ten seconds")
  func abandoned() {
    var machine = machine(.dualTable)
    _ = machine.start()
    let foreign = item(.dualRead, 4, .init(to: .dualTable, stage: .prepare))
    #expect(machine.controlRead(foreign, at: reading(0)) == .wait(SwitchStateMachine.patientLook))
    #expect(machine.waited() == .readControl)
    #expect(machine.controlRead(foreign, at: reading(9_999)) == .wait(SwitchStateMachine.patientLook))
    let taken = item(.dualRead, 5, .init(to: .dualTable, stage: .prepare))
    #expect(machine.controlRead(foreign, at: reading(10_000)) == .write(taken, expecting: 4))
  }

  @Test("A write whose answer was lost is found in the control item")
  func lostAnswers() {
    var machine = machine(.dualTable)
    _ = machine.start()
    let prepare = item(.dualRead, 2, .init(to: .dualTable, stage: .prepare))
    let drain = item(.dualRead, 3, .init(to: .dualTable, stage: .drain))
    _ = machine.controlRead(item(.dualRead, 1), at: reading(0))
    #expect(machine.notWritten() == .readControl)
    #expect(machine.controlRead(prepare, at: reading(1)) == .wait(SwitchStateMachine.patientLook))
    _ = machine.listed([acknowledged(2)], at: reading(2))
    #expect(machine.notWritten() == .readControl)
    #expect(machine.controlRead(drain, at: reading(3)) == .wait(SwitchStateMachine.look))
    #expect(machine.listed([acknowledged(3)], at: reading(4)) == .write(item(.dualTable, 4), expecting: 3))
    #expect(machine.notWritten() == .readControl)
    #expect(machine.controlRead(item(.dualTable, 4), at: reading(5)) == .finish(.done(item(.dualTable, 4))))
  }

  @Test(
    "The dead: one that writes to OLD by other clients never counts as dead by time before 3, but for a fence or --accept-unresolved",
    arguments: [
      (1, 2, false, .harmless), (2, 1, false, .harmless), (2, 3, false, .mayWake), (2, 3, true, .dead), (3, 4, false, .dead),
      (4, 5, false, .dead),
    ] as [(Int, Int, Bool, SwitchStateMachine.Silence)])
  func unmanaged(from: Int, to: Int, isForgiving: Bool, verdict: SwitchStateMachine.Silence) throws {
    let (from, to) = (try #require(MigrationPhase(rawValue: from)), try #require(MigrationPhase(rawValue: to)))
    for isFence in [false, true] {
      var machine = announced(machine(to, acceptUnresolved: isForgiving && !isFence, fences: isForgiving && isFence), from: from)
      let silent = ParticipantItem(name: "a", nonce: 1, unmanaged: true)
      if isForgiving && isFence {
        // Not before it stands: where it can't be had, the next switch must still know of this one.
        #expect(machine.judge(silent: silent) == .harmless)
        #expect(machine.listed([], at: reading(0)) == .raiseFence)
        _ = machine.fenceHolds(at: reading(1))
      }
      #expect(machine.judge(silent: silent) == verdict)
      #expect(machine.judge(silent: ParticipantItem(name: "a", nonce: 1)) == .dead)
    }
  }

  @Test("Fifty lost races end it")
  func contention() {
    var machine = machine(.dualRead)
    var action = machine.start()
    for epoch in 1...50 {
      _ = machine.controlRead(item(.old, epoch), at: reading(0))
      action = machine.notWritten()
    }
    #expect(action == .finish(.contention))
  }

  @Test("Asked to stop, it withdraws what it announced, and says who was missing until then", arguments: [false, true])
  func stopped(isDraining: Bool) {
    var machine = machine(.dualTable)
    _ = machine.start()
    _ = machine.controlRead(item(.dualRead, 7), at: reading(0))
    _ = machine.written(at: reading(1))
    var epoch = 8
    if isDraining {
      _ = machine.listed([acknowledged(8)], at: reading(100))
      _ = machine.written(at: reading(101))
      epoch = 9
    }
    _ = machine.listed([acknowledged(7)], at: reading(200))
    #expect(machine.missing == [acknowledged(7)] && machine.stage == (isDraining ? .drain : .prepare))
    #expect(machine.stop() == .write(item(.dualRead, epoch + 1), expecting: epoch))
    var other = machine
    #expect(machine.written(at: reading(300)) == .finish(.stopped))
    // Whoever was first, or may have been: nothing of ours stands any more, or the participants see to it.
    #expect(other.notWritten() == .finish(.stopped))
  }

  @Test("Asked to stop before anything was announced, it just ends")
  func stoppedEarly() {
    var machine = machine(.dualTable)
    _ = machine.start()
    _ = machine.controlRead(item(.dualRead, 7, .init(to: .dualTable, stage: .prepare)), at: reading(0))
    #expect(machine.stop() == .finish(.stopped))
  }

  @Test("With 3→4 a mended mapping's digest goes into the control item, at the commit and not before")
  func mendedMapping() {
    var machine = SwitchStateMachine(to: .newWithTombstones, patience: .seconds(1), mapping: "mended")
    _ = machine.start()
    let prepare = item(.dualTable, 2, .init(to: .newWithTombstones, stage: .prepare))
    #expect(machine.controlRead(item(.dualTable, 1), at: reading(0)) == .write(prepare, expecting: 1))
    _ = machine.written(at: reading(0))
    let committed = ControlItem(phase: .newWithTombstones, epoch: 3, mapping: "mended")
    #expect(machine.listed([], at: reading(1)) == .write(committed, expecting: 2))
  }
}
