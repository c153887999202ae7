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

  /// Sleeps, at most a quarter of a second: so long a change, or a request to stop, may go unnoticed.
  ///
  /// - Parameter activity: what the time counts as.
  package func sleep(_ wait: Duration, _ activity: WorkerTimes.Activity, on clock: any Clock<Duration>) async throws {
    let began = now()
    defer { times.add(now() - began, to: activity) }
    // Of less than a clock counts nothing would ever pass, and who sleeps until a moment would sleep without end.
    try await clock.sleep(for: min(max(wait, .microseconds(1)), .milliseconds(250)))
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
