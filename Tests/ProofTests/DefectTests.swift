import Foundation
import MigrationControl
import Testing

/// The net must hold: each rule of the protocol that is broken on purpose is found.
///
/// Each run begins with a seed that is known to show the defect; those that have none, because it takes many, are left to a search.
/// `DUALTABLE_SEEDS=N` searches N seeds from 1 on for every defect, and so tells how many it takes; `DUALTABLE_DEFECT=name` for one alone.
@Suite("Seeded defects") struct DefectTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let isSearch = environment["DUALTABLE_SEEDS"] != nil || environment["DUALTABLE_SEED"] != nil
  static let chosen = Defect.allCases.filter { defect in
    environment["DUALTABLE_DEFECT"].map { $0 == defect.rawValue } ?? (isSearch || defect.knownSeed != nil)
  }

  @Test("Each one is caught", arguments: chosen) func caught(_ defect: Defect) {
    let first = defect.knownSeed ?? 1
    let seeds = Self.isSearch ? Sweep.seeds(1) : first...(first + 100)
    let sweep = Sweep(seeds) { defect.scene($0) }
    guard let (seed, report) = sweep.failure else {
      Issue.record("\(defect) (\(defect.origin)) was not caught by \(sweep.ran) seeds")
      return
    }
    let line = "defect \(defect) (\(defect.origin)): seed \(seed): \(report.prefix { $0 != "\n" })\n"
    FileHandle.standardOutput.write(Data(line.utf8))
  }
}
