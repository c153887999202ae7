import DualTableMapping
import Glibc
import Testing

@testable import DualTableVerify

/// A verification beside a service that creates, updates and deletes, and beside a running backfill.
@Suite struct LiveTrafficTests {
  /// More by `DUALTABLE_SEEDS`.
  static let seeds = unsafe getenv("DUALTABLE_SEEDS").flatMap { unsafe UInt64(String(cString: $0)) } ?? 12

  /// Each seed draws the tables, the losses, what the service does, which answers are lost, and how everything interleaves.
  @Test func `a verify beside live traffic has no false alarms, and finds every planted loss`() throws {
    var (afterBackfill, superseded, rechecked, planted, tombstones) = (0, 0, 0, 0, 0)
    for seed in 0..<Self.seeds {
      let outcome = try LiveScene(seed: seed).run()
      let alarms = Set(outcome.findings).subtracting(outcome.planted)
      // What the backfill hadn't come to when it was asked for was missing indeed. All else is a false alarm.
      #expect(alarms.isSubset(of: outcome.notYetThere), "seed \(seed): \(alarms.subtracting(outcome.notYetThere).sorted())")
      #expect(Set(outcome.planted).isSubset(of: outcome.findings), "seed \(seed): \(Set(outcome.planted).subtracting(outcome.findings))")
      #expect(outcome.result.undecided == 0 && outcome.writes > 0, "seed \(seed)")
      if outcome.notYetThere.isEmpty { afterBackfill += 1 }
      superseded += outcome.result.superseded
      rechecked += outcome.result.rechecked
      tombstones += outcome.result.tombstones
      planted += outcome.planted.count
    }
    // The seeds reach what they are about.
    #expect(afterBackfill > 0 && superseded > 0 && tombstones > 0 && planted > 0 && rechecked > planted)
    if Self.seeds > 100 {
      let line =
        "\(Self.seeds) seeds: \(planted) planted, \(rechecked) rechecked, \(superseded) superseded, \(afterBackfill) after the backfill\n"
      unsafe _ = Array(line.utf8).withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
  }

  @Test(
    "A verify that several workers share, one of which may die, has no false alarms beside live traffic, and finds every planted loss",
    arguments: [KeptKeyMapping(), TestMapping()] as [any TableMapping])
  func shared(mapping: any TableMapping) throws {
    var (afterBackfill, superseded, planted, killed) = (0, 0, 0, 0)
    for seed in 0..<max(4, Self.seeds / 2) {
      let kills = seed % 4 == 3
      let outcome = try LiveScene(seed: seed, workers: 3, kills: kills, mapping: mapping).run()
      // Who came when the others were done began anew, so that not all saw the same run.
      for findings in [outcome.findings] + outcome.others.map(\.findings) {
        let alarms = Set(findings).subtracting(outcome.planted).subtracting(outcome.notYetThere)
        #expect(alarms.isEmpty, "seed \(seed): \(alarms.sorted())")
        #expect(Set(outcome.planted).isSubset(of: findings), "seed \(seed): \(Set(outcome.planted).subtracting(findings))")
      }
      #expect(outcome.others.count == (kills ? 1 : 2) || kills && outcome.others.count == 2, "seed \(seed)")
      #expect(outcome.result.undecided == 0 && outcome.writes > 0, "seed \(seed)")
      if outcome.notYetThere.isEmpty { afterBackfill += 1 }
      superseded += outcome.result.superseded
      planted += outcome.planted.count
      if kills { killed += 1 }
    }
    #expect(superseded > 0 && planted > 0 && killed > 0)
    if Self.seeds > 100 {
      let line = "shared, \(mapping.identity): \(planted) planted, \(superseded) superseded, \(killed) killed, \(afterBackfill) after\n"
      _ = unsafe Glibc.write(STDERR_FILENO, line, line.utf8.count)
    }
  }

  @Test func `one seed is one run`() throws {
    for seed in 3..<5 as Range<UInt64> {
      let runs = try (0..<2).map { _ in try LiveScene(seed: seed).run() }
      #expect(runs[0].findings == runs[1].findings && runs[0].result == runs[1].result && runs[0].writes == runs[1].writes, "seed \(seed)")
    }
  }
}
