import AWSAuth
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Telemetry
import Testing

/// One participant at the control table.
@Suite("A participant at its control table")
struct ParticipantTests {
  private struct Request: Equatable {
    let operation: String
    let milliseconds: Int64
  }

  /// The requests to the control table while a participant runs, as operation and time since it began.
  private func requests(_ seconds: Int64, _ change: @escaping @Sendable (Fleet) async throws -> Void) throws -> [Request] {
    let fleet = Fleet(seed: 1)
    let seen = Seen()
    try fleet.time.run {
      try await fleet.start()
      try await change(fleet)
      let began = fleet.time.now.nanoseconds
      fleet.engine.follow { arrival, _ in
        seen.requests.withLock { $0.append(("\(arrival.operation)", (fleet.time.now.nanoseconds - began) / 1_000_000)) }
        return nil
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await fleet.participant(1).run() }
        try await fleet.time.sleep(for: .seconds(seconds))
        fleet.engine.follow(nil)
        group.cancelAll()
      }
    }
    return seen.requests.withLock { $0 }.map { Request(operation: $0.0, milliseconds: $0.1) }
  }

  private final class Seen: Sendable {
    let requests = Mutex<[(String, Int64)]>([])
  }

  @Test("Beat: it writes a new nonce to its own item, then reads the control item; every 5 s, and beats never overlap")
  func pace() throws {
    let requests = try requests(18) { _ in }
    let pairs: [[String]] = Array(repeating: ["PutItem", "GetItem"], count: 5)
    #expect(requests.map(\.operation) == pairs.flatMap { $0 })
    // The second acknowledges what the first has read.
    let moments: [Int64] = [0, 20, 5_020, 10_020, 15_020]
    #expect(requests.filter { $0.operation == "PutItem" }.map(\.milliseconds) == moments)
  }

  @Test("While next stands it beats every 250 ms")
  func hurry() throws {
    let requests = try requests(2) { fleet in
      let item = ControlItem(phase: .dualRead, next: .init(to: .dualTable, stage: .prepare), epoch: 2, mapping: "m")
      _ = try await fleet.table(0).write(item, expecting: 1)
    }
    let moments: [Int64] = [0, 20, 270, 520, 770, 1_020, 1_270, 1_520, 1_770]
    #expect(requests.filter { $0.operation == "PutItem" }.map(\.milliseconds) == moments)
  }

  @Test("All reads of the control table are consistent: replicas that lag show it nothing old")
  func consistentReads() throws {
    let fleet = Fleet(seed: 1, lag: .seconds(300))
    let (epochs, nonces) = try fleet.time.run {
      try await fleet.start()
      let participant = fleet.participant(1)
      var epochs: [Int] = []
      var nonces: [Int] = []
      for epoch in 2...20 {
        _ = try await fleet.table(0).write(ControlItem(phase: .dualRead, epoch: epoch, mapping: "m"), expecting: epoch - 1)
        epochs.append(try await fleet.table(0).controlItem()?.epoch ?? 0)
        try await participant.beat()
        nonces.append(try await fleet.table(0).participants().map(\.nonce).max() ?? 0)
      }
      return (epochs, nonces)
    }
    #expect(epochs == Array(2...20) && nonces == Array(1...19))
  }

  @Test("Any correction for skew of one of its clients ends the lease, until the next beat")
  func correction() throws {
    let fleet = Fleet(seed: 1)
    let results = try fleet.time.run {
      try await fleet.start()
      let client = fleet.engine.client(on: fleet.time)
      let participant = Participant(
        table: fleet.table(1), mapping: "m", clients: [client], wallClock: client.wallClock, clock: fleet.time, freshName: { "p" })
      try await participant.beat()
      var results = [await Self.begins(participant)]
      let refusal = DynamoDBError(.requestTimeTooSkewed, "", serviceTime: fleet.time.wallClock.now() + 3_600_000)
      _ = client.serviceClock.corrects(refusal, signedAfter: 0)
      results.append(await Self.begins(participant))
      try await participant.beat()
      results.append(await Self.begins(participant))
      return results
    }
    #expect(results == [true, false, true])
  }

  private static func begins(_ participant: Participant) async -> Bool {
    var deadline: Duration?
    do throws(ParticipantError) {
      participant.end(try await participant.begin(.oldWrite, patience: .seconds(1), until: &deadline))
      return true
    } catch {
      return false
    }
  }

  @Test("The dead: removed on condition of its nonce, and should it wake, it registers anew under a fresh name")
  func wakes() throws {
    let fleet = Fleet(seed: 2)
    let (before, after, names) = try fleet.time.run {
      try await fleet.start()
      let sleeper = fleet.participant(1)
      try await sleeper.beat()
      try await sleeper.beat()
      let seen = try await fleet.table(0).participants()
      try await sleeper.beat()
      // It has beaten since it was seen.
      let before = try await fleet.table(0).remove(seen[0])
      let after = try await fleet.table(0).remove(try await fleet.table(0).participants()[0])
      try await sleeper.beat()
      let gone = try await fleet.table(0).participants().map(\.name)
      try await sleeper.beat()
      return (before, after, [seen.map(\.name), gone, try await fleet.table(0).participants().map(\.name)])
    }
    #expect(before == .refused && after == .done && names == [["i1-1"], [], ["i1-2"]])
  }

  @Test("Two coordinators harm nothing")
  func twoCoordinators() throws {
    var plan = FaultPlan(seed: 3)
    plan.delay = .milliseconds(1) ... .milliseconds(10)
    let fleet = Fleet(seed: 3, faults: plan)
    let outcomes = try fleet.time.run {
      try await fleet.start()
      async let instances: Void = withTaskGroup(of: Void.self) { group in
        for instance in 1...2 { group.addTask { await fleet.runInstance(instance, writers: 4) } }
      }
      try await fleet.time.sleep(for: .seconds(2))
      let outcomes = try await withThrowingTaskGroup(of: SwitchStateMachine.Outcome.self) { group in
        for _ in 0..<2 {
          group.addTask {
            try await PhaseSwitch(table: fleet.table(0), wallClock: fleet.time.wallClock, clock: fleet.time)
              .perform(SwitchStateMachine(to: .dualTable, patience: .seconds(60)))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      await instances
      return outcomes
    }
    for outcome in outcomes { if case .done(let item) = outcome { #expect(item.phase == .dualTable) } else { Issue.record("\(outcome)") } }
    #expect(fleet.lateWrites == 0 && fleet.count.ended == 8 && fleet.count.longest <= .seconds(2), "\(fleet.count)")
  }

  @Test("It tells its phase, the age of its lease, the switches it has seen and the beats that failed")
  func telemetry() throws {
    let fleet = Fleet(seed: 4)
    let sink = ControlRecorder()
    try fleet.time.run {
      try await fleet.start()
      let participant = Participant(
        table: fleet.table(1), mapping: "m", wallClock: fleet.time.wallClock, clock: fleet.time,
        telemetry: TelemetrySinks(events: sink, metrics: sink), freshName: { "p" })
      try await participant.beat()
      _ = try await fleet.table(0).write(ControlItem(phase: .dualTable, epoch: 2, mapping: "m"), expecting: 1)
      try await participant.beat()
      var plan = FaultPlan(seed: 4)
      plan.slowTables = ["control": .seconds(60)]
      fleet.engine.setFaults(plan)
      try await participant.beat()
      fleet.engine.setFaults(FaultPlan(seed: 4))
      _ = try await fleet.table(0).remove(try await fleet.table(0).participants()[0])
      try await participant.beat()
    }
    #expect(sink.values["dualtable_phase"] == [2, 3])
    #expect(sink.values["dualtable_lease_age_seconds"] == [0, 0, 2, 2])
    #expect(sink.values["dualtable_phase_switches_total"] == [1] && sink.values["dualtable_failed_beats_total"] == [1, 1])
    #expect(
      sink.events == [
        "info a phase of the migration begins phase=dualRead", "info a phase of the migration begins phase=dualTable",
        "debug a beat failed ", "info the participant's item is gone; registering anew ",
      ])
  }
}

/// Keeps all that it is told.
private final class ControlRecorder: EventSink, MetricSink {
  private let kept = Mutex((events: [String](), values: [String: [Double]]()))

  var events: [String] { kept.withLock { $0.events } }
  var values: [String: [Double]] { kept.withLock { $0.values } }

  func wants(_ level: TelemetryEvent.Level) -> Bool { true }
  func record(_ event: TelemetryEvent) {
    let fields = event.fields.map { "\($0.key.rawValue)=\($0.value)" }.joined(separator: ",")
    kept.withLock { $0.events.append("\(event.level) \(event.message) \(fields)") }
  }
  func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void { { self.keep(name, Double($0)) } }
  func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void { { self.keep(name, $0) } }
  func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void { { _ in } }
  private func keep(_ name: String, _ value: Double) { kept.withLock { $0.values[name, default: []].append(value) } }
}
