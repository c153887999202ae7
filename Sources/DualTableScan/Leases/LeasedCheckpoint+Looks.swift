internal import DynamoDBClient
internal import MigrationControl
internal import Synchronization

/// What a worker does beside its segments: beats, looks what holds for all, and takes its part of the budgets.
extension LeasedCheckpoint {
  /// Between two looks at the pass's item and its workers; while this worker has less of the budgets than it should; and once it claimed more.
  private static let look: Duration = .milliseconds(500)
  private static let hurry: Duration = .milliseconds(150)
  private static let atOnce: Duration = .milliseconds(10)
  /// Between two looks of an idle worker at segments that others hold.
  private static let idleLook: Duration = .seconds(2)
  /// Segments in such a look.
  private static let idleSegments = 50

  /// Beats and looks until the task is cancelled.
  ///
  /// - Parameter apply: told what holds from now on.
  /// - Throws: what no further try mends; requests that fail are tried again, while what was learned before runs out.
  package func run(apply: @Sendable (Terms) -> Void) async throws {
    if wasComplete { return }
    let began = configuration.now()
    var (nextBeat, nextIdleLook, listed) = (began + WorkerWatch.beat, began, began)
    while !Task.isCancelled && !state.withLock(\.isClosed) {
      var pause = Self.look
      do {
        let now = configuration.now()
        if now >= nextBeat {
          nextBeat = now + WorkerWatch.beat
          try await beat()
        }
        pause = try await look(apply)
        if state.withLock({ $0.waiting > 0 }), now >= nextIdleLook {
          nextIdleLook = now + Self.idleLook
          let (pass, unfinished) = state.withLock { ($0.pass, $0.board.unfinished(atMost: Self.idleSegments)) }
          try await see(try await table.segments(unfinished, of: pass))
        }
        // For the progress line, and to know which segments are worth a claim; the more workers there are, the rarer.
        let (pass, workers, mustList) = state.withLock { ($0.pass, $0.watch.living.count, $0.board.refusals > 0) }
        let rest: Duration = mustList ? .seconds(max(5, workers)) : .seconds(max(60, 10 * workers))
        if now >= listed + rest {
          listed = now
          state.withLock { $0.board.listed() }
          try await see(try await table.segments(of: pass))
        }
      } catch let error as MigrationControlError where error.code == .requestFailed && !Self.isFinal(error) {
        pause = Self.look
      }
      apply(terms)
      // Not all at the same moments.
      let jitter = state.withLock { $0.random.below(1_000) }
      try? await configuration.clock.sleep(for: pause * (900 + jitter / 5) / 1_000)
    }
  }

  /// True where the same request will never go through: what a role may not do it can't do a moment later, and nothing here does without.
  private static func isFinal(_ error: MigrationControlError) -> Bool {
    error.cause?.code == .accessDenied || error.cause?.code == .resourceNotFound
  }

  package var terms: Terms {
    state.withLock { state in
      Terms(
        settings: state.pass.settings, share: Double(state.share.parts) / Double(BudgetShare.whole),
        until: state.lastBeat + WorkerWatch.trust)
    }
  }

  /// Writes a new nonce, and what this worker claims of the budgets: by default what it uses.
  func beat(claiming claim: Int? = nil) async throws {
    let began = configuration.now()
    let (pass, beat) = state.withLock { state in
      // What it had may be somebody else's by now: it begins as a newcomer does.
      let isLate = began >= state.lastBeat + WorkerWatch.trust
      if isLate { state.share = BudgetShare() }
      let claim = isLate ? 0 : claim ?? state.share.claimed ?? state.share.parts
      state.share.claims()
      state.nonce += 1
      state.isBeating = true
      return (state.pass, WorkerWatch.Beat(name: configuration.worker, nonce: state.nonce, claim: claim))
    }
    defer { state.withLock { $0.isBeating = false } }
    guard try await table.with(patience: WorkerWatch.beat).beat(beat, of: pass) == .done else { return }
    state.withLock { state in
      state.lastBeat = began
      state.share.claimed(beat.claim)
    }
  }

  /// Takes note of segments as they were read just now.
  func see(_ leases: [SegmentLease]) async throws {
    state.withLock { state in for lease in leases { state.board.saw(lease) } }
  }

  /// Reads what holds for all and who is there, and takes this worker's part of the budgets.
  ///
  /// - Returns: when to look again.
  private func look(_ apply: @Sendable (Terms) -> Void) async throws -> Duration {
    guard let pass = try await table.pass(), pass.run == state.withLock(\.pass.run) else { throw table.dropped }
    let isMissing = state.withLock { state in
      if pass.revision > state.pass.revision { state.pass = pass }
      state.board.beginLook()
      return pass.finished != nil && !state.board.isComplete
    }
    if pass.settings.isStopped { configuration.stop.request(.interrupted) }
    if isMissing { try await see(try await table.segments(of: pass)) }
    let beats = try await table.workers(of: pass)
    let own = configuration.worker
    let (silent, others) = state.withLock { state in
      state.watch.see(beats, at: configuration.now())
      state.workersLook = state.board.look
      return (state.watch.silent.filter { $0.name != own }, state.watch.living.filter { $0.name != own })
    }
    for beat in silent { try await table.remove(beat, of: pass) }
    guard pass.finished == nil, pass.settings.hasBudget else { return Self.look }
    let claim = state.withLock { $0.share.see(others.map(\.claim)) }
    if let claim {
      // What is given back must not be used any more when others see that.
      apply(terms)
      try await beat(claiming: claim)
      return Self.atOnce
    }
    // Of two or three that have it all, one that leaves leaves much behind.
    let mustHurry = (1...2).contains(others.count) || !state.withLock { $0.share.isFair(workers: others.count + 1) }
    return mustHurry ? Self.hurry : Self.look
  }

  /// Gives back what others could use: the place among the workers, and the part of the budgets with it.
  func sayGoodbye() async {
    if wasComplete { return }
    // One that lands after the goodbye would make others believe that the worker came back.
    while state.withLock(\.isBeating) { try? await configuration.clock.sleep(for: .milliseconds(20)) }
    let table = table.with(patience: Self.farewell)
    let (beat, pass) = state.withLock { (WorkerWatch.Beat(name: configuration.worker, nonce: $0.nonce), $0.pass) }
    try? await table.remove(beat, of: pass)
  }
}
