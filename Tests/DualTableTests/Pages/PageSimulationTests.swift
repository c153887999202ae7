import DualTable
import Glibc
import Testing

/// Pages of queries and scans held against a model, beside writers, a backfill and phase changes between and within pages.
@Suite struct PageSimulationTests {
  static let settings =
    PageTables.tables.flatMap { [PageSimulation.Settings(tables: $0), .init(tables: $0, isScan: true)] } + [.init(tables: .sharedIndex)]

  /// `DUALTABLE_SEEDS` runs more.
  static let seeds: UInt64 = unsafe getenv("DUALTABLE_SEEDS").flatMap { UInt64(unsafe String(cString: $0)) } ?? 8

  @Test("a page of a query holds no item twice and misses none that was there all along", arguments: settings)
  func everyPageIsRight(_ settings: PageSimulation.Settings) throws {
    var pages = 0
    for seed in 1...Self.seeds {
      let run = try PageSimulation(settings, seed: seed).run()
      #expect(run.findings.isEmpty, "seed \(seed)")
      pages += run.pages
    }
    #expect(pages > 5 * Int(Self.seeds))
  }
}

extension PageSimulation.Settings: CustomTestStringConvertible {
  var testDescription: String { "\(tables.name), \(isScan ? "scan" : "query")" }
}
