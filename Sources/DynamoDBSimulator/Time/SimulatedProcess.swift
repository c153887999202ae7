internal import Synchronization

/// One process of a simulated run: what runs on it stands still while it is suspended, and time goes on around it.
///
/// It is the executor of everything inside the process. Suspended at a moment or before a certain job of its, no job of it runs until it
/// goes on: sleeps that end and answers that come meanwhile are found on waking, as by a stopped program or a paused machine.
///
///     group.addTask(executorPreference: process) { await serve() }
///     process.suspend(for: .seconds(3_600), before: 12)
package final class SimulatedProcess: TaskExecutor {
  fileprivate struct State {
    /// Jobs that have begun.
    var jobs = 0
    /// When it goes on, in nanoseconds of `time`; it runs from then on.
    var resumes: Int64 = 0
    var suspended: Int64 = 0
    /// Suspensions to come, each before a job.
    var ahead: [(job: Int, length: Int64)] = []
  }

  package let time: SimulatedTime
  private let state = Mutex(State())

  package init(on time: SimulatedTime) { self.time = time }

  package func enqueue(_ job: consuming ExecutorJob) { time.enqueue(UnownedJob(job), of: self) }

  /// Suspends it now; one that is suspended stays so until the later end.
  package func suspend(for duration: Duration) {
    let now = time.now.nanoseconds
    state.withLock { $0.stop(until: now + duration.inNanoseconds, now: now) }
  }

  /// Suspends it before the job that is `jobs` from now, 0 for the next one: whatever await that continues, it takes `duration` longer.
  package func suspend(for duration: Duration, before jobs: Int) {
    state.withLock { $0.ahead.append(($0.jobs + jobs, duration.inNanoseconds)) }
  }

  /// Jobs that have begun.
  package var jobs: Int { state.withLock { $0.jobs } }

  /// How long it has been suspended, all in all: what a clock lacks that stands still meanwhile.
  package var timeSuspended: Duration { .nanoseconds(state.withLock { $0.suspended }) }

  /// Begins a job, if it may.
  ///
  /// - Returns: when it may, in nanoseconds, if not now; the job is begun again then.
  func begin(at now: Int64) -> Int64? {
    state.withLock { state in
      if let index = state.ahead.firstIndex(where: { $0.job <= state.jobs }) {
        state.stop(until: now + state.ahead.remove(at: index).length, now: now)
      }
      if state.resumes > now { return state.resumes }
      state.jobs += 1
      return nil
    }
  }
}

extension SimulatedProcess.State {
  fileprivate mutating func stop(until end: Int64, now: Int64) {
    guard end > resumes else { return }
    suspended += end - max(resumes, now)
    resumes = end
  }
}
