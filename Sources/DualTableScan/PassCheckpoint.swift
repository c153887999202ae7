internal import HTTPTransport

/// One pass's progress, in memory and on disk: hands out segments, and makes each page's end durable before the next page begins.
///
/// Runs on a serial executor of its own (`FileThread`), since nearly everything it does blocks on the disk. After a failed write
/// nothing more is written: every later call throws the same error, and the next process goes on from what was written before.
package actor PassCheckpoint: CheckpointStore {
  /// What a page came to.
  package struct Outcome: Sendable {
    /// The answer's `LastEvaluatedKey`, the wire's JSON unchanged; nil ends the segment.
    package var lastEvaluatedKey: [UInt8]?
    package var counts: PassCounts
    /// Whole JSON lines for the pass's lines file; they are on the disk before the checkpoint is.
    package var lines: [UInt8]
    /// How many of the lines have which reason.
    package var reasons: [String: Int] = [:]

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
    /// How many of the lines have which reason.
    package var reasons: [String: Int] = [:]
    /// Items so far of the largest segment that isn't done.
    package var largestOpen = 0

    package init(
      totals: PassCounts, doneTotals: PassCounts, segments: Int, doneSegments: Int, heldSegments: Int, elapsed: Duration, restarts: Int,
      reasons: [String: Int] = [:], largestOpen: Int = 0
    ) {
      self.totals = totals
      self.doneTotals = doneTotals
      self.segments = segments
      self.doneSegments = doneSegments
      self.heldSegments = heldSegments
      self.elapsed = elapsed
      self.restarts = restarts
      self.reasons = reasons
      self.largestOpen = largestOpen
    }
  }

  package nonisolated let executor: any SerialExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Keeps the directory's lock.
  private let directory: StateDirectory
  private let name: String
  private let elapsed: @Sendable () -> Duration
  /// What is on disk, or will be with the next record; its time is that of the processes before this one.
  private var state: PassSnapshot
  private var journal: Journal
  private var lines: JSONLinesFile?
  private var reasons: [String: Int]
  private let shortestCompaction: Int
  /// The journal's length at which a new snapshot is worth its while.
  private var compactionLength: Int
  private var lastSync: Duration
  private var isStarted = false
  private var failure: StateError?

  /// The longest that a page's end stays unsynced while pages end.
  static let syncInterval: Duration = .seconds(1)

  /// Opens the pass's files in `directory`, or makes them.
  ///
  /// - Parameters:
  ///   - name: the files' common name, unique among the directory's passes.
  ///   - plan: the same one as when the pass began.
  ///   - lines: the file name of the pass's JSON lines; nil if it writes none.
  ///   - compaction: bytes of journal after which a new snapshot is made; default 1 MB, some seven thousand pages.
  ///   - executor: a `FileThread`, or what a simulation runs on.
  ///   - elapsed: monotonic time since this process began to work on the pass.
  package init(
    _ directory: StateDirectory, name: String, plan: SegmentPlan, lines: String? = nil, compaction: Int = 1 << 20,
    executor: any SerialExecutor, elapsed: @escaping @Sendable () -> Duration
  ) throws(StateError) {
    let path = "\(directory.path)/\(name)"
    var state =
      if File.exists("\(path).json") {
        try PassSnapshot("\(path).json", plan: plan)
      } else {
        PassSnapshot(generation: 0, elapsedMilliseconds: 0, starts: 0, linesLength: 0, progress: PassProgress(plan: plan))
      }
    // Left over where a process died right after it had put its snapshot in place.
    if state.generation > 0 { try File.remove(Self.journal(path, state.generation - 1)) }
    let journalPath = Self.journal(path, state.generation)
    if state.generation > 0 || File.exists(journalPath) {
      journal = try Journal(opening: journalPath) { (record) throws(StateError) in try state.apply(record, journalPath) }
    } else {
      journal = try Journal(creating: journalPath)
    }
    self.lines = if let lines { try JSONLinesFile("\(directory.path)/\(lines)", checkpointed: state.linesLength) } else { nil }
    reasons =
      try lines.map { (name) throws(StateError) in try JSONLinesFile.reasons("\(directory.path)/\(name)", state.linesLength) } ?? [:]
    state.progress.releaseAll()
    self.state = state
    self.directory = directory
    self.name = name
    self.executor = executor
    self.elapsed = elapsed
    shortestCompaction = compaction
    compactionLength = compaction
    lastSync = elapsed()
  }

  /// Hands a free worker its next segment; nil if every segment is done or held.
  package func next() throws(StateError) -> SegmentPage? {
    if let failure { throw failure }
    guard let page = state.progress.next() else { return nil }
    // Only now: looking at a pass that is complete is no restart.
    if !isStarted {
      isStarted = true
      state.starts += 1
      try guarded { () throws(StateError) in try append(.started) }
    }
    return page
  }

  /// Writes down that a page ended, and returns the page that follows in its segment, or the first of the next segment.
  ///
  /// - Returns: nil if no page is left to hand out.
  package func completed(_ page: SegmentPage, _ outcome: consuming Outcome) throws(StateError) -> SegmentPage? {
    if let failure { throw failure }
    let (key, counts, newLines, newReasons) = (outcome.lastEvaluatedKey, outcome.counts, outcome.lines, outcome.reasons)
    try guarded { () throws(StateError) in
      if !newLines.isEmpty {
        precondition(lines != nil, "lines of a pass without a lines file")
        // Before the record, and on the disk: a page may not count as done while its dead letters could still be lost.
        try lines?.append(newLines.span)
        try lines?.sync()
        state.linesLength = lines?.length ?? 0
      }
      try append(.page(segment: page.segment, key: key, counts: counts))
    }
    reasons.merge(newReasons, uniquingKeysWith: +)
    let following = state.progress.completed(page.segment, lastEvaluatedKey: key, counts: counts)
    try guarded { () throws(StateError) in
      if journal.length >= compactionLength { try compact() }
      let now = elapsed()
      if now - lastSync >= Self.syncInterval {
        lastSync = now
        try journal.sync()
      }
    }
    return following ?? state.progress.next()
  }

  /// Writes down what an operator changed.
  package func changed(_ change: PassChange) throws(StateError) {
    if let failure { throw failure }
    state.changed(change)
    try guarded { () throws(StateError) in try append(.changed(change)) }
  }

  /// What operators changed, oldest first.
  package var changes: [PassChange] { state.changes }

  /// Gives a segment back that a worker holds, as its last finished page left it.
  package func release(_ page: SegmentPage) { state.progress.release(page.segment) }

  /// Makes everything durable, with the time worked, and gives every segment back; the end of this process's work on the pass.
  package func finish() throws(StateError) {
    state.progress.releaseAll()
    if let failure { throw failure }
    guard isStarted else { return }
    try guarded { () throws(StateError) in
      try append(.ended)
      try journal.sync()
      try compact()
    }
  }

  /// True once every segment is done.
  package var isComplete: Bool { state.progress.isComplete }

  /// Where the pass stands now.
  package var status: Status { Status(state, milliseconds: totalMilliseconds, reasons) }

  /// Where the pass `name` stood when it was last written down, and what operators changed; for a directory that may be in use.
  ///
  /// - Returns: nil where no such pass has begun.
  package static func look(
    at directory: String, name: String, plan: SegmentPlan, lines: String
  ) throws(StateError) -> (status: Status, changes: [PassChange])? {
    let path = "\(directory)/\(name)"
    var state = PassSnapshot(generation: 0, elapsedMilliseconds: 0, starts: 0, linesLength: 0, progress: PassProgress(plan: plan))
    if File.exists("\(path).json") { state = try PassSnapshot("\(path).json", plan: plan) }
    let journal = journal(path, state.generation)
    guard File.exists(journal) else { return nil }
    try Journal.read(journal) { (record) throws(StateError) in try state.apply(record, journal) }
    let reasons = File.exists("\(directory)/\(lines)") ? try JSONLinesFile.reasons("\(directory)/\(lines)", state.linesLength) : [:]
    return (Status(state, milliseconds: state.elapsedMilliseconds, reasons), state.changes)
  }

  private var totalMilliseconds: Int {
    guard isStarted else { return state.elapsedMilliseconds }
    let (seconds, attoseconds) = elapsed().components
    return state.elapsedMilliseconds + Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  /// Runs `write`; its first error stands for everything after it.
  private func guarded(_ write: () throws(StateError) -> Void) throws(StateError) {
    do {
      try write()
    } catch {
      failure = error
      throw error
    }
  }

  private func append(_ event: JournalRecord.Event) throws(StateError) {
    try journal.append(JournalRecord(event, elapsedMilliseconds: totalMilliseconds, linesLength: state.linesLength))
  }

  /// Replaces snapshot and journal by a snapshot of now and an empty journal.
  ///
  /// Whenever the process dies in between, the snapshot on disk names a journal that goes on from it: the new journal is there before
  /// the snapshot that names it, and the old one until after.
  private func compact() throws(StateError) {
    let path = "\(directory.path)/\(name)"
    var snapshot = state
    snapshot.generation += 1
    snapshot.elapsedMilliseconds = totalMilliseconds
    var bytes = ByteBuffer()
    snapshot.encode(into: &bytes)
    let fresh = try Journal(creating: Self.journal(path, snapshot.generation))
    try File.replace("\(path).json", with: bytes.span)
    journal = fresh
    try File.remove(Self.journal(path, state.generation))
    state.generation = snapshot.generation
    compactionLength = max(shortestCompaction, 4 * bytes.count)
  }

  private static func journal(_ path: String, _ generation: Int) -> String { "\(path).\(generation).journal" }

  /// True if `file` is one that the pass `name` keeps for itself.
  static func isFile(_ file: String, of name: String) -> Bool {
    if file == "\(name).json" { return true }
    let parts = file.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == name && Int(parts[1]) != nil && parts[2] == "journal"
  }
}

extension PassCheckpoint.Status {
  init(_ state: PassSnapshot, milliseconds: Int, _ reasons: [String: Int]) {
    let progress = state.progress
    self.init(
      totals: progress.totals, doneTotals: progress.doneTotals, segments: progress.plan.count, doneSegments: progress.doneCount,
      heldSegments: progress.heldCount, elapsed: .milliseconds(milliseconds), restarts: max(0, state.starts - 1), reasons: reasons,
      largestOpen: progress.largestOpen)
  }
}

extension PassSnapshot {
  mutating func changed(_ change: PassChange) {
    changes.append(change)
    if changes.count > 1_000 { changes.removeFirst() }
  }

  /// Goes on by one record of the journal at `path`.
  mutating func apply(_ record: JournalRecord, _ path: String) throws(StateError) {
    elapsedMilliseconds = record.elapsedMilliseconds
    linesLength = record.linesLength
    switch record.event {
    case .started: starts += 1
    case .ended: break
    case .changed(let change): changed(change)
    case .page(let segment, let key, let counts):
      guard segment < progress.plan.count && !progress.isDone(segment) else {
        throw StateError(.damaged, "\(path) names segments that its run doesn't have: begin again in another directory.")
      }
      progress.completed(segment, lastEvaluatedKey: key, counts: counts)
    }
  }
}
