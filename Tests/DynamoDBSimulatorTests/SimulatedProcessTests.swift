import DynamoDBSimulator
import Synchronization
import Testing

@Suite("Simulated processes")
struct SimulatedProcessTests {
  /// Who woke when.
  private final class Log: Sendable {
    private let wakings = Mutex<[[Int64]]>([[], []])
    func add(_ second: Int64, of number: Int) { wakings.withLock { $0[number].append(second) } }
    subscript(number: Int) -> [Int64] { wakings.withLock { $0[number] } }
  }

  /// When a process that sleeps a second at a time woke, in whole seconds, while another one of the same kind was left alone.
  private func wakings(_ suspend: @escaping @Sendable (SimulatedProcess) async throws -> Void) throws -> ([Int64], [Int64]) {
    let time = SimulatedTime(seed: 1)
    let log = Log()
    try time.run {
      try await withThrowingTaskGroup(of: Void.self) { group in
        let processes = [SimulatedProcess(on: time), SimulatedProcess(on: time)]
        for (number, process) in processes.enumerated() {
          group.addTask(executorPreference: process) {
            for _ in 0..<6 {
              try await time.sleep(for: .seconds(1))
              log.add(time.now.nanoseconds / 1_000_000_000, of: number)
            }
          }
        }
        try await suspend(processes[0])
        try await group.waitForAll()
      }
    }
    return (log[0], log[1])
  }

  @Test("A suspended process does nothing while time and others go on, and goes on where it was")
  func suspended() throws {
    let (suspended, other) = try wakings { process in
      try await process.time.sleep(for: .milliseconds(2_500))
      process.suspend(for: .seconds(100))
    }
    #expect(suspended == [1, 2, 102, 103, 104, 105] && other == [1, 2, 3, 4, 5, 6])
  }

  @Test("It can be suspended before each of its jobs, and lies still as long as was said", arguments: 0..<7)
  func beforeEachJob(job: Int) throws {
    let (suspended, other) = try wakings { $0.suspend(for: .seconds(10), before: job) }
    #expect(other == [1, 2, 3, 4, 5, 6])
    // One suspended before its first job begins to sleep late; else a sleep has ended by then, and the ten seconds go from there.
    let expected = (1...6).map { Int64($0) + ($0 >= max(1, job) ? 10 : 0) }
    #expect(suspended == expected)
  }

  @Test("Time spent suspended is counted once, however often it is suspended")
  func counted() throws {
    let time = SimulatedTime(seed: 3)
    let process = SimulatedProcess(on: time)
    try time.run {
      process.suspend(for: .seconds(10))
      try await time.sleep(for: .seconds(5))
      process.suspend(for: .seconds(2))
      process.suspend(for: .seconds(20))
      await withTaskGroup(of: Void.self) { group in group.addTask(executorPreference: process) {} }
    }
    #expect(time.now.nanoseconds == 25_000_000_000 && process.timeSuspended == .seconds(25) && process.jobs > 0)
  }
}
