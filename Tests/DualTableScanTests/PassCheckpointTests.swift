import HTTPTransport
import Testing

@testable import DualTableScan

@Suite struct PassCheckpointTests {
  let directory = TemporaryDirectory()
  let time = ManualTime()
  let thread = FileThread()
  let plan = SegmentPlan(count: 6, seed: 5)

  func open(_ time: ManualTime? = nil, lines: String? = "dead-letters.jsonl") throws -> PassCheckpoint {
    try PassCheckpoint(
      try StateDirectory("\(directory.path)/state"), name: "backfill", plan: plan, lines: lines, executor: thread,
      elapsed: (time ?? self.time).now)
  }

  static func outcome(_ key: [UInt8]?, scanned: Int, lines: String = "") -> PassCheckpoint.Outcome {
    var counts = PassCounts()
    counts[.scanned] = scanned
    return PassCheckpoint.Outcome(lastEvaluatedKey: key, counts: counts, lines: Array(lines.utf8))
  }

  @Test func `what ended is there again, what didn't is handed out again`() async throws {
    do {
      let checkpoint = try open()
      let first = try #require(try await checkpoint.next())
      let second = try #require(try await checkpoint.next())
      time.advance(.milliseconds(250))
      let following = try #require(try await checkpoint.completed(first, Self.outcome(Array("{}".utf8), scanned: 10)))
      #expect(following.segment == first.segment && following.exclusiveStartKey == Array("{}".utf8))
      time.advance(.milliseconds(250))
      _ = try await checkpoint.completed(second, Self.outcome(nil, scanned: 7))
      time.advance(.seconds(5))
    }
    let checkpoint = try open(ManualTime())
    let status = await checkpoint.status
    #expect(status.totals[.scanned] == 17 && status.doneTotals[.scanned] == 7)
    #expect(status.doneSegments == 1 && status.heldSegments == 0 && status.restarts == 1)
    // Killed: what came after the last record isn't known.
    #expect(status.elapsed == .milliseconds(500))
    let again = try #require(try await checkpoint.next())
    #expect(again.segment == Int(plan.order[0]) && again.exclusiveStartKey == Array("{}".utf8))
    #expect(try await checkpoint.next()?.segment == Int(plan.order[2]))
  }

  @Test func `time and restarts add up over orderly ends`() async throws {
    for run in 0..<3 {
      let checkpoint = try PassCheckpoint(
        try StateDirectory("\(directory.path)/state"), name: "backfill", plan: plan, executor: thread, elapsed: ManualTime().now)
      #expect(await checkpoint.status.restarts == run)
      try await checkpoint.finish()
    }
    let checkpoint = try open(lines: nil)
    time.advance(.seconds(2))
    try await checkpoint.finish()
    #expect(await checkpoint.status.elapsed == .seconds(2))
  }

  @Test func `lines of pages that don't count are cut off`() async throws {
    do {
      let checkpoint = try open()
      let page = try #require(try await checkpoint.next())
      _ = try await checkpoint.completed(page, Self.outcome([1], scanned: 1, lines: "{\"a\":1}\n"))
    }
    do {
      var lines = try JSONLinesFile("\(directory.path)/state/dead-letters.jsonl")
      try lines.append(Array("{\"b\":2}\n".utf8).span)
    }
    let checkpoint = try open()
    let page = try #require(try await checkpoint.next())
    _ = try await checkpoint.completed(page, Self.outcome(nil, scanned: 1, lines: "{\"c\":3}\n"))
    #expect(try directory.bytes("state/dead-letters.jsonl") == Array("{\"a\":1}\n{\"c\":3}\n".utf8))
  }

  @Test func `a page whose end can't be written doesn't count, and nothing is written after it`() async throws {
    let checkpoint = try open(lines: "../../../../../dev/full")
    let one = try #require(try await checkpoint.next())
    let two = try #require(try await checkpoint.next())
    await #expect(throws: StateError.self) { _ = try await checkpoint.completed(one, Self.outcome(nil, scanned: 1, lines: "{}\n")) }
    await #expect(throws: StateError.self) { _ = try await checkpoint.completed(two, Self.outcome(nil, scanned: 1)) }
    await #expect(throws: StateError.self) { _ = try await checkpoint.next() }
    await #expect(throws: StateError.self) { try await checkpoint.finish() }
    #expect(await checkpoint.status.totals[.scanned] == 0)
  }
}
