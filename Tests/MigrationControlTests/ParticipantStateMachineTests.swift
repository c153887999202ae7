import MigrationControl
import Testing

private func reading(_ milliseconds: Int64) -> ClockReading { ClockReading(continuous: milliseconds, wall: milliseconds) }

@Suite("A participant")
struct ParticipantStateMachineTests {
  private var machine = ParticipantStateMachine(mapping: "m")

  private func control(_ phase: MigrationPhase, _ epoch: Int = 1, next: ControlItem.Switch? = nil) -> ControlItem {
    ControlItem(phase: phase, next: next, epoch: epoch, mapping: "m")
  }

  /// A whole beat, begun and ended at one time.
  @discardableResult
  private mutating func beat(_ control: ControlItem, at milliseconds: Int64) -> ParticipantItem {
    let write = machine.beatBegins(at: reading(milliseconds), freshName: "fresh\(milliseconds)")
    _ = machine.controlRead(control, at: reading(milliseconds))
    switch write {
    case .register(let item), .renew(let item): return item
    }
  }

  @Test("Its first beat registers under a fresh name, the next ones renew that with new nonces")
  mutating func registration() {
    #expect(machine.beatBegins(at: reading(0), freshName: "a") == .register(ParticipantItem(name: "a", nonce: 1)))
    #expect(machine.controlRead(control(.old), at: reading(1)) == .accepted)
    guard case .renew(let item) = machine.beatBegins(at: reading(5_000), freshName: "b") else {
      Issue.record("it registered again")
      return
    }
    #expect(item.name == "a" && item.nonce == 2 && item.acknowledged == 1)
  }

  @Test("Before the first beat nothing begins")
  mutating func ignorance() {
    for kind in RequestKind.allCases { #expect(machine.begin(kind, at: reading(0)) == .wait) }
    #expect(machine.phase == nil && machine.pause == ParticipantStateMachine.hurry)
  }

  @Test("A lease counts from the beginning of its beat, and ends with a correction for skew")
  mutating func lease() {
    _ = machine.beatBegins(at: reading(0), freshName: "a")
    _ = machine.controlRead(control(.dualRead), at: reading(14_000))
    #expect(machine.isCurrent(for: .oldWrite, at: reading(14_999)))
    #expect(!machine.isCurrent(for: .oldWrite, at: reading(15_000)))
    #expect(!machine.isCurrent(for: .oldWrite, at: ClockReading(continuous: 1, wall: 15_000)))
    #expect(!machine.isCurrent(for: .oldWrite, at: ClockReading(continuous: 1, wall: 1, corrections: 1)))
    #expect(machine.isCurrent(for: .read, at: reading(599_999)) && !machine.isCurrent(for: .read, at: reading(600_000)))
  }

  @Test("In 4 and 5 it goes on by the last phase it heard of, but for copies", arguments: [MigrationPhase.newWithTombstones, .new])
  mutating func cutOff(phase: MigrationPhase) {
    beat(control(phase), at: 0)
    let late = reading(100_000_000)
    guard case .begun(let write) = machine.begin(.newWrite, at: late), case .sign = machine.sign(.newWrite, of: write, at: late) else {
      Issue.record("it stopped")
      return
    }
    #expect(machine.begin(.copy, at: late) == (phase == .new ? .wrongPhase(.new) : .wait))
    #expect(machine.begin(.oldWrite, at: late) == .wrongPhase(phase), "that is over for good")
  }

  @Test(
    "Operations of another phase are refused with the phase that holds",
    arguments: [(.oldWrite, 3), (.oldWrite, 5), (.newWrite, 1), (.newWrite, 2), (.copy, 2), (.copy, 5)] as [(RequestKind, Int)])
  mutating func wrongPhase(kind: RequestKind, phase: Int) throws {
    let phase = try #require(MigrationPhase(rawValue: phase))
    beat(control(phase), at: 0)
    #expect(machine.begin(kind, at: reading(1)) == .wrongPhase(phase))
  }

  @Test("A control item of another mapping, an older one or none tells no phase")
  mutating func strangers() {
    _ = machine.beatBegins(at: reading(0), freshName: "a")
    #expect(machine.controlRead(nil, at: reading(0)) == .missing)
    _ = machine.beatBegins(at: reading(1), freshName: "a")
    #expect(machine.controlRead(ControlItem(phase: .old, epoch: 9, mapping: "n"), at: reading(1)) == .otherMapping)
    #expect(machine.phase == nil)
    beat(control(.dualRead, 5), at: 2)
    _ = machine.beatBegins(at: reading(20_000), freshName: "a")
    #expect(machine.controlRead(control(.old, 4), at: reading(20_000)) == .stale)
    #expect(machine.phase == .dualRead && !machine.isCurrent(for: .oldWrite, at: reading(20_000)))
  }

  @Test("An operation keeps its phase, and holds up the acknowledgement of the next")
  mutating func keepsPhase() throws {
    beat(control(.dualTable, 1), at: 0)
    guard case .begun(let operation) = machine.begin(.newWrite, at: reading(1)) else { return }
    beat(control(.newWithTombstones, 2), at: 1_000)
    #expect(operation.phase == .dualTable)
    guard case .sign(let attempt) = machine.sign(.copy, of: operation, at: reading(1_001)) else {
      Issue.record("the operation may not go on")
      return
    }
    #expect(beat(control(.newWithTombstones, 2), at: 2_000).acknowledged == 1)
    machine.end(operation)
    #expect(beat(control(.newWithTombstones, 2), at: 3_000).acknowledged == 1)
    machine.end(attempt: attempt.number, isResolved: true)
    #expect(machine.pause == .zero)
    #expect(beat(control(.newWithTombstones, 2), at: 4_000).acknowledged == 2)
    #expect(machine.pause == ParticipantStateMachine.refresh)
  }

  @Test("A drain lets nothing begin that it forbids, and what had begun but wasn't sent begins anew")
  mutating func drain() {
    beat(control(.dualRead, 1), at: 0)
    guard case .begun(let waiting) = machine.begin(.oldWrite, at: reading(1)),
      case .begun(let sending) = machine.begin(.oldWrite, at: reading(1)),
      case .sign(let attempt) = machine.sign(.oldWrite, of: sending, at: reading(1))
    else {
      Issue.record("nothing begins")
      return
    }
    let drain = control(.dualRead, 2, next: .init(to: .dualTable, stage: .drain))
    #expect(beat(drain, at: 100).acknowledged == 1)
    #expect(machine.pause == ParticipantStateMachine.hurry)
    #expect(machine.begin(.oldWrite, at: reading(101)) == .wait)
    #expect(machine.sign(.oldWrite, of: waiting, at: reading(101)) == .beginAnew)
    guard case .begun = machine.begin(.read, at: reading(101)) else {
      Issue.record("reads stop too")
      return
    }
    #expect(beat(drain, at: 200).acknowledged == 1, "one is in flight")
    machine.end(attempt: attempt.number, isResolved: true)
    #expect(beat(drain, at: 300).acknowledged == 2)
    beat(control(.dualTable, 3), at: 400)
    #expect(machine.begin(.oldWrite, at: reading(401)) == .wrongPhase(.dualTable))
    #expect(machine.sign(.oldWrite, of: waiting, at: reading(401)) == .beginAnew)
  }

  @Test(
    "An attempt given up on holds up the drain until it is resolved, unless the switch accepts it or a fence keeps it out",
    arguments: [(false, false), (true, false), (false, true)])
  mutating func unresolved(accepts: Bool, fenced: Bool) {
    beat(control(.dualRead, 1), at: 0)
    guard case .begun(let operation) = machine.begin(.oldWrite, at: reading(1)),
      case .sign(let attempt) = machine.sign(.oldWrite, of: operation, at: reading(1))
    else {
      Issue.record("nothing begins")
      return
    }
    machine.end(attempt: attempt.number, isResolved: false)
    machine.end(operation)
    let drain = control(
      .dualRead, 2, next: .init(to: .dualTable, stage: .drain, acceptUnresolved: accepts, fenced: fenced))
    beat(drain, at: 100)
    let item = beat(drain, at: 200)
    #expect(item.unresolvedUntil == 1_800_001)
    #expect(item.acknowledged == (accepts || fenced ? 2 : 1))
    #expect(beat(drain, at: 1_800_200).acknowledged == 2)
  }

  @Test("A write to OLD by another client begins only once a beat has written that there are some, under each registration")
  mutating func unmanagedIsTold() {
    beat(control(.dualRead, 1), at: 0)
    #expect(machine.begin(.oldWrite, isUnmanaged: true, at: reading(1)) == .wait)
    #expect(machine.pause == .zero)
    let write = machine.beatBegins(at: reading(2), freshName: "")
    guard case .renew(let item) = write else { return }
    #expect(item.unmanaged)
    #expect(machine.begin(.oldWrite, isUnmanaged: true, at: reading(3)) == .wait, "nobody knows yet whether it was written")
    machine.beatFailed(isGone: true)
    guard case .register(let item) = machine.beatBegins(at: reading(4), freshName: "second") else { return }
    #expect(item.unmanaged)
    _ = machine.controlRead(control(.dualRead, 1), at: reading(5))
    guard case .begun = machine.begin(.oldWrite, isUnmanaged: true, at: reading(6)) else {
      Issue.record("it doesn't begin")
      return
    }
  }

  @Test("A beat that failed is tried again after a second, and an item that is gone lets nothing begin")
  mutating func failedBeats() {
    beat(control(.dualTable, 1), at: 0)
    beat(control(.dualTable, 1), at: 20)
    #expect(machine.pause == .seconds(5))
    _ = machine.beatBegins(at: reading(5_000), freshName: "")
    machine.beatFailed(isGone: false)
    #expect(machine.pause == .seconds(1))
    guard case .begun(let operation) = machine.begin(.newWrite, at: reading(5_001)) else { return }
    _ = machine.beatBegins(at: reading(6_000), freshName: "")
    machine.beatFailed(isGone: true)
    #expect(machine.begin(.newWrite, at: reading(6_001)) == .wait)
    #expect(machine.sign(.newWrite, of: operation, at: reading(6_001)) == .phaseUnknown)
  }

  @Test("Closed it lets nothing begin, what is under way goes on, and it signs off when nothing may land any more")
  mutating func signsOff() {
    beat(control(.dualRead, 1), at: 0)
    guard case .begun(let operation) = machine.begin(.oldWrite, at: reading(1)) else { return }
    machine.close()
    #expect(machine.begin(.read, at: reading(2)) == .closed && machine.signOff(at: reading(2)) == nil)
    guard case .sign(let attempt) = machine.sign(.oldWrite, of: operation, at: reading(2)) else {
      Issue.record("what is under way stopped")
      return
    }
    machine.end(operation)
    #expect(!machine.isIdle && machine.signOff(at: reading(3)) == nil)
    machine.end(attempt: attempt.number, isResolved: false)
    #expect(machine.isIdle && machine.signOff(at: reading(4)) == nil && machine.isRegistered)
    let late = beat(control(.dualRead, 1), at: 1_800_003)
    #expect(machine.signOff(at: reading(1_800_003)) == late && !machine.isRegistered)
    #expect(machine.sign(.oldWrite, of: operation, at: reading(1_800_004)) == .phaseUnknown)
    machine.open()
    #expect(machine.begin(.read, at: reading(1_800_005)) == .wait)
    guard case .register = machine.beatBegins(at: reading(1_800_006), freshName: "again") else {
      Issue.record("it renews what it has removed")
      return
    }
  }

  @Test("Who wrote to OLD by a client of its own acknowledges no drain but a forgiving one", arguments: [false, true])
  mutating func unmanaged(accepts: Bool) {
    beat(control(.dualRead, 1), at: 0)
    _ = machine.begin(.oldWrite, isUnmanaged: true, at: reading(0))
    beat(control(.dualRead, 1), at: 0)
    guard case .begun(let operation) = machine.begin(.oldWrite, isUnmanaged: true, at: reading(1)) else { return }
    let drain = control(.dualRead, 2, next: .init(to: .dualTable, stage: .drain, acceptUnresolved: accepts))
    beat(drain, at: 100)
    #expect(beat(drain, at: 200).acknowledged == 1, "it is under way")
    machine.end(operation)
    let item = beat(drain, at: 300)
    #expect(item.unmanaged && item.acknowledged == (accepts ? 2 : 1))
  }

  @Test("Registering anew voids what was known and ends older operations")
  mutating func registersAnew() {
    beat(control(.dualRead, 1), at: 0)
    guard case .begun(let operation) = machine.begin(.oldWrite, at: reading(1)) else { return }
    _ = machine.beatBegins(at: reading(5_000), freshName: "unused")
    machine.beatFailed(isGone: true)
    guard case .register(let item) = machine.beatBegins(at: reading(5_001), freshName: "second") else {
      Issue.record("it renews what is gone")
      return
    }
    #expect(item.name == "second" && item.acknowledged == 0)
    #expect(machine.phase == nil && machine.begin(.read, at: reading(5_002)) == .wait)
    _ = machine.controlRead(control(.dualRead, 1), at: reading(5_003))
    #expect(machine.sign(.oldWrite, of: operation, at: reading(5_004)) == .phaseUnknown)
  }

  @Test("A drain that stands for five seconds is withdrawn, a new one is given its time")
  mutating func abandonedDrain() {
    beat(control(.dualRead, 1), at: 0)
    let drain = control(.dualRead, 2, next: .init(to: .dualTable, stage: .drain))
    beat(drain, at: 1_000)
    _ = machine.beatBegins(at: reading(5_999), freshName: "")
    #expect(machine.controlRead(drain, at: reading(5_999)) == .accepted)
    _ = machine.beatBegins(at: reading(6_000), freshName: "")
    #expect(machine.controlRead(drain, at: reading(6_000)) == .withdraw(drain))
    let next = control(.dualRead, 4, next: .init(to: .dualTable, stage: .drain))
    _ = machine.beatBegins(at: reading(6_100), freshName: "")
    #expect(machine.controlRead(next, at: reading(6_100)) == .accepted)
  }

  @Test("It tells how often and when it last fell back")
  mutating func fallbacks() {
    beat(control(.dualTable), at: 0)
    machine.fellBack(at: reading(7))
    machine.fellBack(at: reading(9))
    let item = beat(control(.dualTable), at: 10)
    #expect(item.fallbacks == 2 && item.lastFallback == 9)
  }
}
