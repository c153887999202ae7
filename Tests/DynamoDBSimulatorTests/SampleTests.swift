import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Testing

/// What a service's own test looks like: the ten lines of the documentation, compiled and run.
@Suite("The sample of the documentation")
struct SampleTests {
  @Test("An order is written once, whatever becomes of the answers")
  func sample() throws {
    let time = SimulatedTime(seed: 7)
    var faults = FaultPlan(seed: 7)
    (faults.lostAnswer, faults.throttled, faults.delay) = (0.2, 0.1, .milliseconds(1) ... .milliseconds(50))
    let simulator = DynamoDBSimulator(faults: faults, time: time)
    try time.run {
      let client = simulator.client(on: time, retry: .bulk(deadline: .seconds(3_600)))
      _ = try? await client.createTable(CreateTableInput(tableName: "orders", keys: KeySchema(hash: .init("id", .string))))
      for number in 0..<50 { _ = try await client.putItem(PutItemInput(tableName: "orders", item: ["id": .string("o-\(number)")])) }
    }
    #expect(simulator.items(in: "orders").count == 50, "seed 7")
    #expect(simulator.requestCount("PutItem", on: "orders") > 50)
  }
}
