import Testing

@Suite("A service under a control table") struct MigrationTests {
  @Test("Through the switch to phase 3 each key is one register") func registersThroughTheSwitch() {
    let sweep = Sweep(Sweep.seeds(16)) { MigrationScene(seed: $0, isShort: true) }
    if let (seed, report) = sweep.failure { Issue.record("seed \(seed):\n\(report)") }
  }

  @Test("Through all phases each key is one register, and no item of OLD is lost") func registersThroughAllPhases() {
    let sweep = Sweep(Sweep.seeds(5)) { MigrationScene(seed: $0, isShort: false) }
    if let (seed, report) = sweep.failure { Issue.record("seed \(seed):\n\(report)") }
  }

  @Test("Of two replacements about the switch to phase 3 one is made") func handover() {
    let sweep = Sweep(Sweep.seeds(16)) { HandoverScene(seed: $0) }
    if let (seed, report) = sweep.failure { Issue.record("seed \(seed):\n\(report)") }
  }

  @Test("Nothing of phase 3 is left when phase 5 begins") func endgame() {
    let sweep = Sweep(Sweep.seeds(6)) { EndgameScene(seed: $0) }
    if let (seed, report) = sweep.failure { Issue.record("seed \(seed):\n\(report)") }
  }
}
