/// Runs whatever is handed to it at once, on the thread that hands it over: for files that a simulated process writes in no time.
final class InlineSerialExecutor: SerialExecutor {
  init() {}

  func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedSerialExecutor()) }
}
