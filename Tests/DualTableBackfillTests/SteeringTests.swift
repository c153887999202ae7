import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Synchronization
import Testing

@testable import DualTableBackfill

/// A run that is asked and changed through its socket while it works.
@Suite struct SteeringTests {
  private static func ask(_ request: ControlRequest, _ migration: TimedMigration) throws -> String {
    try #require(try ControlSocket.send(request.line, to: migration.state))
  }

  /// Runs 600 items at 20 write units a second and does `steps` at their seconds of virtual time.
  private static func run(
    _ migration: TimedMigration, stop: StopSignal = StopSignal(), _ steps: [Int: @Sendable (TimedMigration) throws -> Void]
  ) throws -> BackfillResult {
    let second = Mutex(0)
    return try migration.run { migration in
      try await migration.makeTables(new: ProvisionedThroughput(readCapacityUnits: 10, writeCapacityUnits: 50))
      migration.seed(0..<600)
      return try await migration.backfill(stop: stop) { configuration in
        configuration.writeBudget = .units(20)
        configuration.describe = { "{\"scanned\":\($0.pass.totals[.scanned]),\"open\":\($0.openSegments)}" }
      } progress: { _ in
        let now = second.withLock {
          $0 += 1; return $0
        }
        do { try steps[now]?(migration) } catch { Issue.record(error) }
      }
    }
  }

  @Test func `a rate can be changed, and the change is written down with its time`() throws {
    let migration = try TimedMigration(seed: 3)
    let result = try Self.run(
      migration,
      [
        5: { migration in
          let answer = try Self.ask(.change(read: nil, write: .units(200), openSegments: 4), migration)
          #expect(answer == #"{"done":true}"#)
        }
      ])
    #expect(result.counts[.migrated] == 600)
    // 100 items in the five seconds at 20, the rest at 200.
    #expect(result.seconds > 6 && result.seconds < 9, "\(result.seconds)")
    let found = try #require(try Backfill.look(at: migration.state))
    #expect(found.changes.map(\.what) == ["--write-wcu 200 --open-segments 4"])
    #expect(abs(found.changes[0].milliseconds - 1_767_225_600_000 - 5_000) < 2_000)
    #expect(found.status.totals == result.counts)
  }

  @Test func `a percentage follows what is provisioned`() throws {
    let migration = try TimedMigration(seed: 3)
    let result = try Self.run(migration, [1: { _ = try Self.ask(.change(read: nil, write: .percent(200), openSegments: nil), $0) }])
    #expect(result.seconds > 5.5 && result.seconds < 8, "\(result.seconds)")
  }

  @Test func `a pause lasts until it is ended`() throws {
    let migration = try TimedMigration(seed: 3)
    let counted = Mutex<[Int]>([])
    let result = try Self.run(
      migration,
      [
        5: { _ = try Self.ask(.pause, $0) }, 7: { m in counted.withLock { $0.append(m.simulator.writeCount) } },
        100: { migration in
          counted.withLock { $0.append(migration.simulator.writeCount) }
          _ = try Self.ask(.resume, migration)
        },
      ])
    let writes = counted.withLock { $0 }
    #expect(writes[0] == writes[1] && result.counts[.migrated] == 600)
    #expect(result.seconds > 120 && result.seconds < 135, "\(result.seconds)")
    #expect(try Backfill.look(at: migration.state)?.changes.map(\.what) == ["paused", "resumed"])
  }

  @Test func `a stop ends the run, which can be gone on with`() throws {
    let migration = try TimedMigration(seed: 3)
    let result = try Self.run(migration, [5: { _ = try Self.ask(.stop, $0) }])
    #expect(result.stopped == .interrupted && result.counts[.scanned] > 50 && result.counts[.scanned] < 300)
    let second = try migration.run { try await $0.backfill() }
    #expect(second.counts[.migrated] + second.counts[.alreadyThere] == 600 && second.addsUp)
  }

  @Test func `what can't be is refused, and nothing changes`() throws {
    let migration = try TimedMigration(seed: 3)
    _ = try Self.run(
      migration,
      [
        2: { migration in
          let (refusal, status) = (
            try Self.ask(.change(read: .percent(50), write: nil, openSegments: nil), migration), try Self.ask(.status, migration)
          )
          #expect(refusal.contains("on demand") && status.contains("\"open\":16"))
          let answer = try ControlSocket.send("nonsense", to: migration.state)
          #expect(answer?.contains("error") == true)
          _ = try Self.ask(.change(read: nil, write: .units(1_000), openSegments: nil), migration)
        }
      ])
    #expect(try Backfill.look(at: migration.state)?.changes.map(\.what) == ["--write-wcu 1000"])
    #expect(try ControlSocket.send(ControlRequest.status.line, to: migration.state) == nil)
  }
}
