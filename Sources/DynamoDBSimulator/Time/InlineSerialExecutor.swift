/// Runs an actor's jobs where they are enqueued, in no time: for actors whose calls neither wait nor come from two threads at once.
package final class InlineSerialExecutor: SerialExecutor {
  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedSerialExecutor()) }
}
