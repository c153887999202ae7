import Testing

@testable import DualTableReport

@Suite struct ScaleTests {
  @Test(
    "ticks of amounts stand at round values, few, and the last is not below the largest",
    arguments: [0.013, 0.7, 1, 3, 9.99, 17, 99, 100, 101, 404, 1_612, 40_000, 999_999, 1_500_000, 3.7e9])
  func amounts(largest: Double) {
    let scale = Scale.amounts(upTo: largest)
    #expect(scale.top >= largest && scale.top <= largest * 2.1)
    #expect((2...7).contains(scale.ticks.count), "\(scale.ticks.map(\.label))")
    let step = scale.ticks[1].value
    var mantissa = step
    while mantissa >= 9.99 { mantissa /= 10 }
    while mantissa < 0.99 { mantissa *= 10 }
    #expect([1.0, 2, 5].contains { abs($0 - mantissa) < 0.01 }, "\(step)")
    #expect(Set(scale.ticks.map(\.label)).count == scale.ticks.count, "\(scale.ticks.map(\.label))")
  }

  @Test(
    "ticks of time are in the unit that suits it",
    arguments: [
      (0.4, "seconds", "0 1"), (45, "seconds", "0 10 20 30 40"), (59, "seconds", "0 10 20 30 40 50"), (300, "minutes", "0 1 2 3 4 5"),
      (3_600, "minutes", "0 10 20 30 40 50 60"), (7_200, "minutes", "0 15 30 45 60 75 90 105 120"),
      (86_400, "hours", "0 3 6 9 12 15 18 21 24"),
      (604_800, "days", "0 1 2 3 4 5 6 7"), (8_640_000, "days", "0 20 40 60 80 100"),
    ])
  func time(seconds: Double, unit: String, labels: String) {
    let scale = Scale.time(upTo: seconds)
    #expect(scale.unit == unit)
    #expect(scale.ticks.map(\.label).joined(separator: " ") == labels)
  }

  @Test func `nothing to show is an axis all the same`() {
    for value in [0, -1, .nan, .infinity] { #expect(Scale.amounts(upTo: value).ticks.count >= 2) }
  }
}
