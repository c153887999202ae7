import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Testing

@Suite("Replays")
struct ReplayTests {
  static let text =
    "throttled=0.03,failed-before=0.03,failed-after=0.03,unavailable=0.03,lost-request=0.03,lost-answer=0.03,duplicated=0.03,late=0.03,"
    + "reset=0.03,truncated=0.03,corrupted=0.03,expired=0.03,delay=1ms..40ms,reordered=0.1,storm=5m/20s,slow=counters:100ms"

  /// What eight clients make of two tables within a simulated hour.
  private static func run(_ seed: UInt64) throws -> (history: String?, items: [Item], elapsed: Int64, strays: Int) {
    let time = SimulatedTime(seed: seed)
    let simulator = DynamoDBSimulator(
      faults: try FaultPlan(text: text, seed: seed), time: time, hasLimits: true, lag: .seconds(1), itemsInPage: .max, recordsHistory: true)
    try time.run {
      for name in ["counters", "logs"] {
        let client = simulator.client(on: time, retry: patient)
        _ = try? await client.createTable(CreateTableInput(tableName: name, keys: KeySchema(hash: .init("id", .string))))
      }
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask { await work(number, simulator.client(on: time, retry: patient, seed: seed &+ UInt64(number)), time) }
        }
      }
    }
    return (simulator.historyDigest, simulator.items(in: "counters"), time.now.nanoseconds, time.strayJobs)
  }

  private static var patient: RetryPolicy { .bulk(deadline: .seconds(600)) }

  /// Writes and reads every half minute, and goes on whatever comes.
  private static func work(_ number: Int, _ client: DynamoDBClient, _ time: SimulatedTime) async {
    for turn in 0..<100 {
      _ = try? await client.putItem(
        PutItemInput(tableName: "logs", item: ["id": .string("\(number)-\(turn)"), "at": .number(DynamoDBNumber(turn))]))
      _ = try? await client.updateItem(
        UpdateItemInput(
          tableName: "counters", key: ["id": .string("c-\(turn % 5)")], updateExpression: "ADD n :one",
          expressionAttributeValues: [":one": .number(DynamoDBNumber(1))]))
      _ = try? await client.getItem(GetItemInput(tableName: "counters", key: ["id": .string("c-\(turn % 5)")]))
      try? await time.sleep(for: .seconds(36))
    }
  }

  @Test("One seed gives one history, to the last byte and nanosecond, and another seed another", arguments: [1, 2, 3] as [UInt64])
  func seeds(_ seed: UInt64) throws {
    let (first, second, other) = (try Self.run(seed), try Self.run(seed), try Self.run(seed + 100))
    #expect(first.history != nil && first.history == second.history, "seed \(seed)")
    #expect(first.items == second.items && first.elapsed == second.elapsed, "seed \(seed)")
    #expect(first.history != other.history)
    #expect(first.strays == 0 && first.elapsed >= 3_600_000_000_000)
  }

  @Test("A duplicate and a late request write what their connections never told")
  func strays() throws {
    let time = SimulatedTime(seed: 9)
    let simulator = DynamoDBSimulator(time: time)
    let counted: [Int] = try time.run {
      var once = RetryPolicy.requestPath
      once.maximumAttempts = 1
      let client = simulator.client(on: time, retry: once)
      _ = try await client.createTable(CreateTableInput(tableName: "counters", keys: KeySchema(hash: .init("id", .string))))
      func add() async -> Bool {
        let added = try? await client.updateItem(
          UpdateItemInput(
            tableName: "counters", key: ["id": "c"], updateExpression: "ADD n :one",
            expressionAttributeValues: [":one": .number(DynamoDBNumber(1))]))
        return added != nil
      }
      func count() -> Int {
        guard case .number(let number)? = simulator.items(in: "counters").first?["n"] else { return 0 }
        return Int(number.text) ?? -1
      }
      var counts: [Int] = []
      simulator.setFaults(try FaultPlan(text: "duplicated=1,delay=10ms", seed: 9))
      #expect(await add())
      try await time.sleep(for: .seconds(1))
      counts.append(count())
      simulator.setFaults(try FaultPlan(text: "late=1,lateness=2m", seed: 9))
      #expect(await !add())
      counts.append(count())
      try await time.sleep(for: .seconds(119))
      counts.append(count())
      try await time.sleep(for: .seconds(2))
      counts.append(count())
      return counts
    }
    #expect(counted == [2, 2, 2, 3])
  }

  @Test("A call that the service is too slow for fails by its time limit, and its request arrives all the same")
  func timeouts() throws {
    let time = SimulatedTime(seed: 10)
    let simulator = DynamoDBSimulator(time: time)
    try time.run {
      var once = RetryPolicy.requestPath
      (once.maximumAttempts, once.deadline) = (1, .seconds(5))
      let client = simulator.client(on: time, retry: once)
      _ = try await client.createTable(CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string))))
      simulator.setFaults(try FaultPlan(text: "slow=users:1m", seed: 10))
      let began = time.now
      await #expect(throws: DynamoDBError.self) { try await client.putItem(PutItemInput(tableName: "users", item: ["id": "a"])) }
      #expect(began.duration(to: time.now) == .seconds(5))
      #expect(simulator.items(in: "users").isEmpty)
      try await time.sleep(for: .seconds(60))
      #expect(simulator.items(in: "users").count == 1)
    }
  }
}
