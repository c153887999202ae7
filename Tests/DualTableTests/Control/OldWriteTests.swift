import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Testing

/// Writes to OLD, by the service's own code.
@Suite("Writes to OLD")
struct OldWriteTests {
  private static func put(_ id: String) -> PutItemInput { PutItemInput(tableName: "old", item: ["id": .string(id)]) }

  private static let writes: [@Sendable (DynamoDBClient) async throws -> Void] = [
    { old in _ = try await old.putItem(put("b")) },
    { old in _ = try await old.updateItem(UpdateItemInput(tableName: "old", key: ["id": "b"])) },
    { old in _ = try await old.deleteItem(DeleteItemInput(tableName: "old", key: ["id": "b"])) },
    { old in _ = try await old.batchWriteItem(BatchWriteItemInput(requestItems: ["old": [.put(["id": "b"])]])) },
    { old in
      _ = try await old.transactWriteItems(TransactWriteItemsInput(transactItems: [.init(tableName: "old", action: .put(["id": "b"]))]))
    },
    { old in
      _ = try await old.batchExecuteStatement(
        BatchExecuteStatementInput(statements: [.init(statement: "INSERT INTO \"old\" VALUE {'id': 'b'}")]))
    },
  ]

  @Test("oldWrite hands out a client of OLD whose attempts are leased and counted: none goes out where a drain has been seen")
  func everyOperation() throws {
    let service = ControlledService()
    let codes = try service.time.run {
      try await service.start(.dualRead, old: [["id": "a"]])
      let repository = service.repository(retry: RetryPolicy(deadline: .seconds(1)))
      return try await service.running(repository) { () -> [DynamoDBError.Code?] in
        try await service.time.sleep(for: .seconds(1))
        return try await repository.oldWrite { old in
          _ = try await old.getItem(GetItemInput(tableName: "old", key: ["id": "a"]))
          try await service.change { $0.next = .init(to: .dualTable, stage: .drain) }
          try await service.time.sleep(for: .seconds(6))
          service.forget()
          var codes: [DynamoDBError.Code?] = []
          for write in Self.writes {
            do {
              try await write(old)
              codes.append(nil)
            } catch let error as DynamoDBError {
              codes.append(error.code)
            }
          }
          // Reads go on.
          _ = try await old.scan(ScanInput(tableName: "old"))
          return codes
        }
      }
    }
    #expect(codes == Array(repeating: .heldBack, count: 6) && service.asked == ["Scan old"])
  }

  @Test("A write that meets a switch and was not sent yet waits, and begins anew in the phase that comes", arguments: [false, true])
  func beginsAnew(isWithdrawn: Bool) throws {
    let service = ControlledService()
    let (written, wrong, runs): (String, DualTableError.Code?, Int) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) { () -> (String, DualTableError.Code?, Int) in
        try await service.time.sleep(for: .seconds(1))
        let runs = Atomic(0)
        async let written: String = repository.write(
          old: { old in
            runs.add(1, ordering: .relaxed)
            // The switch comes while the service makes up its mind.
            if runs.load(ordering: .relaxed) == 1 { try await service.time.sleep(for: .seconds(6)) }
            _ = try await old.putItem(Self.put("b"))
            return "old"
          }, new: { _ in "new" })
        async let alone = code {
          try await repository.oldWrite { old in
            try await service.time.sleep(for: .seconds(6))
            _ = try await old.putItem(Self.put("c"))
          }
        }
        try await service.change { $0.next = .init(to: .dualTable, stage: .drain) }
        try await service.time.sleep(for: .seconds(8))
        try await service.change { item in
          if !isWithdrawn { item.phase = .dualTable }
          item.next = nil
        }
        return (try await written, await alone, runs.load(ordering: .relaxed))
      }
    }
    #expect(written == (isWithdrawn ? "old" : "new") && runs == (isWithdrawn ? 2 : 1))
    #expect(wrong == (isWithdrawn ? nil : .wrongPhase))
    #expect(service.engine.items(in: "old").count == (isWithdrawn ? 2 : 0))
  }

  @Test(
    "If something of it may have landed it is outcomeUnknown; what was refused hasn't landed",
    arguments: [("landed", .outcomeUnknown), ("lost", .outcomeUnknown), ("throttled", nil), ("refused", nil)]
      as [(String, DualTableError.Code?)])
  func halfWay(first: String, expected: DualTableError.Code?) throws {
    let service = ControlledService()
    let (error, cause): (DualTableError.Code?, String) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) { () -> (DualTableError.Code?, String) in
        try await service.time.sleep(for: .seconds(1))
        let runs = Atomic(0)
        do {
          let written = try await repository.write(
            old: { old in
              await Self.begin(first, old, service)
              service.engine.setFaults(service.plan())
              if runs.add(1, ordering: .relaxed).newValue == 1 {
                try await service.change { $0.next = .init(to: .dualTable, stage: .drain) }
                try await service.time.sleep(for: .seconds(6))
              }
              do { _ = try await old.putItem(Self.put("c")) } catch { throw OwnError() }
              return "old"
            },
            new: { _ in "new" })
          return (nil, written)
        } catch let error as DualTableError {
          return (error.code, error.cause is OwnError ? "own" : "other")
        }
      }
    }
    #expect(error == expected)
    // The participant withdraws the drain in the end, and the write begins anew.
    #expect(cause == (expected == nil ? "old" : "own"))
  }

  /// The first half of a write; the service's own code makes the best of it.
  private static func begin(_ half: String, _ old: DynamoDBClient, _ service: ControlledService) async {
    var put = put("b")
    if half == "refused" { put.conditionExpression = "attribute_exists(id)" }
    service.engine.setFaults(
      service.plan { plan in
        if half == "lost" { plan.lostAnswer = 1 }
        if half == "throttled" { plan.throttled = 1 }
      })
    _ = try? await old.putItem(put, options: CallOptions(resend: .never))
  }

  private struct OwnError: Error {}

  @Test("wrongPhase, phaseUnknown and outcomeUnknown each say what to do, and nothing of the service's own errors")
  func errors() throws {
    let service = ControlledService()
    let texts = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository(retry: RetryPolicy(deadline: .seconds(1)))
      var texts = [await text { try await repository.oldWrite { _ in } }]
      texts += try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        var texts = [await text { try await repository.deleteItem(DeleteItemInput(tableName: "new", key: ["id": "n-a"])) }]
        texts.append(
          await text {
            try await repository.oldWrite { old in
              _ = try await old.putItem(Self.put("b"))
              try await service.change { $0.phase = .dualTable }
              try await service.time.sleep(for: .seconds(6))
              do { _ = try await old.putItem(Self.put("c")) } catch { throw OwnError() }
            }
          })
        texts.append(await text { try await repository.oldWrite { _ in } })
        return texts
      }
      return texts
    }
    let remedies = ["try again", "use `oldWrite`, or `write(old:new:)`", "read what it was to write", "write in the new format"]
    let codes = ["phaseUnknown", "wrongPhase", "outcomeUnknown", "wrongPhase"]
    #expect(texts.count == 4)
    for (text, (code, remedy)) in zip(texts, zip(codes, remedies)) {
      #expect(text.hasPrefix("\(code): ") && text.contains(remedy) && !text.contains("OwnError"), "\(text)")
    }
  }

  @Test("Whatever the closure throws comes out as it is where no phase was in its way")
  func ownErrors() throws {
    let service = ControlledService()
    try service.time.run {
      try await service.start(.old)
      let repository = service.repository()
      try await service.running(repository) {
        await #expect(throws: OwnError.self) { try await repository.oldWrite { _ in throw OwnError() } }
        await #expect(throws: OwnError.self) { try await repository.oldWrite(unmanaged: { throw OwnError() }) }
        await #expect(throws: OwnError.self) { try await repository.write(old: { _ in throw OwnError() }, new: { _ in }) }
      }
    }
  }

  @Test("oldWrite(unmanaged:) begins only once the control table says that its participant writes by other clients")
  func toldFirst() throws {
    let service = ControlledService()
    let (first, second, isTold) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        let began = service.now
        let isTold = try await repository.oldWrite(unmanaged: { try await service.table().participants().allSatisfy(\.unmanaged) })
        let first = service.now - began
        try await repository.oldWrite(unmanaged: {})
        return (first, service.now - began - first, isTold)
      }
    }
    #expect(isTold && first <= .seconds(5) && second == .zero)
  }

  @Test("An unmanaged closure is counted as a whole: the drain waits for its end, and needs --accept-unresolved at that")
  func unmanaged() throws {
    let service = ControlledService()
    let (plain, forced, ended) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        async let write: Duration = repository.oldWrite(unmanaged: {
          try await service.time.sleep(for: .seconds(60))
          return service.now
        })
        try await service.time.sleep(for: .seconds(6))
        let plain = try await service.cutOver(to: .dualTable, patience: .seconds(10))
        async let forced = service.cutOver(to: .dualTable, acceptUnresolved: true, patience: .seconds(200))
        let ended = try await write
        return (plain, try await forced, ended)
      }
    }
    guard case .unacknowledged(let missing) = plain else {
      Issue.record("\(plain)")
      return
    }
    #expect(missing.count == 1 && missing[0].unmanaged)
    // A drain that it holds up is withdrawn after two seconds and tried again, five times; it ends in none of them.
    if case .done = forced { #expect(ended <= service.now) } else { #expect("\(forced)".contains("unacknowledged")) }
  }

  @Test("Attempts given up on hold up 2→3 until they are resolved; --accept-unresolved goes on", arguments: [false, true])
  func givenUp(accepts: Bool) throws {
    let service = ControlledService()
    let (outcome, took) = try service.time.run {
      try await service.start(.dualRead)
      let repository = service.repository()
      return try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        service.engine.setFaults(service.plan { $0.lostAnswer = 1 })
        _ = try? await repository.oldWrite { try await $0.putItem(Self.put("b"), options: CallOptions(resend: .never)) }
        service.engine.setFaults(service.plan())
        let began = service.now
        let outcome = try await service.cutOver(to: .dualTable, acceptUnresolved: accepts, patience: .seconds(30))
        return (outcome, service.now - began)
      }
    }
    switch outcome {
    case .done: #expect(accepts && took < .seconds(15))
    case .unacknowledged(let missing): #expect(!accepts && missing.count == 1 && missing.allSatisfy { $0.unresolvedUntil != nil })
    default: Issue.record("\(outcome)")
    }
  }
}
