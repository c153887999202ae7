import Testing

@testable import DualTableScan

@Suite struct RunSeriesTests {
  static func sample(_ elapsed: Int, scanned: Int, throttles: Int = 0) -> RunSample {
    var counts = PassCounts()
    counts[.scanned] = scanned
    var sample = RunSample(elapsed: elapsed, moment: Int64(elapsed), counts: counts)
    sample.requests.writes.add(nanoseconds: 1_000_000)
    if throttles > 0 {
      sample.requests.throttles = [Throttle(access: .write, reason: "TableWriteProvisionedThroughputExceeded", count: throttles)]
    }
    return sample
  }

  @Test func `however long a run is, its samples are bounded, evenly apart, and lose no request`() {
    var series = RunSeries()
    let seconds = 100_000
    var taken = 0
    for second in 1...seconds where series.isDue(at: second * 1_000) {
      taken += 1
      _ = series.append(Self.sample(second * 1_000, scanned: second * 50, throttles: 1))
      #expect(series.samples.count < RunSeries.mostSamples)
    }
    #expect(series.interval == 64_000)
    #expect(series.samples.reduce(0) { $0 + $1.requests.writes.total } == taken)
    #expect(series.samples.reduce(0) { $0 + $1.requests.throttles.reduce(0) { $0 + $1.count } } == taken)
    // Counts are those of each moment, so rates between any two samples stay right.
    #expect(series.samples.allSatisfy { $0.counts[.scanned] == $0.elapsed / 20 })
    let gaps = zip(series.samples, series.samples.dropFirst()).map { $1.elapsed - $0.elapsed }
    #expect(gaps.allSatisfy { $0 > 0 && $0 <= series.interval })
    #expect(series.samples.count > RunSeries.mostSamples / 4)
  }

  @Test func `what a dead process recorded beyond its checkpoint gives way`() {
    var series = RunSeries()
    for second in 1...5 { _ = series.append(Self.sample(second * 1_000, scanned: second * 10)) }
    // Its journal held only three seconds and a half.
    #expect(series.append(Self.sample(3_500, scanned: 35)) == .rewritten)
    #expect(series.samples.map(\.elapsed) == [1_000, 2_000, 3_000, 3_500])
    #expect(series.samples.last?.requests.writes.total == 3)
    #expect(series.append(Self.sample(4_600, scanned: 46)) == .appended)
  }

  @Test func `reasons are bounded, since they come from outside`() {
    var throttles: [Throttle] = []
    for number in 0..<1_000 { throttles.add(Throttle(access: .write, reason: "reason \(number)")) }
    #expect(throttles.count == [Throttle].mostReasons + 1)
    #expect(throttles.reduce(0) { $0 + $1.count } == 1_000)
    #expect(throttles.last == Throttle(access: .write, reason: "other", count: 1_000 - [Throttle].mostReasons))
  }
}
