internal import CLibcurl
internal import Glibc
internal import Synchronization

/// The thread of an event loop, with its queue of jobs and the connections that it drives.
///
/// A round is: ready sockets, what other threads have sent, the jobs that are there, deadlines. Sound as Sendable: `inbox` has a lock,
/// `wake` and `identity` never change once the thread runs, and everything else is touched on that thread only.
final class LoopThread: @unchecked Sendable {
  /// What other threads ask of the loop.
  enum Message {
    case job(UnownedJob)
    case submit(LoopCore.Submission, isCancelled: Bool)
    case cancel(Int)
    case shutDown(UnsafeContinuation<Void, Never>)
    case stop
  }

  private let name: String
  private let wake: Int32
  private let inbox = Mutex<[Message]>([])
  private var identity = pthread_t()
  private weak var executor: EventLoop?

  private var core: LoopCore
  private var jobs: [UnownedJob] = []
  private var runningJobs: [UnownedJob] = []
  private var messages: [Message] = []
  private var spare: [UnsafeContinuation<Void, Never>] = []
  private var isStopped = false

  init(settings: LoopSettings, name: String) {
    self.name = name
    wake = Poller.makeWake()
    core = LoopCore(settings: settings, wake: wake)
  }

  // MARK: From any thread

  /// True on the loop's own thread.
  var isCurrent: Bool { pthread_equal(pthread_self(), identity) != 0 }

  func enqueue(_ job: UnownedJob) {
    if isCurrent { jobs.append(job) } else { post(.job(job)) }
  }

  func submit(_ submission: LoopCore.Submission) {
    // A task that is cancelled already sends nothing: its handler has run, and has found nothing to cancel.
    let isCancelled = Task.isCancelled
    if isCurrent {
      // A cancellation from here on comes by way of the inbox, which is looked at later.
      core.submit(submission, isCancelled: isCancelled)
      resumeFinished()
    } else {
      post(.submit(submission, isCancelled: isCancelled))
      // The handler may have run since, but before the submission was in the inbox.
      if !isCancelled && Task.isCancelled { post(.cancel(submission.id)) }
    }
  }

  /// Leaves `message` for the loop, and wakes it unless something was waiting already: then it is awake or about to be.
  func post(_ message: Message) {
    let wasEmpty = inbox.withLock { inbox in
      inbox.append(message)
      return inbox.count == 1
    }
    if wasEmpty { eventfd_write(wake, 1) }
  }

  // MARK: Life

  /// Starts the thread, which keeps this object alive until `stop`.
  func start(executor: EventLoop) {
    self.executor = executor
    // Signals are for the program's own threads: a loop must not run its handlers in the middle of a send.
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    // The thread takes the lock first of all, so that it doesn't run before `identity` is written.
    let error = inbox.withLock { _ in
      unsafe pthread_create(
        &identity, nil,
        { argument in
          guard let argument = unsafe argument else { return nil }
          unsafe Unmanaged<LoopThread>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, Unmanaged.passRetained(self).toOpaque())
    }
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    precondition(error == 0, "no thread left for an event loop")
  }

  /// Ends the thread; waits for that unless it is called on it.
  func stop() {
    post(.stop)
    if isCurrent { pthread_detach(identity) } else { pthread_join(identity, nil) }
  }

  // MARK: On the loop's thread

  private func run() {
    inbox.withLock { _ in }
    clibcurl_name_thread(name)
    while !isStopped {
      core.wait(mayBlock: jobs.isEmpty)
      resumeFinished()
      if core.poller.isWoken { takeMessages() }
      runJobs()
      core.expire()
      resumeFinished()
    }
    // Here, where signals are blocked: older versions of libcurl may raise SIGPIPE as they end TLS on a connection the peer has closed.
    core.shutDown()
  }

  private func takeMessages() {
    inbox.withLock { swap(&$0, &messages) }
    for message in messages {
      switch message {
      case .job(let job): jobs.append(job)
      case .submit(let submission, let isCancelled): core.submit(submission, isCancelled: isCancelled)
      case .cancel(let id): core.cancel(id)
      case .shutDown(let continuation):
        core.shutDown()
        core.finished.append(continuation)
      case .stop: isStopped = true
      }
    }
    messages.removeAll(keepingCapacity: true)
    resumeFinished()
  }

  /// Runs the jobs that are there; those that they enqueue wait until the sockets were looked at.
  private func runJobs() {
    guard !jobs.isEmpty, let executor else { return }
    swap(&jobs, &runningJobs)
    for job in runningJobs { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
    runningJobs.removeAll(keepingCapacity: true)
  }

  /// Resumes whoever waited for a group that is done, now that nothing of the core is being accessed.
  private func resumeFinished() {
    guard !core.finished.isEmpty else { return }
    var batch: [UnsafeContinuation<Void, Never>] = []
    swap(&batch, &spare)
    swap(&batch, &core.finished)
    for continuation in batch { continuation.resume() }
    batch.removeAll(keepingCapacity: true)
    swap(&batch, &spare)
  }
}
