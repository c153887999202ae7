import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import MigrationControl
import Synchronization
import TestSupport
import Testing

@testable import DualTableVerify

/// Workers of one verification that join, leave, die and sleep, in virtual time.
@Suite struct SharedVerifyTests {
  /// `DUALTABLE_SEEDS` asks for more.
  private static let seeds = unsafe getenv("DUALTABLE_SEEDS").flatMap { UInt64(unsafe String(cString: $0)) } ?? 1
  /// One that keeps the partition key, so that the new table is scanned, and one that changes it, so that ids are looked up.
  private static let mappings: [any TableMapping] = [KeptKeyMapping(), TestMapping()]

  private static func faults(_ seed: UInt64) -> FaultPlan {
    var faults = FaultPlan(seed: seed)
    faults.delay = .milliseconds(5) ... .milliseconds(40)
    (faults.lostAnswer, faults.throttled, faults.unavailable) = (0.01, 0.01, 0.01)
    return faults
  }

  @Test("Planted missing, differing and unconvertible items are found exactly once, by any number of workers", arguments: [1, 4], [0, 1])
  func planted(workers: Int, mapping: Int) throws {
    let fleet = try VerifyFleet(seed: 1, mapping: Self.mappings[mapping], faults: Self.faults(1))
    try fleet.time.run {
      let tables = try await fleet.prepare(items: 600, flawEach: 13)
      try await fleet.client.put(["pk": .string("service"), "n": .number(DynamoDBNumber(1))], in: "new")
      let crew = (0..<workers).map { _ in fleet.makeWorker() }
      let results = try await fleet.work(crew)
      for (worker, result) in zip(crew, results) {
        var same = result
        same.seconds = results[0].seconds
        #expect(result.verdict == .findings && same == results[0])
        #expect(try fleet.findings(worker) == tables.findings)
      }
      let result = results[0]
      func planted(_ reason: String) -> Int { tables.findings.count { $0.hasPrefix(reason) } }
      #expect(
        result.missing == planted("missing") && result.differing == planted("differing")
          && result.unconvertible == planted("unconvertible") && result.undecided == 0)
      #expect(result.oldIDs == tables.oldIDs && result.unlisted == 0)
      #expect(result.countsNew == (mapping == 0))
      if result.countsNew { #expect(result.newIDs == tables.newIDs + 1 && result.extra == 1) }
      let record = try #require(try await fleet.record())
      #expect(!record.isClean && record["missing"] == result.missing && record["oldIds"] == tables.oldIDs)
      #expect((record["extra"] != nil) == result.countsNew)
      let overview = try #require(try await fleet.table.overview())
      #expect(overview.workers.isEmpty && overview.segments.allSatisfy { $0.isDone && $0.owner == nil })
      var told = SharedVerification.result(overview, at: fleet.time.wallClock.now())
      told.seconds = result.seconds
      #expect(told == result)
    }
  }

  @Test("A worker killed every second: the run finishes, and counts and findings are exact", arguments: 1...seeds, [0, 1])
  func killed(seed: UInt64, mapping: Int) throws {
    var faults = Self.faults(seed)
    faults.delay = .milliseconds(40) ... .milliseconds(160)
    let fleet = try VerifyFleet(seed: seed, mapping: Self.mappings[mapping], faults: faults, itemsInPage: 5)
    try fleet.time.run {
      let tables = try await fleet.prepare(items: 500, flawEach: 37)
      let kills = Mutex(0)
      let last = try await withThrowingTaskGroup(of: Void.self) { group in
        let living = Mutex<[VerifyFleet.Worker]>([])
        func start() {
          let worker = fleet.makeWorker()
          living.withLock { $0.append(worker) }
          group.addTask(executorPreference: worker.process) {
            _ = try? await fleet.work(worker) { $0.segments = 64 }
          }
        }
        for _ in 0..<4 { start() }
        var random = SeededGenerator(seed: seed)
        while try await fleet.record() == nil {
          try await fleet.time.sleep(for: .seconds(1))
          // Whoever takes over must live for longer than a lease.
          if kills.withLock({ $0 }) == 12 { continue }
          let victim = living.withLock { $0.remove(at: random.below($0.count)) }
          if victim.result.withLock({ $0 }) == nil {
            victim.network.cut()
            kills.withLock { $0 += 1 }
          }
          start()
        }
        // One that was there when it ended knows all.
        try await fleet.time.sleep(for: .seconds(5))
        let knowing = living.withLock { workers in
          workers.first { worker in worker.result.withLock { if case .success(let result)? = $0 { result.verdict != nil } else { false } } }
        }
        living.withLock { for worker in $0 { worker.network.cut() } }
        group.cancelAll()
        return knowing
      }
      let worker = try #require(last, "seed \(seed)")
      let result = try #require(try worker.result.withLock { try $0?.get() })
      #expect(kills.withLock { $0 } > 3, "seed \(seed)")
      #expect(result.oldIDs == tables.oldIDs && result.undecided == 0, "seed \(seed)")
      if mapping == 0 { #expect(result.newIDs == tables.newIDs && result.extra == 0, "seed \(seed)") }
      #expect(try fleet.findings(worker) == tables.findings, "seed \(seed)")
      let (findings, record) = (tables.findings, try #require(try await fleet.record()))
      #expect(record["missing"] == findings.count { $0.hasPrefix("missing") }, "seed \(seed)")
      #expect(record["differing"] == findings.count { $0.hasPrefix("differing") }, "seed \(seed)")
    }
  }

  @Test("A worker paused past its lease harms nothing: what it read late counts nothing", arguments: 1...seeds, [0, 1])
  func paused(seed: UInt64, mapping: Int) throws {
    let fleet = try VerifyFleet(seed: seed, mapping: Self.mappings[mapping], faults: Self.faults(seed))
    try fleet.time.run {
      let tables = try await fleet.prepare(items: 600, flawEach: 29)
      let crew = (0..<3).map { _ in fleet.makeWorker() }
      async let slept: Void = {
        for round in 0..<3 {
          try await fleet.time.sleep(for: .seconds(3))
          crew[round].process.suspend(for: .seconds(40 + round * 7))
        }
      }()
      let results = try await fleet.work(crew) { $0.oldReadBudget = .units(9) }
      try await slept
      for (worker, result) in zip(crew, results) {
        #expect(result.oldIDs == tables.oldIDs && result.countsNew == (mapping == 0), "seed \(seed)")
        #expect(try fleet.findings(worker) == tables.findings, "seed \(seed)")
      }
    }
  }

  @Test(
    "A host that stops after a while makes progress at each invocation, with little memory, and the last one knows the result",
    arguments: [0, 1])
  func bounded(mapping: Int) throws {
    let fleet = try VerifyFleet(seed: 8, mapping: Self.mappings[mapping], faults: Self.faults(8))
    try fleet.time.run {
      let tables = try await fleet.prepare(items: 800, flawEach: 41)
      var (ids, invocations) = (0, 0)
      while true {
        invocations += 1
        let began = fleet.time.now
        let worker = fleet.makeWorker()
        let result = try await fleet.work(worker) { configuration in
          configuration.timeLimit = .seconds(10)
          configuration.oldReadBudget = .units(5)
          configuration.newReadBudget = .units(mapping == 0 ? 5 : 20)
          (configuration.bytesInFlight, configuration.idBytes) = (1 << 20, 1)
        }
        #expect(began.duration(to: fleet.time.now) < .seconds(20))
        #expect(result.oldIDs > ids || result.stopped == nil, "invocation \(invocations)")
        ids = result.oldIDs
        try #require(invocations < 60)
        guard let reason = result.stopped else {
          #expect(try fleet.findings(worker) == tables.findings)
          break
        }
        #expect(reason == .timeLimit && result.verdict == nil)
        #expect(try await fleet.record() == nil)
        let pass = try #require(try await fleet.table.pass())
        #expect(try await fleet.table.segments(of: pass).allSatisfy { $0.owner == nil })
        #expect(try #require(try await fleet.table.overview()).workers.isEmpty)
      }
      #expect(ids == tables.oldIDs && invocations > 3)
    }
  }

  @Test("What memory doesn't hold of the new table is looked up by its key, so that a segment of any size has exact findings")
  func crowded() throws {
    let fleet = try VerifyFleet(seed: 3, mapping: KeptKeyMapping())
    try fleet.time.run {
      let tables = try await fleet.prepare(items: 1_600, flawEach: 97)
      let worker = fleet.makeWorker()
      let result = try await fleet.work(worker) { ($0.segments, $0.idBytes) = (1, 1) }
      #expect(try fleet.findings(worker) == tables.findings)
      #expect(result.rechecked > 700 && result.oldIDs == tables.oldIDs && result.newIDs == tables.newIDs && result.extra == 0)
    }
  }

  @Test("More findings than a segment lists are counted")
  func unlisted() throws {
    let fleet = try VerifyFleet(seed: 3, mapping: KeptKeyMapping())
    try fleet.time.run {
      _ = try await fleet.prepare(items: 1_300)
      fleet.engine.change { service in
        for item in service.items(in: "new") { service.delete(["pk": item["pk"] ?? .null, "n": item["n"] ?? .null], in: "new") }
      }
      let worker = fleet.makeWorker()
      let result = try await fleet.work(worker) { $0.segments = 1 }
      #expect(result.missing == result.oldIDs && result.unlisted == result.oldIDs - SegmentVerifier.mostListed)
      #expect(try fleet.findings(worker).count == SegmentVerifier.mostListed)
    }
  }

  @Test("A clean result is told again to whoever comes late; one with findings, an old one, or another mapping's is begun anew")
  func again() throws {
    let fleet = try VerifyFleet(seed: 5, mapping: KeptKeyMapping())
    try fleet.time.run {
      _ = try await fleet.prepare(items: 100)
      let first = try await fleet.work(fleet.makeWorker())
      func scans() -> Int { fleet.engine.requestCount("Scan") }
      var before = scans()
      let late = try await fleet.work(fleet.makeWorker())
      #expect(late.wasComplete && late.verdict == .clean && late.oldIDs == first.oldIDs && scans() == before)
      try await fleet.time.sleep(for: .seconds(700))
      let next = try await fleet.work(fleet.makeWorker())
      #expect(!next.wasComplete && scans() > before)
      let kept = try await fleet.control.items(beginningWith: "pass#verify#").filter { $0["segment"] != nil }
      #expect(kept.count == 24, "what the run before left is gone")
      fleet.engine.change { $0.delete(["pk": .string("u-7"), "n": .number(DynamoDBNumber(7))], in: "new") }
      before = scans()
      #expect(try await fleet.work(fleet.makeWorker()) { $0.comparesContent = false }.missing == 1 && scans() > before)
      fleet.engine.change { service in
        for result in (try? KeptKeyMapping().convert(VerifyScene.item(7))) ?? [] { service.put(result, in: "new") }
      }
      #expect(try await fleet.work(fleet.makeWorker()).verdict == .clean)
    }
  }

  @Test("What is missing is put by whoever finds it, and the next run is clean")
  func repaired() throws {
    let fleet = try VerifyFleet(seed: 6, mapping: TestMapping())
    try fleet.time.run {
      _ = try await fleet.prepare(items: 300)
      fleet.engine.change { service in for number in 10..<30 { service.delete(VerifyScene.newKey(number), in: "new") } }
      let results = try await fleet.work([fleet.makeWorker(), fleet.makeWorker()]) { $0.repair = Repair() }
      #expect(results.allSatisfy { $0.missing == 20 && $0.repaired == 20 && $0.verdict == .findings })
      #expect(try await fleet.work(fleet.makeWorker()).verdict == .clean)
    }
  }

  @Test("Findings of a run that was begun anew are refused, not left empty") func begunAnew() throws {
    let fleet = try VerifyFleet(seed: 5, mapping: Self.mappings[0])
    try fleet.time.run {
      _ = try await fleet.prepare(items: 200, flawEach: 20)
      #expect(try await fleet.work(fleet.makeWorker()).verdict == .findings)
      let verification = SharedVerification(fleet.control)
      let pass = try #require(try await verification.table.pass())
      let path = "\(fleet.directory.path)/findings"
      try await verification.writeFindings(of: pass, to: path, false)
      #expect(try !fleet.directory.text("findings").isEmpty)
      #expect(try await fleet.work(fleet.makeWorker()).verdict == .findings)
      let error = await #expect(throws: StateError.self) { try await verification.writeFindings(of: pass, to: path, false) }
      #expect(error?.message.contains("begun anew in between; run the command once more") == true)
    }
  }

  @Test("All workers together stay within the shared read budgets", arguments: [0, 1])
  func budgets(mapping: Int) throws {
    let fleet = try VerifyFleet(seed: 9, mapping: Self.mappings[mapping])
    try fleet.time.run {
      _ = try await fleet.prepare(items: 1_500)
      let began = fleet.time.now
      let results = try await fleet.work((0..<3).map { _ in fleet.makeWorker() }) {
        ($0.oldReadBudget, $0.newReadBudget, $0.segments) = (.units(30), .units(mapping == 0 ? 30 : 60), 60)
      }
      let seconds = began.duration(to: fleet.time.now) / .seconds(1)
      let pass = try #require(try await fleet.table.pass())
      let counts = try await fleet.table.segments(of: pass).reduce(into: PassCounts()) { $0 += $1.counts }
      #expect(results.allSatisfy { $0.verdict == .clean })
      let (old, new) = (Double(counts[.readMilliunits]) / 1_000 / seconds, Double(counts[.newReadMilliunits]) / 1_000 / seconds)
      #expect(old <= 30 * 1.05 && new <= 60 * 1.05 && max(old / 30, new / 60) > 0.5, "\(old) \(new)")
    }
  }

  @Test func `a mapping that keeps the partition key is told from one that doesn't`() throws {
    #expect(KeptKeyMapping().keepsPartitionKey && !TestMapping().keepsPartitionKey)
    func keeps(_ yaml: String) throws -> Bool { try CompiledMapping(yaml: Array(yaml.utf8), file: "m.yaml").keepsPartitionKey }
    #expect(try keeps("version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nrest: keep\n"))
    #expect(
      try keeps("version: 1\nold: {hash: {id: S}}\nnew: {hash: {pk: S}, range: {sk: S}}\nkey: {pk: id, sk: {const: A}}\nrest: keep\n"))
    #expect(try !keeps("version: 1\nold: {hash: {id: S}}\nnew: {hash: {pk: S}}\nkey: {pk: {template: \"U#{id}\"}}\nrest: keep\n"))
  }
}

extension DynamoDBClient {
  fileprivate func put(_ item: Item, in table: String) async throws { _ = try await putItem(PutItemInput(tableName: table, item: item)) }
}
