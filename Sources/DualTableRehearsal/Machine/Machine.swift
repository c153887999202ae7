package import AWSAuth
package import DynamoDBClient
package import DynamoDBSimulator
internal import HTTPTransport
internal import Synchronization

/// One process with the machine that it runs on: clocks that may be wrong, and a network that may be cut.
package final class Machine: Sendable {
  /// What its clocks do.
  package struct Clocks: Sendable {
    /// How far the wall clock is ahead, in milliseconds.
    package var skew: Int64 = 0
    /// True if the continuous clock stands still while the process is suspended, as on a paused machine.
    package var pausesContinuous = false
    /// True if the wall clock does.
    package var pausesWall = false

    package init() {}
  }

  package let process: SimulatedProcess
  package let transport: MachineTransport
  private let clocks: Clocks
  private let steps = Atomic<Int64>(0)
  /// Nanoseconds of its suspensions through which its clocks ran on.
  private let stopped = Atomic<Int64>(0)
  private let seed: UInt64

  /// Makes a machine that reaches `simulator`, whose time is `time`.
  ///
  /// - Parameter tampering: what is broken about it; nil: nothing.
  package init(
    time: SimulatedTime, simulator: DynamoDBSimulator, tampering: (any MachineTampering)? = nil, _ clocks: Clocks = Clocks(), seed: UInt64
  ) {
    process = SimulatedProcess(on: time)
    transport = MachineTransport(process, simulator, tampering)
    self.clocks = clocks
    self.seed = seed
  }

  private var time: SimulatedTime { process.time }

  /// Suspends the process alone, not the machine: the clocks run on.
  package func stop(for length: Duration) {
    let before = process.timeSuspended
    process.suspend(for: length)
    stopped.add((process.timeSuspended - before).inNanoseconds, ordering: .relaxed)
  }

  /// How long the machine was paused.
  var timePaused: Duration { process.timeSuspended - .nanoseconds(stopped.load(ordering: .relaxed)) }

  /// Steps the wall clock by so many milliseconds.
  package func stepWallClock(by milliseconds: Int64) { steps.add(milliseconds, ordering: .relaxed) }

  package var wallClock: WallClock {
    WallClock { [self] in
      let paused = clocks.pausesWall ? timePaused.inNanoseconds / 1_000_000 : 0
      return time.wallClock.now() + clocks.skew + steps.load(ordering: .relaxed) - paused
    }
  }

  package var clock: MachineClock { MachineClock(machine: self, pauses: clocks.pausesContinuous) }

  /// A client of the simulated service's, with these clocks; `number` tells it from the machine's others.
  package func client(_ number: UInt64 = 0, retry: RetryPolicy = .requestPath) -> DynamoDBClient {
    DynamoDBClient(
      configuration: .init(
        endpoint: Self.endpoint, credentials: StaticCredentialProvider(Self.accessKey), retry: retry), transport: transport,
      wallClock: wallClock, clock: clock, seed: seed &* 16 &+ number)
  }

  package static let endpoint: DynamoDBEndpoint = {
    guard let endpoint = try? DynamoDBEndpoint.resolve(environment: [:], region: "local", url: "http://simulator.invalid") else {
      preconditionFailure("the URL is one")
    }
    return endpoint
  }()

  /// What every machine signs with.
  package static let accessKey: AWSCredentials = {
    guard let credentials = try? AWSCredentials(accessKeyID: "AKIDPROOF", secretAccessKey: "proof") else {
      preconditionFailure("they are well-formed")
    }
    return credentials
  }()
}

/// A machine's continuous clock, which may stand still while its process is suspended.
package struct MachineClock: Clock {
  let machine: Machine
  let pauses: Bool

  package var now: SimulatedTime.Instant {
    let time = machine.process.time.now
    return pauses ? time.advanced(by: .zero - machine.timePaused) : time
  }
  package var minimumResolution: Duration { .nanoseconds(1) }

  package func sleep(until deadline: SimulatedTime.Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    while case let rest = now.duration(to: deadline), rest > .zero { try await machine.process.time.sleep(for: rest) }
  }
}
