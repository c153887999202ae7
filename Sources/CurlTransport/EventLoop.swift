internal import Glibc

/// One thread that waits for its connections' sockets and runs Swift jobs in between: a task executor whose tasks never leave it.
///
/// The thread lives as long as this object, which every task that prefers it keeps alive. So a task can be resumed after its transport is
/// gone, and a loop that nobody knows any more ends its thread and closes its descriptors.
final class EventLoop: TaskExecutor {
  private let thread: LoopThread

  init(settings: LoopSettings, connector: Connector, name: String) {
    thread = LoopThread(settings: settings, connector: connector, name: name)
    thread.start(executor: self)
  }

  deinit { thread.stop() }

  /// True on this loop's thread.
  var isCurrent: Bool { thread.isCurrent }

  func enqueue(_ job: consuming ExecutorJob) { thread.enqueue(UnownedJob(job)) }

  func submit(_ submission: LoopCore.Submission) { thread.submit(submission) }

  func cancel(_ id: Int) { thread.post(.cancel(id)) }

  func shutDown(grace: Nanoseconds) async {
    await withUnsafeContinuation { thread.post(.shutDown(grace: grace, $0)) }
  }
}
