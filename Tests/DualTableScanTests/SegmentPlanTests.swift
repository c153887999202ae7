import DualTableScan
import Testing

@Suite struct SegmentPlanTests {
  @Test(arguments: [
    // bytes, open, WCU, RCU, segments
    (0, 16, 0, 0, 64),
    (0, 1, 0, 0, 20),
    (0, 5, 0, 0, 20),
    (1_000_000, 2, 0, 0, 20),
    (30_000_000, 16, 4_000, 12_000, 118),
    (300_000_000, 16, 4_000, 12_000, 1_000),
    (3_000_000_000, 16, 0, 0, 250),
    (3_000_000_000, 16, 4_000, 12_000, 1_000),
    (10_000_000_000, 16, 0, 0, 250),
    (10_000_000_001, 1, 0, 0, 500),
    (50_000_000_000, 16, 0, 0, 1_250),
    (0, 16, 4_000, 12_000, 80),
    (0, 16, 4_001, 0, 100),
    (0, 16, 0, 15_000, 100),
    (0, 16, 40_000, 40_000, 800),
    (100_000_000_000_000, 16, 0, 0, 4_096),
    (0, 2_000, 0, 0, 4_096),
    (Int.max, 1, Int.max, Int.max, 4_096),
    (-1, 1, -1, -1, 20),
  ])
  func `the count follows the formula`(bytes: Int, open: Int, writeUnits: Int, readUnits: Int, expected: Int) {
    #expect(SegmentPlan.count(tableBytes: bytes, openSegments: open, writeUnits: writeUnits, readUnits: readUnits) == expected)
  }

  @Test(arguments: [
    // one process's, items, segments
    (400, 0, 400),
    (400, 10_000, 64),
    (400, 100_000, 125),
    (400, 300_000, 375),
    (400, 10_000_000, 1_024),
    (4_096, 10_000_000, 4_096),
    (3, 1_000, 3),
  ])
  func `a shared run has as many segments as its items pay for`(count: Int, items: Int, expected: Int) {
    #expect(SegmentPlan.sharedCount(count, openSegments: 16, items: items) == expected)
  }

  @Test(arguments: [1, 2, 3, 20, 4_096, 100_000])
  func `the order is a permutation, the same one for the same seed`(count: Int) {
    let plan = SegmentPlan(count: count, seed: 7)
    #expect(plan.order.sorted() == Array(0..<Int32(count)))
    #expect(plan == SegmentPlan(count: count, seed: 7))
    if count > 3 { #expect(plan.order != SegmentPlan(count: count, seed: 8).order) }
  }

  @Test func `a seed's order never changes, since runs on disk go by it`() {
    #expect(SegmentPlan(count: 12, seed: 1).order == [7, 0, 4, 1, 2, 11, 5, 10, 3, 9, 8, 6])
  }

  @Test func `every place is as likely for every segment`() {
    var hits = Array(repeating: 0, count: 64)
    for seed in 0..<4_000 as Range<UInt64> {
      let order = SegmentPlan(count: 8, seed: seed).order
      for place in 0..<8 { hits[place * 8 + Int(order[place])] += 1 }
    }
    // 500 expected; six standard deviations are 125.
    #expect(hits.allSatisfy { abs($0 - 500) < 125 }, "\(hits)")
  }
}
