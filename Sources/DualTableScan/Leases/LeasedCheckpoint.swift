package import AWSAuth
internal import DynamoDBClient
package import MigrationControl
internal import Synchronization

/// A pass's progress in the control table, for any number of processes that join and leave at will.
///
/// Segments are leased: a worker claims one by a conditional write, and every checkpoint is a conditional write, too, over the revision that
/// the worker wrote before. A worker beats by an item of its own; whose beats stop for a lease's time, as each observer measures it, loses
/// its segments to whoever takes them. If it was only suspended, it finds its next checkpoint refused, drops that segment and goes on with
/// another: what it put twice is refused by the puts' own condition.
package final class LeasedCheckpoint: CheckpointStore {
  /// What holds for this worker now.
  package struct Terms: Sendable, Equatable {
    package var settings: SharedPass.Settings
    /// The part of the budgets that is this worker's, 0...1.
    package var share: Double
    /// Until when the share may be used, by `now`: it is taken to be nobody's some time later.
    package var until: Duration
  }

  struct State {
    var pass: SharedPass
    var board: LeaseBoard
    var watch = WorkerWatch()
    /// The look at which the workers were seen.
    var workersLook = 0
    var gains: [Int: SegmentGain] = [:]
    var nonce = 0
    /// When the last beat began whose write is known to have landed.
    var lastBeat: Duration
    var share = BudgetShare()
    /// Tasks that have no segment, since others hold what is left.
    var waiting = 0
    var isBeating = false
    var isClosed = false
    var record: WorkerRecord
    var random: SeededGenerator
  }

  /// How long a worker that leaves tries to give something back: whoever asked it to stop waits.
  static let farewell: Duration = .seconds(3)

  let table: LeaseTable
  let configuration: Configuration
  let state: Mutex<State>
  /// True if the pass was done before this worker looked at it.
  package let wasComplete: Bool

  /// How a worker takes part.
  package struct Configuration: Sendable {
    /// A name that no worker had before.
    package var worker: String
    /// The mapping's file, to be kept beside the run; nil for a mapping in Swift.
    package var mappingText: [UInt8]?
    /// How long requests to the control table may fail before the worker gives up.
    package var patience: Duration
    package var stop: StopSignal
    package var clock: any Clock<Duration>
    /// Monotonic time.
    package var now: @Sendable () -> Duration
    package var wallClock: WallClock
    package var seed: UInt64
    /// Whether a finished pass is history, so that another one begins in its place. Default: it is told again.
    package var begins: @Sendable (_ finished: SharedPass) -> Bool

    package init(
      worker: String, mappingText: [UInt8]? = nil, patience: Duration = .seconds(300), stop: StopSignal, clock: any Clock<Duration>,
      now: @escaping @Sendable () -> Duration, wallClock: WallClock, seed: UInt64,
      begins: @escaping @Sendable (_ finished: SharedPass) -> Bool = { _ in false }
    ) {
      self.worker = worker
      self.mappingText = mappingText
      self.patience = patience
      self.stop = stop
      self.clock = clock
      self.now = now
      self.wallClock = wallClock
      self.seed = seed
      self.begins = begins
    }
  }

  /// Joins the pass of this command in the control table, or begins it.
  ///
  /// - Parameters:
  ///   - proposed: what this process would do; its segments and seed count only where no run has begun.
  ///   - segmentsAsked: the user named the number of segments, so that another one is refused.
  ///   - settings: the budgets with which the run begins; one that is under way keeps its own.
  /// - Throws: `StateError` where another run is there, with the difference, or where it was stopped; `MigrationControlError`.
  package init(
    _ control: ControlTable, proposed: RunManifest, segmentsAsked: Bool, settings: SharedPass.Settings, _ configuration: Configuration
  ) async throws {
    let table = LeaseTable(control.with(patience: configuration.patience), command: proposed.command)
    self.table = table
    self.configuration = configuration
    let pass = try await Self.join(table, proposed, segmentsAsked, settings, configuration)
    wasComplete = pass.finished != nil
    var generator = SeededGenerator(seed: configuration.seed)
    let board = LeaseBoard(
      plan: SegmentPlan(count: pass.manifest.segments[0], seed: pass.manifest.seed), worker: configuration.worker, seed: generator.next())
    state = Mutex(State(pass: pass, board: board, lastBeat: configuration.now(), record: WorkerRecord(), random: generator))
    try await see(try await table.segments(of: pass))
    // Before the first claim: a segment whose owner doesn't beat is anybody's.
    if !wasComplete { try await beat() }
  }

  private static func join(
    _ table: LeaseTable, _ proposed: RunManifest, _ segmentsAsked: Bool, _ settings: SharedPass.Settings, _ configuration: Configuration
  ) async throws -> SharedPass {
    while true {
      let found = try await table.pass()
      guard let found, found.finished == nil || !configuration.begins(found) else {
        var pass = SharedPass(run: configuration.worker, manifest: proposed, settings: settings, started: configuration.wallClock.now())
        if let found { pass.revision = found.revision + 1 }
        // One that came second, or whose answer was lost, looks again.
        guard try await table.write(pass) == .done else { continue }
        if let text = configuration.mappingText { try await table.keepMapping(text, of: pass) }
        if found != nil { try await table.dropOthers(than: pass) }
        continue
      }
      if let (what, ours, theirs) = found.manifest.difference(from: proposed, segmentsAsked: segmentsAsked) {
        let join = what == RunManifest.segmentCount ? "leave --segments out to join it, " : ""
        throw StateError(
          .mismatch,
          "The control table \(table.control.name) holds another run of \(proposed.command): its \(what) is \(StateDirectory.quoted(ours)) "
            + "and this one's \(StateDirectory.quoted(theirs)); \(join)drop that one with 'phase drop', or run this one with --state.")
      }
      guard !found.settings.isStopped || found.finished != nil else {
        throw StateError(
          .stopped, "The run in the control table \(table.control.name) was stopped by an operator; 'ctl resume' lets workers go on.")
      }
      return found
    }
  }

  // MARK: - The pass

  package func next() async throws -> SegmentPage? {
    var isWaiting = false
    defer { if isWaiting { state.withLock { $0.waiting -= 1 } } }
    while configuration.stop.reason == nil {
      try Task.checkCancellation()
      let (free, isComplete) = state.withLock { state in (state.takeFree(), state.board.isComplete) }
      if let free {
        if let page = try await claim(free) { return page }
        continue
      }
      if isComplete { return nil }
      // Others hold what is left. They may die, so this one stays until all of it is done.
      if !isWaiting { state.withLock { $0.waiting += 1 } }
      isWaiting = true
      try await configuration.clock.sleep(for: .milliseconds(250))
    }
    return nil
  }

  private func claim(_ free: SegmentLease) async throws -> SegmentPage? {
    let lease = free.claimed(by: configuration.worker)
    guard try await write(lease) else {
      let (mustList, pass) = state.withLock { ($0.board.refused(), $0.pass) }
      if mustList { try await see(try await table.segments(of: pass)) }
      return nil
    }
    return SegmentPage(segment: lease.segment, totalSegments: segments, exclusiveStartKey: lease.key)
  }

  package func completed(_ page: SegmentPage, _ outcome: consuming PassCheckpoint.Outcome) async throws -> SegmentPage? {
    let key = outcome.lastEvaluatedKey
    let (segment, gained) = (page.segment, consume outcome)
    let (isHeld, due) = state.withLock { state -> (Bool, (lease: SegmentLease, lines: [UInt8])?) in
      state.record.counts += gained.counts
      state.gains[segment, default: SegmentGain()].add(gained)
      guard state.holds(segment) else {
        state.lost(segment)
        return (false, nil)
      }
      return (true, state.gains[segment]?.isDue == true ? state.advance(segment, keepsHold: true) : nil)
    }
    guard isHeld else { return try await next() }
    if let due {
      guard try await write(due.lease, due.lines), !due.lease.isDone else { return try await next() }
    }
    return SegmentPage(segment: segment, totalSegments: segments, exclusiveStartKey: key)
  }

  package func release(_ page: SegmentPage) async { try? await give(page.segment) }

  private func give(_ segment: Int, within patience: Duration? = nil) async throws {
    guard let (lease, lines) = state.withLock({ $0.advance(segment, keepsHold: false) }) else { return }
    _ = try await write(lease, lines, within: patience)
  }

  /// Writes a lease and sees to it that what became of the write is known.
  ///
  /// A write whose answer was lost may still land. It is sent again as it was: on the same condition only one of the two can, and they say
  /// the same. Whoever reads one's own revision, in one's own words, knows that it did.
  /// - Returns: false where somebody else has the segment: nothing of the write counts.
  private func write(_ lease: SegmentLease, _ lines: [UInt8] = [], within patience: Duration? = nil) async throws -> Bool {
    let pass = state.withLock(\.pass)
    let letters = LetterParts.parts(of: lines)
    let table = patience.map { self.table.with(patience: $0) } ?? table
    let end = configuration.now() + (patience ?? configuration.patience)
    do {
      while true {
        let change = try await table.write(lease, letters: letters, of: pass)
        if change == .done { break }
        let found = try await table.segments([lease.segment], of: pass).first
        if found == lease { break }
        if change == .unknown, found?.revision ?? 0 < lease.revision, configuration.now() < end {
          try await configuration.clock.sleep(for: .milliseconds(100))
          continue
        }
        state.withLock { state in
          state.lost(lease.segment)
          if let found { state.board.saw(found) }
        }
        return false
      }
    } catch {
      state.withLock { $0.lost(lease.segment) }
      throw error
    }
    state.withLock { state in
      state.board.saw(lease)
      if lease.owner == nil { state.lost(lease.segment) }
    }
    return true
  }

  package func changed(_ change: PassChange) async throws { _ = try await table.change { $0.changes.append(change) } }

  package func finish() async throws {
    let held = state.withLock { state in
      state.isClosed = true
      return state.board.held
    }
    let failure = Mutex<(any Error)?>(nil)
    // Also where the pass was cancelled: what has ended counts, and nobody should have to wait for this worker's leases to run out.
    await uncancelled {
      for segment in held {
        do { try await self.give(segment, within: Self.farewell) } catch { failure.withLock { $0 = $0 ?? error } }
      }
      await self.sayGoodbye()
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  package var isComplete: Bool { state.withLock(\.board.isComplete) }

  /// The pass as it was last seen.
  package var pass: SharedPass { state.withLock(\.pass) }

  package var status: PassCheckpoint.Status {
    let now = configuration.wallClock.now()
    return state.withLock { state in
      var totals = state.board.totals
      var reasons = state.board.reasons
      for segment in state.gains.keys.sorted() where state.holds(segment) {
        guard let gain = state.gains[segment] else { continue }
        totals += gain.counts
        reasons.merge(gain.reasons, uniquingKeysWith: +)
      }
      return PassCheckpoint.Status(
        totals: totals, doneTotals: state.board.doneTotals, segments: state.board.plan.count, doneSegments: state.board.doneCount,
        heldSegments: state.board.held.count, elapsed: .milliseconds(max(0, (state.pass.finished ?? now) - state.pass.started)),
        restarts: 0,
        reasons: reasons, largestOpen: state.board.largestOpen)
    }
  }

  /// Says that the whole pass is done, with its record; of all workers that see it done, one does.
  package func conclude(_ record: RunRecord) async throws {
    for _ in 0..<16 {
      guard let pass = try await table.pass(), pass.run == state.withLock(\.pass.run) else { throw table.dropped }
      if pass.finished != nil { return }
      if try await table.finish(pass, at: configuration.wallClock.now(), record) == .done { return }
    }
    throw MigrationControlError(
      .contention, "The result could not be kept in \(table.control.name) beside others: run the command once more.")
  }

  private var segments: Int { state.withLock(\.board.plan.count) }
}

extension LeasedCheckpoint.State {
  /// Takes the next segment that nobody holds who is alive.
  mutating func takeFree() -> SegmentLease? {
    let (watch, workersLook) = (watch, workersLook)
    return board.take(workers: watch.living.count) { worker, look in
      // Who isn't listed has left, if the list is newer than what the segment says.
      watch.isSilent(worker) || look < workersLook && !watch.isListed(worker)
    }
  }

  /// Whether a segment that a task has is still this worker's, as far as is known.
  ///
  /// A look at the table may show that somebody has taken it over before the task itself meets a refused write. What it would write next
  /// would be on condition of their revision, not of its own: it would go through, and count pages that they have counted.
  func holds(_ segment: Int) -> Bool { board.lease(segment).owner == board.worker }

  /// A segment's lease as it is to be written, with what its pages came to, which is written by that and no longer waits.
  ///
  /// - Returns: nil where somebody else has the segment, which is given up by that.
  mutating func advance(_ segment: Int, keepsHold: Bool) -> (lease: SegmentLease, lines: [UInt8])? {
    guard holds(segment) else {
      lost(segment)
      return nil
    }
    let gain = gains.removeValue(forKey: segment) ?? SegmentGain()
    return (board.lease(segment).advanced(by: gain, keepsHold: keepsHold), gain.lines)
  }

  /// The segment is no longer this worker's.
  mutating func lost(_ segment: Int) {
    board.leave(segment)
    gains[segment] = nil
  }
}
