import DualTableRehearsal
import DualTableScan
import Glibc
import TestSupport
import Testing

@Suite("The night of the slowdown") struct SlowdownTests {
  @Test(
    "One scanner falls to 0.4 of its start and stays below one partition; the backfill holds what is given",
    .enabled(if: getenv("DUALTABLE_SLOWDOWN") != nil, "takes minutes unless it is optimized: DUALTABLE_SLOWDOWN=1 runs it"))
  func curves() throws {
    let directory = TemporaryDirectory()
    let result = try Slowdown(seed: 1, items: 9_000, directory: directory.path).run(stop: StopSignal()) { _ in }
    func mean(_ curve: Slowdown.Curve, _ seconds: Range<Int>) -> Double {
      let part = curve.writeUnits[seconds.lowerBound / Slowdown.interval..<seconds.upperBound / Slowdown.interval]
      return part.reduce(0, +) / Double(part.count)
    }
    let (start, later) = (mean(result.scanner, 20..<160), mean(result.scanner, 300..<560))
    #expect(later / start > 0.3 && later / start < 0.5, "\(result.scanner.writeUnits)")
    #expect(result.scanner.writeUnits.allSatisfy { $0 < 1_150 }, "\(result.scanner.writeUnits)")
    let (first, last) = (mean(result.backfill, 40..<160), mean(result.backfill, 400..<560))
    #expect(last / first > 0.95 && last / first < 1.05, "\(result.backfill.writeUnits)")
  }
}
