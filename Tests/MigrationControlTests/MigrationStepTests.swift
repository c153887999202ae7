import MigrationControl
import Testing

@Suite("The steps of a migration")
struct MigrationStepTests {
  @Test("1→2→3→4→5, back 2→1 and 4→3, and no other", arguments: MigrationPhase.allCases, MigrationPhase.allCases)
  func steps(from: MigrationPhase, to: MigrationPhase) {
    let steps = [(1, 2), (2, 3), (3, 4), (4, 5), (2, 1), (4, 3)]
    let exists = steps.contains { $0 == from.rawValue && $1 == to.rawValue }
    #expect((MigrationStep(from: from, to: to) != nil) == exists)
  }

  @Test(
    "2→3 forbids old writes, 4→5 copies, the others nothing",
    arguments: [
      (1, 2, nil), (2, 3, .oldWrite), (3, 4, nil), (4, 5, .copy), (2, 1, nil), (4, 3, nil),
    ] as [(Int, Int, RequestKind?)])
  func forbids(from: Int, to: Int, kind: RequestKind?) throws {
    let (from, to) = (try #require(MigrationPhase(rawValue: from)), try #require(MigrationPhase(rawValue: to)))
    let step = try #require(MigrationStep(from: from, to: to))
    #expect(step.forbids == kind)
  }

  @Test(
    "Which requests a phase allows",
    arguments: [
      (.read, [1, 2, 3, 4, 5]), (.oldWrite, [1, 2]), (.newWrite, [3, 4, 5]), (.copy, [3, 4]),
    ] as [(RequestKind, [Int])])
  func allowed(kind: RequestKind, phases: [Int]) {
    #expect(MigrationPhase.allCases.filter(kind.isAllowed).map(\.rawValue) == phases)
  }

  @Test(
    "Old writes need a lease of 15 seconds, what 1 to 3 and copies do one of ten minutes, the rest none",
    arguments: [
      (.oldWrite, 1, 15), (.oldWrite, 2, 15), (.read, 1, 600), (.read, 3, 600), (.newWrite, 3, 600), (.copy, 3, 600), (.copy, 4, 600),
      (.read, 4, nil), (.newWrite, 4, nil), (.read, 5, nil), (.newWrite, 5, nil),
    ] as [(RequestKind, Int, Int?)])
  func leases(kind: RequestKind, phase: Int, seconds: Int?) throws {
    let phase = try #require(MigrationPhase(rawValue: phase))
    #expect(kind.longestLease(in: phase) == seconds.map { .seconds($0) })
  }
}
