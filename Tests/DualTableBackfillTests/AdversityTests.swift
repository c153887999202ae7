import AWSAuth
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import DualTableBackfill

/// What may happen to a run of hours, in virtual time: it goes on, or stops cleanly with the reason.
@Suite struct AdversityTests {
  static let items = 300

  /// A run at 10 units a second, so half a minute long; `script` sees every request first.
  private static func run(
    _ migration: TimedMigration, new: ProvisionedThroughput? = nil, _ script: DynamoDBSimulator.Script? = nil,
    _ change: @escaping @Sendable (inout Backfill.Configuration) -> Void = { _ in }
  ) throws -> BackfillResult {
    try migration.run { migration in
      try await migration.makeTables(new: new)
      migration.seed(0..<items)
      migration.simulator.follow(script)
      return try await migration.backfill { configuration in
        configuration.writeBudget = .units(10)
        change(&configuration)
      }
    }
  }

  private static func seconds(_ migration: TimedMigration) -> Int { Int(migration.time.now.nanoseconds / 1_000_000_000) }

  /// Runs again without troubles and expects all items across.
  private static func goOn(_ migration: TimedMigration) throws {
    migration.simulator.follow(nil)
    migration.simulator.setFaults(FaultPlan(seed: 1))
    let result = try migration.run { try await $0.backfill() }
    #expect(result.counts[.migrated] + result.counts[.alreadyThere] == items && result.addsUp && !result.more)
    #expect(Set(migration.simulator.items(in: "new").map { $0["id"] }).count == items)
  }

  @Test("SIGSTOP for an hour, which both clocks show: it goes on")
  func suspended() throws {
    let migration = try TimedMigration(seed: 2)
    let slept = Atomic(false)
    let result = try Self.run(
      migration,
      { [migration] _, _ in
        // Nobody gets an answer, nobody gets a turn, and the clocks go on.
        if Self.seconds(migration) >= 5, !slept.exchange(true, ordering: .relaxed) { migration.time.skip(.seconds(3_600)) }
        return nil
      })
    #expect(result.counts[.migrated] == Self.items && result.seconds > 3_600 && result.seconds < 3_700, "\(result.seconds)")
    let writes = migration.meter.all.filter(\.isWrite).sorted { $0.at < $1.at }
    // It makes nothing up for the hour.
    #expect(writes.extremes(over: .seconds(1)).most <= 10.5)
  }

  @Test("No network for ten minutes: with more patience than that it goes on, with less it stops with the reason")
  func unreachable() throws {
    for patience in [900, 300] {
      let migration = try TimedMigration(seed: 2)
      do {
        let result = try migration.run { migration in
          try await migration.makeTables()
          migration.seed(0..<Self.items)
          async let weather: Void = {
            try await migration.time.sleep(for: .seconds(5))
            var dead = FaultPlan(seed: 2)
            dead.lostRequest = 1
            migration.simulator.setFaults(dead)
            try await migration.time.sleep(for: .seconds(600))
            migration.simulator.setFaults(FaultPlan(seed: 2))
          }()
          let result = try await migration.backfill { configuration in
            configuration.writeBudget = .units(10)
            configuration.patience = .seconds(patience)
          }
          try await weather
          return result
        }
        #expect(patience == 900 && result.counts[.migrated] == Self.items && result.seconds < 700, "\(result.seconds)")
      } catch let error as BackfillError {
        #expect(patience == 300 && error.code == .service && error.message.contains("ConnectionLost"), "\(error)")
        try Self.goOn(migration)
      }
    }
  }

  /// Keys that expire, and what follows them once their provider is told.
  private final class Credentials: CredentialProvider {
    let isRenewed = Atomic(false)
    let renews: Bool
    init(renews: Bool) { self.renews = renews }

    func credentials() async throws(CredentialError) -> AWSCredentials {
      let name = renews && isRenewed.load(ordering: .relaxed) ? "SECOND" : "FIRST"
      guard let credentials = try? AWSCredentials(accessKeyID: name, secretAccessKey: "S") else { preconditionFailure("well-formed") }
      return credentials
    }

    func refused() { isRenewed.store(true, ordering: .relaxed) }
  }

  @Test("Credentials that expire in the middle of it: it goes on with new ones, or stops with the reason", arguments: [true, false])
  func expiry(_ renews: Bool) throws {
    let credentials = Credentials(renews: renews)
    let migration = try TimedMigration(seed: 2, credentials: credentials)
    let refused = Atomic(0)
    let script: DynamoDBSimulator.Script = { [migration] arrival, _ in
      let isValid = renews && credentials.isRenewed.load(ordering: .relaxed)
      guard arrival.operation == "PutItem", Self.seconds(migration) >= 5, !isValid else { return nil }
      refused.add(1, ordering: .relaxed)
      return .service("ExpiredTokenException", "The security token included in the request is expired")
    }
    do {
      let result = try Self.run(migration, script)
      #expect(renews && result.counts[.migrated] == Self.items && refused.load(ordering: .relaxed) >= 1)
    } catch let error as BackfillError {
      #expect(!renews && error.message.contains("the session token has expired"), "\(error)")
      try Self.goOn(migration)
    }
  }

  @Test("Credentials that expire twice within one page: it goes on with new ones each time", arguments: [true, false])
  func expiryWithinPage(_ hasProgress: Bool) throws {
    let migration = try TimedMigration(seed: 2, credentials: Credentials(renews: true))
    let refused = Mutex<[String: Int]>([:])
    let result = try Self.run(
      migration,
      { arrival, _ in
        guard arrival.operation == "PutItem" else { return nil }
        return refused.withLock { counts in
          counts["puts", default: 0] += 1
          // Eight are under way at once: all of a round are refused.
          switch counts["puts", default: 0] {
          case 101...108: return .service("ExpiredTokenException", "The security token included in the request is expired")
          case 109...116 where !hasProgress: return .service("InternalServerError", "Not now")
          case (hasProgress ? 113 : 117)...(hasProgress ? 120 : 124):
            return .service("ExpiredTokenException", "The security token included in the request is expired")
          default: return nil
          }
        }
      }
    ) {
      $0.writeBudget = nil
      ($0.segments, $0.openSegments) = (1, 1)
    }
    #expect(result.counts[.migrated] == Self.items && result.counts[.pages] < 4)
    #expect(refused.withLock { $0["puts", default: 0] } > Self.items + 15)
  }

  @Test("A table whose capacity is changed in the middle of it: it slows down, and a percentage follows")
  func capacityChanged() throws {
    let migration = try TimedMigration(seed: 2, hasLimits: true)
    let result = try migration.run { migration in
      try await migration.makeTables(new: ProvisionedThroughput(readCapacityUnits: 100, writeCapacityUnits: 10))
      migration.seed(0..<3_000)
      async let changed: Void = {
        try await migration.time.sleep(for: .seconds(30))
        _ = try await migration.client.updateTable(
          UpdateTableInput(tableName: "new", provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 100, writeCapacityUnits: 100)))
      }()
      let result = try await migration.backfill { $0.writeBudget = .percent(100) }
      try await changed
      return result
    }
    #expect(result.counts[.migrated] == 3_000)
    // A minute at most at 10 a second, then 100.
    #expect(result.seconds > 40 && result.seconds < 110, "\(result.seconds)")
  }

  @Test("Without a budget it finds out what the table gives, and names the limit")
  func throttled() throws {
    let migration = try TimedMigration(seed: 2, hasLimits: true)
    let limits = Mutex<[String]>([])
    let result = try migration.run { migration in
      try await migration.makeTables(new: ProvisionedThroughput(readCapacityUnits: 100, writeCapacityUnits: 50))
      migration.seed(0..<3_000)
      return try await migration.backfill(progress: { progress in
        if let throttling = progress.write.throttling { limits.withLock { $0.append(throttling) } }
      })
    }
    #expect(result.counts[.migrated] == 3_000 && result.seconds > 50 && result.seconds < 75, "\(result.seconds)")
    #expect(Set(limits.withLock { $0 }) == ["TableWriteProvisionedThroughputExceeded"])
  }

  @Test("A table that is deleted in the middle of it: it stops with the reason", arguments: ["old", "new"])
  func deleted(_ table: String) throws {
    let migration = try TimedMigration(seed: 2)
    do {
      _ = try migration.run { migration in
        try await migration.makeTables()
        migration.seed(0..<Self.items)
        async let gone: Void = {
          try await migration.time.sleep(for: .seconds(5))
          _ = try await migration.client.deleteTable(DeleteTableInput(tableName: table))
        }()
        let result = try await migration.backfill { $0.writeBudget = .units(10) }
        try await gone
        return result
      }
      Issue.record("it went on without its table")
    } catch let error as BackfillError {
      #expect(error.code == .service && error.message.contains("ResourceNotFoundException"), "\(error)")
      #expect(error.message.contains("run it again to go on"))
    }
    let found = try #require(try Backfill.look(at: migration.state))
    #expect(found.status.totals[.scanned] > 20)
  }

  @Test(
    "A disk that is full: it stops with the reason, and goes on once there is room",
    .enabled(if: FullDevice.isAvailable, "a full disk is played by a device, which takes root to make"))
  func fullDisk() throws {
    let migration = try TimedMigration(seed: 2)
    let letters = "\(migration.state)/\(Backfill.deadLetters)"
    do {
      _ = try migration.run { migration in
        try await migration.makeTables()
        migration.seed(0..<Self.items)
        migration.simulator.change { $0.put(["id": "bad", "profile": .map(["age": "many"])], in: "old") }
        // Whatever is written to this device finds it full.
        try File.makeDirectory(migration.state)
        try FullDevice.make(at: letters)
        return try await migration.backfill { $0.writeBudget = .units(10) }
      }
      Issue.record("it went on without its dead letters")
    } catch let error as BackfillError {
      #expect(error.code == .state && error.message.contains("free some space"), "\(error)")
    }
    let found = try #require(try Backfill.look(at: migration.state))
    #expect(found.status.totals[.failed] == 0)
    try File.remove(letters)
    let result = try migration.run { try await $0.backfill() }
    #expect(result.counts[.failed] == 1 && result.counts[.scanned] == Self.items + 1 && result.addsUp)
    #expect(try migration.directory.text("state/\(Backfill.deadLetters)").split(separator: "\n").count == 1)
  }

  @Test(
    "A crash at any moment: what is done again is at most the pages in flight, and the books are those of one run",
    arguments: 1...12 as ClosedRange<UInt64>)
  func crash(_ seed: UInt64) throws {
    let migration = try TimedMigration(seed: seed)
    var random = SeededGenerator(seed: seed)
    try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<Self.items)
    }
    // What is in the new table and not in the books is what will be done again.
    var redone: [Int] = []
    for _ in 0..<3 {
      let moment = Duration.milliseconds(200 + random.below(4_000))
      try migration.run { migration in
        try await migration.kill(after: moment) { _ = try await migration.backfill { $0.writeBudget = .units(20) } }
      }
      let done = try Backfill.look(at: migration.state)?.status.totals ?? PassCounts()
      redone.append(migration.simulator.items(in: "new").count - done[.migrated] - done[.alreadyThere])
      // Sixteen pages in flight, of a tenth of a second's budget each.
      #expect(redone[redone.count - 1] <= 16 * 2, "seed \(seed)")
    }
    let result = try migration.run { try await $0.backfill() }
    #expect(result.counts[.scanned] == Self.items && result.addsUp && !result.more)
    #expect(result.counts[.migrated] + result.counts[.alreadyThere] == Self.items)
    let again = result.counts[.alreadyThere]
    #expect(again <= redone.reduce(0, +) && again >= redone.max() ?? 0, "seed \(seed): \(redone)")
  }
}
