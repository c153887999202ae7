/// One look at both of a machine's clocks.
///
/// A lease must end on time whatever happens to either: a suspended machine may stop the continuous clock, and a step may move the wall
/// clock. So ages are taken by the clock that says more where age is dangerous, and by the one that says less where youth is.
package struct ClockReading: Sendable, Hashable {
  /// Milliseconds of `ContinuousClock`, from any origin.
  package let continuous: Int64
  /// Milliseconds since 1970 UTC, as signatures are dated.
  package let wall: Int64
  /// How often the wall clock has been corrected for skew; ages across a correction mean nothing.
  package let corrections: Int

  package init(continuous: Int64, wall: Int64, corrections: Int = 0) {
    self.continuous = continuous
    self.wall = wall
    self.corrections = corrections
  }

  /// A reading of a continuous clock that has run for `elapsed` since some origin, and of the wall clock.
  package init(elapsed: Duration, wall: Int64, corrections: Int = 0) {
    let (seconds, attoseconds) = elapsed.components
    self.init(continuous: seconds * 1_000 + attoseconds / 1_000_000_000_000_000, wall: wall, corrections: corrections)
  }

  /// The later of both by each clock: what is that old by either is older than both.
  package func latest(_ other: ClockReading) -> ClockReading {
    ClockReading(
      continuous: max(continuous, other.continuous), wall: max(wall, other.wall), corrections: max(corrections, other.corrections))
  }

  /// The most time that may have passed since `earlier`; nil if nobody can say.
  package func most(since earlier: ClockReading) -> Duration? {
    guard corrections == earlier.corrections else { return nil }
    return .milliseconds(max(continuous - earlier.continuous, wall - earlier.wall))
  }

  /// The least time that has passed since `earlier`. Across a correction only the continuous clock tells.
  package func least(since earlier: ClockReading) -> Duration {
    let byContinuous = continuous - earlier.continuous
    guard corrections == earlier.corrections else { return .milliseconds(byContinuous) }
    return .milliseconds(min(byContinuous, wall - earlier.wall))
  }
}
