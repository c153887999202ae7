import HTTPTransport
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct PassCheckpointTests {
  let directory = TemporaryDirectory()
  let time = ManualTime()
  let thread = FileThread()
  let plan = SegmentPlan(count: 6, seed: 5)

  func open(_ time: ManualTime? = nil, lines: String? = "dead-letters.jsonl") throws -> PassCheckpoint {
    try PassCheckpoint(
      try StateDirectory(StatePath("\(directory.path)/state")), name: "backfill", plan: plan, lines: lines, executor: thread,
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
    #expect(await checkpoint.status.restarts == 0)
    let again = try #require(try await checkpoint.next())
    let status = await checkpoint.status
    #expect(status.totals[.scanned] == 17 && status.doneTotals[.scanned] == 7)
    #expect(status.doneSegments == 1 && status.heldSegments == 1 && status.restarts == 1)
    // Killed: what came after the last record isn't known.
    #expect(status.elapsed == .milliseconds(500))
    #expect(again.segment == Int(plan.order[0]) && again.exclusiveStartKey == Array("{}".utf8))
    #expect(try await checkpoint.next()?.segment == Int(plan.order[2]))
  }

  @Test func `time and restarts add up over orderly ends`() async throws {
    for run in 0..<3 {
      let time = ManualTime()
      let checkpoint = try open(time, lines: nil)
      _ = try await checkpoint.next()
      #expect(await checkpoint.status.restarts == run)
      time.advance(.seconds(2))
      try await checkpoint.finish()
    }
    let checkpoint = try open(lines: nil)
    #expect(await checkpoint.status.elapsed == .seconds(6))
  }

  @Test func `a pass that is complete stays as it is`() async throws {
    do {
      let checkpoint = try open()
      var page = try await checkpoint.next()
      while let current = page { page = try await checkpoint.completed(current, Self.outcome(nil, scanned: 2)) }
      try await checkpoint.finish()
    }
    let before = try directory.bytes("state/backfill.json")
    let checkpoint = try open()
    #expect(await checkpoint.isComplete)
    #expect(try await checkpoint.next() == nil)
    try await checkpoint.finish()
    #expect(await checkpoint.status.totals[.scanned] == 12)
    #expect(try directory.bytes("state/backfill.json") == before)
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

  /// Keys of every kind of byte have to go back to the service as they came.
  @Test func `a snapshot keeps keys byte for byte`() async throws {
    let key = Array(#"{ "id":{"S":"a\u0000\"\\é😀"},"n" : {"N":"1.50"},"b":{"B":"AA=="} }"#.utf8)
    do {
      let checkpoint = try open()
      let page = try #require(try await checkpoint.next())
      _ = try await checkpoint.completed(page, Self.outcome(key, scanned: 3))
      try await checkpoint.finish()
    }
    #expect(directory.names("state") == ["backfill.1.journal", "backfill.json", "dead-letters.jsonl", "lock"])
    for name in directory.names("state") { #expect(directory.mode("state/\(name)") == 0o600) }
    #expect(directory.mode("state") == 0o700)
    let checkpoint = try open()
    #expect(try await checkpoint.next()?.exclusiveStartKey == key)
  }

  @Test func `a process that dies anywhere in a compaction loses nothing`() async throws {
    do {
      let checkpoint = try open()
      let page = try #require(try await checkpoint.next())
      _ = try await checkpoint.completed(page, Self.outcome(Array("{}".utf8), scanned: 3))
      try await checkpoint.finish()
      _ = try await checkpoint.completed(page, Self.outcome(nil, scanned: 4))
    }
    let (snapshot, journal) = (try directory.bytes("state/backfill.json"), try directory.bytes("state/backfill.1.journal"))
    do {
      // Died before the rename: a new journal and perhaps half a temporary snapshot.
      try directory.write("state/backfill.2.journal", Array("dualtable".utf8))
      try directory.write("state/backfill.json.new", Array(snapshot.prefix(30)))
      let checkpoint = try open()
      #expect(await checkpoint.status.totals[.scanned] == 7)
      _ = try await checkpoint.next()
      try await checkpoint.finish()
    }
    // Died after the rename: the old journal is still there.
    try directory.write("state/backfill.1.journal", journal)
    let checkpoint = try open()
    #expect(await checkpoint.status.totals[.scanned] == 7)
    #expect(directory.names("state") == ["backfill.2.journal", "backfill.json", "dead-letters.jsonl", "lock"])
  }

  @Test(arguments: ["", "{}", "nonsense", "{\"version\": 1}"])
  func `a snapshot that isn't one is refused`(text: String) async throws {
    _ = try StateDirectory(StatePath("\(directory.path)/state"))
    try directory.write("state/backfill.json", Array(text.utf8))
    let error = #expect(throws: StateError.self) { _ = try open() }
    #expect(error?.code == .damaged)
  }
}
