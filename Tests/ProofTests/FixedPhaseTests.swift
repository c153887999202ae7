import DualTableRehearsal
import MigrationControl
import Testing

@Suite("A service in one fixed phase") struct FixedPhaseTests {
  @Test("Each key is one register, and no item of OLD is lost", arguments: [MigrationPhase.dualTable, .newWithTombstones, .new])
  func registers(_ phase: MigrationPhase) throws {
    let sweep = Sweep(Sweep.seeds(700)) { FixedPhaseScene(seed: $0, phase: phase) }
    if let (seed, report) = sweep.failure { Issue.record("seed \(seed) in phase \(phase):\n\(report)") }
  }
}

@Suite("The proof itself") struct ReplayTests {
  @Test("One seed is one run") func replay() throws {
    for seed in Sweep.seeds(20) {
      let first = try FixedPhaseScene(seed: seed, phase: .dualTable).run()
      let second = try FixedPhaseScene(seed: seed, phase: .dualTable).run()
      #expect(first.history.lines == second.history.lines, "seed \(seed)")
    }
  }
}
