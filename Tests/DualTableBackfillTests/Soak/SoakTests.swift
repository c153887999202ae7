import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import TestSupport
import Testing

@testable import DualTableBackfill

/// A whole migration in virtual time with faults, crashes and restarts; `DUALTABLE_SOAK_STORED=1000000` says how large, in release.
@Suite struct SoakTests {
  static let items = getenv("DUALTABLE_SOAK_STORED").flatMap { Int(String(cString: $0)) } ?? 3_000

  @Test("Every item of a long run with faults, crashes and restarts arrives once, and the books hold to the item")
  func soak() throws {
    let seed: UInt64 = 11
    let migration = try TimedMigration(seed: seed)
    var random = SeededGenerator(seed: seed)
    let items = Self.items
    try migration.run { migration in
      try await migration.makeTables()
      migration.seed(0..<items, bytes: 300)
      // Some that the service wrote, deleted, or that can't be converted.
      migration.simulator.change { service in
        for number in stride(from: 0, to: items, by: 101) {
          service.put(["id": .string("u-\(number)"), "email": "later"], in: "new")
          service.put(["id": .string("u-\(number + 1)"), "_dt": 1], in: "new")
          service.put(["id": .string("u-\(number + 2)"), "profile": .map(["age": "many"])], in: "old")
          service.put(["id": .string("u-\(number + 3)"), "kind": "test"], in: "old")
        }
      }
    }
    var faults = FaultPlan(seed: seed)
    (faults.throttled, faults.failedBefore, faults.failedAfter) = (0.002, 0.002, 0.002)
    (faults.lostRequest, faults.lostAnswer, faults.truncated) = (0.002, 0.002, 0.001)
    faults.delay = .milliseconds(1) ... .milliseconds(8)
    migration.simulator.setFaults(faults)
    let crashes = 8
    for crash in 0..<crashes {
      let moment = Duration.milliseconds(300 + random.below(items / 3))
      let mode: Backfill.Configuration.WriteMode = crash % 3 == 2 ? .batch : .put
      try migration.run { migration in
        try await migration.kill(after: moment) { _ = try await migration.backfill { $0.writeMode = mode } }
      }
    }
    let result = try migration.run { try await $0.backfill() }
    let groups = (items + 100) / 101
    let counts = result.counts
    // Some of the marked ones lie behind the end of the table, where the marks made them.
    let expected = Set((0..<items).map { "u-\($0)" } + stride(from: 0, to: items, by: 101).flatMap { ["u-\($0 + 2)", "u-\($0 + 3)"] })
    #expect(counts[.scanned] == expected.count && result.addsUp && !result.more)
    #expect(counts[.superseded] == groups && counts[.failed] == groups && counts[.filtered] == groups)
    #expect(counts[.migrated] + counts[.alreadyThere] + counts[.deleted] == expected.count - 3 * groups)
    #expect(result.reasons == ["invalidValue": groups])
    let letters = try migration.directory.text("state/\(Backfill.deadLetters)").split(separator: "\n")
    #expect(letters.count == groups && Set(letters).count == groups)
    var found = 0
    for item in migration.simulator.items(in: "new") where item["_dt"] == nil && item["email"] != "later" {
      found += 1
      #expect(item["padding"] != nil && item["age"] != nil, "an item came across torn")
    }
    #expect(found == counts[.migrated] + counts[.alreadyThere])
  }
}
