import DualTable
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import TestSupport
import Testing

@testable import DualTableCommand

/// The articles that are typed: every line of them, in order, beside a service at work.
@Suite struct RunbookTests {
  static let files = ["users.yaml": BuiltInMapping.users, "mended.yaml": ControlPlace.mended]

  @Test("Start here: every command ends as the page says")
  func gettingStarted() throws {
    let run = ArticleRun(files: Self.files)
    let article = try Article("GettingStarted")
    let count = try run.time.run { try await run.run(article) }
    #expect(count >= 8)
    #expect(try run.folder.text("users.html").contains("Complete and verified"))
  }

  @Test("The runbook: each step, from the first plan to dropping the old table and turning time to live on")
  func runbook() throws {
    let run = ArticleRun(files: Self.files)
    let article = try Article("Runbook", to: "When something sounds")
    try run.time.run {
      try await self.seed(run, 200)
      let service = Service(run)
      try await withThrowingTaskGroup(of: Void.self) { group in
        let count = try await run.run(article) { command in
          // What the page's words say happens before these commands.
          if command == "dualtable phase show" {
            for instance in 1...2 {
              let repository = try service.start(UInt64(instance))
              group.addTask { try await repository.run() }
            }
            try await run.time.sleep(for: .seconds(10))
            group.addTask { try await service.work() }
          }
          if command.hasPrefix("dualtable cutover check") || command.hasPrefix("dualtable cutover --to newWithTombstones") {
            // Attempts that met a switch are resolved, and no read has fallen back for a while.
            try await run.time.sleep(for: .seconds(4_000))
          }
          if command == "aws dynamodb delete-table --table-name users" { service.stop() }
        }
        #expect(count >= 28)
        group.cancelAll()
      }
      #expect(service.failures == [])
      #expect(service.count > 100)
      #expect(run.engine.items(in: "users") == [] && run.engine.items(in: "users-v2").allSatisfy { $0["_dt"] == nil })
    }
    #expect(try run.folder.text("users-final.html").contains("newWithTombstones → new"))
  }

  @Test("Items that stay behind: dead letters, a mended mapping, and the step that takes it")
  func deadLetters() throws {
    let run = ArticleRun(files: Self.files)
    try run.time.run {
      try await self.frozen(run) { engine in
        engine.change { $0.put(["id": "bad", "profile": ["age": "not a number"]], in: "users") }
      }
      run.say(files: ["mended.yaml": try Self.lenient()])
      let service = Service(run)
      try await withThrowingTaskGroup(of: Void.self) { group in
        let repository = try service.start(1)
        group.addTask { try await repository.run() }
        try await run.time.sleep(for: .seconds(10))
        try await run.run(try Article("Runbook", from: "Items that stay behind", to: "Ids that are missing")) { command in
          if command.hasPrefix("dualtable cutover") { try await run.time.sleep(for: .seconds(2_000)) }
        }
        group.cancelAll()
      }
    }
  }

  @Test("Ids that are missing: listed, taken across by their keys, verified")
  func missing() throws {
    let run = ArticleRun(files: Self.files)
    try run.time.run {
      try await self.frozen(run) { _ in }
      try await run.commands(["dualtable backfill"])
      let lost = try #require(run.engine.items(in: "users-v2").first?["id"])
      _ = try await run.engine.client(on: run.time).deleteItem(DeleteItemInput(tableName: "users-v2", key: ["id": lost]))
      try await run.run(try Article("Runbook", from: "Ids that are missing", to: "Metrics and events"))
    }
  }

  /// The mapping of the built-in file, which takes an age that is no number as it is.
  private static func lenient() throws -> String {
    BuiltInMapping.users.replacing("{from: profile.age, was: string, type: number}", with: "profile.age")
  }

  private func seed(_ run: ArticleRun, _ items: Int) async throws {
    try await run.commands(["dualtable seed --old users --new users-v2 --mapping users.yaml --items \(items) --seed 3"])
    // The page makes it itself.
    try run.request("DeleteTable", #"{"TableName":"users-v2"}"#, "seed")
    try run.request(
      "UpdateTimeToLive", #"{"TableName":"users","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"expires"}}"#, "seed")
    try await run.time.sleep(for: .seconds(3_700))
  }

  /// A migration in phase dualTable without anybody in it.
  private func frozen(_ run: ArticleRun, _ change: @Sendable (DynamoDBSimulator) -> Void) async throws {
    run.say(files: ["dualtable.yaml": "old: users\nnew: users-v2\ncontrol: migrations\nmapping: users.yaml\n"])
    try await run.commands([
      "dualtable seed --old users --new users-v2 --mapping users.yaml --items 50 --seed 3", "dualtable phase init",
      "dualtable cutover --to dualRead", "sleep 3700",
    ])
    change(run.engine)
    try await run.commands(["dualtable cutover --to dualTable --yes"])
  }
}

/// Two instances of a service that goes on reading and writing whatever the phase is.
private final class Service: Sendable {
  private let run: ArticleRun
  private let state = Mutex((repositories: [DualTableRepository](), count: 0, failures: [String](), isStopped: false))

  init(_ run: ArticleRun) { self.run = run }

  var count: Int { state.withLock(\.count) }
  var failures: [String] { state.withLock(\.failures) }

  func start(_ instance: UInt64) throws -> DualTableRepository {
    let client = run.engine.client(on: run.time, seed: instance)
    let repository = DualTableRepository(
      old: client, oldTable: "users", new: client, newTable: "users-v2",
      mapping: try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "users.yaml"),
      phase: .controlTable("migrations", client: client))
    state.withLock { $0.repositories.append(repository) }
    return repository
  }

  func stop() { state.withLock { $0.isStopped = true } }

  /// Writes a user's email and reads it back, again and again: what was acknowledged must be there.
  func work() async throws {
    var number = 0
    while !state.withLock(\.isStopped) {
      number += 1
      let (id, email) = ("own-\(number % 7)", "mail-\(number)@example.com")
      let repositories = state.withLock(\.repositories)
      do {
        try await repositories[number % 2].write(
          old: { old in _ = try await old.putItem(PutItemInput(tableName: "users", item: ["id": .string(id), "profile": ["email": .string(email)]])) },
          new: { new in
            _ = try await new.putItem(PutItemInput(tableName: "users-v2", item: ["id": .string(id), "email": .string(email)]))
          })
        let found = try await repositories[(number + 1) % 2].getItem(
          GetItemInput(tableName: "users-v2", key: ["id": .string(id)], consistentRead: true)
        ).item?["email"]
        state.withLock { state in
          state.count += 1
          if found != .string(email) { state.failures.append("\(id): \(email) was acknowledged") }
        }
      } catch is CancellationError {
        return
      } catch {
        state.withLock { $0.failures.append("\(error)") }
      }
      guard (try? await run.time.sleep(for: .seconds(20))) != nil else { return }
    }
  }
}
