import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import MigrationControl
import Synchronization
import Testing

@testable import DualTableCommand

/// One migration from its first command to its last, beside a service of two instances, in virtual time.
@Suite struct WholeMigrationTests {
  private static let items = 60
  /// `DUALTABLE_SEEDS` says how many.
  static let seeds = 1...max(1, unsafe getenv("DUALTABLE_SEEDS").flatMap { UInt64(unsafe String(cString: $0)) } ?? 1)

  private func repository(_ place: ControlPlace, _ instance: UInt64) throws -> DualTableRepository {
    let client = place.engine.client(on: place.time, seed: instance)
    return DualTableRepository(
      old: client, oldTable: "users", new: client, newTable: "users-v2", mapping: try place.mapping,
      phase: .controlTable("control", client: client))
  }

  @Test(arguments: seeds)
  func `from phase init to sweep, with a dead participant, an unresolved attempt and a fence`(_ seed: UInt64) throws {
    let place = ControlPlace(seed: seed)
    try place.time.run {
      _ = await place.run("seed --items \(Self.items)")
      try await self.begin(place)
      let repositories = [try self.repository(place, 1), try self.repository(place, 2)]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for repository in repositories { group.addTask { try await repository.run() } }
        try await place.time.sleep(for: .seconds(10))
        try await self.freeze(place, repositories)
        try await self.migrate(place, repositories)
        try await self.finish(place, repositories)
        group.cancelAll()
      }
    }
  }

  /// 1→2, past an instance that died.
  private func begin(_ place: ControlPlace) async throws {
    let begun = await place.run("phase init")
    #expect(begun.status == .done, "\(begun.error)")
    try await place.participant("sleeper").beat()
    let early = await place.run("cutover --to dualRead --wait 5s")
    #expect(
      early.status == .findings
        && early.output.contains("waiting for 1 participant: sleeper; who is dead shows after 45 minutes of waiting, as with --wait 50m."),
      "\(early.output)")
    let start = place.time.now
    let late = await place.run("cutover --to dualRead --wait 50m")
    #expect(late.status == .done && late.error.contains("A participant is dead and was removed  participant=sleeper"), "\(late.error)")
    // The dead: one nonce read twice, 45 minutes apart by the reader's clock.
    let seconds = start.duration(to: place.time.now)
    #expect(seconds >= .seconds(2_700) && seconds < .seconds(2_710))
  }

  /// 2→3, in which the service's writes move, although one of them was given up on.
  private func freeze(_ place: ControlPlace, _ repositories: [DualTableRepository]) async throws {
    try await place.time.sleep(for: .seconds(1_000))
    // The service says 500 to a write, which may have landed: sent again, it goes through, and the first try stays unresolved.
    let isFirst = Mutex(true)
    place.engine.follow { arrival, _ in
      guard arrival.operation == "PutItem", arrival.table == "users" else { return nil }
      let fails = isFirst.withLock { first in
        defer { first = false }
        return first
      }
      return fails ? .service("InternalServerError", "no", status: 500) : nil
    }
    try await repositories[0].oldWrite { old in
      _ = try await old.putItem(PutItemInput(tableName: "users", item: ["id": "late", "enabled": "Y", "profile": ["email": "a@b"]]))
    }
    place.engine.follow(nil)
    try await place.time.sleep(for: .seconds(6))
    let check = await place.run("cutover check")
    #expect(check.status == .done && check.output.contains("gave up on attempts that may still land"), "\(check.output)")
    let waits = await place.run("cutover --to dualTable --wait 5s --yes")
    #expect(waits.status == .findings && waits.output.contains("unresolved until"), "\(waits.output)")
    let read = try await repositories[1].getItem(GetItemInput(tableName: "users-v2", key: ["id": "late"], consistentRead: true))
    #expect(read.item?["email"] == "a@b")

    let fenced = await place.run("cutover --to dualTable --wait 5s --fence-first --yes")
    #expect(fenced.status == .done, "\(fenced.output) \(fenced.error)")
    await #expect(throws: DualTableError.self) {
      try await repositories[0].oldWrite { old in
        _ = try await old.putItem(PutItemInput(tableName: "users", item: ["id": "lost"]))
      }
    }
    await #expect(throws: DynamoDBError.self) {
      _ = try await place.client.putItem(PutItemInput(tableName: "users", item: ["id": "lost"]))
    }
  }

  /// Phase 3: the service writes NEW beside the backfill, then 3→4.
  private func migrate(_ place: ControlPlace, _ repositories: [DualTableRepository]) async throws {
    let ids = place.engine.items(in: "users").compactMap { $0["id"]?.stringValue }.sorted()
    #expect(ids.count == Self.items + 1 && !ids.contains("lost"))
    _ = try await repositories[0].deleteItem(DeleteItemInput(tableName: "users-v2", key: ["id": .string(ids[0])]))
    _ = try await repositories[1].putItem(PutItemInput(tableName: "users-v2", item: ["id": .string(ids[1]), "own": 1]))
    // A read that still falls back: not yet.
    _ = try await repositories[1].getItem(GetItemInput(tableName: "users-v2", key: ["id": .string(ids[2])]))
    let early = await place.run("cutover --to newWithTombstones --json")
    #expect(early.status == .findings && early.output.contains("No backfill has come to its end yet"), "\(early.output)")

    let backfill = await place.run("backfill --segments 4 --open-segments 2 --json")
    #expect(backfill.status == .done, "\(backfill.error)")
    #expect(try CommandRunTests.number("superseded", in: backfill) == 1 && CommandRunTests.number("deleted", in: backfill) == 1)
    let verify = await place.run("verify --segments 4 --open-segments 2 --json")
    #expect(verify.status == .done, "\(verify.error) \(verify.output)")
    let records = try await place.control.records()
    #expect(records.map(\.command) == [.backfill, .verify] && records.allSatisfy(\.isClean))

    let recent = await place.run("cutover check --quiet-for 10h")
    #expect(
      recent.status == .findings && recent.output.contains("a read found in the old table what the new one lacks"), "\(recent.output)")
    // What instance 1 gave up on in phase 2 holds up its acknowledgement of 3 for half an hour after it was signed.
    let held = await place.run("cutover check")
    #expect(held.status == .findings && held.output.contains("of which 1 waits for attempts that it gave up on"), "\(held.output)")
    try await place.time.sleep(for: .seconds(1_801))
    let check = await place.run("cutover check --json")
    #expect(check.status == .done && check.output.contains("\"mayGoOn\":true"), "\(check.output)")
    let done = await place.run("cutover --to newWithTombstones")
    #expect(done.status == .done, "\(done.output) \(done.error)")
    let refused = await place.run("sweep --yes")
    #expect(refused.status == .failed && refused.error.contains("in phase newWithTombstones"), "\(refused.error)")
  }

  /// 4→5, and the sweep.
  private func finish(_ place: ControlPlace, _ repositories: [DualTableRepository]) async throws {
    let done = await place.run("cutover --to new --yes")
    #expect(done.status == .done, "\(done.output) \(done.error)")
    let last = await place.run("cutover check")
    #expect(last.status == .done && last.output == "The migration is in its last phase, new.\n")
    try await place.time.sleep(for: .seconds(6))
    let old = place.engine.items(in: "users")
    let deleted = place.engine.items(in: "users-v2").filter { $0["_dt"] != nil }
    #expect(deleted.count == 1)
    let sweep = await place.run("sweep --yes --segments 4 --json")
    #expect(try sweep.status == .done && CommandRunTests.number("swept", in: sweep) == 1, "\(sweep.error)")

    let new = place.engine.items(in: "users-v2")
    let mapping = try place.mapping
    #expect(new.count == old.count - 1 && new.allSatisfy { $0["_dt"] == nil })
    for item in old where item["id"] != deleted.first?["id"] {
      let found = new.first { $0["id"] == item["id"] }
      #expect(try found?["own"] != nil || found == mapping.convert(item)[0])
    }
    let gone = try await repositories[0].getItem(
      GetItemInput(tableName: "users-v2", key: ["id": deleted[0]["id"] ?? .null], consistentRead: true))
    #expect(gone.item == nil)
    let shown = await place.run("phase show --json")
    let json = try JSONValue(parsing: Array(shown.output.utf8).span)
    #expect(json["phase"]?.string == "new" && json["participants"]?.array?.count == 2, "\(shown.output)")
  }
}
