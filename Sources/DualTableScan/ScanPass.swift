internal import Synchronization

/// Drives a pass over a table: a number of workers, each on one of the transport's loops, takes segment after segment.
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

  package let checkpoint: any CheckpointStore
  /// Segments that are worked on at once; asked after each page, so that it may change.
  package let openSegments: @Sendable () -> Int
  /// Where workers run, in turn: `HTTPTransport.loops`.
  package let loops: [any TaskExecutor]
  package let stop: StopSignal

  package init(checkpoint: any CheckpointStore, openSegments: Int, loops: [any TaskExecutor], stop: StopSignal) {
    precondition(openSegments >= 1)
    self.init(checkpoint: checkpoint, openSegments: { openSegments }, loops: loops, stop: stop)
  }

  /// - Parameter openSegments: at least 1.
  package init(
    checkpoint: any CheckpointStore, openSegments: @escaping @Sendable () -> Int, loops: [any TaskExecutor], stop: StopSignal
  ) {
    precondition(!loops.isEmpty)
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
  /// - Throws: the first error of a worker, once the others have ended; what the store throws where the checkpoint can't be written.
  package func run<Worker: ~Copyable>(
    worker: @escaping @Sendable (_ index: Int) async throws -> Worker,
    page: @escaping @Sendable (_ worker: inout Worker, _ page: SegmentPage) async throws -> PassCheckpoint.Outcome?
  ) async throws -> End {
    do {
      try await withThrowingTaskGroup(of: Turn.self) { group in
        let crew = Crew()
        var running: Set<Int> = []
        func add(_ index: Int, _ next: SegmentPage?) {
          running.insert(index)
          crew.count.store(running.count, ordering: .relaxed)
          group.addTask(executorPreference: loops[index % loops.count]) { try await work(index, next, crew, worker, page) }
        }
        for index in 0..<openSegments() { add(index, nil) }
        // The first error is thrown from here, which cancels the other workers and waits for them.
        while let turn = try await group.next() {
          running.remove(turn.index)
          crew.count.store(running.count, ordering: .relaxed)
          guard let next = turn.next else {
            // A segment may have been given back when nobody was left to take it up.
            if running.isEmpty, stop.reason == nil, !(await checkpoint.isComplete) { add(0, nil) }
            continue
          }
          add(turn.index, next)
          for index in 0..<openSegments() where !running.contains(index) { add(index, nil) }
          crew.isGrowing.store(false, ordering: .relaxed)
        }
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

  /// What a worker's task returns: only its group can add tasks, so one that sees that there are too few comes back with its next page.
  private struct Turn: Sendable {
    let index: Int
    var next: SegmentPage?
  }

  /// What the workers know of each other.
  private final class Crew: Sendable {
    let count = Atomic(0)
    /// One of them is on its way to have others added.
    let isGrowing = Atomic(false)
    /// There was no segment for one of them: more would have nothing to do.
    let isIdle = Atomic(false)

    /// True for the one worker that is to have others added.
    func mustGrow(to wanted: Int) -> Bool {
      guard count.load(ordering: .relaxed) < wanted, !isIdle.load(ordering: .relaxed) else { return false }
      return isGrowing.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    }
  }

  private func work<Worker: ~Copyable>(
    _ index: Int, _ first: SegmentPage?, _ crew: Crew, _ makeWorker: @Sendable (Int) async throws -> Worker,
    _ page: @Sendable (inout Worker, SegmentPage) async throws -> PassCheckpoint.Outcome?
  ) async throws -> Turn {
    guard stop.reason == nil else { return Turn(index: index) }
    var begun = first
    if begun == nil { begun = try await checkpoint.next() }
    guard var next = begun else {
      crew.isIdle.store(true, ordering: .relaxed)
      return Turn(index: index)
    }
    var worker = try await makeWorker(index)
    while true {
      try Task.checkCancellation()
      guard let outcome = try await page(&worker, next) else { return Turn(index: index) }
      guard let following = try await checkpoint.completed(next, outcome) else {
        crew.isIdle.store(true, ordering: .relaxed)
        return Turn(index: index)
      }
      if stop.reason != nil { return Turn(index: index) }
      next = following
      let wanted = openSegments()
      if index >= wanted {
        await checkpoint.release(next)
        // Whoever is left may have none: there is one again.
        crew.isIdle.store(false, ordering: .relaxed)
        return Turn(index: index)
      }
      if crew.mustGrow(to: wanted) { return Turn(index: index, next: next) }
    }
  }
}
