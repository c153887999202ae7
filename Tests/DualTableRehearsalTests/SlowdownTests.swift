import DualTableRehearsal
import DualTableScan
import TestSupport
import Testing

@Suite("The night of the slowdown") struct SlowdownTests {
  /// At a fiftieth of the size, so that a debug build is through in seconds: until the capacity is raised, and a little longer.
  @Test("One scanner falls to 0.4 of its start and stays below one partition; the backfill holds what is given")
  func curves() throws {
    let directory = TemporaryDirectory()
    let result = try Slowdown(seed: 1, items: 2_400, scale: 50, directory: directory.path).run(stop: StopSignal()) { _ in }
    func mean(_ curve: Slowdown.Curve, _ seconds: Range<Int>) -> Double {
      let part = curve.writeUnits[seconds.lowerBound / Slowdown.interval..<seconds.upperBound / Slowdown.interval]
      return part.reduce(0, +) / Double(part.count)
    }
    let (start, later) = (mean(result.scanner, 20..<160), mean(result.scanner, 300..<560))
    #expect(start > 900 && later / start > 0.3 && later / start < 0.5, "\(result.scanner.writeUnits)")
    #expect(result.scanner.writeUnits.allSatisfy { $0 < 1_150 }, "\(result.scanner.writeUnits)")
    let (first, last) = (mean(result.backfill, 40..<160), mean(result.backfill, 400..<560))
    #expect(first > 350 && last / first > 0.95 && last / first < 1.05, "\(result.backfill.writeUnits)")
    let raised = mean(result.backfill, 640..<680)
    #expect(raised > 1_500, "\(result.backfill.writeUnits)")
  }
}
