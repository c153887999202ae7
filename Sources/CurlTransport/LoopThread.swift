internal import Glibc

/// The thread of an event loop, with its queue of jobs and the connections that it drives.
///
/// A round is: ready sockets, what other threads have sent, the jobs that are there, deadlines. Sound as Sendable: `inbox` has a lock,
/// `identity` never changes once the thread runs, and everything else is touched on that thread only.
final class LoopThread: @unchecked Sendable {
  /// What other threads ask of the loop.
  enum Message: Sendable {
    case job(UnownedJob)
    case submit(LoopCore.Submission, isCancelled: Bool)
    case cancel(Int)
    case connected(_ place: Int, _ generation: Int, OpenConnection)
    case refused(_ place: Int, _ generation: Int, ExchangeFailure.Reason)
    case shutDown(grace: Nanoseconds, UnsafeContinuation<Void, Never>)
    case stop
  }

  private let name: String
  private let connector: Connector
  private let inbox = Inbox<Message>()
  private var identity = pthread_t()
  private weak var executor: EventLoop?

  private var core: LoopCore
  private var jobs: [UnownedJob] = []
  private var runningJobs: [UnownedJob] = []
  private var messages: [Message] = []
  private var spare: [UnsafeContinuation<Void, Never>] = []
  private var isStopped = false

  init(settings: LoopSettings, connector: Connector, name: String) {
    self.name = name
    self.connector = connector
    core = LoopCore(settings: settings, wake: inbox.wake)
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

  func post(_ message: Message) { inbox.post(message) }

  // MARK: Life

  /// Starts the thread, which keeps this object alive until `stop`.
  func start(executor: EventLoop) {
    self.executor = executor
    inbox.start(named: name, identity: { identity = $0 }) { self.run() }
  }

  /// Ends the thread; waits for that unless it is called on it.
  func stop() {
    post(.stop)
    if isCurrent { pthread_detach(identity) } else { pthread_join(identity, nil) }
  }

  // MARK: On the loop's thread

  private func run() {
    inbox.awaitStart()
    while !isStopped {
      core.wait(mayBlock: jobs.isEmpty)
      resumeFinished()
      if core.poller.isWoken { takeMessages() }
      runJobs()
      core.expire()
      resumeFinished()
    }
    // Here, where signals are blocked: older versions of libcurl may raise SIGPIPE as they end TLS on a connection the peer has closed.
    core.shutDown(grace: 0, nil)
    resumeFinished()
  }

  private func takeMessages() {
    inbox.take(into: &messages)
    for message in messages {
      switch message {
      case .job(let job): jobs.append(job)
      case .submit(let submission, let isCancelled): core.submit(submission, isCancelled: isCancelled)
      case .cancel(let id): core.cancel(id)
      case .connected(let place, let generation, let connection): core.connected(place, generation, connection)
      case .refused(let place, let generation, let reason): core.refused(place, generation, reason)
      case .shutDown(let grace, let continuation): core.shutDown(grace: grace, continuation)
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

  /// Resumes whoever waited for a group that is done, now that nothing of the core is being accessed, and passes its wishes on.
  private func resumeFinished() {
    if !core.wishes.isEmpty {
      connector.take(core.wishes, from: self)
      core.wishes.removeAll()
    }
    guard !core.finished.isEmpty else { return }
    var batch: [UnsafeContinuation<Void, Never>] = []
    swap(&batch, &spare)
    swap(&batch, &core.finished)
    for continuation in batch { continuation.resume() }
    batch.removeAll(keepingCapacity: true)
    swap(&batch, &spare)
  }
}
