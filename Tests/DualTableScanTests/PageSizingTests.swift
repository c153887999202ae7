import Testing

@testable import DualTableScan

@Suite("The size of pages")
struct PageSizingTests {
  @Test(
    "A page is asked for by what an item of the one before took",
    arguments: [
      (16, 1_000, 700_000, 561), (16, 1, 400_000, 1), (16, 10_000, 500_000, PageSizing.mostItems), (512, 1_000, 700_000, 17),
      (1, 10, 5, PageSizing.mostItems),
    ])
  func limit(openSegments: Int, items: Int, bytes: Int, expected: Int) {
    var sizing = PageSizing(openSegments: openSegments)
    #expect(sizing.limit == max(1, PageSizing.bytesInFlight / openSegments / PageSizing.largestItem))
    sizing.learned(items: items, bytes: bytes)
    #expect(sizing.limit == expected)
  }

  @Test("Empty pages teach nothing, and large items are believed at once, small ones by and by")
  func learning() {
    var sizing = PageSizing(openSegments: 16)
    sizing.learned(items: 0, bytes: 120)
    #expect(sizing.limit == 1)
    sizing.learned(items: 100, bytes: 10_000)
    sizing.learned(items: 1, bytes: 409_600)
    #expect(sizing.limit == 1)
    sizing.learned(items: 100, bytes: 10_000)
    #expect(sizing.limit == 1)
    sizing.learned(items: 100, bytes: 10_000)
    #expect(sizing.limit == 3)
  }
}

@Suite struct PageBudgetTests {
  @Test(arguments: [
    // rate, bytes of an item: the page is worth a 50th of a second, or up to a tenth where that is little.
    (2_000.0, 1_024, 160), (100, 1_024, 8), (20, 1_024, 8), (1, 1_024, 1), (1_200, 409_600, 1), (2_000_000, 1_024, 384),
  ])
  func `a page is worth a small part of a second's budget`(rate: Double, bytes: Int, expected: Int) {
    var sizing = PageSizing(openSegments: 16)
    for _ in 0..<20 { sizing.learned(items: 100, bytes: 100 * bytes, units: 100 * Double(bytes) / 4_096) }
    #expect(sizing.limit(readRate: rate) == expected)
    #expect(sizing.limit(readRate: nil) == PageSizing.bytesInFlight / 16 / bytes || bytes > 100_000)
  }

  @Test func `the first page of a budget is one item, and what it costs is learned`() {
    var sizing = PageSizing(openSegments: 16)
    #expect(sizing.limit(readRate: 10_000) == 1 && sizing.expectedUnits(items: 1) == 1)
    for _ in 0..<40 { sizing.learned(items: 100, bytes: 409_600, units: 49.5) }
    #expect(sizing.expectedUnits(items: 100) == 50 && sizing.expectedUnits(bytes: 81_920) == 10)
  }
}
