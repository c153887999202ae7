/// Drives a pass over a table: a fixed number of workers, each on one of the transport's loops, takes segment after segment.
///
/// A worker fetches a page, does what is to be done with it, and has its end checkpointed before it takes the next one: two awaits
/// and a hop to the disk's thread a page, nothing an item.
package struct ScanPass: Sendable {
  /// How a pass ended.
  package enum End: Sendable, Equatable {
    /// Every segment is done.
    case complete
    /// It was asked to; the same call goes on where it stopped.
    case stopped(StopSignal.Reason)
  }

  package let checkpoint: PassCheckpoint
  /// Segments that are worked on at once.
  package let openSegments: Int
  /// Where workers run, in turn: `HTTPTransport.loops`.
  package let loops: [any TaskExecutor]
  package let stop: StopSignal

  package init(checkpoint: PassCheckpoint, openSegments: Int, loops: [any TaskExecutor], stop: StopSignal) {
    precondition(openSegments >= 1 && !loops.isEmpty)
    self.checkpoint = checkpoint
    self.openSegments = openSegments
    self.loops = loops
    self.stop = stop
  }

  /// Works until every segment is done, or until `stop` asks, and then makes the checkpoint durable.
  ///
  /// - Parameters:
  ///   - worker: makes what one worker keeps from page to page, such as buffers and a signer; called once a worker, on its loop.
  ///   - page: fetches one page and deals with all of its items; nil where it was stopped before it could, which leaves the page to the
  ///     next run. What it throws stops the whole pass: errors of single items are outcomes, to be counted.
  /// - Throws: the first error of a worker, once the others have ended; a `StateError` where the checkpoint can't be written.
  package func run<Worker: ~Copyable>(
    worker: @escaping @Sendable (_ index: Int) async throws -> Worker,
    page: @escaping @Sendable (_ worker: inout Worker, _ page: SegmentPage) async throws -> PassCheckpoint.Outcome?
  ) async throws -> End {
    await checkpoint.releaseAll()
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<openSegments {
          group.addTask(executorPreference: loops[index % loops.count]) {
            try await work(index, worker, page)
          }
        }
        // The first error is thrown from here, which cancels the other workers and waits for them.
        while try await group.next() != nil {}
      }
    } catch {
      // The pages that ended count all the same; if even this fails, the first error is the one to tell.
      try? await checkpoint.finish()
      throw error
    }
    try await checkpoint.finish()
    if await checkpoint.isComplete { return .complete }
    guard let reason = stop.reason else { preconditionFailure("workers ended with segments left") }
    return .stopped(reason)
  }

  private func work<Worker: ~Copyable>(
    _ index: Int, _ makeWorker: @Sendable (Int) async throws -> Worker,
    _ page: @Sendable (inout Worker, SegmentPage) async throws -> PassCheckpoint.Outcome?
  ) async throws {
    guard stop.reason == nil, var next = try await checkpoint.next() else { return }
    var worker = try await makeWorker(index)
    while true {
      try Task.checkCancellation()
      guard let outcome = try await page(&worker, next) else { return }
      guard let following = try await checkpoint.completed(next, outcome) else { return }
      if stop.reason != nil { return }
      next = following
    }
  }
}
