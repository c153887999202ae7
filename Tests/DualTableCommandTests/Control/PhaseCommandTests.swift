import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

@testable import DualTableCommand

@Suite struct PhaseCommandTests {
  @Test func `init makes the control table, writes the control item, and refuses a second time with what stands there`() throws {
    let place = ControlPlace()
    let (first, item, second, billing) = try place.time.run {
      try await place.makeTables()
      let first = await place.run("phase init")
      let item = try await place.control.controlItem()
      let second = await place.run("phase init --mapping mended.yaml")
      let table = try await place.client.describeTable(DescribeTableInput(tableName: "control")).table
      return (first, item, second, table)
    }
    #expect(first.status == .done, "\(first.error)")
    #expect(first.output == "The migration users -> users-v2 has begun in phase old.\n")
    #expect(first.error.contains("point-in-time recovery"))
    let digest = try place.mapping.digest
    #expect(item == ControlItem(phase: .old, epoch: 1, mapping: digest, ttlOffSince: item?.ttlOffSince))
    #expect(item?.ttlOffSince != nil)
    #expect(billing.billingMode == .payPerRequest && billing.keys == ControlTable.schema)
    #expect(second.status == .failed)
    #expect(
      second.error
        == "Error: The migration users -> users-v2 has begun already: it is in phase old, epoch 1, with the mapping "
        + "\(digest.prefix(12))…; 'phase show' tells more.\n")
  }

  @Test func `init goes on in a control table that is there, and prints JSON`() throws {
    let place = ControlPlace()
    let (run, again) = try place.time.run {
      try await place.makeTables()
      _ = try await place.client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
      try await place.client.wait(for: .active, of: "control")
      let run = await place.run("phase init --json")
      return (run, await place.run("phase init --new users-v2", more: ["DUALTABLE_OLD": "users-v2", "DUALTABLE_NEW": "users"]))
    }
    #expect(run.status == .done && run.error.isEmpty, "\(run.error)")
    let json = try JSONValue(parsing: Array(run.output.utf8).span)
    #expect(json["phase"]?.string == "old" && json["controlTableCreated"]?.bool == false && json["next"] == .null)
    #expect(json["migration"]?.string == "users -> users-v2")
    // The other way round it is another migration, here one of a table to itself.
    #expect(again.error == "Error: The old and the new table are both users-v2: a migration needs two tables.\n")
  }

  @Test func `a participant that beats, one that is silent, and the last runs are shown`() throws {
    let place = ControlPlace()
    let (text, json) = try place.time.run {
      try await place.makeTables()
      _ = await place.run("phase init")
      try await place.participant("dead").beat()
      try await place.control.record(
        RunRecord(command: .verify, mapping: "m", finished: 1_795_251_600_000, isClean: false, counts: [.init("missing", 1_204)]))
      return try await place.withParticipants(["alive"]) { _ in (await place.run("phase show"), await place.run("phase show --json")) }
    }
    #expect(text.status == .done, "\(text.error)")
    let lines = text.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines[0] == "migration users -> users-v2" && lines[1] == "phase 1 old" && lines[2] == "epoch 1")
    #expect(lines.contains { $0.hasPrefix("alive yes 00:00:0") && $0.hasSuffix(" ago - 0 -") }, "\(text.output)")
    #expect(lines.contains { $0.hasPrefix("dead no silent, 00:00:0") && $0.hasSuffix(" ago - 0 -") }, "\(text.output)")
    #expect(lines.contains("verify 2026-11-21T09:00:00Z findings missing 1,204"), "\(text.output)")
    let shown = try JSONValue(parsing: Array(json.output.utf8).span)
    #expect(shown["participants"]?[0]?["name"]?.string == "alive" && shown["participants"]?[0]?["silent"]?.bool == false)
    #expect(shown["participants"]?[1]?["name"]?.string == "dead" && shown["participants"]?[1]?["silent"]?.bool == true)
    #expect(shown["participants"]?[1]?["lastBeat"]?.string?.hasPrefix("20") == true)
    #expect(shown["runs"]?[0]?["counts"]?["missing"]?.integer == 1_204)
  }

  struct Slip: Sendable, CustomTestStringConvertible {
    let line: String
    var more: [String: String] = [:]
    let error: String
    var testDescription: String { "\(line): \(error)" }
  }

  static let slips = [
    Slip(line: "phase init --old nothing", error: "The old table nothing can't be looked at: ResourceNotFoundException"),
    Slip(line: "phase init --control users", error: "There is a table users that isn't keyed as a control table; name another one"),
    Slip(line: "phase init --mapping users.yaml --new control", error: "The new table control"),
    Slip(line: "phase show --control nowhere", error: "There is no control table nowhere: name the one that `phase init` made."),
    Slip(
      line: "phase show --new users-v3",
      error: "The control table control knows no migration users -> users-v3, but users -> users-v2; run 'phase init', or"),
    Slip(line: "phase show", more: ["DUALTABLE_CONTROL": ""], error: "Missing '--control <table>'; give it"),
    Slip(line: "cutover --to dualRead --control nowhere", error: "There is no control table nowhere"),
    Slip(line: "cutover --to new", error: "No step leads from phase old to new; from there it goes to dualRead."),
    Slip(line: "cutover --to dualRead --fence-first", error: "--fence-first is for the step from dualRead to dualTable only"),
    Slip(line: "cutover --to dualRead --give-up keys.jsonl", error: "--give-up is for the step from dualTable to newWithTombstones only"),
    Slip(line: "cutover --to newWithTombstones --give-up nothing", error: "There is no file nothing of keys; check its name."),
    Slip(line: "cutover --to dualtable", error: "'dualtable' isn't a value of '--to <phase>'; did you mean 'dualTable'?"),
    Slip(line: "cutover", more: [:], error: ""),
    Slip(line: "cutover check --to new", error: "No step leads from phase old to new"),
    Slip(line: "fence", error: "From the fence on every write to users fails, whoever sends it; give --yes if that is meant."),
    Slip(line: "fence --check --lift", error: "--check only looks and --lift takes the fence down; give one of them."),
    Slip(line: "fence --check --old nothing", error: "The old table nothing can't be looked at."),
  ]

  @Test(arguments: slips) func `each bad input gets one clear sentence`(_ slip: Slip) throws {
    let place = ControlPlace()
    let run = try place.time.run {
      try await place.makeTables()
      _ = await place.run("phase init")
      return await place.run(slip.line, more: slip.more)
    }
    if slip.error.isEmpty {
      #expect(run.output.hasPrefix("OVERVIEW: "))
    } else {
      #expect(run.status == .failed)
      #expect(run.error.hasPrefix("Error: \(slip.error)"), "\(run.error)")
      #expect(run.error.split(separator: "\n").count == 1)
    }
  }

  @Test func `a control table that may not be read is told as such`() throws {
    let place = ControlPlace()
    let run = try place.time.run {
      try await place.makeTables()
      _ = await place.run("phase init")
      let arn = try await place.client.describeTable(DescribeTableInput(tableName: "control")).table.tableArn ?? ""
      let policy =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"dynamodb:GetItem","Resource":"\#(arn)"}]}"#
      _ = try await place.client.putResourcePolicy(PutResourcePolicyInput(resourceArn: arn, policy: policy))
      return await place.run("phase show")
    }
    #expect(run.status == .failed)
    #expect(run.error.hasPrefix("Error: The control table control may not be used like this: allow the action, as `dualtable iam` prints it. (AccessDenied"))
  }
}
