internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator

/// A simulated hour of eight clients under every fault, as its seed makes it: prints the digest of its history.
enum SimulationRun {
  private static let faults =
    "throttled=0.03,failed-before=0.03,failed-after=0.03,unavailable=0.03,lost-request=0.03,lost-answer=0.03,duplicated=0.03,late=0.03,"
    + "reset=0.03,truncated=0.03,corrupted=0.03,expired=0.03,delay=1ms..40ms,reordered=0.1,storm=5m/20s,slow=counters:100ms"

  /// The child's side.
  static func main(_ arguments: [String]) throws {
    guard arguments.count == 1, let seed = UInt64(arguments[0]) else { throw Failure("simulation takes: seed") }
    let began = monotonicSeconds()
    let time = SimulatedTime(seed: seed)
    let simulator = DynamoDBSimulator(
      faults: try FaultPlan(text: faults, seed: seed), time: time, hasLimits: true, lag: .seconds(1), itemsInPage: .max,
      recordsHistory: true)
    try time.run {
      let client = simulator.client(on: time, retry: .bulk())
      _ = try? await client.createTable(CreateTableInput(tableName: "counters", keys: KeySchema(hash: .init("id", .string))))
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask { await work(simulator.client(on: time, retry: .bulk(), seed: seed &+ UInt64(number)), time) }
        }
      }
    }
    var fields = Fields()
    fields.set("history", simulator.historyDigest ?? "none")
    fields.set("simulated", Double(time.now.nanoseconds) / 1e9)
    fields.set("strays", time.strayJobs)
    fields.set("seconds", monotonicSeconds() - began)
    Terminal.write(fields.text)
  }

  private static func work(_ client: DynamoDBClient, _ time: SimulatedTime) async {
    for turn in 0..<100 {
      let key: Item = ["id": .string("c-\(turn % 5)")]
      _ = try? await client.updateItem(
        UpdateItemInput(
          tableName: "counters", key: key, updateExpression: "ADD n :one",
          expressionAttributeValues: [":one": .number(DynamoDBNumber(1))]))
      _ = try? await client.getItem(GetItemInput(tableName: "counters", key: key))
      try? await time.sleep(for: .seconds(36))
    }
  }
}
