import DynamoDBClient
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import DualTableScan

/// A table of pages: each segment has some, each page some items, and some pages are empty.
struct PagedTable: Sendable {
  var pages: [[Int]]

  init(segments: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    pages = (0..<segments).map { _ in (0...generator.below(5)).map { _ in max(0, generator.below(40) - 5) } }
  }

  var items: Int { pages.joined().reduce(0, +) }
  /// One line for every full ten items of a page.
  var lines: Int { pages.joined().reduce(0) { $0 + $1 / 10 } }

  /// Scans one page; keys are page numbers.
  func outcome(_ page: SegmentPage, hasLines: Bool = true) -> PassCheckpoint.Outcome {
    let index = page.exclusiveStartKey.map { Int(String(decoding: $0, as: UTF8.self))! } ?? 0
    let items = pages[page.segment][index]
    var counts = PassCounts()
    counts[.pages] = 1
    counts[.scanned] = items
    counts[.failed] = items / 10
    let lines = (0..<items / 10).map { "{\"s\":\(page.segment),\"p\":\(index),\"i\":\($0)}\n" }.joined()
    let next = index + 1 < pages[page.segment].count ? Array(String(index + 1).utf8) : nil
    return PassCheckpoint.Outcome(lastEvaluatedKey: next, counts: counts, lines: hasLines ? Array(lines.utf8) : [])
  }
}

private struct PlannedFailure: Error {}

@Suite struct ScanPassTests {
  private static func pass(
    _ directory: TemporaryDirectory, _ plan: SegmentPlan, open: Int, stop: StopSignal = StopSignal()
  ) throws -> ScanPass {
    let checkpoint = try PassCheckpoint(
      try StateDirectory(StatePath("\(directory.path)/state")), name: "pass", plan: plan, lines: "lines.jsonl", executor: FileThread(),
      elapsed: ManualTime().now)
    return ScanPass(checkpoint: checkpoint, openSegments: open, loops: [globalConcurrentExecutor], stop: stop)
  }

  @Test(arguments: [1, 3, 64])
  func `every page of every segment is done once`(open: Int) async throws {
    let table = PagedTable(segments: 40, seed: UInt64(open))
    let directory = TemporaryDirectory()
    let pass = try Self.pass(directory, SegmentPlan(count: 40, seed: 1), open: open)
    let workers = Mutex<[Int]>([])
    let end = try await pass.run {
      index in
      workers.withLock { $0.append(index) }
      return index
    } page: { _, page in
      table.outcome(page)
    }
    #expect(end == .complete)
    let status = await pass.checkpoint.status
    #expect(status.totals[.scanned] == table.items && status.totals[.pages] == table.pages.joined().count)
    #expect(status.doneSegments == 40 && status.doneTotals == status.totals)
    let started = workers.withLock { $0 }
    #expect(Set(started).count == started.count && started.count <= min(open, 40))
    withExtendedLifetime(directory) {}
  }

  @Test func `an error stops the pass at once, with its cause, and the rest goes on later`() async throws {
    let directory = TemporaryDirectory()
    let table = PagedTable(segments: 40, seed: 2)
    let plan = SegmentPlan(count: 40, seed: 2)
    let count = Atomic<Int>(0)
    do {
      let pass = try Self.pass(directory, plan, open: 4)
      await #expect(throws: PlannedFailure.self) {
        _ = try await pass.run(worker: { _ in }) { _, page in
          if count.add(1, ordering: .relaxed).oldValue == 30 { throw PlannedFailure() }
          return table.outcome(page)
        }
      }
      #expect(count.load(ordering: .relaxed) <= 30 + 4)
    }
    let pass = try Self.pass(directory, plan, open: 4)
    #expect(try await pass.run(worker: { _ in }) { _, page in table.outcome(page) } == .complete)
    #expect(await pass.checkpoint.status.totals[.scanned] == table.items)
  }

  @Test func `a stop ends after the pages in flight, and the same pass goes on`() async throws {
    let table = PagedTable(segments: 30, seed: 3)
    let stop = StopSignal()
    let count = Atomic<Int>(0)
    let directory = TemporaryDirectory()
    let plan = SegmentPlan(count: 30, seed: 3)
    do {
      let pass = try Self.pass(directory, plan, open: 4, stop: stop)
      let end = try await pass.run(worker: { _ in }) { _, page in
        if count.add(1, ordering: .relaxed).newValue == 20 {
          stop.request(.itemLimit)
          stop.request(.interrupted)
        }
        return table.outcome(page)
      }
      #expect(end == .stopped(.itemLimit))
      #expect(count.load(ordering: .relaxed) < 20 + 4)
      let pages = await pass.checkpoint.status.totals[.pages]
      #expect(pages == count.load(ordering: .relaxed))
      #expect(
        try await pass.run(worker: { _ in }) { _, page in table.outcome(page) } == .stopped(.itemLimit))
    }
    let pass = try Self.pass(directory, plan, open: 4)
    #expect(try await pass.run(worker: { _ in }) { _, page in table.outcome(page) } == .complete)
    #expect(await pass.checkpoint.status.totals[.scanned] == table.items)
  }

  @Test func `cancelling the task ends the pass`() async throws {
    let table = PagedTable(segments: 30, seed: 4)
    let directory = TemporaryDirectory()
    let pass = try Self.pass(directory, SegmentPlan(count: 30, seed: 4), open: 2)
    let started = AsyncStream<Void>.makeStream()
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          _ = try await pass.run(worker: { _ in }) { _, page in
            started.continuation.yield()
            while !Task.isCancelled { await Task.yield() }
            return table.outcome(page)
          }
          return false
        } catch { return error is CancellationError }
      }
      for await _ in started.stream { break }
      group.cancelAll()
      #expect(await group.next() == true)
    }
    withExtendedLifetime(directory) {}
  }

  /// Each round dies after a random page, as SIGKILL would have it: with what was written and perhaps half a record more.
  @Test(arguments: 0..<60 as Range<UInt64>)
  func `totals and lines are exact whatever dies when`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let directory = TemporaryDirectory()
    let segments = 1 + generator.below(30)
    let table = PagedTable(segments: segments, seed: seed)
    let plan = SegmentPlan(count: segments, seed: seed)
    var isComplete = false
    while !isComplete {
      isComplete = try await round(directory, table, plan, &generator)
      if isComplete { break }
      // Half a record and half a line, as a process leaves them that dies in a write.
      let name = try #require(directory.names("state").last { $0.hasSuffix(".journal") })
      var bytes = ByteBuffer(try directory.bytes("state/\(name)"))
      let whole = bytes.count
      JournalRecord(.page(segment: 0, key: [1, 2, 3], counts: PassCounts()), elapsedMilliseconds: 1, linesLength: 1 << 30)
        .encode(into: &bytes)
      bytes.truncate(to: whole + generator.below(bytes.count - whole))
      try directory.write("state/\(name)", (0..<bytes.count).map { bytes[$0] })
      try directory.write("state/lines.jsonl", try directory.bytes("state/lines.jsonl") + Array("{\"half\":".utf8))
    }
    let lines = String(decoding: try directory.bytes("state/lines.jsonl"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == table.lines && Set(lines).count == table.lines, "seed \(seed)")
  }

  /// Works off pages of several segments in turns, with tiny journals, until a random end; true if the pass was completed.
  private func round(
    _ directory: TemporaryDirectory, _ table: PagedTable, _ plan: SegmentPlan, _ generator: inout SeededGenerator
  ) async throws -> Bool {
    let checkpoint = try PassCheckpoint(
      try StateDirectory(StatePath("\(directory.path)/state")), name: "pass", plan: plan, lines: "lines.jsonl",
      compaction: 200 + generator.below(2_000), executor: FileThread(), elapsed: ManualTime().now)
    var held: [SegmentPage] = []
    while held.count < 1 + generator.below(5), let page = try await checkpoint.next() { held.append(page) }
    var left = generator.below(30)
    while !held.isEmpty && left > 0 {
      left -= 1
      let page = held.remove(at: generator.below(held.count))
      if let next = try await checkpoint.completed(page, table.outcome(page)) { held.append(next) }
    }
    guard await checkpoint.isComplete else { return false }
    let totals = await checkpoint.status.totals
    #expect(totals[.scanned] == table.items && totals[.failed] == table.lines)
    return true
  }
}

@Suite struct ScanPassCrewTests {
  /// Workers are added and taken off while the pass runs, and every page is done once all the same.
  @Test(arguments: 1...10 as ClosedRange<UInt64>) func `open segments can change`(seed: UInt64) async throws {
    let directory = TemporaryDirectory()
    let checkpoint = try PassCheckpoint(
      try StateDirectory(StatePath("\(directory.path)/state")), name: "pass", plan: SegmentPlan(count: 40, seed: seed),
      executor: FileThread(),
      elapsed: ManualTime().now)
    let wanted = Mutex((now: 2, most: 0, running: 0, random: SeededGenerator(seed: seed)))
    let pass = ScanPass(
      checkpoint: checkpoint, openSegments: { wanted.withLock { $0.now } }, loops: [globalConcurrentExecutor], stop: StopSignal())
    let table = PagedTable(segments: 40, seed: seed)
    let end = try await pass.run { index in
      index
    } page: { _, page in
      wanted.withLock { state in
        state.running += 1
        state.most = max(state.most, state.running)
        if state.random.below(5) == 0 { state.now = 1 + state.random.below(12) }
      }
      for _ in 0..<5 { await Task.yield() }
      wanted.withLock { $0.running -= 1 }
      return table.outcome(page, hasLines: false)
    }
    let status = await checkpoint.status
    #expect(end == .complete && status.totals[.scanned] == table.items, "seed \(seed)")
    #expect(wanted.withLock { $0.most } > 2)
  }
}
