package import AWSAuth
internal import Dispatch
internal import DynamoDBClient
internal import Glibc
internal import Synchronization

/// Time that passes only when nobody has anything left to do: a clock, and the executor that all work on it runs on.
///
/// `run` takes over the calling thread and runs every job of its tasks there, one after another, in an order drawn from the seed. When none
/// is left, the clock jumps to the moment at which the next sleep ends. So an hour of sleeping clients takes as long as their work, and
/// one seed gives one run:
///
///     let time = SimulatedTime(seed: 7)
///     try time.run {
///       async let slow: Void = time.sleep(for: .seconds(3600))
///       try await time.sleep(for: .seconds(60))
///       try await slow
///     }
///
/// It holds for everything that stays in the task tree of `run`: child tasks and actors without an executor of their own inherit it,
/// detached tasks, the main actor and other clocks don't. A job that another thread enqueues (a file was written) is run as well, but
/// when it comes is up to that thread: `strayJobs` counts them, and is 0 in a run that its seed replays.
public final class SimulatedTime: Clock, TaskExecutor {
  /// A moment, counted from the clock's start.
  public struct Instant: InstantProtocol, Sendable {
    /// Nanoseconds since the start.
    package let nanoseconds: Int64

    /// A part of a nanosecond counts as a whole one: whoever waits until that much has passed would otherwise wait for good.
    public func advanced(by duration: Duration) -> Instant {
      let isBroken = duration.components.attoseconds % 1_000_000_000 > 0
      return Instant(nanoseconds: nanoseconds + duration.inNanoseconds + (isBroken ? 1 : 0))
    }
    public func duration(to other: Instant) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }
    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
  }

  /// A job, and the process that it is of, if it is one's.
  fileprivate struct Job {
    let job: UnownedJob
    let process: SimulatedProcess?
  }

  fileprivate struct State {
    var now: Int64 = 0
    var generator: SeededGenerator
    var ready: [Job] = []
    /// Jobs of processes that are suspended until then; few.
    var held: [(until: Int64, job: Job)] = []
    var sleepers = SleepQueue()
    /// The thread inside `run`; nil outside.
    var runner: pthread_t?
    var isWaiting = false
    var strayJobs = 0
  }

  private let state: Mutex<State>
  private let epoch: Int64
  /// Signalled when another thread enqueues a job while the runner has nothing to do.
  private let arrival = DispatchSemaphore(value: 0)

  /// Makes a clock that stands at its start.
  ///
  /// - Parameters:
  ///   - seed: of the order in which jobs run that could run at once.
  ///   - epoch: the time of day at the start, in milliseconds since 1970 UTC. Default: the beginning of 2026.
  public init(seed: UInt64, epoch: Int64 = 1_767_225_600_000) {
    state = Mutex(State(generator: SeededGenerator(seed: seed)))
    self.epoch = epoch
  }

  public var now: Instant { Instant(nanoseconds: state.withLock { $0.now }) }
  public var minimumResolution: Duration { .nanoseconds(1) }

  /// The time of day that goes with `now`.
  package var wallClock: WallClock { WallClock { [self] in epoch + now.nanoseconds / 1_000_000 } }

  /// Lets time pass at once, as it does for a process that was suspended: whoever sleeps wakes up late.
  package func skip(_ duration: Duration) { state.withLock { $0.now += duration.inNanoseconds } }

  /// Jobs that came from other threads, and so at a moment that no seed decides.
  public var strayJobs: Int { state.withLock { $0.strayJobs } }

  /// Runs `body` and all that it starts to its end, on the calling thread.
  ///
  /// - Parameter patience: how long, in real time, to wait for another thread when nobody here can go on. Default 10 s.
  /// - Throws: what `body` throws; `Stuck` where nobody can ever go on.
  public func run<Value: Sendable>(
    patience: Duration = .seconds(10), _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let outcome = Outcome<Value>()
    state.withLock { state in
      precondition(state.runner == nil, "this time is being run already")
      state.runner = pthread_self()
    }
    defer { state.withLock { $0.runner = nil } }
    _ = Task(executorPreference: self) { await outcome.fill(body) }
    while true {
      if let next = nextJob() {
        next.job.runSynchronously(on: next.process?.asUnownedTaskExecutor() ?? asUnownedTaskExecutor())
      } else if let result = outcome.result {
        return try result.get()
      } else if arrival.wait(timeout: .now() + .nanoseconds(Int(patience.inNanoseconds))) == .timedOut {
        throw Stuck()
      }
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) { enqueue(UnownedJob(job), of: nil) }

  func enqueue(_ job: UnownedJob, of process: SimulatedProcess?) {
    let mustWake = state.withLock { state in
      state.ready.append(Job(job: job, process: process))
      guard state.runner.map({ pthread_equal($0, pthread_self()) == 0 }) ?? true else { return false }
      state.strayJobs += 1
      defer { state.isWaiting = false }
      return state.isWaiting
    }
    if mustWake { arrival.signal() }
  }

  /// Returns when the clock shows `deadline`, and when everybody else had their turn; at once where the task is cancelled.
  public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    let sleeper = state.withLock { $0.sleepers.makeID() }
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
        let isCancelled = state.withLock { state in
          !state.sleepers.add(sleeper, until: max(deadline.nanoseconds, state.now), continuation)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      state.withLock { $0.sleepers.cancel(sleeper) }?.resume(throwing: CancellationError())
    }
  }

  /// Nobody can go on: every task waits for another, or for something outside that doesn't happen.
  public struct Stuck: Error, CustomStringConvertible {
    public var description: String { "Every task waits for another one, and none for the time: a simulated run has come to a standstill." }
  }

  /// The job to run next, after moving the clock to where there is one; nil if there will be none.
  private func nextJob() -> Job? {
    while true {
      var woken: [UnsafeContinuation<Void, any Error>] = []
      let (job, isOver): (Job?, Bool) = state.withLock { state in
        if let job = state.takeReady() { return (job, false) }
        if let moment = state.nextMoment {
          state.now = max(state.now, moment)
          woken = state.sleepers.wake(at: state.now)
          state.release()
          return (nil, false)
        }
        state.isWaiting = true
        return (nil, true)
      }
      if let job { return job }
      if isOver { return nil }
      for continuation in woken { continuation.resume() }
    }
  }
}

extension SimulatedTime.State {
  /// Takes one of the jobs that could run now; those of suspended processes are laid aside.
  fileprivate mutating func takeReady() -> SimulatedTime.Job? {
    while !ready.isEmpty {
      // The last one takes the place of the one that is drawn: nothing moves, and the order is the seed's either way.
      let drawn = ready.count == 1 ? 0 : generator.below(ready.count)
      ready.swapAt(drawn, ready.count - 1)
      let job = ready.removeLast()
      guard let until = job.process?.begin(at: now) else { return job }
      held.append((until, job))
    }
    return nil
  }

  /// When the next sleep ends, or the next process goes on.
  fileprivate var nextMoment: Int64? {
    mutating get {
      let sleeper = sleepers.next
      guard let process = held.lazy.map(\.until).min() else { return sleeper }
      return min(sleeper ?? .max, process)
    }
  }

  /// Lets the jobs of processes that go on be drawn again.
  fileprivate mutating func release() {
    guard !held.isEmpty else { return }
    for entry in held where entry.until <= now { ready.append(entry.job) }
    held.removeAll { $0.until <= now }
  }
}

/// What a run's body came to; written by its task, read by the thread that runs it.
private final class Outcome<Value: Sendable>: Sendable {
  private let value = Mutex<Result<Value, any Error>?>(nil)

  var result: Result<Value, any Error>? { value.withLock { $0 } }

  func fill(_ body: @Sendable () async throws -> Value) async {
    let result: Result<Value, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    value.withLock { $0 = result }
  }
}

extension Duration {
  /// The whole nanoseconds in it, cut to what 64 bits hold.
  package var inNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let century: Int64 = 3_155_760_000
    return min(max(seconds, -century), century) * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
