import DualTableScan
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import TestSupport
import Testing

@testable import DualTableCommand

/// A backfill that several machines share, by its commands.
@Suite struct SharedRunTests {
  /// No state directory is named, so that the run lies in the control table.
  private static let shared = ["DUALTABLE_STATE": ""]

  /// Prepares a migration in phase 3 whose old table holds items, `bad` of which can't be converted.
  private static func prepare(_ place: ControlPlace, items: Int, bad: Int = 0) async throws {
    let seeded = await place.run("seed --items \(items)")
    #expect(seeded.status == .done, "\(seeded.error)")
    let begun = await place.run("phase init")
    #expect(begun.status == .done, "\(begun.error)")
    try await place.set { $0.phase = .dualTable }
    place.engine.change { service in
      for number in 0..<bad { service.put(["id": .string("bad-\(number)"), "enabled": "perhaps"], in: "users") }
    }
  }

  private static func json(_ run: ToolRun) throws -> JSONValue { try JSONValue(parsing: Array(run.output.utf8).span) }

  @Test("Machines share a run by --control, status tells of all of it, and a finished run is told again until it is dropped")
  func whole() throws {
    let place = ControlPlace()
    try place.time.run {
      try await Self.prepare(place, items: 300)
      let none = await place.run("status", more: Self.shared)
      #expect(none.status == .failed && none.error.contains("There is no backfill in the control table control"))
      async let one = place.run("backfill --json --write-wcu 100", more: Self.shared)
      async let other = place.run("backfill --json --write-wcu 100", more: Self.shared)
      for run in await [one, other] {
        #expect(run.status == .done, "\(run.error)")
        #expect(try Self.json(run)["scanned"]?.integer == 300)
      }
      #expect(try await place.control.records().first { $0.command == .backfill }?["migrated"] == 300)
      let status = try Self.json(await place.run("status --json", more: Self.shared))
      #expect(status["scanned"]?.integer == 300 && status["running"]?.bool == false && status["more"]?.bool == false)
      #expect(status["scannedByWorker"]?.object?.reduce(0) { $0 + ($1.value.integer ?? 0) } == 300)
      let again = await place.run("backfill --json", more: Self.shared)
      #expect(again.status == .done && again.error.contains("This run was finished before"))
      let unsure = await place.run("phase drop", more: Self.shared)
      #expect(unsure.status == .failed && unsure.error.contains("give --yes to drop it"))
      #expect(await place.run("phase drop --yes", more: Self.shared).output == "Dropped.\n")
      let anew = try Self.json(await place.run("backfill --json", more: Self.shared))
      #expect(anew["alreadyThere"]?.integer == 300)
    }
  }

  @Test("ctl steers all machines through the control table")
  func steers() throws {
    let place = ControlPlace()
    try place.time.run {
      try await Self.prepare(place, items: 400)
      async let run = place.run("backfill --write-wcu 20", more: Self.shared)
      try await place.time.sleep(for: .seconds(5))
      let busy = await place.run("phase drop --yes", more: Self.shared)
      #expect(busy.status == .failed && busy.error.contains("The run has 1 worker at it; stop them first"), "\(busy.error)")
      #expect(await place.run("ctl set --write-wcu 40", more: Self.shared).output == "Done: --write-wcu 40.\n")
      #expect(await place.run("ctl stop", more: Self.shared).status == .done)
      #expect(await run.status == .interrupted)
      let status = try Self.json(await place.run("status --json", more: Self.shared))
      #expect(status["writeBudget"]?.string == "40" && status["stopped"]?.bool == true && status["changes"]?.array?.count == 2)
      #expect(status["more"]?.bool == true)
    }
  }

  @Test("Dead letters lie in the control table: status lists them, and a redrive fetches them with their mapping")
  func letters() throws {
    let place = ControlPlace()
    try place.time.run {
      try await Self.prepare(place, items: 50, bad: 3)
      let run = await place.run("backfill", more: Self.shared)
      #expect(run.status == .findings && run.error.contains("3 items could not be migrated; the control table control says which"))
      let path = "\(place.folder.path)/letters.jsonl"
      #expect(await place.run("status --keys-out \(path)", more: Self.shared).status == .done)
      let lines = try place.folder.text("letters.jsonl").split(separator: "\n")
      #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix(#"{"key":{"id":{"S":"bad-"#) })
    }
  }
}
