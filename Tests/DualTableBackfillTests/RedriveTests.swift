import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import TestSupport
import Testing

@testable import DualTableBackfill

/// Dead letters taken up again with a mended mapping, and lists of keys.
@Suite struct RedriveTests {
  /// The first mapping, and ways to mend it.
  static func mapping(age: String = "{from: profile.age, was: string, type: number}", key: String = "id", drop: String = "[]") throws
    -> CompiledMapping
  {
    let yaml = """
      version: 1
      old: {hash: {id: S}}
      new: {hash: {id: S}}
      key: {id: \(key)}
      attributes:
        email: profile.email
        age: \(age)
      drop: \(drop)
      rest: keep
      """
    return try CompiledMapping(yaml: Array(yaml.utf8), file: "test.yaml")
  }

  static let forgiving = "profile.age"

  private static func failed() async throws -> Migration {
    let migration = try await Migration(mapping: try mapping())
    for number in 0..<50 { try await migration.put(Migration.oldItem(number), in: "old") }
    for number in 0..<7 {
      try await migration.put(["id": .string("bad-\(number)"), "profile": .map(["age": "many", "email": "e"])], in: "old")
    }
    let first = try await migration.backfill()
    #expect(first.counts[.failed] == 7 && first.reasons == ["invalidValue": 7])
    return migration
  }

  private static func redrive(
    _ migration: Migration, _ mended: CompiledMapping, _ change: (inout Backfill.Configuration) -> Void = { _ in }
  ) async throws -> BackfillResult {
    let first = migration.mapping
    return try await migration.backfill { configuration in
      configuration.mapping = mended
      configuration.source = .deadLetters("\(migration.directory.path)/state/dead-letters.jsonl", first: first)
      configuration.stateDirectory = StatePath("\(migration.directory.path)/state/redrive")
      change(&configuration)
    }
  }

  @Test("What the mended mapping converts goes across, again is as once, and a second time nothing is done")
  func mended() async throws {
    let migration = try await Self.failed()
    let mended = try Self.mapping(age: Self.forgiving)
    let scans = migration.simulator.requestCount("Scan")
    let result = try await Self.redrive(migration, mended)
    #expect(result.counts[.scanned] == 7 && result.counts[.migrated] == 7 && result.counts[.failed] == 0 && result.addsUp)
    #expect(migration.newItems["bad-3"] == ["id": "bad-3", "age": "many", "email": "e"] && migration.newItems.count == 57)
    #expect(migration.simulator.requestCount("Scan") == scans)
    let again = try await Self.redrive(migration, mended)
    #expect(again.wasComplete && again.counts == result.counts)
    let anew = try await Self.redrive(migration, mended) { $0.stateDirectory = StatePath("\($0.stateDirectory)-2") }
    #expect(anew.counts[.alreadyThere] == 7 && anew.addsUp)
  }

  @Test("What the service wrote or deleted meanwhile stays")
  func meanwhile() async throws {
    let migration = try await Self.failed()
    try await migration.put(["id": "bad-0", "email": "new"], in: "new")
    try await migration.put(["id": "bad-1", "_dt": 1], in: "new")
    let result = try await Self.redrive(migration, try Self.mapping(age: Self.forgiving))
    #expect(result.counts[.superseded] == 1 && result.counts[.deleted] == 1 && result.counts[.migrated] == 5)
    #expect(migration.newItems["bad-0"] == ["id": "bad-0", "email": "new"])
  }

  @Test("redrive takes a mended mapping only where the first one's oldKey of each new key is the item's own")
  func movedKeys() async throws {
    let migration = try await Self.failed()
    let moved = try Self.mapping(age: Self.forgiving, key: "{template: \"USER#{id}\"}", drop: "[id]")
    let result = try await Self.redrive(migration, moved)
    #expect(result.counts[.failed] == 7 && result.addsUp && result.reasons == ["keyMoved": 7], "\(result.reasons)")
    #expect(migration.newItems.count == 50)
  }

  @Test("redrive takes a mended mapping only where its new keys are as the dead letter recorded")
  func recordedKeys() async throws {
    let migration = try await Self.failed()
    let letters =
      "{\"key\":{\"id\":{\"S\":\"bad-0\"}},\"reason\":\"refused\",\"newKey\":{\"id\":{\"S\":\"bad-0\"}}}\n"
      + "{\"key\":{\"id\":{\"S\":\"bad-1\"}},\"reason\":\"refused\",\"newKey\":{\"id\":{\"S\":\"other\"}}}\n"
    try migration.directory.write("letters.jsonl", Array(letters.utf8))
    let first = migration.mapping
    let result = try await Self.redrive(migration, try Self.mapping(age: Self.forgiving)) {
      $0.source = .deadLetters("\(migration.directory.path)/letters.jsonl", first: first)
    }
    #expect(result.counts[.migrated] == 1 && result.reasons == ["keyMoved": 1])
  }

  @Test("A list of keys takes just those, as often as it is run", arguments: [1, 7, 300])
  func keys(_ segments: Int) async throws {
    let migration = try await Migration()
    for number in 0..<300 { try await migration.put(Migration.oldItem(number), in: "old") }
    // One twice, and one that isn't there.
    let numbers = Array(stride(from: 0, to: 300, by: 3)) + [0, 900]
    let lines = numbers.map { "{\"key\":{\"id\":{\"S\":\"u-\($0)\"}},\"reason\":\"missing\"}\n" }.joined()
    try migration.directory.write("keys.jsonl", Array(lines.utf8))
    let result = try await migration.backfill { configuration in
      configuration.source = .keys("\(migration.directory.path)/keys.jsonl")
      configuration.segments = segments
    }
    #expect(result.counts[.migrated] == 100 && result.counts[.absent] == 1 && result.addsUp && !result.more)
    // The one that is there twice is found by both where they are in two segments.
    #expect(result.counts[.scanned] - result.counts[.alreadyThere] == 100)
    #expect(Set(migration.newItems.keys) == Set(stride(from: 0, to: 300, by: 3).map { "u-\($0)" }))
  }

  @Test("A file that holds no keys, and a state of another list, are refused")
  func refused() async throws {
    let migration = try await Migration()
    try await migration.put(Migration.oldItem(0), in: "old")
    try migration.directory.write("keys.jsonl", Array("hello\n".utf8))
    let path = "\(migration.directory.path)/keys.jsonl"
    let source = Backfill.Configuration.Source.keys(path)
    await #expect(throws: BackfillError.self) { try await migration.backfill { $0.source = source } }
    try migration.directory.write("keys.jsonl", Array("{\"key\":{\"id\":{\"S\":\"u-0\"}}}\n".utf8))
    do {
      _ = try await migration.backfill { $0.source = source }
      Issue.record("another list's state was taken")
    } catch let error as BackfillError {
      #expect(error.code == .state && error.message.contains("mode"), "\(error)")
    }
  }
}
