import DualTableBackfill
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import TestSupport

@testable import DualTableCommand
@testable import DualTableScan

// What backfill, verifier and operator do, each command in the ways in which it asks for different things.
extension RoleScene {
  static let commands: [RoleScene] = backfills + verifications + plans + operations + looks

  // MARK: - A run that several share

  /// Whoever works at a run looks at it and steers it, and so does the operator.
  private static let looks: [RoleScene] =
    [MigrationRole.backfill, .operator].flatMap { role in
      ["status --keys-out FOLDER/out.jsonl", "ctl pause", "report --output FOLDER/report.html"].map { line in
        command(role, line, in: .dualTable, isShared: true) { place in
          try await fill(place)
          let run = await place.run("backfill --max-items 2", more: shared)
          guard run.status == .limit else { throw CommandError("\(run.status) \(run.error)") }
        }
      }
    } + [
      command(.verifier, "status --verify --keys-out FOLDER/out.jsonl", in: .dualTable, isShared: true) { place in
        try await fill(place)
        let run = await place.run("verify", more: shared)
        guard run.status == .findings else { throw CommandError(run.error) }
      }
    ]

  // MARK: - Backfill

  private static let flags = "--segments 2 --open-segments 1"

  private static let backfills: [RoleScene] = [
    command(.backfill, "backfill \(flags)", in: .dualTable, prepare: fill),
    command(.backfill, "backfill", in: .dualTable, isShared: true, prepare: fill),
    command(.backfill, "backfill --open-segments 8", in: .dualTable, isShared: true, prepare: leaveSegment),
    command(.backfill, "backfill \(flags) --write-mode batch", in: .dualTable, .batch, prepare: fill),
    command(.backfill, "backfill \(flags) --offline", prepare: fill),
    command(.backfill, "backfill \(flags) --keys FOLDER/keys.jsonl", in: .dualTable) { place in
      try await fill(place)
      try place.folder.write("keys.jsonl", Array(#"{"key":{"id":{"S":"u1"}}}"#.utf8))
    },
    command(.backfill, "redrive \(flags) --first-mapping users.yaml --mapping mended.yaml", in: .dualTable) { place in
      try await fill(place)
      try await put(["id": "bad", "enabled": "maybe"], place)
      let run = await place.run("backfill \(flags)")
      guard run.status == .findings else { throw CommandError(run.error) }
      place.write(BuiltInMapping.users.replacing("otherwise: error", with: "otherwise: keep"), to: "mended.yaml")
    },
    command(.backfill, "verify --repair \(flags)", in: .dualTable, status: .findings, prepare: fill),
    command(.backfill, "verify --repair", in: .dualTable, status: .findings, isShared: true, prepare: fill),
    command(
      .backfill, "redrive --first-mapping users.yaml --mapping mended.yaml", in: .dualTable, isShared: true
    ) { place in
      try await fill(place)
      try await put(["id": "bad", "enabled": "maybe"], place)
      let run = await place.run("backfill", more: shared)
      guard run.status == .findings else { throw CommandError(run.error) }
      place.write(BuiltInMapping.users.replacing("otherwise: error", with: "otherwise: keep"), to: "mended.yaml")
    },
  ]

  /// Items of which some are there already: the same, another, a tombstone.
  @Sendable private static func fill(_ place: ControlPlace) async throws {
    for number in 0..<8 { try await put(["id": .string("u\(number)"), "profile": ["age": "30"]], place) }
    try place.engine.change { service in
      for result in try place.mapping.convert(["id": "u0", "profile": ["age": "30"]]) { service.put(result, in: "users-v2") }
      service.put(["id": "u2", "own": 1], in: "users-v2")
      service.put(["id": "u4", "_dt": 1], in: "users-v2")
    }
  }

  /// A run of which a worker that has just died still holds a segment, for which the others wait.
  @Sendable private static func leaveSegment(_ place: ControlPlace) async throws {
    try await fill(place)
    let run = await place.run("backfill", more: shared)
    guard run.status == .done else { throw CommandError(run.error) }
    let table = LeaseTable(place.control, command: "backfill")
    guard let pass = try await table.pass(), var lease = try await table.segments(of: pass).first else {
      throw CommandError("There is no run.")
    }
    lease.isDone = false
    let unfinished = pass.changed { $0.finished = nil }
    _ = try await table.write(unfinished)
    _ = try await table.write(lease.claimed(by: "dead"), of: unfinished)
    _ = try await table.beat(WorkerWatch.Beat(name: "dead", nonce: 1), of: unfinished)
  }

  private static func put(_ item: Item, _ place: ControlPlace) async throws {
    _ = try await place.client.putItem(PutItemInput(tableName: "users", item: item))
  }

  // MARK: - Verifier

  private static let verifications: [RoleScene] = [
    command(.verifier, "verify \(flags)", in: .dualTable, status: .findings, prepare: fill),
    command(.verifier, "verify \(flags)", in: .newWithTombstones) { place in
      try place.engine.change { service in
        for result in try place.mapping.convert(["id": "u0", "profile": ["age": "30"]]) { service.put(result, in: "users-v2") }
        service.put(["id": "u0", "profile": ["age": "30"]], in: "users")
      }
    },
    command(.verifier, "verify --content \(flags)", in: .dualTable, status: .findings, prepare: fill),
    command(.verifier, "verify", in: .dualTable, status: .findings, isShared: true) { place in
      try await fill(place)
      // A run with findings is history, and what is left of it goes.
      let run = await place.run("verify")
      guard run.status == .findings else { throw CommandError(run.error) }
    },
    command(.verifier, "verify --offline \(flags)", status: .findings, prepare: fill),
  ]

  // MARK: - Plan

  /// Each role's own look at what it may do.
  static let plans: [RoleScene] =
    MigrationRole.allCases.map { role in plan(role, control: "control") }
    + [plan(.backfill, control: "control", .batch), plan(.operator, control: "control", hasControlTable: false)]

  private static func plan(
    _ role: MigrationRole, control: String, _ writeMode: Backfill.Configuration.WriteMode = .put, hasControlTable: Bool = true
  ) -> RoleScene {
    command(
      role, "plan --role \(role.rawValue) --write-mode \(writeMode.rawValue)\(hasControlTable ? "" : " --sample 10")",
      in: hasControlTable ? .old : nil, writeMode
    ) { place in
      try await place.client.addIndex(to: "users")
      place.engine.change { service in
        for number in 0..<4 { service.put(["id": .string("u\(number)"), "profile": ["age": "30"]], in: "users") }
      }
    }
  }

  // MARK: - Operator

  private static let operations: [RoleScene] = [
    command(.operator, "phase init") { _ in },
    command(.operator, "phase show", in: .old) { _ in },
    command(.operator, "cutover check", in: .old) { _ in },
    command(.operator, "cutover --to dualRead --wait 50m", in: .old) { place in try await place.participant("sleeper").beat() },
    command(.operator, "cutover check --to dualTable", in: .dualRead, prepare: hourWithoutExpiry),
    command(.operator, "cutover --to dualTable --yes --fence-first --wait 5s", in: .dualRead, prepare: hourWithoutExpiry),
    command(.operator, "cutover --to newWithTombstones --give-up keys.jsonl", in: .dualTable) { place in
      try await put(["id": "odd", "enabled": "maybe"], place)
      let digest = try place.mapping.digest
      try await place.control.record(
        RunRecord(command: .backfill, mapping: digest, finished: 0, isClean: false, counts: [.init("failed", 1)]))
      try await place.control.record(
        RunRecord(
          command: .verify, mapping: digest, finished: 0, isClean: true, counts: [.init("missing", 0), .init("unconvertible", 0)]))
      place.write(#"{"key":{"id":{"S":"odd"}}}"# + "\n", to: "keys.jsonl")
    },
    command(.operator, "cutover --to dualTable --wait 5s", in: .newWithTombstones) { _ in },
    command(.operator, "cutover --to new --yes --wait 5s", in: .newWithTombstones) { _ in },
    command(.operator, "phase drop --yes", in: .dualTable, isShared: true) { place in
      try await fill(place)
      let run = await place.run("backfill", more: shared)
      guard run.status == .done else { throw CommandError(run.error) }
    },
    command(.operator, "fence --yes") { _ in },
    command(.operator, "fence --check", status: .findings) { _ in },
    command(.operator, "fence --lift") { place in
      let run = await place.run("fence --yes")
      guard run.status == .done else { throw CommandError(run.error) }
    },
    command(.operator, "sweep --yes \(flags)", in: .new) { place in
      place.engine.change { $0.put(["id": "gone", "_dt": 1], in: "users-v2") }
    },
  ]

  @Sendable private static func hourWithoutExpiry(_ place: ControlPlace) async throws {
    try await place.time.sleep(for: .seconds(3_700))
  }
}

extension DynamoDBClient {
  /// Adds an index of the whole items by `email`.
  func addIndex(to table: String) async throws {
    let index = SecondaryIndex(
      indexName: "byEmail", keySchema: [KeySchemaElement(attributeName: "email", keyType: .hash)],
      projection: Projection(projectionType: .all))
    _ = try await updateTable(
      UpdateTableInput(
        tableName: table, attributeDefinitions: [AttributeDefinition(attributeName: "email", attributeType: .string)],
        globalSecondaryIndexUpdates: [.create(index)]))
    try await wait(for: .active, of: table)
  }
}
