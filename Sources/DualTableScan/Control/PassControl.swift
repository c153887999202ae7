package import DynamoDBClient
internal import Synchronization

/// What can be changed of a pass while it runs, and what is told of it: shared by its workers and whoever watches.
package final class PassControl: Sendable {
  /// Reads of the old table.
  package let read: Pace
  /// Writes to the new table.
  package let write: Pace
  package let times = WorkerTimes()
  package let meter: RequestMeter
  package let stop: StopSignal
  /// Monotonic time since the run began.
  package let now: @Sendable () -> Duration
  private let open: Atomic<Int>
  /// When a worker first saw that the run is to stop.
  private let stopSeen = Mutex<Duration?>(nil)

  /// - Parameters:
  ///   - openSegments: segments that are to be worked on at once, for a pass that asks. Default 1.
  ///   - meter: where the run's requests are counted. Default: the pass's own.
  ///   - now: monotonic time since the run began.
  package init(openSegments: Int = 1, stop: StopSignal, meter: RequestMeter = RequestMeter(), now: @escaping @Sendable () -> Duration) {
    self.meter = meter
    open = Atomic(openSegments)
    read = Pace(now: now)
    write = Pace(now: now)
    self.stop = stop
    self.now = now
  }

  /// Segments that are to be worked on at once; a change takes effect with the next pages.
  package var openSegments: Int {
    get { open.load(ordering: .relaxed) }
    set { open.store(newValue, ordering: .relaxed) }
  }

  package var isPaused: Bool { read.status.isPaused }

  /// Holds back every further request, or lets them go on.
  package func setPaused(_ isPaused: Bool) {
    read.setPaused(isPaused)
    write.setPaused(isPaused)
  }

  /// True once the run was asked to stop and `grace` has passed since.
  package func isOver(after grace: Duration = .zero) -> Bool {
    guard stop.reason != nil else { return false }
    let now = now()
    return stopSeen.withLock { seen in
      let since = seen ?? now
      seen = since
      return now - since >= grace
    }
  }

  /// Waits for a request's turn at `pace`.
  ///
  /// - Parameters:
  ///   - units: what it will probably cost; they are taken.
  ///   - grace: how long it still waits once the run was asked to stop. Default not at all.
  /// - Returns: false, and nothing taken, if the run is over.
  package func turn(
    _ pace: Pace, _ units: Double, _ activity: WorkerTimes.Activity, grace: Duration = .zero, on clock: any Clock<Duration>
  ) async throws -> Bool {
    if isOver(after: grace) { return false }
    guard let place = pace.take(units) else { return true }
    do {
      while let wait = pace.wait(for: place) {
        if isOver(after: grace) {
          pace.leave(place)
          return false
        }
        try await sleep(wait, activity, on: clock)
      }
    } catch {
      pace.leave(place)
      throw error
    }
    return true
  }

  /// Waits before the next try; what throttles the table or the account slows down everybody, a hot partition is its segment's trouble alone.
  ///
  /// - Parameters:
  ///   - pace: of the kind of request that failed.
  ///   - grace: how long it still waits once the run was asked to stop. Default not at all.
  /// - Returns: false if the run is over.
  package func rest(
    _ wait: Duration, after error: DynamoDBError, _ pace: Pace, grace: Duration = .zero, on clock: any Clock<Duration>
  ) async throws -> Bool {
    let isHotPartition = !error.throttlingReasons.isEmpty && error.throttlingReasons.allSatisfy(\.isKeyRange)
    if error.isThrottling && !isHotPartition {
      pace.throttled(by: error.throttlingReasons.first { !$0.isKeyRange }?.reason ?? error.code.description)
    }
    let activity: WorkerTimes.Activity =
      switch (error.isThrottling, isHotPartition) {
      case (_, true): .rest
      case (true, false): pace === read ? .readPace : .writePace
      case (false, false): .backOff
      }
    let end = now() + wait
    while case let left = end - now(), left > .zero, !isOver(after: grace) { try await sleep(left, activity, on: clock) }
    return !isOver(after: grace)
  }

  /// Sleeps, at most a quarter of a second: so long a change, or a request to stop, may go unnoticed.
  ///
  /// - Parameter activity: what the time counts as.
  package func sleep(_ wait: Duration, _ activity: WorkerTimes.Activity, on clock: any Clock<Duration>) async throws {
    let began = now()
    defer { times.add(now() - began, to: activity) }
    // Of less than a clock counts nothing would ever pass, and who sleeps until a moment would sleep without end.
    try await clock.sleep(for: min(max(wait, .microseconds(10)), .milliseconds(250)))
  }

  /// Counts the time that `work` takes as `activity`.
  package func timed<Value: ~Copyable, Failure>(
    _ activity: WorkerTimes.Activity, _ work: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let began = now()
    defer { times.add(now() - began, to: activity) }
    return try await work()
  }
}
