import DynamoDBClient
import MigrationControl
import Testing

@Suite("What a step needs")
struct StepCheckTests {
  private static let hour: Int64 = 3_600_000
  private static let now: Int64 = 100 * hour

  private static func facts(_ phase: MigrationPhase, _ change: (inout StepFacts) -> Void = { _ in }) -> StepFacts {
    var facts = StepFacts(
      control: ControlItem(phase: phase, epoch: 7, mapping: "m", ttlOffSince: now - hour),
      participants: [ParticipantItem(name: "a", nonce: 3, acknowledged: 7)], records: clean, mapping: "m", newIsEmpty: true, now: now)
    change(&facts)
    return facts
  }

  private static let clean = [record(.backfill, ["failed": 0]), record(.verify, ["missing": 0])]

  private static func record(_ command: RunRecord.Command, _ counts: KeyValuePairs<String, Int>, mapping: String = "m") -> RunRecord {
    RunRecord(
      command: command, mapping: mapping, finished: 0, isClean: counts.allSatisfy { $0.value == 0 },
      counts: counts.map { .init($0.key, $0.value) })
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let says: String
    let from: MigrationPhase
    let to: MigrationPhase
    /// Subjects of the blockers.
    var blockers: [String] = []
    var change: @Sendable (inout StepFacts) -> Void = { _ in }
    var testDescription: String { "\(from) to \(to): \(says)" }
  }

  static let rows: [Row] = [
    Row(says: "1→2 may", from: .old, to: .dualRead),
    Row(says: "1→2 needs NEW to be empty", from: .old, to: .dualRead, blockers: ["newTable"]) { $0.newIsEmpty = false },
    Row(says: "another mapping is refused", from: .old, to: .dualRead, blockers: ["mapping"]) { $0.mapping = "other" },
    Row(says: "2→1 needs nothing of the tables", from: .dualRead, to: .old) {
      ($0.newIsEmpty, $0.oldExpiry, $0.newExpiry) = (false, .on, .on)
    },
    Row(says: "2→3 may an hour after OLD's time to live was first seen off", from: .dualRead, to: .dualTable),
    Row(says: "2→3 not while it is on", from: .dualRead, to: .dualTable, blockers: ["oldTimeToLive"]) { $0.oldExpiry = .on },
    Row(says: "2→3 not where nobody saw it off", from: .dualRead, to: .dualTable, blockers: ["oldTimeToLive"]) {
      $0.control.ttlOffSince = nil
    },
    Row(says: "2→3 not a millisecond before the hour is over", from: .dualRead, to: .dualTable, blockers: ["oldTimeToLive"]) {
      $0.control.ttlOffSince = now - hour + 1
    },
    Row(says: "2→3 not while NEW's is on", from: .dualRead, to: .dualTable, blockers: ["newTimeToLive"]) { $0.newExpiry = .on },
    Row(says: "3→4 may after a clean verify without dead letters", from: .dualTable, to: .newWithTombstones),
    Row(says: "3→4 needs a verify", from: .dualTable, to: .newWithTombstones, blockers: ["verify"]) {
      $0.records = [record(.backfill, ["failed": 0])]
    },
    Row(says: "3→4 needs a backfill", from: .dualTable, to: .newWithTombstones, blockers: ["deadLetters"]) {
      $0.records = [record(.verify, ["missing": 0])]
    },
    Row(says: "3→4 not with an id missing", from: .dualTable, to: .newWithTombstones, blockers: ["verify"]) {
      $0.records[1] = record(.verify, ["missing": 1])
    },
    Row(says: "3→4 not with an id missing, however many are given up", from: .dualTable, to: .newWithTombstones, blockers: ["verify"]) {
      $0.records[1] = record(.verify, ["missing": 1, "unconvertible": 1])
      $0.givenUp = .init(keys: 2, unconvertible: 1)
    },
    Row(says: "3→4 not with one undecided", from: .dualTable, to: .newWithTombstones, blockers: ["verify"]) {
      $0.records[1] = record(.verify, ["undecided": 1])
    },
    Row(says: "3→4 not by a verify with another mapping", from: .dualTable, to: .newWithTombstones, blockers: ["verify"]) {
      $0.records[1] = record(.verify, ["missing": 0], mapping: "other")
    },
    Row(says: "3→4 not by a backfill with another mapping", from: .dualTable, to: .newWithTombstones, blockers: ["deadLetters"]) {
      $0.records[0] = record(.backfill, ["failed": 0], mapping: "other")
    },
    Row(says: "3→4 not with a dead letter, though verify is clean", from: .dualTable, to: .newWithTombstones, blockers: ["deadLetters"]) {
      $0.records[0] = record(.backfill, ["failed": 1])
    },
    Row(says: "3→4 may with dead letters that are all given up by name", from: .dualTable, to: .newWithTombstones) {
      $0.records = [record(.backfill, ["failed": 2]), record(.verify, ["missing": 0, "unconvertible": 1])]
      $0.givenUp = .init(keys: 2, unconvertible: 1)
    },
    Row(
      says: "3→4 not with one of them left out", from: .dualTable, to: .newWithTombstones, blockers: ["verify", "deadLetters"]
    ) {
      $0.records = [record(.backfill, ["failed": 2]), record(.verify, ["missing": 0, "unconvertible": 2])]
      $0.givenUp = .init(keys: 1, unconvertible: 1)
    },
    Row(says: "3→4 may after a redrive that left none", from: .dualTable, to: .newWithTombstones) {
      $0.records = [record(.backfill, ["failed": 2]), record(.redrive, ["failed": 0]), clean[1]]
    },
    Row(says: "3→4 not after one that left some", from: .dualTable, to: .newWithTombstones, blockers: ["deadLetters"]) {
      $0.records = [record(.backfill, ["failed": 2]), record(.redrive, ["failed": 1]), clean[1]]
    },
    Row(says: "3→4 may with the mended mapping of redrive and verify", from: .dualTable, to: .newWithTombstones) {
      $0.records = [
        record(.backfill, ["failed": 2]), record(.redrive, ["failed": 0], mapping: "mended"),
        record(.verify, ["missing": 0], mapping: "mended"),
      ]
      $0.mapping = "mended"
    },
    Row(
      says: "3→4 not with the mended one where verify took the first", from: .dualTable, to: .newWithTombstones, blockers: ["verify"]
    ) {
      $0.records = [record(.backfill, ["failed": 2]), record(.redrive, ["failed": 0], mapping: "mended"), clean[1]]
      $0.mapping = "mended"
    },
    Row(
      says: "3→4 not with the first one where redrive mended it", from: .dualTable, to: .newWithTombstones, blockers: ["deadLetters"]
    ) { $0.records = [record(.backfill, ["failed": 2]), record(.redrive, ["failed": 0], mapping: "mended"), clean[1]] },
    Row(says: "3→4 not while NEW's time to live is on", from: .dualTable, to: .newWithTombstones, blockers: ["newTimeToLive"]) {
      $0.newExpiry = .on
    },
    Row(says: "4→3 not while NEW's time to live is on", from: .newWithTombstones, to: .dualTable, blockers: ["newTimeToLive"]) {
      $0.newExpiry = .on
    },
    Row(says: "4→5 needs nothing but the drain", from: .newWithTombstones, to: .new) { ($0.newExpiry, $0.records) = (.on, []) },
  ]

  @Test("The preconditions, row by row", arguments: rows)
  func refuses(_ row: Row) throws {
    let step = try #require(MigrationStep(from: row.from, to: row.to))
    let findings = StepCheck(step, Self.facts(row.from, row.change)).preconditions
    #expect(findings.filter { $0.level == .blocker }.map(\.subject) == row.blockers, "\(findings)")
    #expect(findings.allSatisfy { $0.sentence.hasSuffix(".") && !$0.sentence.isEmpty })
  }

  static let adviceRows: [Row] = [
    Row(says: "all quiet", from: .dualTable, to: .newWithTombstones),
    Row(says: "a fallback within the time", from: .dualTable, to: .newWithTombstones, blockers: ["fallbacks"]) {
      $0.participants[0].lastFallback = now - 599_999
    },
    Row(says: "a fallback before it", from: .dualTable, to: .newWithTombstones) { $0.participants[0].lastFallback = now - 600_000 },
    Row(says: "fallbacks mean nothing before the backfill", from: .dualRead, to: .dualTable) { $0.participants[0].lastFallback = now },
    Row(says: "one that has not acknowledged", from: .old, to: .dualRead, blockers: ["acknowledged"]) {
      $0.participants.append(ParticipantItem(name: "b", nonce: 1, acknowledged: 6))
    },
  ]

  @Test("fallback rate zero for so long, all acknowledged", arguments: adviceRows)
  func advises(_ row: Row) throws {
    let step = try #require(MigrationStep(from: row.from, to: row.to))
    let findings = StepCheck(step, Self.facts(row.from, row.change)).advice(quiet: .seconds(600))
    #expect(findings.filter { $0.level == .blocker }.map(\.subject) == row.blockers, "\(findings)")
  }

  @Test("Unresolved attempts and writers of their own are warned of before 2→3, and a switch that is under way")
  func warnings() throws {
    let step = try #require(MigrationStep(from: .dualRead, to: .dualTable))
    func warnings(_ change: (inout StepFacts) -> Void) -> [String] {
      StepCheck(step, Self.facts(.dualRead, change)).advice(quiet: .zero).filter { $0.level == .warning }.map(\.subject)
    }
    #expect(warnings { _ in }.isEmpty)
    #expect(warnings { $0.participants[0].unresolvedUntil = 1 } == ["unresolved"])
    #expect(warnings { $0.participants[0].unmanaged = true } == ["unresolved"])
    #expect(warnings { $0.participants = [] } == ["acknowledged"])
    #expect(warnings { $0.control.next = .init(to: .dualTable, stage: .prepare) } == ["switch"])
  }

  @Test("the control item records when OLD's time to live was first seen off, and forgets it where it is on again")
  func noting() {
    let never = ControlItem(phase: .dualRead, epoch: 4, mapping: "m")
    let noted = never.noting(oldExpiry: .off, at: 5)
    #expect(noted == ControlItem(phase: .dualRead, epoch: 5, mapping: "m", ttlOffSince: 5))
    #expect(noted?.noting(oldExpiry: .off, at: 9) == nil && never.noting(oldExpiry: .on, at: 9) == nil)
    #expect(noted?.noting(oldExpiry: .on, at: 9) == ControlItem(phase: .dualRead, epoch: 6, mapping: "m"))
    // A switch under way is left alone, and from 3 on the old table is what it is.
    var switching = never
    switching.next = .init(to: .dualTable, stage: .prepare)
    #expect(switching.noting(oldExpiry: .off, at: 5) == nil)
    #expect(ControlItem(phase: .dualTable, epoch: 4, mapping: "m").noting(oldExpiry: .off, at: 5) == nil)
  }

  @Test("What is being switched off still deletes")
  func expiryStates() {
    #expect(ExpiryState(.disabled) == .off)
    for status in [.enabled, .enabling, .disabling, .init(rawValue: "NEW")] as [DescribeTimeToLiveOutput.Status] {
      #expect(ExpiryState(status) == .on)
    }
  }
}
