import DualTable
import Glibc
import Testing

/// Pages of queries and scans held against a model, beside writers, a backfill and phase changes between and within pages.
@Suite struct PageSimulationTests {
  static let settings =
    PageTables.tables.flatMap { [PageSimulation.Settings(tables: $0), .init(tables: $0, isScan: true)] } + [.init(tables: .sharedIndex)]

  /// `DUALTABLE_SEEDS` runs more, `DUALTABLE_SEED` one alone.
  static let seeds = setting("DUALTABLE_SEED").map { $0...$0 } ?? 1...(setting("DUALTABLE_SEEDS") ?? 8)

  private static func setting(_ name: String) -> UInt64? { unsafe getenv(name).flatMap { UInt64(unsafe String(cString: $0)) } }

  @Test("a page of a query holds no item twice and misses none that was there all along", arguments: settings)
  func everyPageIsRight(_ settings: PageSimulation.Settings) throws {
    var pages = 0
    for seed in Self.seeds {
      let run = try PageSimulation(settings, seed: seed).run()
      #expect(run.findings.isEmpty, "seed \(seed)")
      pages += run.pages
    }
    #expect(pages > 5 * Self.seeds.count)
  }
}

extension PageSimulation.Settings: CustomTestStringConvertible {
  var testDescription: String { "\(tables.name), \(isScan ? "scan" : "query")" }
}
