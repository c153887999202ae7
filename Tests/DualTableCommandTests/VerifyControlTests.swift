import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

@testable import DualTableCommand

/// The verification of a migration that has a control table.
@Suite struct VerifyControlTests {
  /// Both tables with ten items each, three of NEW's gone, and a control item in `phase`.
  private static func scene(_ phase: MigrationPhase, _ body: @escaping @Sendable (ControlPlace) async throws -> Void) throws {
    let place = ControlPlace()
    try place.time.run {
      try await place.makeTables()
      let initialized = await place.run("phase init")
      try #require(initialized.status == .done, "\(initialized.error)")
      try await place.set { $0.phase = phase }
      let mapping = try place.mapping
      try place.engine.change { service in
        for number in 0..<10 {
          let item: Item = ["id": .string("u-\(number)"), "profile": ["age": "30"]]
          service.put(item, in: "users")
          for result in try mapping.convert(item) where number > 2 { service.put(result, in: "users-v2") }
        }
      }
      try await body(place)
    }
  }

  @Test(arguments: MigrationPhase.allCases) func `runs in 3 or 4 (in 5 every real delete would look missing)`(phase: MigrationPhase) throws
  {
    try Self.scene(phase) { place in
      let run = await place.run("verify --json")
      let mayRun = phase == .dualTable || phase == .newWithTombstones
      #expect(run.status == (mayRun ? .findings : .failed), "\(run.error)")
      let records = try await place.control.records()
      #expect(records.map(\.command) == (mayRun ? [.verify] : []))
      #expect(records.allSatisfy { !$0.isClean && $0["missing"] == 3 && $0["oldIds"] == 10 })
      if !mayRun {
        #expect(
          run.error
            == "Error: The migration users -> users-v2 is in phase \(phase), and a verification tells only in dualTable and newWithTombstones.\n"
        )
        #expect(run.output == "" && place.engine.requestCount("Scan", on: "users") == 0)
      }
    }
  }

  @Test(arguments: [MigrationPhase.dualTable, .newWithTombstones])
  func `verify --repair runs in 3 or 4, as a participant, and the verify after it is clean`(phase: MigrationPhase) throws {
    try Self.scene(phase) { place in
      let run = await place.run("verify --repair --json")
      #expect(run.status == .findings, "\(run.error)")
      #expect(run.error.contains("3 ids are missing, 3 of them put there now, so verify once more"), "\(run.error)")
      #expect(place.engine.items(in: "users-v2").count == 10)
      // It beat in the control table: its own item was written.
      #expect(place.engine.requestCount("PutItem", on: "control") + place.engine.requestCount("UpdateItem", on: "control") > 2)
      let last = await place.run("verify --json")
      #expect(last.status == .done, "\(last.error)")
      let records = try await place.control.records()
      #expect(records.map(\.isClean) == [true])
    }
  }

  @Test func `a switch to 5 under way voids what was found, and stops a repair`() throws {
    for line in ["verify", "verify --repair"] {
      try Self.scene(.newWithTombstones) { place in
        let item = try #require(try await place.control.controlItem())
        let key = try #require(place.engine.items(in: "control").first { $0["item"] == .string("control") })
        place.engine.follow { call, service in
          // The scans are over; from here on deletes delete.
          guard call.operation == "BatchGetItem" else { return nil }
          var changed = key
          changed["phase"] = .string("new")
          changed["epoch"] = .number(DynamoDBNumber(Int(item.epoch) + 1))
          service.put(changed, in: "control")
          return nil
        }
        let run = await place.run("\(line) --json")
        #expect(run.status == .failed, "\(line): \(run.output)")
        #expect(run.error.contains("new"), "\(line): \(run.error)")
        let records = try await place.control.records()
        #expect(records.isEmpty)
      }
    }
  }

  @Test func `another mapping than the migration's is refused`() throws {
    try Self.scene(.dualTable) { place in
      let run = await place.run("verify --mapping mended.yaml")
      #expect(
        run.error
          == "Error: The migration users -> users-v2 is on with another mapping; verify with the one that 'phase init' was given, "
          + "or with the one that 'redrive' was.\n")
    }
  }
}
