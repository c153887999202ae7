/// The pace of a pass and the time it still needs, from samples with handed-in instants: a pure value.
package struct ProgressEstimate: Sendable {
  private struct Sample {
    var at: Duration
    var items: Int
  }

  private let window: Duration
  private var samples: [Sample] = []
  private static let samplesInWindow = 32

  /// - Parameter window: how far back the pace is taken from; default 30 s.
  package init(window: Duration = .seconds(30)) { self.window = window }

  /// Notes how many items were dealt with at `instant`, a monotonic time; samples closer than a 32nd of the window replace the last.
  package mutating func sample(at instant: Duration, items: Int) {
    if samples.count >= 2, instant - samples[samples.count - 2].at < window / Self.samplesInWindow { samples.removeLast() }
    samples.append(Sample(at: instant, items: items))
    // One sample from before the window stays, so that the window is always covered.
    while samples.count > 2 && instant - samples[1].at >= window { samples.removeFirst() }
  }

  /// Items a second over the window; nil before there are two samples with time between them.
  package var itemsPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.at > first.at else { return nil }
    return Double(last.items - first.items) / ((last.at - first.at) / .seconds(1))
  }

  /// Time until `total` items are dealt with at this pace; nil where nothing moves, zero where they already are.
  package func remaining(total: Int) -> Duration? {
    guard let last = samples.last else { return nil }
    if last.items >= total { return .zero }
    guard let pace = itemsPerSecond, pace > 0 else { return nil }
    return .seconds(min(Double(total - last.items) / pace, 1e9))
  }

  /// How many items the table probably holds; nil where there is nothing to go by.
  ///
  /// DescribeTable's count is up to six hours old. Once a twentieth of the segments is done, what they held is the better witness,
  /// since segments are cut by hash.
  ///
  /// - Parameter described: DescribeTable's `ItemCount`, nil or 0 where unknown.
  package static func expectedItems(_ status: PassCheckpoint.Status, described: Int?) -> Int? {
    if status.doneSegments == status.segments { return status.totals[.scanned] }
    if status.doneSegments * 20 >= status.segments && status.doneTotals[.scanned] > 0 {
      let (items, segments) = (Double(status.doneTotals[.scanned]), Double(status.segments))
      return max(status.totals[.scanned], Int(items / Double(status.doneSegments) * segments))
    }
    guard let described, described > 0 else { return nil }
    return max(described, status.totals[.scanned])
  }
}
