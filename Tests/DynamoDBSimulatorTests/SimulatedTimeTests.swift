import Dispatch
import DynamoDBClient
import DynamoDBSimulator
import Synchronization
import Testing

@Suite("Simulated time")
struct SimulatedTimeTests {
  /// What happened, in order.
  private final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test("An hour of sleeping clients takes no time, and the clock shows it")
  func hour() throws {
    let time = SimulatedTime(seed: 1)
    let began = ContinuousClock.now
    try time.run {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<100 {
          group.addTask { for _ in 0..<36 { try await time.sleep(for: .seconds(100) - .milliseconds(client)) } }
        }
        try await group.waitForAll()
      }
    }
    #expect(time.now.nanoseconds == 3_600 * 1_000_000_000)
    #expect(ContinuousClock.now - began < .seconds(1))
    #expect(time.strayJobs == 0)
  }

  @Test("Sleepers wake in the order of their deadlines, whatever the seed", arguments: 0..<20 as Range<UInt64>)
  func deadlines(_ seed: UInt64) throws {
    let (time, log) = (SimulatedTime(seed: seed), Log())
    try time.run {
      await withTaskGroup(of: Void.self) { group in
        for seconds in [5, 3, 9, 1, 7] {
          group.addTask {
            try? await time.sleep(for: .seconds(seconds))
            log.add("\(seconds) at \(time.now.nanoseconds / 1_000_000_000)")
          }
        }
      }
    }
    #expect(log.all == ["1 at 1", "3 at 3", "5 at 5", "7 at 7", "9 at 9"], "seed \(seed)")
  }

  /// The order in which ten tasks that could all go on take their turns.
  private static func order(_ seed: UInt64) throws -> [String] {
    let (time, log) = (SimulatedTime(seed: seed), Log())
    try time.run {
      await withTaskGroup(of: Void.self) { group in
        for task in 0..<10 {
          group.addTask {
            for turn in 0..<5 {
              log.add("\(task).\(turn)")
              await Task.yield()
            }
          }
        }
      }
    }
    return log.all
  }

  @Test("One seed gives one order of turns, and other seeds give others")
  func seeds() throws {
    let orders = try (0..<10).map { try Self.order($0) }
    #expect(try (0..<10).map { try Self.order($0) } == orders)
    #expect(Set(orders).count == 10)
    for order in orders { #expect(order.sorted() == orders[0].sorted()) }
  }

  @Test("A cancelled sleep ends at once, before and while it sleeps")
  func cancellation() throws {
    let time = SimulatedTime(seed: 3)
    let outcomes = try time.run {
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<4 { group.addTask { (try? await time.sleep(for: .seconds(1_000))) == nil } }
        try? await time.sleep(for: .seconds(1))
        group.cancelAll()
        group.addTask { (try? await time.sleep(for: .seconds(1_000))) == nil }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
    #expect(outcomes == [true, true, true, true, true])
    #expect(time.now.nanoseconds == 1_000_000_000)
  }

  @Test("A standstill is told, not waited for")
  func standstill() {
    let time = SimulatedTime(seed: 4)
    #expect(throws: SimulatedTime.Stuck.self) {
      try time.run(patience: .milliseconds(10)) { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
    }
  }

  @Test("Errors come out of the run, and a second run goes on where the first one stopped")
  func runs() throws {
    struct Failure: Error {}
    let time = SimulatedTime(seed: 5)
    #expect(throws: Failure.self) {
      try time.run {
        try await time.sleep(for: .seconds(2))
        throw Failure()
      }
    }
    try time.run { try await time.sleep(for: .seconds(3)) }
    #expect(time.now.nanoseconds == 5_000_000_000)
  }

  @Test("A job of another thread is run, and counted as one that no seed decides")
  func strays() throws {
    let time = SimulatedTime(seed: 6)
    let value = try time.run {
      await withUnsafeContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: 42) }
      }
    }
    #expect(value == 42)
    #expect(time.strayJobs == 1)
  }
}
