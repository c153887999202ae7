internal import AWSAuth

/// The time that a simulator lives in: a clock to wait by, and the time of day that goes with it.
struct TimeSource: Sendable {
  /// Nanoseconds since the source was made.
  let now: @Sendable () -> Int64
  /// Returns when `now` shows this much; throws where the task is cancelled.
  let sleep: @Sendable (_ until: Int64) async throws -> Void
  /// What is kept of tasks: where they run.
  let executor: (any TaskExecutor)?
  let wallClock: WallClock

  init<Time: Clock<Duration>>(_ clock: Time, _ wallClock: WallClock, executor: (any TaskExecutor)? = nil) {
    let start = clock.now
    now = { start.duration(to: clock.now).inNanoseconds }
    sleep = { try await clock.sleep(until: start.advanced(by: .nanoseconds($0)), tolerance: nil) }
    self.executor = executor
    self.wallClock = wallClock
  }
}
