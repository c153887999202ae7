import Testing

@testable import Benchmarks

@Suite struct SeriesTests {
  @Test(
    arguments: [
      ([3], 3, 3, 3), ([4, 2], 3, 2, 4), ([5, 1, 3], 3, 1, 5), ([9, 1, 2, 3, 100], 3, 2, 9), ([8, 7, 6, 5, 4, 3, 2, 1], 4.5, 3, 6),
    ] as [([Double], Double, Double, Double)])
  func `median and the middle half`(values: [Double], median: Double, low: Double, high: Double) {
    let series = Series(values: values)
    #expect(series.median == median && series.low == low && series.high == high)
  }

  @Test func `ratios are of neighbors`() {
    #expect((Series(values: [2, 9]) / Series(values: [4, 3])).values == [0.5, 3])
  }

  @Test(
    arguments: [
      (0, 0, "0"), (0.05, 1, "0.1"), (1.996, 2, "2.00"), (-0.5, 2, "-0.50"), (-0.001, 2, "0.00"), (12_345.678, 0, "12346"),
      (.infinity, 2, "null"),
    ] as [(Double, Int, String)])
  func `numbers have so many decimals`(value: Double, count: Int, text: String) {
    #expect(decimals(value, count) == text)
  }

  @Test func `a figure tells whether its goal is reached`() {
    var figure = Figure(name: "a.b", title: "a to b", unit: .ratio, series: Series(values: [0.5, 0.7, 0.6]), goal: .atLeast(0.6))
    #expect(figure.line.hasSuffix("0.60 ×               0.50 × … 0.70 ×  ≥ 0.60 × ✓"))
    #expect(figure.json == #"{"name":"a.b","unit":"ratio","median":0.6000,"values":[0.5000,0.7000,0.6000],"atLeast":0.6}"#)
    figure.goal = .atMost(0.5)
    #expect(figure.line.hasSuffix("≤ 0.50 × ✗"))
  }
}
