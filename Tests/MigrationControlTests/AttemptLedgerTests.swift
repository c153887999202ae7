import MigrationControl
import Testing

@Suite("Attempts that may still land")
struct AttemptLedgerTests {
  private func reading(_ seconds: Int64) -> ClockReading { ClockReading(continuous: seconds * 1_000, wall: seconds * 1_000) }

  @Test("An attempt is in flight until it ends, unresolved if its answer tells nothing, and forgotten after thirty minutes")
  func life() {
    var ledger = AttemptLedger()
    let attempt = ledger.sign(.oldWrite, phase: .dualRead, at: reading(0))
    #expect(ledger.holds(unresolvedToo: false) { $0.kind == .oldWrite })
    #expect(ledger.unresolvedUntil == nil)
    ledger.end(attempt.number, isResolved: false)
    #expect(!ledger.holds(unresolvedToo: false) { _ in true })
    #expect(ledger.holds(unresolvedToo: true) { $0.phase == .dualRead })
    #expect(ledger.unresolvedUntil == 1_800_000)
    ledger.expire(at: reading(1_799))
    #expect(ledger.holds(unresolvedToo: true) { _ in true })
    ledger.expire(at: reading(1_800))
    #expect(
      ledger
        == {
          var fresh = AttemptLedger(); _ = fresh.sign(.read, phase: .old, at: reading(0)); return fresh
        }())
  }

  @Test("One that is in flight is never forgotten, and one that was answered at once")
  func resolved() {
    var ledger = AttemptLedger()
    let first = ledger.sign(.newWrite, phase: .dualTable, at: reading(0))
    let second = ledger.sign(.copy, phase: .dualTable, at: reading(1))
    ledger.expire(at: reading(100_000))
    ledger.end(second.number, isResolved: true)
    #expect(ledger.holds(unresolvedToo: false) { $0.number == first.number })
    #expect(!ledger.holds(unresolvedToo: true) { $0.kind == .copy })
  }

  @Test("A machine that was suspended forgets by the clock that stood still")
  func suspended() {
    var ledger = AttemptLedger()
    ledger.end(ledger.sign(.oldWrite, phase: .old, at: reading(0)).number, isResolved: false)
    ledger.expire(at: ClockReading(continuous: 1_000, wall: 7_200_000))
    #expect(ledger.holds(unresolvedToo: true) { _ in true })
  }

  @Test("An outage's attempts are kept as the last of their kind, by the clock that says more")
  func outage() {
    var ledger = AttemptLedger()
    for second in 0..<100_000 as Range<Int64> {
      ledger.end(ledger.sign(.oldWrite, phase: .dualRead, at: reading(second / 100)).number, isResolved: false)
    }
    ledger.end(
      ledger.sign(.oldWrite, phase: .dualRead, at: ClockReading(continuous: 5_000_000, wall: 1_000)).number, isResolved: false)
    #expect(ledger.unresolvedUntil == 2_799_000)
    ledger.expire(at: reading(6_799))
    #expect(!ledger.isEmpty && ledger.isIdle)
    ledger.expire(at: reading(6_800))
    #expect(ledger.isEmpty)
  }

  @Test("Reads hold up nothing")
  func reads() {
    var ledger = AttemptLedger()
    _ = ledger.sign(.read, phase: .old, at: reading(0))
    #expect(!ledger.holds(unresolvedToo: true) { _ in true })
  }
}
