import DynamoDBClient
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct RunRecorderTests {
  let directory = TemporaryDirectory()
  let executor = FileThread()

  func recorder(_ meter: RequestMeter = RequestMeter(), isNew: Bool = false) throws -> RunRecorder {
    RunRecorder(try StateDirectory(StatePath("\(directory.path)/state")), isNew: isNew, meter: meter, executor: executor)
  }

  static func status(_ seconds: Double, scanned: Int, restarts: Int = 0) -> PassCheckpoint.Status {
    var counts = PassCounts()
    counts[.scanned] = scanned
    return PassCheckpoint.Status(
      totals: counts, doneTotals: counts, segments: 1, doneSegments: 0, heldSegments: 1, elapsed: .milliseconds(Int(seconds * 1_000)),
      restarts: restarts)
  }

  func look() throws -> RunSeries? { try RunSeries.look(at: "\(directory.path)/state") }

  @Test func `everything of a sample is there again`() async throws {
    let meter = RequestMeter()
    let recorder = try recorder(meter)
    meter.read(took: .milliseconds(12))
    var writes = LatencyHistogram()
    for _ in 0..<1_000 { writes.add(nanoseconds: 4_000_000) }
    meter.wrote(&writes)
    #expect(writes.total == 0)
    meter.failed(
      .write, DynamoDBError(.provisionedThroughputExceeded, "", throttlingReasons: [.init(reason: "TableWrite\"<x>", resource: "arn")]))
    meter.failed(.read, DynamoDBError(.throttling, ""))
    meter.failed(.read, DynamoDBError(.validation, ""))
    await recorder.sample(Self.status(1, scanned: 5), new: Self.status(1, scanned: 7), at: 123) {
      $0.limit = "--write-wcu"
      $0.readLimit = 12.5
    }
    let sample = try #require(try look()?.samples.first)
    #expect(sample.elapsed == 1_000 && sample.moment == 123 && sample.counts[.scanned] == 5 && sample.newCounts?[.scanned] == 7)
    #expect(sample.requests.reads.total == 1 && sample.requests.writes.total == 1_000)
    #expect(
      sample.requests.throttles == [
        Throttle(access: .write, reason: "TableWrite\"<x>"), Throttle(access: .read, reason: "ThrottlingException"),
      ])
    #expect(sample.limit == "--write-wcu" && sample.readLimit == 12.5 && sample.writeLimit == nil)
  }

  @Test func `samples are an interval apart, but for the last`() async throws {
    let recorder = try recorder()
    for tenth in 1...25 { await recorder.sample(Self.status(Double(tenth) / 10, scanned: tenth), at: 0) }
    await recorder.sample(Self.status(2.5, scanned: 25), at: 0, isLast: true)
    // Looking at a run that is done adds nothing.
    await recorder.sample(Self.status(2.5, scanned: 25), at: 0, isLast: true)
    #expect(try look()?.samples.map(\.elapsed) == [1_000, 2_000, 2_500])
  }

  @Test("killed at any byte of a line, the next process goes on in the same series")
  func killed() async throws {
    do {
      let recorder = try recorder()
      for second in 1...3 { await recorder.sample(Self.status(Double(second), scanned: second), at: 0) }
    }
    let whole = try directory.bytes("state/series.jsonl")
    let third = try #require(whole.dropLast().lastIndex(of: 0x0A)) + 1
    for end in third..<whole.count {
      try directory.write("state/series.jsonl", Array(whole[..<end]))
      #expect(try look()?.samples.map(\.elapsed) == [1_000, 2_000])
      let recorder = try recorder()
      await recorder.sample(Self.status(3.2, scanned: 3, restarts: 1), at: 0)
      await recorder.sample(Self.status(4.2, scanned: 4, restarts: 1), at: 0)
      #expect(try look()?.samples.map(\.elapsed) == [1_000, 2_000, 3_200, 4_200])
    }
  }

  @Test func `a new run's series begins anew, and so does one that can't be read`() async throws {
    do {
      let recorder = try recorder()
      await recorder.sample(Self.status(1, scanned: 1), at: 0)
    }
    do {
      let recorder = try recorder(isNew: true)
      await recorder.sample(Self.status(1, scanned: 9), at: 0)
    }
    #expect(try look()?.samples.map { $0.counts[.scanned] } == [9])
    try directory.write("state/series.jsonl", Array("{\"version\":9}\n".utf8))
    #expect(throws: StateError.self) { try look() }
    let recorder = try recorder()
    await recorder.sample(Self.status(2, scanned: 3), at: 0)
    #expect(try look()?.samples.map(\.elapsed) == [2_000])
  }

  @Test func `a run of a week writes a bounded file`() async throws {
    let recorder = try recorder()
    for minute in 1...(7 * 24 * 60) { await recorder.sample(Self.status(Double(minute * 60), scanned: minute), at: 0) }
    let series = try #require(try look())
    #expect(series.samples.count < RunSeries.mostSamples && series.samples.count > 500)
    #expect(try directory.bytes("state/series.jsonl").count < 1_000_000)
    #expect(series.samples.last?.counts[.scanned] == 7 * 24 * 60)
  }
}
