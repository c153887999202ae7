import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import TestSupport
import Testing

@testable import DualTableVerify

/// Each table has a pace of its own, in simulated time.
@Suite struct VerifyPacingTests {
  private static func verify(
    items: Int, provisioned: Int? = nil, faults: FaultPlan = FaultPlan(seed: 1),
    _ change: @escaping @Sendable (inout Verification.Configuration) -> Void
  ) throws -> (result: VerifyResult, seconds: Double) {
    let time = SimulatedTime(seed: 5)
    let engine = DynamoDBSimulator(time: time, hasLimits: provisioned != nil)
    let directory = TemporaryDirectory()
    return try time.run {
      let client = engine.client(on: time, retry: .bulk())
      for (table, keys) in [("old", TestMapping().oldSchema), ("new", TestMapping().newSchema)] {
        var input = CreateTableInput(tableName: table, keys: keys)
        if let provisioned {
          (input.billingMode, input.provisionedThroughput) =
            (.provisioned, ProvisionedThroughput(readCapacityUnits: provisioned, writeCapacityUnits: 100))
        }
        _ = try await client.createTable(input)
      }
      engine.change { service in
        for number in 0..<items {
          var item = VerifyScene.item(number)
          item["padding"] = .string(String(repeating: "x", count: 900))
          service.put(item, in: "old")
          for var result in (try? TestMapping().convert(item)) ?? [] {
            result["padding"] = item["padding"]
            service.put(result, in: "new")
          }
        }
      }
      var configuration = Verification.Configuration(
        old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: TestMapping(),
        stateDirectory: StatePath("\(directory.path)/verify"), seed: 1)
      configuration.openSegments = 4
      configuration.diskExecutor = { InlineSerialExecutor() }
      change(&configuration)
      engine.setFaults(faults)
      let began = time.now
      let result = try await Verification(configuration).run(stop: StopSignal()) { _ in }
      return (result, began.duration(to: time.now) / .seconds(1))
    }
  }

  @Test(arguments: ["old", "new"]) func `parallel scans of both tables under their own pacing`(slow: String) throws {
    // Some 2,000 KB: 500 consistent units of OLD, 250 eventual ones of NEW.
    let (result, seconds) = try Self.verify(items: 2_000) {
      if slow == "old" { $0.oldReadBudget = .units(50) } else { $0.newReadBudget = .units(25) }
    }
    #expect(result.verdict == .clean && result.readUnits > 700 && result.readUnits < 850, "\(result.readUnits)")
    #expect(seconds > 9 && seconds < 12, "\(seconds) s")
  }

  @Test func `percentages are of what is provisioned, and an on-demand table has nothing`() throws {
    let (_, seconds) = try Self.verify(items: 1_000, provisioned: 100) { $0.oldReadBudget = .percent(25) }
    #expect(seconds > 9 && seconds < 13, "\(seconds) s")
    let error = #expect(throws: VerifyError.self) { _ = try Self.verify(items: 10) { $0.newReadBudget = .percent(25) } }
    #expect(
      error?.message == "The table new is on demand, so nothing is provisioned to take 25% of: give a number of units a second.")
  }

  @Test func `throttled, it slows down and is clean in the end`() throws {
    var faults = FaultPlan(seed: 2)
    faults.storm = .init(every: .seconds(10), lasting: .seconds(5))
    let (result, _) = try Self.verify(items: 1_000, faults: faults) { $0.oldReadBudget = .units(20) }
    #expect(result.verdict == .clean && result.oldIDs == 1_000 && result.newIDs == 1_000 && result.undecided == 0)
  }

  @Test func `throttled without end, it stops with one sentence, nothing reported`() throws {
    var faults = FaultPlan(seed: 3)
    faults.storm = .init(every: .seconds(10), lasting: .seconds(10))
    let error = #expect(throws: (any Error).self) { _ = try Self.verify(items: 100, faults: faults) { $0.patience = .seconds(60) } }
    let sentence = "\(error.map { "\($0)" } ?? "")"
    #expect(sentence.contains("Throttling") || sentence.contains("Throughput"), "\(sentence)")
  }
}
