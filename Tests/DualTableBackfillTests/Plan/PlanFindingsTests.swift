import DualTableBackfill
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

@Suite("What a plan finds")
struct PlanFindingsTests {
  private func facts() async throws -> PlanFacts {
    let engine = DynamoDBSimulator()
    for name in ["users", "users-v2"] {
      _ = try await engine.client().createTable(CreateTableInput(tableName: name, keys: KeySchema(hash: .init("id", .string))))
    }
    let old = try await engine.client().describeTable(DescribeTableInput(tableName: "users")).table
    let new = try await engine.client().describeTable(DescribeTableInput(tableName: "users-v2")).table
    return PlanFacts(old: .init(old), new: .init(new), newIsEmpty: true, sample: SampleSummary([], mapping: Self.identity))
  }

  private static let identity = PlanEstimateTests.Same()

  private func findings(_ change: (inout PlanFacts) -> Void) async throws -> [Finding] {
    var facts = try await facts()
    change(&facts)
    return PlanFindings(facts, mapping: Self.identity, estimate: nil).all.filter { $0.level != .ok && $0.subject != "rollback" }
  }

  @Test("a multi-Region replica written elsewhere voids them: plan blocks on it")
  func replicas() async throws {
    #expect(try await findings { _ in }.isEmpty)
    for change in [{ $0.old.description.replicas = ["us-west-2"] }, { $0.new?.description.replicas = ["us-west-2"] }]
      as [@Sendable (inout PlanFacts) -> Void]
    {
      let found = try await findings(change)
      #expect(found.map(\.subject) == ["replicas"] && found[0].level == .blocker && found[0].sentence.contains("us-west-2"))
    }
  }

  @Test("Every subject says what it found, in a whole sentence, in each state")
  func states() async throws {
    let rows: [(String, Finding.Level, @Sendable (inout PlanFacts) -> Void)] = [
      ("newTable", .blocker, { $0.new = nil }), ("newTable", .warning, { $0.newIsEmpty = false }),
      ("oldTable", .blocker, { $0.old.description.tableStatus = .deleting }),
      ("newTable", .blocker, { $0.new?.description.tableStatus = .creating }),
      ("oldTimeToLive", .warning, { $0.old.expiry = .on }), ("newTimeToLive", .blocker, { $0.new?.expiry = .on }),
      ("oldStream", .warning, { $0.old.description.streamSpecification = StreamSpecification(streamEnabled: true) }),
      ("newStream", .warning, { $0.new?.description.streamSpecification = StreamSpecification(streamEnabled: true) }),
      ("oldRecovery", .warning, { $0.old.isRecoverable = false }), ("newRecovery", .warning, { $0.new?.isRecoverable = false }),
      ("items", .warning, { $0.sample = nil }),
      ("permissions", .blocker, { $0.denials = [.init(action: "dynamodb:Scan", table: "users", role: .backfill)] }),
      ("permissions", .warning, { $0.denials = [.init(action: "dynamodb:Tags", table: "users")] }),
    ]
    for (subject, level, change) in rows {
      let found = try await findings(change)
      #expect(found.map(\.subject) == [subject] && found.map(\.level) == [level], "\(subject): \(found)")
      #expect(found.allSatisfy { $0.sentence.hasSuffix(".") })
    }
  }

  @Test("What the engine doesn't know isn't held against it")
  func unknown() async throws {
    let found = try await findings { facts in
      facts.old = .init(facts.old.description, expiry: nil, isRecoverable: nil)
      facts.new = facts.new.map { .init($0.description, expiry: nil, isRecoverable: nil) }
    }
    #expect(found.isEmpty, "\(found)")
  }

  @Test("whether the mapping has an inverse, so that a rollback is possible, is said before anyone starts")
  func rollback() async throws {
    func finding(_ yaml: String) async throws -> Finding? {
      let mapping = try CompiledMapping(yaml: Array(yaml.utf8), file: "m.yaml")
      return PlanFindings(try await facts(), mapping: mapping, estimate: nil).all.first { $0.subject == "rollback" }
    }
    let head = "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\n"
    #expect(try await finding(head + "rest: keep")?.level == .ok)
    let none = try await finding(head + "rest: drop")
    #expect(none?.level == .warning && none?.sentence.contains("no way back") == true)
    #expect(PlanFindings(try await facts(), mapping: Self.identity, estimate: nil).all.last?.level == .warning)
  }
}
