import Testing

@testable import DualTableScan

@Suite("The size of pages")
struct PageSizingTests {
  @Test(
    "A page is asked for by what an item of the one before took",
    arguments: [
      (16, 1_000, 700_000, 1_123), (16, 1, 400_000, 1), (16, 10_000, 500_000, 15_728), (512, 1_000, 700_000, 35), (1, 10, 5, 12_582_912),
    ])
  func limit(openSegments: Int, items: Int, bytes: Int, expected: Int) {
    var sizing = PageSizing(openSegments: openSegments)
    #expect(sizing.limit == PageSizing.firstLimit)
    sizing.learned(items: items, bytes: bytes)
    #expect(sizing.limit == expected)
  }

  @Test("Empty pages teach nothing, and large items are believed at once, small ones by and by")
  func learning() {
    var sizing = PageSizing(openSegments: 16)
    sizing.learned(items: 0, bytes: 120)
    #expect(sizing.limit == PageSizing.firstLimit)
    sizing.learned(items: 100, bytes: 10_000)
    sizing.learned(items: 1, bytes: 409_600)
    #expect(sizing.limit == 1)
    sizing.learned(items: 100, bytes: 10_000)
    #expect(sizing.limit == 3)
  }
}
