import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import MigrationControl
import Synchronization
import Testing

/// A service that goes through 2→3 under load.
@Suite("A service through a switch")
struct SwitchTests {
  /// `DUALTABLE_SEEDS` says how many.
  private static let seeds: ClosedRange<UInt64> = 1...(getenv("DUALTABLE_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 1)

  private final class Tallies: Sendable {
    let total = Mutex(Tally())
  }

  private struct Tally: Sendable {
    var old = 0
    var new = 0
    var failures: [String] = []
    /// Between one write's end and the next one's, of one writer, the longest.
    var longestPause: Duration = .zero
    var longestWrite: Duration = .zero
    /// Between the last write that OLD carried out and the first that NEW did.
    var lastOld: Duration = .zero
    var firstNew: Duration = .seconds(1_000_000)
  }

  @Test(
    "A switch 2→3 under 64 writers: writes pause for a second at most, none fails, and none is late", arguments: seeds)
  func sixtyFourWriters(seed: UInt64) throws {
    let service = ControlledService(seed: seed) { $0.delay = .milliseconds(1) ... .milliseconds(5) }
    let tallies = Tallies()
    let outcome = try service.time.run {
      try await service.start(.dualRead)
      let repositories = (0..<4).map { _ in service.repository() }
      let began = service.now
      return try await service.running(all: repositories) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for writer in 0..<64 {
            group.addTask { try await Self.write(writer, repositories[writer % 4], service, until: began + .seconds(9), tallies) }
          }
          try await service.time.sleep(for: .milliseconds(1_500))
          let outcome = try await service.cutOver(to: .dualTable)
          try await group.waitForAll()
          return outcome
        }
      }
    }
    guard case .done = outcome else {
      Issue.record("seed \(seed): \(outcome)")
      return
    }
    let result = tallies.total.withLock { $0 }
    let late = service.requests(to: "old").filter { $0.operation == "PutItem" && $0.at > result.firstNew }
    let figures =
      "2→3 under 64 writers, seed \(seed): \(result.old) writes to OLD, \(result.new) to NEW, \(result.failures.count) failed; longest pause of "
      + "a writer \(Int(result.longestPause / .milliseconds(1))) ms, of the service "
      + "\(Int((result.firstNew - result.lastOld) / .milliseconds(1))) ms\n"
    _ = unsafe Glibc.write(2, figures, figures.utf8.count)
    #expect(result.failures.isEmpty, "seed \(seed): \(result.failures.prefix(3))")
    #expect(result.longestPause <= .seconds(1) && result.longestWrite <= .seconds(1), "seed \(seed)")
    #expect(result.old > 500 && result.new > 500 && late.isEmpty, "seed \(seed)")
    #expect(service.engine.items(in: "old").count == 64 && service.engine.items(in: "new").count == 64)
  }

  @Test("Forbidden in 5: a promotion that phase 3's rules would send is held back by the drain of 4→5, and the update begins anew")
  func copies() throws {
    let service = ControlledService()
    try service.time.run {
      try await service.start(.dualTable, old: [["id": "a", "p": ["v": 1]]])
      let repository = service.repository()
      try await service.running(repository) {
        try await service.time.sleep(for: .seconds(1))
        service.engine.setFaults(service.plan { $0.slowTables = ["old": .seconds(20)] })
        async let update = repository.updateItem(
          UpdateItemInput(
            tableName: "new", key: ["id": "n-a"], updateExpression: "SET w = :w", expressionAttributeValues: [":w": 1]))
        try await service.time.sleep(for: .seconds(16))
        try await service.change { item in
          item.phase = .newWithTombstones
          item.next = .init(to: .new, stage: .drain)
        }
        _ = try await update
      }
    }
    #expect(service.asked == ["UpdateItem new", "GetItem new", "GetItem old", "UpdateItem new"])
  }

  private static func write(
    _ writer: Int, _ repository: DualTableRepository, _ service: ControlledService, until end: Duration, _ tallies: Tallies
  ) async throws {
    var last = service.now
    while service.now < end {
      let began = service.now
      do {
        let isOld = try await repository.write(
          old: { old in
            _ = try await old.putItem(PutItemInput(tableName: "old", item: ["id": .string("\(writer)"), "p": ["v": 1]]))
            return true
          },
          new: { new in
            _ = try await new.putItem(PutItemInput(tableName: "new", item: ["id": .string("n-\(writer)"), "v": 2]))
            return false
          })
        let (now, since) = (service.now, last)
        last = now
        tallies.total.withLock { tally in
          if isOld { tally.old += 1 } else { tally.new += 1 }
          tally.longestPause = max(tally.longestPause, now - since)
          tally.longestWrite = max(tally.longestWrite, now - began)
          if isOld { tally.lastOld = max(tally.lastOld, now) } else { tally.firstNew = min(tally.firstNew, now) }
        }
      } catch {
        tallies.total.withLock { $0.failures.append("\(error)") }
      }
      try await service.time.sleep(for: .milliseconds(200))
    }
  }
}
