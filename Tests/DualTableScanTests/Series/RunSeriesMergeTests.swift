import HTTPTransport
import Testing

@testable import DualTableScan

/// The series of a run that several workers shared.
@Suite struct RunSeriesMergeTests {
  /// A worker that is there from `start` to `end` seconds and does `rate` items a second, with a throttled request a sample.
  private static func worker(_ start: Int, _ end: Int, rate: Int, phase: Int = 0, most: Int = 120) -> RunSeries {
    var series = RunSeries(interval: 10_000, samples: [], most: most)
    for elapsed in stride(from: (start + 10) * 1_000 + phase, through: end * 1_000, by: 10_000) {
      var counts = PassCounts()
      counts[.scanned] = rate * (elapsed / 1_000 - start)
      counts[.newReadMilliunits] = 500 * counts[.scanned]
      var sample = RunSample(
        elapsed: elapsed, moment: Int64(1_000_000 + elapsed), counts: counts, limit: rate > 5 ? "--write-wcu" : "network", writeLimit: 100)
      sample.requests.throttles.add(Throttle(access: .write, reason: "T"))
      sample.requests.writes.add(nanoseconds: 5_000_000)
      _ = series.append(sample)
    }
    return series
  }

  @Test func `counts and limits add up at each moment, and no request is lost`() {
    let workers = [
      Self.worker(0, 600, rate: 10), Self.worker(100, 400, rate: 10, phase: 4_000), Self.worker(0, 600, rate: 1, phase: 7_000),
    ]
    let merged = RunSeries(merging: workers)
    #expect(merged.interval == 10_000 && merged.samples.count == 60)
    for (before, after) in zip(merged.samples, merged.samples.dropFirst()) {
      let rate = Double(after.counts[.scanned] - before.counts[.scanned]) / (Double(after.elapsed - before.elapsed) / 1_000)
      let expected =
        after.elapsed > 120_000 && after.elapsed < 390_000 ? 21.0 : after.elapsed < 100_000 || after.elapsed > 410_000 ? 11 : nil
      if let expected { #expect(abs(rate - expected) < 1.5, "\(after.elapsed): \(rate)") }
      #expect(after.newCounts?[.readMilliunits] == after.counts[.newReadMilliunits] && after.moment > before.moment)
    }
    let middle = merged.samples[30]
    #expect(middle.writeLimit == 300 && middle.limit == "--write-wcu")
    let last = merged.samples.last
    #expect(last?.counts[.scanned] == workers.reduce(0) { $0 + ($1.samples.last?.counts[.scanned] ?? 0) })
    let requests = merged.samples.reduce(0) { $0 + $1.requests.writes.total }
    #expect(requests == workers.reduce(0) { $0 + $1.samples.count })
    #expect(merged.samples.reduce(0) { $0 + $1.requests.throttles.reduce(0) { $0 + $1.count } } == requests)
  }

  @Test func `of nobody, of one, and of many that came one after the other`() {
    #expect(RunSeries(merging: []).samples.isEmpty && RunSeries(merging: [RunSeries()]).samples.isEmpty)
    let one = Self.worker(0, 300, rate: 4)
    #expect(RunSeries(merging: [one]).samples.map(\.counts) == one.samples.map(\.counts))
    // A function of a quarter of an hour, again and again for two days.
    let many = RunSeries(merging: (0..<192).map { Self.worker($0 * 900, $0 * 900 + 840, rate: 4) })
    #expect(many.samples.count < RunSeries.mostSamples && many.samples.last?.counts[.scanned] == 192 * 840 * 4)
  }

  @Test(arguments: [3, 400])
  func `a worker's own record costs at most a hundredth of what it writes`(rate: Int) throws {
    var record = WorkerRecord()
    var (cost, writes) = (0.0, 0)
    for minute in 1...240 {
      record.counts[.writeMilliunits] += rate * 60_000
      if record.isDue(at: minute * 60_000, isLast: false) {
        var sample = RunSample(elapsed: minute * 60_000, moment: Int64(minute), counts: record.counts)
        for index in 0..<6 { sample.requests.writes.add(nanoseconds: Int64(1_000_000) << Int64(index)) }
        record.append(sample)
      }
      guard let bytes = record.take(at: minute * 60_000, isLast: false) else { continue }
      writes += 1
      cost += Double(bytes.count) / 1_024
      #expect(RunSeries(lines: bytes.span)?.samples.last?.elapsed == minute * 60_000)
    }
    #expect(writes > 5 && cost <= Double(record.counts[.writeMilliunits]) / 1_000 / 100, "\(cost) in \(writes)")
  }

  @Test func `a worker's record fits an item, whatever its requests came to`() throws {
    var record = WorkerRecord()
    for number in 1..<120 {
      record.counts[.scanned] += 1
      var sample = RunSample(elapsed: number * 10_000, moment: Int64(number), counts: record.counts)
      for index in 0..<31 { for part in 0..<8 { sample.requests.writes.add(nanoseconds: Int64(1_000 + 125 * part) << Int64(index)) } }
      for index in 0..<40 {
        sample.requests.throttles.add(Throttle(access: .write, reason: "\(index)" + String(repeating: "r", count: 90)))
      }
      record.append(sample)
    }
    let taken = record.take(at: 1_300_000, isLast: true)
    let again = record.take(at: 1_400_000, isLast: true)
    let bytes = try #require(taken)
    #expect(bytes.count > 50_000 && bytes.count <= 200_000)
    #expect(RunSeries(lines: bytes.span)?.samples.last?.counts[.scanned] == 119)
    #expect(again == nil)
  }
}
