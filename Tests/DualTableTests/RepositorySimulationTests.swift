import DualTable
import MigrationControl
import Testing

/// Seeded runs of a service beside a backfill, with lost answers and late writes, each step held against a register.
@Suite struct RepositorySimulationTests {
  static let settings = [MigrationPhase.dualTable, .newWithTombstones, .new].flatMap { phase in
    [true, false].flatMap { speaks in
      [true, false].map { Simulation.Settings(phase: phase, refusalsCarryItems: speaks, retryUnknownWrites: $0) }
    }
  }

  @Test(arguments: settings) func everyValueSeenIsRight(_ settings: Simulation.Settings) async throws {
    for seed in UInt64(1)...40 {
      let (findings, steps) = try await Simulation(settings, seed: seed).run()
      #expect(findings.isEmpty, "seed \(seed)")
      #expect(steps > 0, "seed \(seed)")
    }
  }

  /// The net must hold: each way to get it wrong is found.
  @Test(arguments: Simulation.Defect.allCases) func everyDefectIsCaught(_ defect: Simulation.Defect) async throws {
    for seed in UInt64(1)...400 {
      if try await !Simulation(.init(phase: .dualTable, defect: defect), seed: seed).run().findings.isEmpty { return }
    }
    Issue.record("400 seeds did not show it")
  }

  @Test func oneSeedIsOneRun() async throws {
    for seed in UInt64(1)...10 {
      let settings = Simulation.Settings(phase: .dualTable, defect: .deleteWithoutTombstone)
      let first = try await Simulation(settings, seed: seed).run()
      let second = try await Simulation(settings, seed: seed).run()
      #expect(first.findings == second.findings, "seed \(seed)")
      #expect(first.steps == second.steps, "seed \(seed)")
    }
  }
}
