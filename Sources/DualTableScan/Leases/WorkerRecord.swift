internal import HTTPTransport

/// What one worker of a shared pass did itself, over time, and when that is worth a write: a pure value.
struct WorkerRecord: Sendable {
  /// What the pages that ended here came to, whether somebody else did them again or not.
  var counts = PassCounts()
  private(set) var series = RunSeries(interval: 10_000, samples: [], most: 120)
  /// Raised with each write.
  private(set) var revision = 0
  /// What the last write knew.
  private var written = (counts: PassCounts(), elapsed: 0)
  /// When a write was last thought of.
  private var looked = 0

  /// Bytes that an item may have for it; 400 KB are the service's limit.
  private static let mostBytes = 200_000
  /// Milliseconds between two writes, at least.
  private static let pause = 60_000

  /// Whether there is something to record at `elapsed` milliseconds since the pass began.
  func isDue(at elapsed: Int, isLast: Bool) -> Bool {
    guard counts != PassCounts() else { return false }
    return isLast ? elapsed > series.samples.last?.elapsed ?? 0 : series.isDue(at: elapsed)
  }

  mutating func append(_ sample: RunSample) { _ = series.append(sample) }

  /// The series as it is to be written, if it is time to; it counts as written then.
  ///
  /// An item's write costs a unit for each KB. It goes out once that is at most half a hundredth of what the worker took itself since the
  /// last one, so that a slow worker's series costs as little of its work as a fast one's; and when the worker leaves.
  mutating func take(at elapsed: Int, isLast: Bool) -> [UInt8]? {
    guard let last = series.samples.last, isLast || elapsed - looked >= Self.pause else { return nil }
    looked = elapsed
    var bytes = ByteBuffer()
    series.encode(into: &bytes)
    while bytes.count > Self.mostBytes && series.samples.count > 2 {
      series.thin()
      bytes.removeAll()
      series.encode(into: &bytes)
    }
    let took = units(counts) - units(written.counts)
    guard isLast || Double(bytes.count) / 1_024 * 200 <= took, last.elapsed > written.elapsed else { return nil }
    revision += 1
    written = (counts, last.elapsed)
    return (0..<bytes.count).map { bytes[$0] }
  }

  /// Write units, or of a pass that writes nothing read units.
  private func units(_ counts: PassCounts) -> Double {
    let reads = counts[.readMilliunits] + counts[.newReadMilliunits]
    return Double(counts[.writeMilliunits] > 0 ? counts[.writeMilliunits] : reads) / 1_000
  }
}
