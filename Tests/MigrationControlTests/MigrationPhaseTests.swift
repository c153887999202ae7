import MigrationControl
import Testing

@Suite("The phases of a migration")
struct MigrationPhaseTests {
  @Test(
    "Each has its number and its name",
    arguments: [
      (1, "old"), (2, "dualRead"), (3, "dualTable"), (4, "newWithTombstones"), (5, "new"),
    ])
  func names(number: Int, name: String) throws {
    let phase = try #require(MigrationPhase(rawValue: number))
    #expect(phase.description == name)
    #expect(MigrationPhase(name: name) == phase)
  }

  @Test("Other names and numbers are none", arguments: ["", "Old", "3", "dualtable", "new "])
  func strangers(name: String) {
    #expect(MigrationPhase(name: name) == nil)
    #expect(MigrationPhase(rawValue: 0) == nil && MigrationPhase(rawValue: 6) == nil)
  }

  @Test("They are ordered by their steps")
  func order() {
    #expect(MigrationPhase.allCases.sorted() == MigrationPhase.allCases)
    #expect(MigrationPhase.old < .dualRead && .dualTable < MigrationPhase.newWithTombstones)
  }
}
