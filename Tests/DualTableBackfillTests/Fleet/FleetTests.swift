import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import MigrationControl
import Synchronization
import Testing

@testable import DualTableBackfill

/// Many workers of one backfill, in virtual time.
@Suite struct FleetTests {
  /// `DUALTABLE_SEEDS` asks for more.
  private static let asked = unsafe getenv("DUALTABLE_SEEDS").flatMap { UInt64(unsafe String(cString: $0)) }

  @Test("Counts and checkpoint are written together with the lease, so that they add up exactly once", arguments: [1, 3])
  func together(workers: Int) throws {
    let fleet = try BackfillFleet(seed: 4)
    try fleet.time.run {
      try await fleet.prepare(items: 400)
      for number in 0..<20 {
        fleet.migration.simulator.change { $0.put(["id": .string("bad-\(number)"), "profile": .map(["age": "many"])], in: "old") }
      }
      let results = try await fleet.work((0..<workers).map { _ in fleet.makeWorker() }) { $0.openSegments = 4 }
      for result in results {
        #expect(result.addsUp && result.counts[.migrated] == 400 && result.counts[.failed] == 20 && !result.more)
        #expect(result.reasons.values.reduce(0, +) == 20)
      }
      let record = try #require(try await fleet.record())
      #expect(record["scanned"] == 420 && record["failed"] == 20 && !record.isClean)
      // Dead letters live there too.
      let pass = try #require(try await fleet.table.pass())
      var lines: [Substring] = []
      try await fleet.table.forEachLetters(of: pass) { lines += String(decoding: $0, as: UTF8.self).split(separator: "\n") }
      #expect(lines.count == 20 && Set(lines).count == 20 && lines.allSatisfy { $0.contains(#""reason":"#) })
      #expect(pass.finished != nil)
      let segments = try await fleet.table.segments(of: pass)
      #expect(segments.allSatisfy { $0.isDone && $0.owner == nil } && segments.reduce(0) { $0 + $1.counts[.scanned] } == 420)
    }
  }

  @Test("Dead letters of pages of the smallest items, all of which fail, fit their checkpoints")
  func smallestItems() throws {
    let fleet = try BackfillFleet(seed: 9)
    try fleet.time.run {
      try await fleet.prepare(items: 0)
      fleet.migration.simulator.change { service in
        for number in 0..<16_000 {
          service.put(["id": .string(String(number, radix: 36)), "profile": .map(["age": "?"])], in: "old")
        }
      }
      let result = try await fleet.work(fleet.makeWorker()) { configuration in
        configuration.segments = 1
        configuration.openSegments = 1
      }
      #expect(result.addsUp && result.counts[.failed] == 16_000)
      let pass = try #require(try await fleet.table.pass())
      var lines = 0
      try await fleet.table.forEachLetters(of: pass) { lines += $0.count { $0 == 0x0A } }
      #expect(lines == 16_000)
    }
  }

  @Test("What each worker did over time is in the control table, and adds up to the run's curves")
  func series() throws {
    let fleet = try BackfillFleet(seed: 11)
    try fleet.time.run {
      try await fleet.prepare(items: 3_000)
      let results = try await fleet.work((0..<2).map { _ in fleet.makeWorker() }) { configuration in
        configuration.openSegments = 2
        configuration.segments = 20
        configuration.writeBudget = .units(30)
        configuration.limitedBy = { "--write-wcu" }
      }
      #expect(results.allSatisfy { $0.counts[.migrated] == 3_000 })
      let pass = try #require(try await fleet.table.pass())
      let series = try await fleet.table.series(of: pass)
      let last = try #require(series.samples.last)
      // Who left told all; nobody died.
      #expect(last.counts[.migrated] == 3_000 && last.elapsed > 90_000 && series.samples.count > 8)
      #expect(series.samples.reduce(0) { $0 + $1.requests.writes.total } == 3_000)
      let rates = zip(series.samples, series.samples.dropFirst()).map { before, after in
        Double(after.counts[.writeMilliunits] - before.counts[.writeMilliunits]) / Double(after.elapsed - before.elapsed)
      }
      #expect(rates.dropFirst().dropLast().allSatisfy { $0 > 24 && $0 < 33 }, "\(rates)")
      #expect(series.samples[4].limit == "--write-wcu" && abs((series.samples[4].writeLimit ?? 0) - 30) < 1)
    }
  }

  @Test("A finished run is told again and not begun anew; another one is begun once it was dropped")
  func again() throws {
    let fleet = try BackfillFleet(seed: 5)
    try fleet.time.run {
      try await fleet.prepare(items: 100)
      let first = try await fleet.work(fleet.makeWorker())
      let scans = fleet.migration.simulator.requestCount("Scan")
      let second = try await fleet.work(fleet.makeWorker())
      #expect(second.wasComplete && second.counts == first.counts && fleet.migration.simulator.requestCount("Scan") == scans)
      try await fleet.table.drop()
      #expect(try await fleet.table.pass() == nil)
      let third = try await fleet.work(fleet.makeWorker())
      #expect(!third.wasComplete && third.counts[.alreadyThere] == 100)
    }
  }

  @Test("A worker that asks for another number of segments is refused, and told how to join")
  func otherSegments() throws {
    let fleet = try BackfillFleet(seed: 12)
    try fleet.time.run {
      try await fleet.prepare(items: 50)
      _ = try await fleet.work(fleet.makeWorker()) { ($0.segments, $0.maxItems) = (8, 10) }
      let error = await #expect(throws: BackfillError.self) { _ = try await fleet.work(fleet.makeWorker()) { $0.segments = 9 } }
      #expect(error?.message.contains("its number of segments is 8 and this one's 9; leave --segments out to join it, drop") == true)
      #expect(try await fleet.work(fleet.makeWorker()).counts[.migrated] == 50)
    }
  }

  @Test("A worker started with other budgets than the run's goes by the run's, and says so once")
  func otherBudgets() throws {
    let fleet = try BackfillFleet(seed: 10)
    try fleet.time.run {
      try await fleet.prepare(items: 200)
      let (first, same, silent, other) = (fleet.makeWorker(), fleet.makeWorker(), fleet.makeWorker(), fleet.makeWorker())
      for (worker, read, write) in [(first, nil, 100.0), (same, nil, 100), (silent, nil, nil), (other, 50.0, 200)] {
        _ = try await fleet.work(worker) { configuration in
          (configuration.readBudget, configuration.writeBudget) = (read.map { .units($0) }, write.map { .units($0) })
          configuration.maxItems = 20
          configuration.openSegments = 1
        }
      }
      #expect([first, same, silent].allSatisfy { $0.warnings.withLock(\.isEmpty) })
      #expect(
        other.warnings.withLock { $0 } == [
          "The run in the control table control goes by no --read-rcu, not by this worker's 50, and by --write-wcu 100, not by this worker's "
            + "200; 'ctl set' changes it for all workers."
        ])
    }
  }
}
