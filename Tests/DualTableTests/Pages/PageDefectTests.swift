import DualTable
import Glibc
import Testing

/// The net must hold: each of the ways in which published attempts got merged reads wrong is found.
@Suite struct PageDefectTests {
  struct Seeded: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let defect: ReadDefects
    let tables: PageTables
    var isScan = false
  }

  static let defects = [
    Seeded(testDescription: "filter before shadowing", defect: .filterBeforeShadowing, tables: .rekeyed),
    Seeded(testDescription: "NEW's stream not reopened", defect: .newStreamNotReopened, tables: .sameKey),
    Seeded(testDescription: "tombstone out", defect: .tombstoneOut, tables: .sameKey),
    Seeded(testDescription: "query's cursor past an OLD item", defect: .oldItemNotWhole, tables: .fanOutInOrder),
    Seeded(testDescription: "scan's cursor past an OLD item", defect: .oldItemNotWhole, tables: .fanOut, isScan: true),
    Seeded(testDescription: "base-key ties in an index", defect: .indexTies, tables: .sharedIndex),
    Seeded(testDescription: "index lag", defect: .indexLag, tables: .sharedIndex),
  ]

  static let most: UInt64 = 200

  @Test("query, scan: every defect of the literature on such migrations is caught", arguments: defects)
  func everyDefectIsCaught(_ seeded: Seeded) throws {
    let settings = PageSimulation.Settings(tables: seeded.tables, isScan: seeded.isScan, defects: seeded.defect)
    for seed in 1...Self.most {
      guard let run = try? PageSimulation(settings, seed: seed).run(), run.findings.isEmpty else {
        // For whoever reads the run: how many seeds it took.
        let line = "\(seeded.testDescription): \(seed) of \(Self.most) seeds\n"
        _ = write(2, line, line.utf8.count)
        return
      }
    }
    Issue.record("\(Self.most) seeds did not show it")
  }

  @Test func oneSeedIsOneRun() throws {
    for seed in UInt64(1)...3 {
      let settings = PageSimulation.Settings(tables: .rekeyed, defects: .tombstoneOut)
      let (first, second) = (try PageSimulation(settings, seed: seed).run(), try PageSimulation(settings, seed: seed).run())
      #expect(first.findings == second.findings && first.pages == second.pages, "seed \(seed)")
    }
  }
}
