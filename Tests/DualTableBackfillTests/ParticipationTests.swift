import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import TestSupport
import Testing

@testable import DualTableBackfill

/// A backfill whose migration's phase stands in a control table.
@Suite struct ParticipationTests {
  private static func table(_ migration: TimedMigration) -> ControlTable {
    ControlTable(client: migration.client, name: "control", oldTable: "old", newTable: "new")
  }

  private static func participant(_ migration: TimedMigration, _ name: String = "run") -> Participant {
    let count = Atomic(0)
    return Participant(
      table: table(migration), mapping: migration.mapping.digest, clients: [migration.client], wallClock: migration.time.wallClock,
      clock: migration.time
    ) { "\(name)-\(count.add(1, ordering: .relaxed).newValue)" }
  }

  /// Prepares tables, items and a control item in `phase`.
  private static func prepare(_ migration: TimedMigration, _ phase: MigrationPhase, items: Int = 600) async throws {
    try await migration.makeTables()
    _ = try await migration.client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
    migration.seed(0..<items)
    _ = try await table(migration).initialize(ControlItem(phase: phase, epoch: 1, mapping: migration.mapping.digest))
  }

  private static func move(_ migration: TimedMigration, to phase: MigrationPhase) async throws {
    let table = table(migration)
    let item = try #require(try await table.controlItem())
    let change = try await table.write(item.changed { $0.phase = phase }, expecting: item.epoch)
    #expect(change == .done)
  }

  @Test("It runs in phase 3, as a participant, and signs off when it is done", arguments: Backfill.Configuration.WriteMode.allCases)
  func whole(_ mode: Backfill.Configuration.WriteMode) throws {
    let migration = try TimedMigration(seed: 9)
    let (result, seen) = try migration.run { migration in
      try await Self.prepare(migration, .dualTable)
      async let watched: Int = {
        try await migration.time.sleep(for: .seconds(3))
        return try await Self.table(migration).participants().count
      }()
      let result = try await migration.backfill { configuration in
        configuration.participant = Self.participant(migration)
        configuration.writeBudget = .units(60)
        configuration.writeMode = mode
      }
      let seen = try await watched
      let left = try await Self.table(migration).participants()
      #expect(left.isEmpty)
      return (result, seen)
    }
    #expect(result.counts[.migrated] == 600 && seen == 1)
  }

  @Test("It is refused outside phase 3", arguments: MigrationPhase.allCases.filter { $0 != .dualTable })
  func refused(_ phase: MigrationPhase) throws {
    let migration = try TimedMigration(seed: 9)
    try migration.run { migration in
      try await Self.prepare(migration, phase)
      do {
        _ = try await migration.backfill { $0.participant = Self.participant(migration) }
        Issue.record("it ran in phase \(phase)")
      } catch let error as BackfillError {
        #expect(error.code == .wrongPhase && error.message.contains("phase \(phase.rawValue) "), "\(error)")
      }
      #expect(migration.simulator.items(in: "new").isEmpty)
    }
  }

  @Test("It stops by itself when the phase moves on, and goes on where it moves back")
  func movesOn() throws {
    let migration = try TimedMigration(seed: 9)
    try migration.run { migration in
      try await Self.prepare(migration, .dualTable)
      async let moved: Void = {
        try await migration.time.sleep(for: .seconds(4))
        try await Self.move(migration, to: .newWithTombstones)
      }()
      do {
        _ = try await migration.backfill { configuration in
          configuration.participant = Self.participant(migration)
          configuration.writeBudget = .units(20)
        }
        Issue.record("it went on")
      } catch let error as BackfillError {
        #expect(error.code == .wrongPhase, "\(error)")
      }
      try await moved
      let count = migration.simulator.items(in: "new").count
      #expect(count > 40 && count < 400)
      try await Self.move(migration, to: .dualTable)
      let result = try await migration.backfill { $0.participant = Self.participant(migration, "again") }
      #expect(result.counts[.migrated] + result.counts[.alreadyThere] == 600 && result.addsUp)
    }
  }

  @Test("No put goes out once a switch to phase 5 drains, and it ends with the phase")
  func drains() throws {
    let migration = try TimedMigration(seed: 9)
    try migration.run { migration in
      // As redrive does, which may run in 4.
      try await Self.prepare(migration, .newWithTombstones)
      let lines = (0..<600).map { "{\"key\":{\"id\":{\"S\":\"u-\($0)\"}},\"reason\":\"refused\"}\n" }.joined()
      try migration.directory.write("letters.jsonl", Array(lines.utf8))
      let table = Self.table(migration)
      async let switched: Int = {
        try await migration.time.sleep(for: .seconds(4))
        let item = try #require(try await table.controlItem())
        let announced = try await table.write(item.changed { $0.next = .init(to: .new, stage: .drain) }, expecting: item.epoch)
        #expect(announced == .done)
        var acknowledged = false
        while !acknowledged {
          try await migration.time.sleep(for: .milliseconds(100))
          acknowledged = try await table.participants().allSatisfy { $0.acknowledged == item.epoch + 1 }
        }
        let count = migration.simulator.items(in: "new").count
        let drained = try #require(try await table.controlItem())
        let committed = try await table.write(
          drained.changed {
            $0.phase = .new
            $0.next = nil
          }, expecting: drained.epoch)
        #expect(committed == .done)
        return count
      }()
      do {
        _ = try await migration.backfill { configuration in
          configuration.participant = Self.participant(migration)
          configuration.writeBudget = .units(20)
          configuration.source = .deadLetters("\(migration.directory.path)/letters.jsonl", first: migration.mapping)
        }
        Issue.record("it went on")
      } catch let error as BackfillError {
        #expect(error.code == .wrongPhase, "\(error)")
      }
      let count = try await switched
      #expect(count > 20 && migration.simulator.items(in: "new").count == count)
    }
  }

  @Test("Each attempt is signed within its lease: a process that slept beyond it sends nothing before it knows the phase again")
  func sleeps() throws {
    let migration = try TimedMigration(seed: 9)
    try migration.run { migration in
      try await Self.prepare(migration, .dualTable)
      // The control table can't be reached for twenty minutes: the lease of ten runs out, and the run waits.
      migration.simulator.follow { arrival, service in
        let minutes = migration.time.now.nanoseconds / 60_000_000_000
        return arrival.table == "control" && (1..<21).contains(minutes) ? .service("ResourceNotFoundException", "gone") : nil
      }
      let result = try await migration.backfill { configuration in
        configuration.participant = Self.participant(migration)
        configuration.writeBudget = .units(0.7)
        configuration.patience = .seconds(1_800)
      }
      #expect(result.counts[.migrated] == 600 && result.addsUp)
      let writes = migration.meter.all.filter(\.isWrite).map(\.at)
      #expect(!writes.contains { $0 > .seconds(670) && $0 < .seconds(1_255) })
      #expect(writes.contains { $0 > .seconds(500) && $0 < .seconds(600) })
    }
  }
}
