import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

@testable import DynamoDBSimulator

/// Transactions that a switch of phase meets half-way.
@Suite("transact write: phases") struct TransactPhaseTests {
  /// What the drain before phase 5 lets through and what it doesn't: a transaction with a copy, or guarded as phase 3 guards what isn't there,
  /// begins anew in the phase that holds then. Whether it did shows, since 4 doesn't look into OLD.
  @Test(
    "Forbidden in 5: every put of OLD's items and every write guarded by `attribute_not_exists` that phase 3's rules sent",
    arguments: [
      (TransactWriteTests.add("n-a"), true), (TransactWriteTests.put("n-a", if: "v = :x", [":x": 1]), false),
      (TransactWriteTests.put("n-b"), true),
    ])
  func beginsAnew(_ action: TransactWriteItem, _ happens: Bool) throws {
    let time = SimulatedTime(seed: 1)
    let simulator = DynamoDBSimulator(time: time)
    let code: DualTableError.Code? = try time.run {
      let client = simulator.client(on: time)
      for (name, schema) in [
        ("old", TestMapping().oldSchema), ("new", TestMapping().newSchema), ("control", ControlTable.schema),
      ] {
        _ = try await client.createTable(CreateTableInput(tableName: name, keys: schema))
      }
      simulator.change { $0.put(["id": "a", "p": ["v": 1]], in: "old") }
      let table = ControlTable(client: client, name: "control", oldTable: "old", newTable: "new")
      let first = ControlItem(phase: .dualTable, epoch: 1, mapping: TestMapping().digest)
      _ = try await table.initialize(first)
      let repository = DualTableRepository(
        old: client, oldTable: "old", new: client, newTable: "new", mapping: TestMapping(), phase: .controlTable("control", client: client))
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await repository.run() }
        try await time.sleep(for: .seconds(1))
        // Requests without a table of their own take three seconds: time for a beat to learn of the drain, and too little to withdraw it.
        var slow = FaultPlan(seed: 1)
        slow.slowTables[""] = .seconds(3)
        simulator.setFaults(slow)
        group.addTask {
          try await time.sleep(for: .seconds(1))
          let drain = first.changed { item in
            item.phase = .newWithTombstones
            item.next = ControlItem.Switch(to: .new, stage: .drain)
          }
          _ = try await table.write(drain, expecting: 1)
        }
        var code: DualTableError.Code?
        do throws(DualTableError) {
          _ = try await repository.transactWriteItems(.init(transactItems: [action]))
        } catch {
          code = error.code
        }
        group.cancelAll()
        return code
      }
    }
    #expect(code == (happens ? nil : .conditionFailed))
    let value: AttributeValue = if case .put = action.action { 50 } else { 10 }
    #expect(simulator.items(in: "new").map { $0["v"] } == (happens ? [value] : []))
  }
}
