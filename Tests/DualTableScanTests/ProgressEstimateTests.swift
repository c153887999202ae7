import Testing

@testable import DualTableScan

@Suite struct ProgressEstimateTests {
  @Test func `the pace is that of the window, not of the whole run`() throws {
    var estimate = ProgressEstimate(window: .seconds(10))
    #expect(estimate.itemsPerSecond == nil)
    for second in 0...60 { estimate.sample(at: .seconds(second), items: second * 1_000) }
    for second in 61...90 { estimate.sample(at: .seconds(second), items: 60_000 + (second - 60) * 100) }
    #expect(estimate.itemsPerSecond == 100)
    #expect(estimate.remaining(total: 64_000) == .seconds(10))
    #expect(estimate.remaining(total: 63_000) == .zero)
  }

  @Test func `many samples a second keep the window covered`() throws {
    var estimate = ProgressEstimate(window: .seconds(32))
    for tick in 0...100_000 { estimate.sample(at: .milliseconds(tick), items: tick) }
    let pace = try #require(estimate.itemsPerSecond)
    #expect(abs(pace - 1_000) < 0.001)
  }

  @Test func `a pass that stands still has no end in sight`() {
    var estimate = ProgressEstimate()
    #expect(estimate.remaining(total: 10) == nil)
    estimate.sample(at: .zero, items: 5)
    estimate.sample(at: .seconds(3), items: 5)
    #expect(estimate.itemsPerSecond == 0)
    #expect(estimate.remaining(total: 10) == nil)
  }

  @Test(arguments: [
    // scanned, scanned in done segments, done segments of 100, described, expected
    (0, 0, 0, nil, nil),
    (0, 0, 0, 0, nil),
    (50, 0, 0, 1_000, 1_000),
    (5_000, 0, 0, 1_000, 5_000),
    (500, 400, 4, 1_000, 1_000),
    (600, 500, 5, 1_000, 10_000),
    (20_000, 500, 5, nil, 20_000),
    (7, 7, 100, 1_000_000, 7),
  ])
  func `the expected number of items`(scanned: Int, doneScanned: Int, doneSegments: Int, described: Int?, expected: Int?) {
    var status = PassCheckpoint.Status(
      totals: PassCounts(), doneTotals: PassCounts(), segments: 100, doneSegments: doneSegments, heldSegments: 0, elapsed: .zero,
      restarts: 0)
    status.totals[.scanned] = scanned
    status.doneTotals[.scanned] = doneScanned
    #expect(ProgressEstimate.expectedItems(status, described: described) == expected)
  }
}
