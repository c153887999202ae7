internal import DualTableScan

/// A series as curves: rates between samples, over at most so many spans of equal length. A pure value.
struct RunCurves: Sendable, Equatable {
  struct Point: Sendable, Equatable {
    /// The middle of the span, in seconds of time worked.
    let seconds: Double
    let readUnits: Double
    /// Of a verification what was read of the new table.
    let newReadUnits: Double
    let writeUnits: Double
    let itemsPerSecond: Double
    /// nil where no page ended.
    let itemsPerPage: Double?
    /// Requests that were throttled, a second.
    let throttles: Double
    let readLimit: Double?
    let writeLimit: Double?
    let writeMedian: Double?
    let write99: Double?
  }

  let points: [Point]
  /// Time worked, in seconds.
  let seconds: Double

  /// - Parameter most: points, at most.
  init(_ series: RunSeries, most: Int = 160) {
    let samples = series.samples
    seconds = Double(samples.last?.elapsed ?? 0) / 1_000
    let length = max(seconds / Double(most), Double(series.interval) / 1_000)
    var points: [Point] = []
    var start = RunSample(elapsed: 0, moment: 0, counts: PassCounts())
    var requests = RequestMeter.Reading()
    for (index, sample) in samples.enumerated() {
      requests.writes += sample.requests.writes
      requests.throttles += sample.requests.throttles
      let isLast = index + 1 == samples.count
      // A moment too short to tell a rate from goes with the span before it.
      guard Double(sample.elapsed - start.elapsed) / 1_000 >= length * 0.95 || (isLast && points.isEmpty) else { continue }
      if let point = Point(from: start, to: sample, requests) { points.append(point) }
      start = sample
      requests = RequestMeter.Reading()
    }
    self.points = points
  }
}

extension RunCurves.Point {
  fileprivate init?(from start: RunSample, to end: RunSample, _ requests: RequestMeter.Reading) {
    let span = Double(end.elapsed - start.elapsed) / 1_000
    guard span > 0 else { return nil }
    // After a power cut counts may be less than what was recorded before.
    func change(_ counter: PassCounter) -> Double { Double(max(0, end.counts[counter] - start.counts[counter])) }
    seconds = (Double(start.elapsed + end.elapsed) / 2) / 1_000
    readUnits = change(.readMilliunits) / 1_000 / span
    let newBefore = start.newCounts?[.readMilliunits] ?? 0
    newReadUnits = Double(max(0, (end.newCounts?[.readMilliunits] ?? 0) - newBefore)) / 1_000 / span
    writeUnits = change(.writeMilliunits) / 1_000 / span
    itemsPerSecond = change(.scanned) / span
    itemsPerPage = change(.pages) > 0 ? change(.scanned) / change(.pages) : nil
    throttles = Double(requests.throttles.reduce(0) { $0 + $1.count }) / span
    readLimit = end.readLimit
    writeLimit = end.writeLimit
    writeMedian = requests.writes.seconds(of: 0.5)
    write99 = requests.writes.seconds(of: 0.99)
  }
}
