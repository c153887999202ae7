import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import TestSupport
import Testing

@testable import DualTableCommand

@Suite struct CutoverTests {
  private func json(_ run: ToolRun) throws -> JSONValue { try JSONValue(parsing: Array(run.output.utf8).span) }

  private func subjects(_ run: ToolRun, _ level: String) throws -> [String] {
    try json(run)["findings"]?.array?.filter { $0["level"]?.string == level }.compactMap { $0["subject"]?.string } ?? []
  }

  /// A place whose migration stands in `phase`.
  private func place(_ phase: MigrationPhase = .old, seed: UInt64 = 1) -> (ControlPlace, @Sendable () async throws -> Void) {
    let place = ControlPlace(seed: seed)
    return (
      place,
      {
        try await place.makeTables()
        let run = await place.run("phase init")
        #expect(run.status == .done, "\(run.error)")
        try await place.set { $0.phase = phase }
      }
    )
  }

  /// A write to OLD whose answer is lost.
  private func loseAnswer(_ participant: Participant) async throws {
    var deadline: Duration?
    let operation = try await participant.begin(.oldWrite, patience: .seconds(30), until: &deadline)
    if case .sign(let attempt) = participant.sign(.oldWrite, of: operation) { participant.end(attempt: attempt.number, isResolved: false) }
    participant.end(operation)
  }

  @Test func `1→2 needs NEW to be empty (checked)`() throws {
    let (place, begin) = place()
    let (full, check, done, again) = try place.time.run {
      try await begin()
      _ = try await place.client.putItem(PutItemInput(tableName: "users-v2", item: ["id": "stray"]))
      let full = await place.run("cutover --to dualRead --json")
      let check = await place.run("cutover check")
      _ = try await place.client.deleteItem(DeleteItemInput(tableName: "users-v2", key: ["id": "stray"]))
      return (full, check, await place.run("cutover --to dualRead"), await place.run("cutover --to dualRead --json"))
    }
    #expect(try full.status == .findings && (json(full)["done"]?.bool) == false)
    #expect(try subjects(full, "blocker") == ["newTable"])
    #expect(check.status == .findings && check.output.hasPrefix("From old to dualRead? no, 1 thing in the way\n"), "\(check.output)")
    #expect(done.status == .done && done.output == "The migration is in phase dualRead.\n")
    #expect(try again.status == .done && (json(again)["epoch"]?.integer) == 4, "\(again.output)")
  }

  @Test func `OLD's time to live is switched off at least an hour before 2→3`() throws {
    let (place, begin) = place(.dualRead)
    let (on, off, soon, late) = try place.time.run {
      try await begin()
      _ = try await place.client.updateTimeToLive(UpdateTimeToLiveInput(tableName: "users", attributeName: "expires", enabled: true))
      try await place.time.sleep(for: .seconds(7_200))
      // Init saw it off; it was switched on since, and that is seen.
      let first = await place.run("cutover --to dualTable --yes --json")
      _ = try await place.client.updateTimeToLive(UpdateTimeToLiveInput(tableName: "users", attributeName: "expires", enabled: false))
      let second = await place.run("cutover check --json")
      try await place.time.sleep(for: .seconds(3_500))
      let third = await place.run("cutover --to dualTable --yes")
      try await place.time.sleep(for: .seconds(100))
      return (first, second, third, await place.run("cutover --to dualTable --yes"))
    }
    #expect(try on.status == .findings && (subjects(on, "blocker")) == ["oldTimeToLive"], "\(on.output) \(on.error)")
    #expect(try off.status == .findings && (subjects(off, "blocker")) == ["oldTimeToLive"])
    #expect(soon.status == .findings && soon.output.contains("come back in 2 minutes"), "\(soon.output)")
    #expect(late.status == .done, "\(late.output) \(late.error)")
    #expect(late.error == "The old table is frozen: run 'backfill', then 'verify', both with --control.\n")
  }

  @Test func `What has no way back takes --yes`() throws {
    for (phase, target) in [(MigrationPhase.dualRead, "dualTable"), (.newWithTombstones, "new")] {
      let (place, begin) = place(phase)
      let run = try place.time.run {
        try await begin()
        return await place.run("cutover --to \(target)")
      }
      #expect(run.status == .failed)
      #expect(run.error.hasPrefix("Error: There is no way back from phase \(target): "), "\(run.error)")
      #expect(run.error.hasSuffix("; give --yes if that is meant.\n"))
    }
  }

  @Test func `A step waits for every participant, names who is missing, and changes nothing without them`() throws {
    let (place, begin) = place()
    let (missing, item) = try place.time.run {
      try await begin()
      try await place.participant("sleeper").beat()
      return try await place.withParticipants(["a", "b"]) { _ in
        (await place.run("cutover --to dualRead --wait 30s --json"), try await place.control.controlItem())
      }
    }
    #expect(try missing.status == .findings && subjects(missing, "blocker") == ["acknowledged"], "\(missing.output)")
    #expect(missing.output.contains("waiting for 1 participant: sleeper"))
    #expect(missing.error.contains("cutover  00:00:1"), "\(missing.error)")
    #expect(item?.phase == .old && item?.next == nil)
  }

  @Test func `Attempts given up on hold up 2→3 until they are accepted or fenced off`() throws {
    let (place, begin) = place(.dualRead)
    let runs = try place.time.run {
      try await begin()
      try await place.time.sleep(for: .seconds(3_600))
      return try await place.withParticipants(["a"]) { participants in
        try await loseAnswer(participants[0])
        try await place.time.sleep(for: .seconds(6))
        let check = await place.run("cutover check --json")
        let waits = await place.run("cutover --to dualTable --wait 20s --yes")
        let before = try await place.control.controlItem()
        let fenced = await place.run("cutover --to dualTable --wait 20s --fence-first --yes")
        return (check, waits, before, fenced, await place.run("fence --check --json"))
      }
    }
    let (check, waits, before, fenced, stands) = runs
    #expect(try check.status == .done && (subjects(check, "warning")) == ["unresolved"], "\(check.output)")
    #expect(waits.status == .findings && waits.output.contains("a (unresolved until 2026-01-01T01:3"), "\(waits.output)")
    #expect(waits.output.contains("--fence-first or --accept-unresolved") && before?.phase == .dualRead && before?.next == nil)
    #expect(fenced.status == .done, "\(fenced.error) \(fenced.output)")
    #expect(stands.status == .done && stands.output == #"{"table":"users","fenced":true}"# + "\n")
  }

  @Test func `--accept-unresolved is carried in next and goes through`() throws {
    let (place, begin) = place(.dualRead)
    let (run, accepted) = try place.time.run {
      try await begin()
      try await place.time.sleep(for: .seconds(3_600))
      return try await place.withParticipants(["a"]) { participants in
        try await loseAnswer(participants[0])
        try await place.time.sleep(for: .seconds(6))
        async let run = place.run("cutover --to dualTable --accept-unresolved --yes")
        var accepted = false
        for _ in 0..<100 where !accepted {
          accepted = try await place.control.controlItem()?.next?.acceptUnresolved == true
          try await place.time.sleep(for: .milliseconds(20))
        }
        return (await run, accepted)
      }
    }
    #expect(run.status == .done && accepted, "\(run.error)")
  }

  @Test func `No fence is put up while somebody has not acknowledged: writes would fail for nothing`() throws {
    let (place, begin) = place(.dualRead)
    let (run, stands, item) = try place.time.run {
      try await begin()
      try await place.participant("sleeper").beat()
      try await place.time.sleep(for: .seconds(3_600))
      let run = await place.run("cutover --to dualTable --wait 5s --fence-first --yes")
      return (run, await place.run("fence --check"), try await place.control.controlItem())
    }
    #expect(run.status == .findings && run.output.contains("waiting for 1 participant: sleeper"), "\(run.output)")
    #expect(!run.error.contains("fence") && stands.status == .findings, "\(run.error)")
    #expect(item?.phase == .dualRead && item?.next == nil)
  }

  @Test func `A fence that was put up for a step that fails is lifted again`() throws {
    let (place, begin) = place(.dualRead)
    let (run, stands) = try place.time.run {
      try await begin()
      try await place.time.sleep(for: .seconds(3_600))
      async let run = place.run("cutover --to dualTable --wait 5s --fence-first --yes")
      // Comes while the fence is put up, and then sleeps.
      try await place.time.sleep(for: .seconds(30))
      try await place.participant("sleeper").beat()
      return (await run, await place.run("fence --check"))
    }
    #expect(run.status == .findings && run.error.hasSuffix("The fence of users is lifted again.\n"), "\(run.error)")
    #expect(stands.status == .findings && stands.output == "No fence stands in the policy of users.\n")
  }

  @Test func `Interrupted while the fence is put up, it takes it down again and withdraws what it announced`() throws {
    let (place, begin) = place(.dualRead)
    let (run, stands, item) = try place.time.run {
      try await begin()
      try await place.time.sleep(for: .seconds(3_600))
      async let run = place.run("cutover --to dualTable --fence-first --yes")
      try await place.time.sleep(for: .seconds(30))
      place.stop.request(.interrupted)
      let ended = await run
      let item = try await place.control.controlItem()
      return (ended, await place.run("fence --check"), item)
    }
    #expect(run.status == .interrupted && run.error.contains("The fence of users is lifted again.\n"), "\(run.error)")
    #expect(stands.output == "No fence stands in the policy of users.\n", "\(stands.output) \(stands.error)")
    #expect(item?.phase == .dualRead && item?.next == nil)
  }

  @Test func `Interrupted, it withdraws what it announced and says so`() throws {
    let (place, begin) = place()
    let (run, item) = try place.time.run {
      try await begin()
      try await place.participant("sleeper").beat()
      async let run = place.run("cutover --to dualRead --wait 10m")
      try await place.time.sleep(for: .seconds(5))
      let announced = try await place.control.controlItem()
      #expect(announced?.next?.stage == .prepare)
      place.stop.request(.interrupted)
      return (await run, try await place.control.controlItem())
    }
    #expect(run.status == .interrupted)
    #expect(run.error.hasSuffix("Interrupted; the phase is old as before, and nothing is under way.\n"), "\(run.error)")
    #expect(item?.phase == .old && item?.next == nil)
  }

  // MARK: - 3→4

  private func record(_ command: RunRecord.Command, _ counts: KeyValuePairs<String, Int>, _ mapping: String) -> RunRecord {
    RunRecord(
      command: command, mapping: mapping, finished: 0, isClean: counts.allSatisfy { $0.value == 0 },
      counts: counts.map { .init($0.key, $0.value) })
  }

  @Test func `3→4 takes the mended mapping's digest into the control item`() throws {
    let (place, begin) = place(.dualTable)
    let mended = try CompiledMapping(yaml: Array(ControlPlace.mended.utf8), file: "mended.yaml").digest
    let (first, other, item, phase) = try place.time.run {
      try await begin()
      try await place.control.record(record(.backfill, ["failed": 2], try place.mapping.digest))
      try await place.control.record(record(.verify, ["missing": 0], mended))
      let first = await place.run("cutover --to newWithTombstones --mapping mended.yaml --json")
      try await place.control.record(record(.redrive, ["failed": 0], mended))
      let other = await place.run("cutover --to newWithTombstones --json")
      let done = await place.run("cutover --to newWithTombstones --mapping mended.yaml")
      #expect(done.status == .done && done.error.contains("deploy it"), "\(done.output) \(done.error)")
      return (first, other, try await place.control.controlItem(), await place.run("cutover check --mapping users.yaml --json"))
    }
    #expect(try first.status == .findings && (subjects(first, "blocker")) == ["mapping", "deadLetters"], "\(first.output)")
    #expect(try other.status == .findings && (subjects(other, "blocker")) == ["verify", "deadLetters"])
    #expect(item?.phase == .newWithTombstones && item?.mapping == mended)
    #expect(try phase.status == .findings && (subjects(phase, "blocker")) == ["mapping"])
  }

  @Test func `keys are given up by name: a tombstone is put where their NEW key is known, if nothing is there`() throws {
    let (place, begin) = place(.dualTable)
    let (slip, few, full, items) = try place.time.run {
      try await begin()
      // One has no new key, one has but can't be converted and isn't there, one was written by the service since.
      for item in [
        ["id": "odd", "_dt": 1], ["id": "late", "profile": ["age": "not a number"]], ["id": "alive", "enabled": "Y"],
      ] as [Item] {
        _ = try await place.client.putItem(PutItemInput(tableName: "users", item: item))
      }
      _ = try await place.client.putItem(PutItemInput(tableName: "users-v2", item: ["id": "alive", "own": "yes"]))
      let digest = try place.mapping.digest
      try await place.control.record(record(.backfill, ["failed": 3], digest))
      try await place.control.record(record(.verify, ["missing": 1, "unconvertible": 1], digest))
      let lines = ["odd", "late", "alive"].map { #"{"key":{"id":{"S":"\#($0)"}},"reason":"x"}"# }
      place.write(lines.joined(separator: "\n") + "\n\n", to: "keys.jsonl")
      place.write(#"{"key":{"id":{"S":"nobody"}}}"#, to: "slip.jsonl")
      place.write(lines[0], to: "few.jsonl")
      let slip = await place.run("cutover --to newWithTombstones --give-up slip.jsonl")
      // The first time it buries what is missing, and asks for another verify; which then finds only what can't be converted.
      let first = await place.run("cutover --to newWithTombstones --give-up keys.jsonl --json")
      #expect(try subjects(first, "blocker") == ["verify"], "\(first.output) \(first.error)")
      try await place.control.record(record(.verify, ["missing": 0, "unconvertible": 1], digest))
      let few = await place.run("cutover --to newWithTombstones --give-up few.jsonl --json")
      let full = await place.run("cutover --to newWithTombstones --give-up keys.jsonl")
      return (slip, few, full, place.engine.items(in: "users-v2"))
    }
    #expect(slip.error == "Error: The old table holds no item for key 1 of slip.jsonl; take it out if it isn't meant.\n")
    #expect(try subjects(few, "blocker") == ["deadLetters"])
    #expect(full.status == .done, "\(full.output) \(full.error)")
    #expect(items.count == 2)
    let late = items.first { $0["id"] == "late" }
    #expect(late?.count == 2 && late?["_dt"]?.numberValue != nil)
    #expect(items.first { $0["id"] == "alive" } == ["id": "alive", "own": "yes"])
  }

  @Test func `the file of dead letters itself gives up what is in it, once verify has seen the tombstones`() throws {
    let (place, begin) = place(.dualTable)
    let (blocked, done, items) = try place.time.run {
      try await begin()
      for item in [["id": "good", "enabled": "Y"], ["id": "bad", "profile": ["age": "not a number"]]] as [Item] {
        _ = try await place.client.putItem(PutItemInput(tableName: "users", item: item))
      }
      let backfill = await place.run(
        "backfill --segments 2 --open-segments 1 --assume-phase dualTable --json", more: ["DUALTABLE_CONTROL": ""])
      #expect(backfill.status == .findings, "\(backfill.error)")
      try await place.control.record(record(.backfill, ["failed": 1], try place.mapping.digest))
      let found = await place.run("verify --segments 2 --open-segments 1 --json")
      #expect(found.status == .findings, "\(found.error)")
      let letters = try Surroundings.readFile("\(place.folder.path)/state/dead-letters.jsonl") ?? []
      place.write(String(decoding: letters, as: UTF8.self), to: "dead-letters.jsonl")
      let blocked = await place.run("cutover --to newWithTombstones --give-up dead-letters.jsonl --json")
      let clean = await place.run("verify --segments 2 --open-segments 1 --json")
      #expect(clean.status == .done, "\(clean.output)")
      let done = await place.run("cutover --to newWithTombstones --give-up dead-letters.jsonl")
      return (blocked, done, place.engine.items(in: "users-v2"))
    }
    #expect(try blocked.status == .findings && subjects(blocked, "blocker") == ["verify"], "\(blocked.output)")
    #expect(done.status == .done, "\(done.output) \(done.error)")
    #expect(items.count == 2 && items.first { $0["id"] == "bad" }?["_dt"] != nil)
  }

  @Test(arguments: [
    "x", #"{"key":{"id":"S"}}"#, #"{"id":{"S":"a"}}"#, #"{"key":{"id":{"N":"1"}}}"#, #"{"key":{"id":{"S":"a"},"more":{"S":"b"}}}"#,
  ]) func `a line that names no old key is told with its number`(_ line: String) throws {
    let (place, begin) = place(.dualTable)
    let run = try place.time.run {
      try await begin()
      place.write("\n\(line)\n", to: "keys.jsonl")
      return await place.run("cutover --to newWithTombstones --give-up keys.jsonl")
    }
    #expect(run.status == .failed && run.error.hasPrefix("Error: keys.jsonl, line 2, is no line of JSON"), "\(run.error)")
  }
}
