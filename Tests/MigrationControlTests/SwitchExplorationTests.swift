import Glibc
import MigrationControl
import Testing

@Suite("How a fleet changes phase: every order of steps")
struct SwitchExplorationTests {
  static let drained: [(from: MigrationPhase, to: MigrationPhase, kind: RequestKind)] = [
    (.dualRead, .dualTable, .oldWrite), (.newWithTombstones, .new, .copy),
  ]

  /// How far to go: `DUALTABLE_EXPLORE=beats,operations,jumps` goes farther than the tests have time for, as `3,1,2`, which takes millions
  /// of states.
  static let bounds: SwitchExplorer.Bounds = {
    let text = getenv("DUALTABLE_EXPLORE").map { String(cString: $0) } ?? ""
    let parts = text.split(separator: ",").compactMap { Int($0) }
    return parts.count == 3 ? SwitchExplorer.Bounds(parts[0], parts[1], parts[2]) : SwitchExplorer.Bounds(2, 1, 1)
  }()

  @Test("What a phase forbids doesn't land once it is committed", arguments: drained)
  func safety(drained: (from: MigrationPhase, to: MigrationPhase, kind: RequestKind)) throws {
    let step = try #require(MigrationStep(from: drained.from, to: drained.to))
    let (states, isViolated) = SwitchExplorer(step, forbidding: drained.kind).explore(Self.bounds)
    #expect(!isViolated, "after \(states) states")
    #expect(states > 50_000, "the exploration ended early")
  }

  @Test(
    "Nor does it where requests are sent again, participants sign off, and some write to OLD by other clients",
    arguments: [
      SwitchExplorer.Bounds(1, 1, 1, resends: 1), .init(1, 1, 1, leaves: 1), .init(2, 1, 0, leaves: 1),
      .init(2, 0, 1, unmanaged: 1),
      .init(3, 0, 0, leaves: 1, unmanaged: 1),
    ])
  func comingsAndGoings(bounds: SwitchExplorer.Bounds) throws {
    let step = try #require(MigrationStep(from: .dualRead, to: .dualTable))
    let (states, isViolated) = SwitchExplorer(step, forbidding: .oldWrite).explore(bounds)
    #expect(!isViolated && states > 500, "after \(states) states")
  }

  @Test("Each broken rule shows", arguments: SwitchExplorer.Defect.allCases)
  func defects(defect: SwitchExplorer.Defect) throws {
    let step = try #require(MigrationStep(from: .dualRead, to: .dualTable))
    let (states, isViolated) = SwitchExplorer(step, forbidding: .oldWrite, defect).explore(defect.bounds)
    #expect(isViolated, "\(states) states, and nothing was lost")
  }
}
