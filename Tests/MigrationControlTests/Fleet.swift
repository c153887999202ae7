import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization

/// A service of several instances on the simulator, whose writers write to OLD for as long as they may.
final class Fleet: Sendable {
  /// What one instance's writers met.
  struct Count: Sendable {
    var written = 0
    var unknown = 0
    var refused = 0
    /// Ended by a phase in which OLD isn't written.
    var ended = 0
    /// Ended because the phase could not be told.
    var phaseUnknown = 0
    /// From the beginning of an operation to its end, the longest.
    var longest: Duration = .zero
  }

  let time: SimulatedTime
  let engine: DynamoDBSimulator
  private let counts = Mutex(Count())
  private let late = Mutex(0)

  init(seed: UInt64, faults: FaultPlan? = nil, lag: Duration = .zero) {
    time = SimulatedTime(seed: seed)
    engine = DynamoDBSimulator(faults: faults ?? FaultPlan(seed: seed), time: time, lag: lag)
  }

  var count: Count { counts.withLock { $0 } }
  /// Writes to OLD that were carried out after the control item said 3.
  var lateWrites: Int { late.withLock { $0 } }

  /// Makes the tables, and the control item in phase 2.
  func start() async throws {
    let client = engine.client(on: time)
    for (name, schema) in [("old", KeySchema(hash: .init("id", .string))), ("control", ControlTable.schema)] {
      _ = try await client.createTable(
        CreateTableInput(
          tableName: name,
          attributeDefinitions: schema.attributes.map { AttributeDefinition(attributeName: $0.name, attributeType: $0.type) },
          keySchema: zip(schema.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) },
          billingMode: .payPerRequest))
      while try await client.describeTable(DescribeTableInput(tableName: name)).table.tableStatus != .active {
        try await time.sleep(for: .seconds(1))
      }
    }
    _ = try await table(0).initialize(ControlItem(phase: .dualRead, epoch: 1, mapping: "m"))
    engine.follow { [unowned self] arrival, service in
      guard arrival.operation == "PutItem", arrival.table == "old" else { return nil }
      let control = service.items(in: "control").first { $0["item"]?.stringValue == "control" }
      if control?["phase"]?.stringValue != "dualRead" { late.withLock { $0 += 1 } }
      return nil
    }
  }

  func table(_ instance: Int) -> ControlTable {
    ControlTable(client: engine.client(on: time, seed: UInt64(instance)), name: "control", oldTable: "old", newTable: "new")
  }

  func participant(_ instance: Int) -> Participant {
    let registrations = Atomic(0)
    return Participant(table: table(instance), mapping: "m", wallClock: time.wallClock, clock: time) {
      "i\(instance)-\(registrations.add(1, ordering: .relaxed).newValue)"
    }
  }

  /// One instance: beats, and writers that go on until OLD isn't written any more, or until it is cancelled.
  func runInstance(_ instance: Int, writers: Int, pause: Duration = .milliseconds(20)) async {
    let participant = participant(instance)
    let client = engine.client(on: time, seed: UInt64(100 + instance))
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        try? await participant.run()
        return false
      }
      for writer in 0..<writers {
        group.addTask {
          while await self.write("\(instance)-\(writer)", participant, client) {
            do { try await self.time.sleep(for: pause) } catch { break }
          }
          return true
        }
      }
      var running = writers
      for await isWriter in group where isWriter {
        running -= 1
        // The instance lives on after its writers, or nobody would acknowledge.
        if running == 0 { try? await time.sleep(for: .seconds(60)) }
        if running == 0 { group.cancelAll() }
      }
    }
  }

  /// One write to OLD, as a service makes it; false if there is no point in another.
  private func write(_ id: String, _ participant: Participant, _ client: DynamoDBClient) async -> Bool {
    let began = time.now
    var deadline: Duration?
    defer {
      let took = began.duration(to: time.now)
      counts.withLock { $0.longest = max($0.longest, took) }
    }
    while true {
      let operation: ParticipantStateMachine.Operation
      do throws(ParticipantError) {
        operation = try await participant.begin(.oldWrite, patience: .seconds(30), until: &deadline)
      } catch {
        counts.withLock { count in
          if case .wrongPhase = error { count.ended += 1 } else { count.phaseUnknown += 1 }
        }
        return error == .phaseUnknown
      }
      defer { participant.end(operation) }
      var options = CallOptions(resend: .never)
      options.gate = participant.gate(.oldWrite, of: operation)
      do throws(DynamoDBError) {
        _ = try await client.putItem(PutItemInput(tableName: "old", item: ["id": .string(id)]), options: options)
        counts.withLock { $0.written += 1 }
      } catch {
        switch error.refusal {
        case .beginAnew: continue
        case .wait, .phaseUnknown: counts.withLock { $0.phaseUnknown += 1 }
        case nil: counts.withLock { if error.outcomeUnknown { $0.unknown += 1 } else { $0.refused += 1 } }
        }
      }
      return !Task.isCancelled
    }
  }
}
