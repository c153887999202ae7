import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

@Suite("A fleet on the simulator")
struct FleetTests {
  @Test("64 writers go through 2→3 without a failure, and wait a second at most", arguments: [1, 2] as [UInt64])
  func switchUnderLoad(seed: UInt64) throws {
    var plan = FaultPlan(seed: seed)
    plan.delay = .milliseconds(1) ... .milliseconds(5)
    let fleet = Fleet(seed: seed, faults: plan)
    let outcome = try fleet.time.run {
      try await fleet.start()
      async let instances: Void = withTaskGroup(of: Void.self) { group in
        for instance in 1...4 { group.addTask { await fleet.runInstance(instance, writers: 16) } }
      }
      try await fleet.time.sleep(for: .seconds(3))
      let outcome = try await PhaseSwitch(table: fleet.table(0), wallClock: fleet.time.wallClock, clock: fleet.time)
        .perform(SwitchStateMachine(to: .dualTable, patience: .seconds(30)))
      await instances
      return outcome
    }
    guard case .done(let control) = outcome else {
      Issue.record("seed \(seed): \(outcome)")
      return
    }
    #expect(control.phase == .dualTable && control.next == nil)
    let count = fleet.count
    #expect(fleet.lateWrites == 0 && count.ended == 64 && count.phaseUnknown == 0 && count.refused == 0, "seed \(seed): \(count)")
    #expect(count.written > 2_000 && count.longest <= .seconds(1), "seed \(seed): \(count)")
  }

  @Test("With lost answers and late requests the switch waits until they are resolved, and none lands late", arguments: [1, 2] as [UInt64])
  func switchUnderFaults(seed: UInt64) throws {
    var plan = FaultPlan(seed: seed)
    plan.delay = .milliseconds(1) ... .milliseconds(20)
    (plan.lostAnswer, plan.late, plan.failedAfter, plan.throttled) = (0.01, 0.01, 0.01, 0.01)
    let fleet = Fleet(seed: seed, faults: plan)
    let outcome = try fleet.time.run {
      try await fleet.start()
      async let instances: Void = withTaskGroup(of: Void.self) { group in
        for instance in 1...3 { group.addTask { await fleet.runInstance(instance, writers: 2, pause: .seconds(1)) } }
      }
      try await fleet.time.sleep(for: .seconds(60))
      fleet.engine.setFaults(FaultPlan(seed: seed))
      let outcome = try await PhaseSwitch(table: fleet.table(0), wallClock: fleet.time.wallClock, clock: fleet.time)
        .perform(SwitchStateMachine(to: .dualTable, patience: .seconds(3_600)))
      await instances
      return outcome
    }
    guard case .done = outcome else {
      Issue.record("seed \(seed): \(outcome)")
      return
    }
    let count = fleet.count
    #expect(fleet.lateWrites == 0 && count.unknown > 0, "seed \(seed): \(count)")
    #expect(fleet.time.now.nanoseconds >= 1_800_000_000_000, "seed \(seed): it did not wait for what was unresolved")
  }

  @Test("An instance that vanishes holds up the switch for 45 minutes, and a drain is never begun in vain")
  func vanished() throws {
    let fleet = Fleet(seed: 5)
    let (early, late) = try fleet.time.run {
      try await fleet.start()
      async let living: Void = fleet.runInstance(1, writers: 1, pause: .seconds(1))
      let dying = fleet.participant(2)
      try await dying.beat()
      let coordinator = PhaseSwitch(table: fleet.table(0), wallClock: fleet.time.wallClock, clock: fleet.time)
      let early = try await coordinator.perform(SwitchStateMachine(to: .dualTable, patience: .seconds(30)))
      let late = try await coordinator.perform(SwitchStateMachine(to: .dualTable, patience: .seconds(3_000)))
      await living
      return (early, late)
    }
    guard case .unacknowledged(let missing) = early, case .done = late else {
      Issue.record("\(early), \(late)")
      return
    }
    #expect(missing.map(\.name) == ["i2-1"])
    #expect(fleet.count.refused == 0 && fleet.count.phaseUnknown == 0 && fleet.lateWrites == 0)
  }

  @Test("A registration that arrives once its participant has registered anew is nobody's: 2→3 goes on without it after 45 minutes")
  func lateRegistration() throws {
    var plan = FaultPlan(seed: 8)
    (plan.late, plan.lateness) = (1, .seconds(60) ... .seconds(60))
    let held = plan
    let fleet = Fleet(seed: 8)
    let (names, early, late) = try fleet.time.run {
      try await fleet.start()
      let participant = fleet.participant(1)
      fleet.engine.setFaults(held)
      try? await participant.beat()
      fleet.engine.setFaults(FaultPlan(seed: 8))
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await participant.run() }
        try await fleet.time.sleep(for: .seconds(120))
        let names = try await fleet.table(0).participants().map(\.name)
        let coordinator = PhaseSwitch(table: fleet.table(0), wallClock: fleet.time.wallClock, clock: fleet.time)
        let early = try await coordinator.perform(SwitchStateMachine(to: .dualTable, patience: .seconds(30)))
        let late = try await coordinator.perform(SwitchStateMachine(to: .dualTable, patience: .seconds(3_000)))
        group.cancelAll()
        return (names, early, late)
      }
    }
    #expect(names == ["i1-1", "i1-2"])
    guard case .unacknowledged(let missing) = early, case .done(let control) = late else {
      Issue.record("\(early), \(late)")
      return
    }
    #expect(missing.map(\.name) == ["i1-1"] && control.phase == .dualTable)
  }

  @Test("A drain whose coordinator died is withdrawn by the participants, and writes go on")
  func deadCoordinator() throws {
    let fleet = Fleet(seed: 6)
    let (control, written) = try fleet.time.run {
      try await fleet.start()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await fleet.runInstance(1, writers: 4) }
        try await fleet.time.sleep(for: .seconds(10))
        let table = fleet.table(0)
        let drain = ControlItem(phase: .dualRead, next: .init(to: .dualTable, stage: .drain), epoch: 2, mapping: "m")
        _ = try await table.write(drain, expecting: 1)
        try await fleet.time.sleep(for: .seconds(15))
        let written = fleet.count.written
        try await fleet.time.sleep(for: .seconds(1))
        defer { group.cancelAll() }
        return (try await table.controlItem(), fleet.count.written - written)
      }
    }
    #expect(control == ControlItem(phase: .dualRead, epoch: 3, mapping: "m"))
    #expect(written > 100 && fleet.count.phaseUnknown == 0)
  }

  @Test("Without a control table old writes end after 15 seconds, and come back with it")
  func controlTableAway() throws {
    var plan = FaultPlan(seed: 7)
    plan.outages = [.init(of: "control", .seconds(60) ..< .seconds(120))]
    let fleet = Fleet(seed: 7, faults: plan)
    let counts = try fleet.time.run {
      try await fleet.start()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await fleet.runInstance(1, writers: 1, pause: .seconds(1)) }
        var counts: [Int] = []
        for moment in [59, 80, 115, 150] as [Int64] {
          try await fleet.time.sleep(for: .seconds(moment) - .nanoseconds(fleet.time.now.nanoseconds))
          counts.append(fleet.count.written)
        }
        group.cancelAll()
        return counts
      }
    }
    #expect(counts[1] > counts[0] && counts[2] == counts[1] && counts[3] > counts[2], "\(counts)")
    #expect(fleet.count.phaseUnknown > 0)
  }
}
