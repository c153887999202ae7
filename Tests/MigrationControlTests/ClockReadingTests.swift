import MigrationControl
import Testing

@Suite("Ages by two clocks")
struct ClockReadingTests {
  @Test(
    "An age that is dangerous goes by the larger, one that reassures by the smaller",
    arguments: [
      // both clocks ran
      (5_000, 5_000, 5_000, 5_000),
      // the machine was suspended: the continuous clock stood
      (0, 3_600_000, 3_600_000, 0),
      // the wall clock was set back
      (60_000, -3_600_000, 60_000, -3_600_000),
    ])
  func ages(continuous: Int64, wall: Int64, most: Int, least: Int) {
    let earlier = ClockReading(continuous: 7, wall: 1_000_000)
    let now = ClockReading(continuous: 7 + continuous, wall: 1_000_000 + wall)
    #expect(now.most(since: earlier) == .milliseconds(most))
    #expect(now.least(since: earlier) == .milliseconds(least))
  }

  @Test("Across a correction for skew nobody can say how old, and only the continuous clock how young")
  func correction() {
    let earlier = ClockReading(continuous: 0, wall: 0)
    let now = ClockReading(continuous: 1_000, wall: 900_000, corrections: 1)
    #expect(now.most(since: earlier) == nil)
    #expect(now.least(since: earlier) == .seconds(1))
  }
}
