import Testing

@testable import DualTableCommand

@Suite struct FiguresTests {
  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_204_331, "1,204,331"), (-12_345, "-12,345")])
  func `groups thousands`(_ value: Int, _ text: String) {
    #expect(Figures.count(value) == text)
  }

  @Test(arguments: [(0, "00:00:00"), (761, "00:12:41"), (360_000, "100:00:00"), (-5, "00:00:00")])
  func `shows times`(_ seconds: Int, _ text: String) {
    #expect(Figures.clock(.seconds(seconds)) == text)
  }

  @Test(arguments: [
    (1.25, 1, "1.3"), (0.04, 1, "0.0"), (-1.5, 1, "-1.5"), (1_612.4, 0, "1612"), (3.007, 3, "3.007"), (.infinity, 1, "0"), (.nan, 1, "0"),
  ]) func `rounds`(_ value: Double, _ places: Int, _ text: String) {
    #expect(Figures.decimal(value, places: places) == text)
  }

  static let durations: [(text: String, seconds: Int?)] = [
    ("90s", 90), ("14m", 840), ("1h30m", 5_400), ("2d1s", 172_801), ("0s", 0), ("", nil), ("14", nil), ("m", nil), ("1m1h", nil),
    ("1m1m", nil), ("-1m", nil), ("1.5h", nil), ("99999999999999999999s", nil), ("1 m", nil), ("٣m", nil),
  ]

  @Test(arguments: durations) func `reads durations`(_ text: String, _ seconds: Int?) {
    #expect(Figures.duration(text) == seconds.map { .seconds($0) })
  }
}
