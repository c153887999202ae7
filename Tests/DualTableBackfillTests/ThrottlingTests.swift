import DualTableScan
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import DualTableBackfill
@testable import DynamoDBSimulator

/// What throttling and errors of some requests do to the others.
@Suite struct ThrottlingTests {
  private static func throttling(_ limit: ThrottlingLimit, _ access: CapacityCharge.Access) -> ServiceError {
    let table = access == .read ? "old" : "new"
    return Throttling.error([
      Throttling(limit: limit, charge: CapacityCharge(access: access, table: table, hash: 0, units: 1), isOnDemand: false)
    ])
  }

  private struct Run {
    var migrated = 0
    /// What the service seemed to bear, wherever there was a limit.
    var adaptive: [Double] = []
    var times = WorkerTimes.Sums()
  }

  /// 2,000 items at 100 units a second, of which one segment's pages or a sixth of the puts meet `error` for ten seconds.
  private static func run(_ error: ServiceError, on operation: String, readBudget: CapacityBudget? = .units(50)) throws -> Run {
    let migration = try TimedMigration(seed: 3)
    let state = Mutex(Run())
    let result = try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<2_000)
      migration.simulator.follow { arrival, _ in
        let second = migration.time.now.nanoseconds / 1_000_000_000
        guard arrival.operation == operation, second >= 5, second < 15 else { return nil }
        let body = String(decoding: arrival.body, as: UTF8.self)
        // A sixth of the keys, or one of the segments.
        if body.contains(operation == "Scan" ? "\"Segment\":3," : "\"u-1") { return error }
        return nil
      }
      return try await migration.backfill { configuration in
        (configuration.segments, configuration.openSegments) = (16, 8)
        (configuration.readBudget, configuration.writeBudget) = (readBudget, .units(100))
      } progress: { progress in
        state.withLock { state in
          state.times = progress.times
          let pace = operation == "Scan" ? progress.read : progress.write
          if let adaptive = pace.adaptive { state.adaptive.append(adaptive) }
        }
      }
    }
    var run = state.withLock { $0 }
    run.migrated = result.counts[.migrated]
    return run
  }

  @Test("Throttled per key range: the segment rests, and nobody else is slowed down", arguments: ["PutItem", "Scan"])
  func keyRange(_ operation: String) throws {
    let run = try Self.run(Self.throttling(.keyRange, operation == "Scan" ? .read : .write), on: operation)
    #expect(run.migrated == 2_000 && run.adaptive.isEmpty)
    #expect(run.times[.rest] > .seconds(4), "\(run.times)")
  }

  @Test("Throttled by the table or the account: the whole is slowed down", arguments: ["PutItem", "Scan"])
  func table(_ operation: String) throws {
    let access = operation == "Scan" ? CapacityCharge.Access.read : .write
    for limit in [ThrottlingLimit.provisioned, .account, .maximumOnDemand] {
      let run = try Self.run(Self.throttling(limit, access), on: operation)
      #expect(run.migrated == 2_000 && run.times[.rest] == .zero)
      // By steps of a fifth below the budget, not to the ground at once.
      #expect(run.adaptive.first ?? 0 >= (operation == "Scan" ? 50 : 100) * 0.6, "\(run.adaptive)")
    }
  }

  @Test("Without a budget, throttled reads slow down to what went through, not to the ground")
  func readsWithoutBudget() throws {
    let run = try Self.run(Self.throttling(.provisioned, .read), on: "Scan", readBudget: nil)
    #expect(run.migrated == 2_000 && run.adaptive.first ?? 0 >= 5, "\(run.adaptive)")
  }

  @Test("A put that fails for ever while others go through is a dead letter, also where it is the last one left")
  func retriesSpent() throws {
    let items = 300
    let migration = try TimedMigration(seed: 2)
    let result = try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<items)
      migration.simulator.follow { arrival, _ in
        guard arrival.operation == "PutItem", String(decoding: arrival.body, as: UTF8.self).contains("\"u-0\"") else { return nil }
        return .service("InternalServerError", "The request processing has failed", status: 500)
      }
      return try await migration.backfill { $0.writeBudget = .units(100) }
    }
    #expect(result.counts[.scanned] == items && result.counts[.failed] == 1 && result.counts[.migrated] == items - 1 && result.addsUp)
    #expect(result.reasons == ["retriesSpent": 1])
    let letters = try migration.directory.text("state/\(Backfill.deadLetters)")
    #expect(letters.contains("\"u-0\"") && letters.contains("InternalServerError"))
  }
}
