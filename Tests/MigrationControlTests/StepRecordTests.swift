import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

@Suite("Steps in the control table")
struct StepRecordTests {
  @Test("A step's record says who acknowledged it and when, and is there for everybody to read")
  func switchIsRecorded() throws {
    var plan = FaultPlan(seed: 4)
    plan.delay = .milliseconds(1) ... .milliseconds(5)
    let fleet = Fleet(seed: 4, faults: plan)
    let steps = try fleet.time.run {
      try await fleet.start()
      async let instances: Void = withTaskGroup(of: Void.self) { group in
        for instance in 1...3 { group.addTask { await fleet.runInstance(instance, writers: 2) } }
      }
      try await fleet.time.sleep(for: .seconds(3))
      let table = fleet.table(0)
      let machine = SwitchStateMachine(to: .dualTable, patience: .seconds(30))
      let change = PhaseSwitch(table: table, wallClock: fleet.time.wallClock, clock: fleet.time)
      _ = try await change.perform(machine, made: { step in try? await table.record(step) })
      // Made already: there is nothing to tell.
      _ = try await change.perform(machine, made: { _ in Issue.record("a step that was made before") })
      await instances
      return try await table.steps()
    }
    let step = try #require(steps.first)
    #expect(steps.count == 1 && step.from == .dualRead && step.to == .dualTable && !step.isFenced && step.removed.isEmpty)
    #expect(step.acknowledged.count == 3 && Set(step.acknowledged.map(\.name)).count == 3)
    #expect(step.acknowledged.allSatisfy { $0.seen <= step.made && $0.seen > step.made - 2_000 })
  }

  @Test("Steps are listed in the order in which they were made, and a record is never replaced")
  func order() throws {
    let time = SimulatedTime(seed: 1)
    let engine = DynamoDBSimulator(time: time)
    let client = engine.client(on: time)
    let steps = (1...12).map { number in
      StepRecord(
        from: number == 1 ? nil : .old, to: .dualRead, epoch: number, made: Int64(number), mapping: "m", isFenced: number == 2,
        acceptsUnresolved: number == 3, acknowledged: [.init(name: "a\"<b>", seen: 5)], removed: number == 4 ? ["x"] : [])
    }
    let found = try time.run {
      _ = try await client.createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
      try await time.sleep(for: .seconds(60))
      let table = ControlTable(client: client, name: "control", oldTable: "old", newTable: "new")
      for step in steps.reversed() { try await table.record(step) }
      var other = steps[0]
      other.mapping = "another"
      try await table.record(other)
      return try await table.steps()
    }
    #expect(found == steps)
  }
}
