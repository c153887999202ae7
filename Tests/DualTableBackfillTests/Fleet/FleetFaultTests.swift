import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import MigrationControl
import Synchronization
import TestSupport
import Testing

@testable import DualTableBackfill

/// Workers of one backfill that join, leave, die and sleep, in virtual time.
@Suite struct FleetFaultTests {
  /// `DUALTABLE_SEEDS` asks for more.
  private static let asked = unsafe getenv("DUALTABLE_SEEDS").flatMap { UInt64(unsafe String(cString: $0)) }

  /// Items of 4 KB, seventy of which make a page: each is worth a checkpoint of its own.
  private static let items = asked == nil ? 1_500 : 3_000
  private static let pageBytes = 300_000

  @Test(
    "A worker killed every second: the run finishes, counts add up exactly, and no more is redone than the pages in flight",
    arguments: 1...(asked ?? 1))
  func killed(seed: UInt64) throws {
    var faults = FaultPlan(seed: seed)
    faults.delay = .milliseconds(5) ... .milliseconds(40)
    faults.lostAnswer = 0.01
    let fleet = try BackfillFleet(seed: seed, faults: faults)
    let inFlight = Mutex(0)
    try fleet.time.run {
      try await fleet.prepare(items: Self.items, bytes: 4_000)
      try await withThrowingTaskGroup(of: Void.self) { group in
        let living = Mutex<[BackfillFleet.Worker]>([])
        func start() {
          let worker = fleet.makeWorker()
          living.withLock { $0.append(worker) }
          group.addTask(executorPreference: worker.process) {
            _ = try? await fleet.work(worker) { configuration in
              configuration.openSegments = 2
              configuration.segments = 96
              configuration.bytesInFlight = 2 * Self.pageBytes
            }
          }
        }
        // So many that now and then one lives for longer than a lease, and takes over what the dead had.
        for _ in 0..<8 { start() }
        var random = SeededGenerator(seed: seed)
        while try await fleet.record() == nil {
          try await fleet.time.sleep(for: .seconds(1))
          let victim = living.withLock { $0.remove(at: random.below($0.count)) }
          if victim.result.withLock({ $0 }) == nil {
            victim.network.cut()
            inFlight.withLock { $0 += 2 }
          }
          start()
        }
        living.withLock { for worker in $0 { worker.network.cut() } }
        group.cancelAll()
      }
      let record = try #require(try await fleet.record())
      #expect(record["scanned"] == Self.items && record.isClean, "seed \(seed)")
      let (migrated, again) = (record["migrated"] ?? 0, record["alreadyThere"] ?? 0)
      #expect(migrated + again == Self.items, "seed \(seed)")
      #expect(fleet.migration.simulator.items(in: "new").count == Self.items)
      let bound = inFlight.withLock { $0 } * (Self.pageBytes / 4_000)
      #expect(again <= bound, "seed \(seed)")
    }
  }

  @Test(
    "A worker paused past its lease harms nothing: its segments went to others, and what it wrote late counts nothing",
    arguments: 1...(asked ?? 2))
  func paused(seed: UInt64) throws {
    var faults = FaultPlan(seed: seed)
    faults.delay = .milliseconds(5) ... .milliseconds(40)
    let fleet = try BackfillFleet(seed: seed, faults: faults)
    try fleet.time.run {
      try await fleet.prepare(items: 1_500)
      let workers = (0..<3).map { _ in fleet.makeWorker() }
      async let slept: Void = {
        for round in 0..<3 {
          try await fleet.time.sleep(for: .seconds(4))
          workers[round].process.suspend(for: .seconds(40 + round * 7))
        }
      }()
      let results = try await fleet.work(workers) { configuration in
        configuration.openSegments = 3
        configuration.segments = 30
        configuration.writeBudget = .units(30)
      }
      try await slept
      for result in results { #expect(result.addsUp && result.counts[.scanned] == 1_500 && result.counts[.failed] == 0, "seed \(seed)") }
      #expect(fleet.migration.simulator.items(in: "new").count == 1_500)
      let pass = try #require(try await fleet.table.pass())
      let segments = try await fleet.table.segments(of: pass)
      #expect(segments.reduce(0) { $0 + $1.counts[.scanned] } == 1_500, "seed \(seed)")
    }
  }

  @Test("A host that stops after a while makes progress at each invocation, and the next one goes on at once")
  func bounded() throws {
    let fleet = try BackfillFleet(seed: 8)
    try fleet.time.run {
      try await fleet.prepare(items: 2_000)
      var scanned = 0
      var invocations = 0
      while true {
        invocations += 1
        let began = fleet.time.now
        let result = try await fleet.work(fleet.makeWorker()) { configuration in
          configuration.openSegments = 4
          configuration.timeLimit = .seconds(20)
          configuration.writeBudget = .units(25)
        }
        #expect(result.addsUp && began.duration(to: fleet.time.now) < .seconds(30))
        #expect(result.counts[.scanned] > scanned + 300 || !result.more)
        scanned = result.counts[.scanned]
        if !result.more { break }
        #expect(result.stopped == .timeLimit)
        let pass = try #require(try await fleet.table.pass())
        let segments = try await fleet.table.segments(of: pass)
        #expect(segments.allSatisfy { $0.owner == nil })
        #expect(try #require(try await fleet.table.overview()).workers.isEmpty)
      }
      #expect(scanned == 2_000 && invocations > 3)
      #expect(try await fleet.record()?["migrated"] == 2_000)
    }
  }

  @Test("An operator changes the budgets of all workers at once, pauses and stops them")
  func steered() throws {
    let fleet = try BackfillFleet(seed: 9)
    try fleet.time.run {
      try await fleet.prepare(items: 4_000)
      async let steered: Void = {
        try await fleet.time.sleep(for: .seconds(5))
        _ = try await fleet.table.change { $0.settings.apply(.pause) }
        try await fleet.time.sleep(for: .seconds(2))
        let count = fleet.migration.simulator.items(in: "new").count
        try await fleet.time.sleep(for: .seconds(20))
        #expect(fleet.migration.simulator.items(in: "new").count == count && count > 100)
        _ = try await fleet.table.change {
          $0.settings.apply(.resume)
          $0.settings.apply(.change(read: nil, write: .units(200), openSegments: 3))
        }
        try await fleet.time.sleep(for: .seconds(6))
        let faster = fleet.migration.simulator.items(in: "new").count - count
        #expect(faster > 700 && faster < 1_300, "\(faster)")
        _ = try await fleet.table.change { $0.settings.apply(.stop) }
      }()
      let results = try await fleet.work([fleet.makeWorker(), fleet.makeWorker()]) { $0.writeBudget = .units(50) }
      try await steered
      #expect(results.allSatisfy { $0.stopped == .interrupted })
      // None begins before somebody resumes the run.
      await #expect(throws: BackfillError.self) { _ = try await fleet.work(fleet.makeWorker()) }
      _ = try await fleet.table.change { $0.settings.apply(.resume) }
      let result = try await fleet.work(fleet.makeWorker()) { $0.writeBudget = nil }
      #expect(result.counts[.migrated] == 4_000 && result.addsUp)
    }
  }
}
