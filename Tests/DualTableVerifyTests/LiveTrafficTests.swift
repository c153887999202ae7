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

  @Test func `one seed is one run`() throws {
    for seed in 3..<5 as Range<UInt64> {
      let runs = try (0..<2).map { _ in try LiveScene(seed: seed).run() }
      #expect(runs[0].findings == runs[1].findings && runs[0].result == runs[1].result && runs[0].writes == runs[1].writes, "seed \(seed)")
    }
  }
}
