import DualTableBackfill
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Synchronization
import TestSupport
import Testing

@Suite("The pace of a sweep")
struct SweepPaceTests {
  private let keys = KeySchema(hash: .init("pk", .string), range: .init("sk", .number))

  @Test("Reads and writes keep to their budgets, and a stopped sweep goes on where it was", arguments: [1, 2] as [UInt64])
  func paced(seed: UInt64) throws {
    let time = SimulatedTime(seed: seed)
    let engine = DynamoDBSimulator(time: time)
    let folder = TemporaryDirectory()
    let (first, second, seconds, deletes) = try time.run {
      let client = engine.client(on: time)
      _ = try await client.createTable(CreateTableInput(tableName: "new", keys: keys))
      try await client.wait(for: .active, of: "new")
      for number in 0..<300 {
        var item: Item = ["pk": .string("p\(number % 7)"), "sk": .number(DynamoDBNumber(number))]
        if number % 3 > 0 { item["_dt"] = 1 } else { item["live"] = 1 }
        _ = try await client.putItem(PutItemInput(tableName: "new", item: item))
      }
      var configuration = Sweep.Configuration(
        new: TableSide(client: client, table: "new"), keys: keys, reserved: "_dt", mapping: "m",
        stateDirectory: StatePath("\(folder.path)/sweep"),
        seed: seed)
      (configuration.segments, configuration.openSegments) = (20, 3)
      (configuration.writeBudget, configuration.readBudget) = (.units(10), .units(50))
      configuration.checkpointExecutor = InlineSerialExecutor()
      let stop = StopSignal()
      let deletes = Mutex([Int: Int]())
      engine.follow { arrival, _ in
        guard arrival.operation == "DeleteItem" else { return nil }
        if arrival.index == 80 { stop.request(.interrupted) }
        deletes.withLock { $0[Int(time.now.nanoseconds / 1_000_000_000), default: 0] += 1 }
        return nil
      }
      let began = time.now
      let first = try await Sweep(configuration).run(stop: stop) { _ in }
      let second = try await Sweep(configuration).run(stop: StopSignal()) { _ in }
      return (first, second, began.duration(to: time.now), deletes.withLock { $0.values.max() ?? 0 })
    }
    #expect(first.stopped == .interrupted && first.swept < 100 && second.stopped == nil, "seed \(seed): \(first)")
    // Pages cut short by the stop are looked at again: what went then is gone now.
    #expect(second.tombstones >= first.tombstones && second.swept <= 200 && second.scanned >= 300 - 80, "seed \(seed): \(second)")
    let left = engine.items(in: "new")
    #expect(left.count == 100 && left.allSatisfy { $0["_dt"] == nil }, "seed \(seed)")
    #expect(seconds >= .seconds(19) && seconds < .seconds(25), "seed \(seed): \(seconds)")
    #expect(deletes <= 11, "seed \(seed): \(deletes) in one second")
  }

  @Test("A table keyed otherwise, and none, are told in one sentence")
  func unsuitable() throws {
    let time = SimulatedTime(seed: 1)
    let engine = DynamoDBSimulator(time: time)
    let folder = TemporaryDirectory()
    let messages = try time.run { () -> [String] in
      let client = engine.client(on: time)
      _ = try await client.createTable(CreateTableInput(tableName: "new", keys: keys))
      try await client.wait(for: .active, of: "new")
      var messages: [String] = []
      for (table, keys) in [("new", KeySchema(hash: .init("id", .string))), ("none", self.keys)] {
        let configuration = Sweep.Configuration(
          new: TableSide(client: client, table: table), keys: keys, reserved: "_dt", mapping: "m", stateDirectory: StatePath(folder.path),
          seed: 1)
        do throws(BackfillError) {
          _ = try await Sweep(configuration).run(stop: StopSignal()) { _ in }
        } catch {
          messages.append(error.message)
        }
      }
      return messages
    }
    #expect(messages.first == "The new table new isn't keyed as the mapping says: name the right one.")
    #expect(messages.last?.hasPrefix("The new table none can't be looked at: ResourceNotFoundException") == true)
  }
}
