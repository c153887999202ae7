import AWSAuth
import DynamoDBClient
import DynamoDBSimulator
import HTTPTransport
import Synchronization

/// One process with the machine that it runs on: clocks that may be wrong, and a network that may be cut.
final class Machine: Sendable {
  /// What its clocks do.
  struct Clocks: Sendable {
    /// How far the wall clock is ahead, in milliseconds.
    var skew: Int64 = 0
    /// True if the continuous clock stands still while the process is suspended, as on a paused machine.
    var pausesContinuous = false
    /// True if the wall clock does.
    var pausesWall = false
  }

  let process: SimulatedProcess
  let transport: MachineTransport
  private let clocks: Clocks
  private let steps = Atomic<Int64>(0)
  /// Nanoseconds of its suspensions through which its clocks ran on.
  private let stopped = Atomic<Int64>(0)
  private let seed: UInt64

  init(_ world: World, _ role: Role, _ clocks: Clocks = Clocks(), seed: UInt64) {
    process = SimulatedProcess(on: world.time)
    transport = MachineTransport(process, role, world)
    self.clocks = clocks
    self.seed = seed
  }

  private var time: SimulatedTime { process.time }

  /// Suspends the process alone, not the machine: the clocks run on.
  func stop(for length: Duration) {
    let before = process.timeSuspended
    process.suspend(for: length)
    stopped.add((process.timeSuspended - before).inNanoseconds, ordering: .relaxed)
  }

  /// How long the machine was paused.
  var timePaused: Duration { process.timeSuspended - .nanoseconds(stopped.load(ordering: .relaxed)) }

  /// Steps the wall clock by so many milliseconds.
  func stepWallClock(by milliseconds: Int64) { steps.add(milliseconds, ordering: .relaxed) }

  var wallClock: WallClock {
    WallClock { [self] in
      let paused = clocks.pausesWall ? timePaused.inNanoseconds / 1_000_000 : 0
      return time.wallClock.now() + clocks.skew + steps.load(ordering: .relaxed) - paused
    }
  }

  var clock: MachineClock { MachineClock(machine: self, pauses: clocks.pausesContinuous) }

  /// A client of the simulated service's, with these clocks; `number` tells it from the machine's others.
  func client(_ number: UInt64 = 0, retry: RetryPolicy = .requestPath) -> DynamoDBClient {
    DynamoDBClient(
      configuration: .init(endpoint: World.endpoint, credentials: World.credentials, retry: retry), transport: transport,
      wallClock: wallClock, clock: clock, seed: seed &* 16 &+ number)
  }
}

/// A machine's continuous clock, which may stand still while its process is suspended.
struct MachineClock: Clock {
  let machine: Machine
  let pauses: Bool

  var now: SimulatedTime.Instant {
    let time = machine.process.time.now
    return pauses ? time.advanced(by: .zero - machine.timePaused) : time
  }
  var minimumResolution: Duration { .nanoseconds(1) }

  func sleep(until deadline: SimulatedTime.Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    while case let rest = now.duration(to: deadline), rest > .zero { try await machine.process.time.sleep(for: rest) }
  }
}
