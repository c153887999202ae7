/// One pass's progress, in memory and on disk: hands out segments, and makes each page's end durable before the next page begins.
///
/// Runs on a serial executor of its own (`FileThread`), since nearly everything it does blocks on the disk. After a failed write
/// nothing more is written: every later call throws the same error, and the next process goes on from what was written before.
package actor PassCheckpoint {
  /// What a page came to.
  package struct Outcome: Sendable {
    /// The answer's `LastEvaluatedKey`, the wire's JSON unchanged; nil ends the segment.
    package var lastEvaluatedKey: [UInt8]?
    package var counts: PassCounts
    /// Whole JSON lines for the pass's lines file; they are on the disk before the checkpoint is.
    package var lines: [UInt8]

    package init(lastEvaluatedKey: [UInt8]?, counts: PassCounts, lines: [UInt8] = []) {
      self.lastEvaluatedKey = lastEvaluatedKey
      self.counts = counts
      self.lines = lines
    }
  }

  /// Where a pass stands, for progress lines and reports.
  package struct Status: Sendable, Equatable {
    package var totals: PassCounts
    /// Summed over the segments that are done.
    package var doneTotals: PassCounts
    package var segments: Int
    package var doneSegments: Int
    package var heldSegments: Int
    /// Time worked on the pass, over all processes.
    package var elapsed: Duration
    /// Processes that took the pass up again after its first one.
    package var restarts: Int
  }

  package nonisolated let executor: any SerialExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Keeps the directory's lock.
  private let directory: StateDirectory
  private let elapsed: @Sendable () -> Duration
  private var progress: PassProgress
  private var journal: Journal
  private var lines: JSONLinesFile?
  private var earlierMilliseconds: Int
  private var restarts: Int
  private var lastSync: Duration
  private var failure: StateError?

  /// The longest that a page's end stays unsynced while pages end.
  static let syncInterval: Duration = .seconds(1)

  /// Opens the pass's files in `directory`, or makes them.
  ///
  /// - Parameters:
  ///   - name: the files' common name, unique among the directory's passes.
  ///   - plan: the same one as when the pass began.
  ///   - lines: the file name of the pass's JSON lines; nil if it writes none.
  ///   - executor: a `FileThread`, or what a simulation runs on.
  ///   - elapsed: monotonic time since this process began to work on the pass.
  package init(
    _ directory: StateDirectory, name: String, plan: SegmentPlan, lines: String? = nil, executor: any SerialExecutor,
    elapsed: @escaping @Sendable () -> Duration
  ) throws(StateError) {
    let path = "\(directory.path)/\(name).journal"
    var progress = PassProgress(plan: plan)
    var milliseconds = 0
    var linesLength = 0
    var starts = 0
    if File.exists(path) {
      journal = try Journal(opening: path) { (record) throws(StateError) in
        milliseconds = record.elapsedMilliseconds
        linesLength = record.linesLength
        switch record.event {
        case .started: starts += 1
        case .ended: break
        case .page(let segment, let key, let counts):
          guard segment < plan.count && !progress.isDone(segment) else {
            throw StateError(.damaged, "\(path) names segments that its run doesn't have: begin again in another directory")
          }
          progress.completed(segment, lastEvaluatedKey: key, counts: counts)
        }
      }
    } else {
      journal = try Journal(creating: path)
    }
    self.lines = if let lines { try JSONLinesFile("\(directory.path)/\(lines)", checkpointed: linesLength) } else { nil }
    progress.releaseAll()
    self.progress = progress
    self.directory = directory
    self.executor = executor
    self.elapsed = elapsed
    earlierMilliseconds = milliseconds
    restarts = starts
    lastSync = elapsed()
    try journal.append(JournalRecord(.started, elapsedMilliseconds: milliseconds, linesLength: linesLength))
  }

  /// Hands a free worker its next segment; nil if every segment is done or held.
  package func next() throws(StateError) -> SegmentPage? {
    if let failure { throw failure }
    return progress.next()
  }

  /// Writes down that a page ended, and returns the page that follows in its segment, or the first of the next segment.
  ///
  /// - Returns: nil if no page is left to hand out.
  package func completed(_ page: SegmentPage, _ outcome: consuming Outcome) throws(StateError) -> SegmentPage? {
    if let failure { throw failure }
    do {
      try write(page, outcome)
    } catch {
      failure = error
      throw error
    }
    return progress.completed(page.segment, lastEvaluatedKey: outcome.lastEvaluatedKey, counts: outcome.counts) ?? progress.next()
  }

  /// Takes every segment from its worker; for a pass that goes on after its workers ended.
  package func releaseAll() { progress.releaseAll() }

  /// Makes everything durable and writes down the time worked; the end of this process's work on the pass.
  package func finish() throws(StateError) {
    if let failure { throw failure }
    do {
      try append(.ended)
      try journal.sync()
    } catch {
      failure = error
      throw error
    }
  }

  /// True once every segment is done.
  package var isComplete: Bool { progress.isComplete }

  /// Where the pass stands now.
  package var status: Status {
    Status(
      totals: progress.totals, doneTotals: progress.doneTotals, segments: progress.plan.count, doneSegments: progress.doneCount,
      heldSegments: progress.heldCount, elapsed: .milliseconds(totalMilliseconds), restarts: restarts)
  }

  private var totalMilliseconds: Int {
    let (seconds, attoseconds) = elapsed().components
    return earlierMilliseconds + Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  private func write(_ page: SegmentPage, _ outcome: borrowing Outcome) throws(StateError) {
    if !outcome.lines.isEmpty {
      precondition(lines != nil, "lines of a pass without a lines file")
      // Before the record, and on the disk: a page may not count as done while its dead letters could still be lost.
      try lines?.append(outcome.lines.span)
      try lines?.sync()
    }
    try append(.page(segment: page.segment, key: outcome.lastEvaluatedKey, counts: outcome.counts))
    let now = elapsed()
    if now - lastSync >= Self.syncInterval {
      lastSync = now
      try journal.sync()
    }
  }

  private func append(_ event: JournalRecord.Event) throws(StateError) {
    try journal.append(JournalRecord(event, elapsedMilliseconds: totalMilliseconds, linesLength: lines?.length ?? 0))
  }
}
