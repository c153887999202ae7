internal import Glibc
internal import Synchronization

/// A thread of its own for calls that block on the disk, as a serial executor, so that an fsync never holds up an event loop.
package final class FileThread: SerialExecutor {
  private let queue: Queue

  /// Starts the thread; it ends when nobody refers to the executor anymore.
  package init() {
    queue = Queue()
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(queue).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        unsafe Unmanaged<Queue>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument)
    precondition(code == 0, "no thread could be started: the process is at its limit of threads")
    pthread_detach(thread)
  }

  deinit { queue.close() }

  package func enqueue(_ job: consuming ExecutorJob) {
    queue.push(UnownedJob(job), asUnownedSerialExecutor())
  }

  /// What thread and executor share; the thread holds this alone, so that the executor's end can be its signal to end.
  private final class Queue: @unchecked Sendable {
    // Sound: `waiting` is behind its mutex, and a semaphore is made to be used from several threads.
    private struct Waiting {
      var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
      var isClosed = false
    }

    private let waiting = Mutex(Waiting())
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
      semaphore = .allocate(capacity: 1)
      unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
      unsafe sem_destroy(semaphore)
      semaphore.deallocate()
    }

    func push(_ job: UnownedJob, _ executor: UnownedSerialExecutor) {
      waiting.withLock { $0.jobs.append((job, executor)) }
      unsafe sem_post(semaphore)
    }

    func close() {
      waiting.withLock { $0.isClosed = true }
      unsafe sem_post(semaphore)
    }

    func run() {
      while true {
        // Interrupted or not: what is there decides, not how often the semaphore was raised.
        unsafe sem_wait(semaphore)
        let (jobs, isClosed) = waiting.withLock { state in
          defer { state.jobs.removeAll(keepingCapacity: true) }
          return (state.jobs, state.isClosed)
        }
        for entry in jobs { unsafe entry.job.runSynchronously(on: entry.executor) }
        if isClosed { return }
      }
    }
  }
}
