import Testing

@testable import DualTableScan

@Suite struct LatencyHistogramTests {
  @Test(
    "a percentile is right to a sixteenth, from a microsecond to an hour",
    arguments: [1, 3, 7, 8, 9, 15, 16, 17, 100, 1_000, 5_432, 10_000, 999_999, 60_000_000, 3_600_000_000] as [Int64])
  func percentiles(microseconds: Int64) throws {
    var histogram = LatencyHistogram()
    histogram.add(nanoseconds: microseconds * 1_000)
    let found = try #require(histogram.seconds(of: 0.5)) * 1e6
    #expect(abs(found - Double(microseconds)) <= max(0.5, Double(microseconds) / 16), "\(found)")
  }

  @Test func `shares are counted by rank`() throws {
    var histogram = LatencyHistogram()
    for milliseconds in 1...100 { histogram.add(nanoseconds: Int64(milliseconds) * 1_000_000) }
    #expect(histogram.total == 100)
    for (share, expected) in [(0.5, 50.0), (0.9, 90), (0.99, 99), (1, 100), (0, 1)] {
      let found = try #require(histogram.seconds(of: share)) * 1_000
      #expect(abs(found - expected) <= expected / 16, "\(share): \(found)")
    }
  }

  @Test func `none is no time, what is beyond every class is in the last`() throws {
    var histogram = LatencyHistogram()
    #expect(histogram.seconds(of: 0.5) == nil)
    histogram.add(nanoseconds: .max)
    histogram.add(nanoseconds: -5)
    #expect(histogram.total == 2)
    #expect(try #require(histogram.seconds(of: 1)) > 3_600)
    #expect(try #require(histogram.seconds(of: 0)) < 1e-6)
  }

  @Test func `two together hold what both held`() {
    var (left, right) = (LatencyHistogram(), LatencyHistogram())
    for number in 0..<50 { left.add(nanoseconds: Int64(number) * 1_000_000) }
    for number in 50..<100 { right.add(nanoseconds: Int64(number) * 1_000_000) }
    left += right
    #expect(left.total == 100 && left.counts.reduce(0, +) == 100)
    #expect(left.seconds(of: 0.99) == right.seconds(of: 0.98))
  }
}
