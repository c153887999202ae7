import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Testing

/// From the first beat to the goodbye.
@Suite("A repository's life")
struct LifecycleTests {
  private static let get = GetItemInput(tableName: "new", key: ["id": "n-a"])
  private static func put(_ id: String) -> PutItemInput { PutItemInput(tableName: "old", item: ["id": .string(id)]) }

  @Test("Operations wait until it runs; it ends cleanly on cancellation, and signs off")
  func wholeLife() throws {
    let service = ControlledService()
    let (found, during, after, late) = try service.time.run {
      try await service.start(.dualTable, new: [["id": "n-a", "v": 1]])
      let repository = service.repository()
      async let early = repository.getItem(Self.get).item
      try await service.time.sleep(for: .seconds(3))
      let during = try await service.running(repository) { () -> Int in
        try await service.time.sleep(for: .seconds(1))
        return try await service.table().participants().count
      }
      let after = try await service.table().participants().count
      let began = service.now
      let late = await code { try await repository.getItem(Self.get) }
      #expect(service.now == began, "nothing to wait for")
      return (try await early, during, after, late)
    }
    #expect(found != nil && during == 1 && after == 0 && late == .phaseUnknown)
    #expect(service.time.strayJobs == 0, "the goodbye left the executor")
  }

  @Test("Cancelled, it awaits the writes in flight before it signs off, and lets none begin")
  func awaitsWrites() throws {
    let service = ControlledService()
    let (left, written, participants, refused) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await withThrowingTaskGroup(of: Duration.self) { group in
        group.addTask {
          try await repository.run()
          return service.now
        }
        try await service.time.sleep(for: .seconds(1))
        service.engine.setFaults(service.plan { $0.slowTables = ["old": .seconds(25)] })
        async let written: Duration = repository.oldWrite { old in
          _ = try await old.putItem(Self.put("b"))
          return service.now
        }
        try await service.time.sleep(for: .seconds(1))
        group.cancelAll()
        try await service.time.sleep(for: .seconds(1))
        let refused = await code { try await repository.oldWrite { try await $0.putItem(Self.put("c")) } }
        let participants = try await service.table().participants().count
        return (try await group.next() ?? .zero, try await written, participants, refused)
      }
    }
    #expect(left >= written && written > .seconds(20) && participants == 1 && refused == .phaseUnknown)
    #expect(service.engine.items(in: "old").count == 1)
    // It beat until then: the write's resends needed the lease.
    #expect(service.engine.items(in: "control").count == 1)
  }

  @Test("What may still land isn't signed off, and is counted dead in time", arguments: ["lost", "unmanaged", "unmanaged in 3"])
  func leavesItsItem(what: String) throws {
    let service = ControlledService()
    let left = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        if what == "lost" {
          service.engine.setFaults(service.plan { $0.lostAnswer = 1 })
          _ = try? await repository.oldWrite { try await $0.putItem(Self.put("b"), options: CallOptions(resend: .never)) }
          service.engine.setFaults(service.plan())
        } else {
          try await repository.oldWrite(unmanaged: {})
          if what == "unmanaged in 3" {
            try await service.change { $0.phase = .dualTable }
            try await service.time.sleep(for: .seconds(6))
          }
        }
      }
      return try await service.table().participants()
    }
    #expect(left.count == (what == "unmanaged in 3" ? 0 : 1))
    if what == "lost" { #expect(left.allSatisfy { $0.unresolvedUntil != nil }) }
  }

  @Test("An instance that signed off holds up no switch; one that runs again goes on")
  func runsAgain() throws {
    let service = ControlledService()
    let (outcome, found) = try service.time.run {
      try await service.start(.dualRead, old: [["id": "a", "p": ["v": 1]]])
      let repository = service.repository()
      try await service.running(repository) { try await service.time.sleep(for: .seconds(1)) }
      let outcome = try await service.cutOver(to: .dualTable, patience: .seconds(1))
      let found = try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        return try await repository.getItem(Self.get).item
      }
      return (outcome, found)
    }
    guard case .done = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(found == ["id": "n-a", "v": 1])
  }

  @Test("It ends soon where the control table can't be reached", arguments: [false, true])
  func unreachable(beforeTheFirst: Bool) throws {
    let service = ControlledService()
    let took = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      let hanging = service.plan { $0.slowTables = ["control": .seconds(60)] }
      if beforeTheFirst { service.engine.setFaults(hanging) }
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await repository.run() }
        try await service.time.sleep(for: .seconds(3))
        service.engine.setFaults(hanging)
        group.cancelAll()
        let began = service.now
        try await group.next()
        return service.now - began
      }
    }
    #expect(took < .seconds(10))
  }

  @Test(
    "A migration that isn't there, or is another's, ends it before anything begins, and leaves nothing behind", arguments: [false, true])
  func strangers(isOther: Bool) throws {
    let service = ControlledService()
    let (code, left) = try service.time.run {
      try await service.start(.dualRead, controls: ["control", "other"])
      if isOther {
        try await service.change { $0.mapping = "another" }
      } else {
        _ = try await service.engine.client(on: service.time).deleteItem(
          DeleteItemInput(tableName: "control", key: ["migration": "old -> new", "item": "control"]))
      }
      let repository = service.repository()
      var code: MigrationControlError.Code?
      do { try await repository.run() } catch let error as MigrationControlError { code = error.code }
      return (code, try await service.table().participants().count)
    }
    #expect(code == (isOther ? .otherMapping : .notInitialized) && left == 0)
  }

  @Test("With a fixed phase it awaits what is under way, too")
  func fixed() throws {
    let service = ControlledService { $0.slowTables = ["new": .seconds(3)] }
    let (left, read) = try service.time.run {
      try await service.start(.dualTable)
      let client = service.engine.client(on: service.time)
      let repository = DualTableRepository(
        old: client, oldTable: "old", new: client, newTable: "new", mapping: TestMapping(), phase: .fixed(.dualTable))
      return try await withThrowingTaskGroup(of: Duration.self) { group in
        group.addTask {
          try await repository.run()
          return service.now
        }
        async let read: Duration = {
          _ = try await repository.putItem(PutItemInput(tableName: "new", item: ["id": "n-a"]))
          return service.now
        }()
        try await service.time.sleep(for: .seconds(1))
        group.cancelAll()
        let left = try await group.next() ?? .zero
        return (left, try await read)
      }
    }
    #expect(left >= read && left < read + .seconds(1))
  }

  @Test("Two repositories in one process, on one control table or on two, each go by their own", arguments: [false, true])
  func two(onOneTable: Bool) throws {
    let service = ControlledService()
    let (first, second, participants) = try service.time.run {
      try await service.start(.dualRead, controls: ["control", "other"])
      let a = service.repository()
      let b = service.repository(control: onOneTable ? "control" : "other")
      return try await service.running(a, b) {
        try await service.time.sleep(for: .seconds(1))
        let participants = try await service.table().participants().count
        try await service.change { $0.phase = .dualTable }
        try await service.time.sleep(for: .seconds(6))
        let put = PutItemInput(tableName: "new", item: ["id": "x"])
        return (await code { try await a.putItem(put) }, await code { try await b.putItem(put) }, participants)
      }
    }
    #expect(first == nil && second == (onOneTable ? nil : .wrongPhase) && participants == (onOneTable ? 2 : 1))
  }

  @Test("Clients of one seed draw one name: whoever comes second takes another")
  func sameNames() throws {
    let service = ControlledService()
    let names = try service.time.run {
      try await service.start(.dualRead)
      let repositories = (0..<3).map { _ in
        let client = service.engine.client(on: service.time, seed: 7)
        return DualTableRepository(
          old: client, oldTable: "old", new: client, newTable: "new", mapping: TestMapping(),
          phase: .controlTable("control", client: client))
      }
      return try await service.running(all: repositories) {
        try await service.time.sleep(for: .seconds(3))
        return try await service.table().participants().map(\.name)
      }
    }
    #expect(names.count == 3)
  }

  @MainActor private static func onMainActor(_ body: () async throws -> Void) async throws { try await body() }

  @Test("It works from any executor", arguments: ["global", "main actor", "preferred"])
  func executors(which: String) async throws {
    let engine = DynamoDBSimulator()
    let client = engine.client()
    for (name, schema) in [("old", TestMapping().oldSchema), ("new", TestMapping().newSchema), ("control", ControlTable.schema)] {
      _ = try await client.createTable(
        CreateTableInput(
          tableName: name,
          attributeDefinitions: schema.attributes.map { AttributeDefinition(attributeName: $0.name, attributeType: $0.type) },
          keySchema: zip(schema.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) },
          billingMode: .payPerRequest))
    }
    let table = ControlTable(client: client, name: "control", oldTable: "old", newTable: "new")
    _ = try await table.initialize(ControlItem(phase: .dualTable, epoch: 1, mapping: TestMapping().digest))
    let repository = DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: TestMapping(), phase: .controlTable("control", client: client))
    let live: @Sendable () async throws -> Void = {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await repository.run() }
        _ = try await repository.putItem(PutItemInput(tableName: "new", item: ["id": "x"]))
        group.cancelAll()
        try await group.next()
      }
    }
    switch which {
    case "main actor": try await Self.onMainActor(live)
    case "preferred": try await withTaskExecutorPreference(globalConcurrentExecutor) { try await live() }
    default: try await live()
    }
    #expect(try await table.participants().isEmpty && engine.items(in: "new").count == 1)
  }
}
