import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Testing

/// How long an instance may go by what it has heard.
@Suite("Leases")
struct LeaseTests {
  private static let get = GetItemInput(tableName: "new", key: ["id": "n-a"])
  private static let put = PutItemInput(tableName: "new", item: ["id": "n-b", "v": 1])
  private static let patient = RetryPolicy(deadline: .seconds(30))

  @Test("OLD writes need a lease of 15 s; past it the write waits for a beat, to its own deadline, then fails with phaseUnknown")
  func oldWrites() throws {
    let service = ControlledService { $0.outages = [.init(of: "control", .seconds(60) ..< .seconds(140))] }
    let (codes, took) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        var codes: [DualTableError.Code?] = []
        var took: [Duration] = []
        for moment in [59, 70, 80, 121] as [Int64] {
          try await service.time.sleep(for: .seconds(moment) - service.now)
          let began = service.now
          codes.append(
            await code { try await repository.oldWrite { try await $0.putItem(PutItemInput(tableName: "old", item: ["id": "b"])) } })
          took.append(service.now - began)
        }
        return (codes, took)
      }
    }
    #expect(codes == [nil, nil, .phaseUnknown, nil])
    #expect(took[2] >= .seconds(30) && took[2] < .seconds(31), "to its deadline")
    #expect(took[3] > .seconds(18) && took[3] < .seconds(22), "until the table is back")
  }

  @Test("An old write that had begun within its lease and sleeps past it sends nothing", arguments: [false, true])
  func sleepsPastIt(comesBack: Bool) throws {
    let service = ControlledService { plan in
      plan.outages = [.init(of: "control", .seconds(60) ..< .seconds(comesBack ? 100 : 600))]
    }
    let error = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(62) - service.now)
        return await code {
          try await repository.oldWrite { old in
            try await service.time.sleep(for: .seconds(20))
            _ = try await old.putItem(PutItemInput(tableName: "old", item: ["id": "b"]))
          }
        }
      }
    }
    #expect(error == (comesBack ? nil : .phaseUnknown))
    let landed = service.requests(to: "old").map(\.at)
    #expect(landed.count == (comesBack ? 1 : 0) && landed.allSatisfy { $0 >= .seconds(100) })
  }

  @Test("Everything else in phases 1 to 3, reads too, needs a lease of 10 minutes", arguments: [MigrationPhase.old, .dualRead, .dualTable])
  func tenMinutes(phase: MigrationPhase) throws {
    let service = ControlledService { $0.outages = [.init(of: "control", .seconds(60) ..< .seconds(7_200))] }
    let codes = try service.time.run {
      try await service.start(phase)
      let repository = service.repository(retry: Self.patient)
      return try await service.running(repository) {
        var codes: [[DualTableError.Code?]] = []
        for minute in [10, 12] as [Int64] {
          try await service.time.sleep(for: .seconds(60 * minute) - service.now)
          var after = [await code { try await repository.getItem(Self.get) }]
          if phase == .dualTable { after.append(await code { try await repository.putItem(Self.put) }) }
          codes.append(after)
        }
        return codes
      }
    }
    let count = phase == .dualTable ? 2 : 1
    #expect(codes == [Array(repeating: nil, count: count), Array(repeating: .phaseUnknown, count: count)])
  }

  @Test("Phases 4 and 5 need none: an instance cut off goes on by its last phase", arguments: [MigrationPhase.newWithTombstones, .new])
  func cutOff(phase: MigrationPhase) throws {
    let service = ControlledService { $0.outages = [.init(of: "control", .seconds(60) ..< .seconds(7_200))] }
    let codes = try service.time.run {
      try await service.start(phase)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(900))
        return [
          await code { try await repository.getItem(Self.get) }, await code { try await repository.putItem(Self.put) },
          await code { try await repository.write(old: { _ in }, new: { _ = try await $0.putItem(Self.put) }) },
          await code { try await repository.oldWrite { _ in } },
        ]
      }
    }
    #expect(codes == [nil, nil, nil, .wrongPhase])
  }

  @Test("Registering anew ends older operations: phaseUnknown, or outcomeUnknown if a write was sent", arguments: [false, true])
  func registersAnew(isWrite: Bool) throws {
    let service = ControlledService()
    let error = try service.time.run {
      try await service.start(.dualTable, old: [["id": "a", "p": ["v": 1]]])
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(7))
        // The first request is on its way when the instance is counted dead; what follows it belongs to nobody.
        service.engine.setFaults(
          service.plan { plan in
            plan.slowTables = ["new": .seconds(10)]
            if isWrite { plan.lostAnswer = 1 }
          })
        async let error = code {
          if isWrite { _ = try await repository.putItem(Self.put) } else { _ = try await repository.getItem(Self.get) }
        }
        try await service.time.sleep(for: .seconds(1))
        service.engine.setFaults(service.plan())
        try await service.bury()
        return await error
      }
    }
    #expect(error == (isWrite ? .outcomeUnknown : .phaseUnknown))
    #expect(service.requests(to: "new").count == 1)
    #expect(service.requests(to: "old").isEmpty)
  }

  @Test("A participant that was removed registers anew under a fresh name, and goes on")
  func comesBack() throws {
    let service = ControlledService()
    let (names, error) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        var names = try await service.table().participants().map(\.name)
        try await service.bury()
        try await service.time.sleep(for: .seconds(7))
        names += try await service.table().participants().map(\.name)
        return (names, await code { try await repository.getItem(Self.get) })
      }
    }
    #expect(names.count == 2 && Set(names).count == 2 && error == nil)
  }

  @Test("A beat that hangs costs old writes no lease: the next one comes in time")
  func hangingBeat() throws {
    let service = ControlledService()
    let error = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(11))
        service.engine.setFaults(service.plan { $0.slowTables = ["control": .seconds(60)] })
        try await service.time.sleep(for: .seconds(6))
        service.engine.setFaults(service.plan())
        let began = service.now
        let error = await code { try await repository.oldWrite { try await $0.putItem(PutItemInput(tableName: "old", item: ["id": "b"])) } }
        #expect(service.now - began < .seconds(3))
        return error
      }
    }
    #expect(error == nil)
  }
}
