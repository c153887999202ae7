internal import DynamoDBClient
internal import MigrationControl
internal import Synchronization

/// What a worker does beside its segments: beats, looks what holds for all, and takes its part of the budgets.
extension LeasedCheckpoint {
  /// Between two looks at the pass's item, and while the budgets are handed over.
  private static let look: Duration = .milliseconds(500)
  private static let hurry: Duration = .milliseconds(200)
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
        if try await look(apply) { pause = Self.hurry }
        if state.withLock({ $0.waiting > 0 }), now >= nextIdleLook {
          nextIdleLook = now + Self.idleLook
          let (pass, unfinished) = state.withLock { ($0.pass, $0.board.unfinished(atMost: Self.idleSegments)) }
          try await see(try await table.segments(unfinished, of: pass))
        }
        // For the progress line, and to know which segments are worth a claim; the more workers there are, the rarer.
        let (pass, workers, mustList) = state.withLock { ($0.pass, $0.watch.living.count, $0.mustList) }
        let rest: Duration = mustList ? .seconds(max(5, workers)) : .seconds(max(60, 10 * workers))
        if now >= listed + rest {
          listed = now
          state.withLock { $0.mustList = false }
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
        settings: state.pass.settings, share: Double(state.parts) / Double(BudgetShares.whole), until: state.lastBeat + WorkerWatch.trust)
    }
  }

  /// Writes a new nonce.
  func beat() async throws {
    let began = configuration.now()
    let (pass, beat) = state.withLock { state in
      state.nonce += 1
      state.isBeating = true
      return (state.pass, WorkerWatch.Beat(name: configuration.worker, nonce: state.nonce))
    }
    defer { state.withLock { $0.isBeating = false } }
    try await table.with(patience: WorkerWatch.beat).beat(beat, of: pass)
    state.withLock { $0.lastBeat = began }
  }

  /// Takes note of segments as they were read just now.
  func see(_ leases: [SegmentLease]) async throws {
    state.withLock { state in for lease in leases { state.board.saw(lease) } }
  }

  /// Reads what holds for all and who is there, and takes this worker's part of the budgets.
  ///
  /// - Returns: true while the parts aren't yet what they should be.
  private func look(_ apply: @Sendable (Terms) -> Void) async throws -> Bool {
    guard let pass = try await table.pass(), pass.run == state.withLock(\.pass.run) else { throw dropped }
    let isMissing = state.withLock { state in
      if pass.revision > state.pass.revision { state.pass = pass }
      state.board.beginLook()
      return pass.finished != nil && !state.board.isComplete
    }
    if pass.settings.isStopped { configuration.stop.request(.interrupted) }
    if isMissing { try await see(try await table.segments(of: pass)) }
    let beats = try await table.workers(of: pass)
    let (silent, living) = state.withLock { state in
      state.watch.see(beats, at: configuration.now())
      state.workersLook = state.board.look
      return (state.watch.silent, state.watch.living)
    }
    for beat in silent where beat.name != configuration.worker { try await table.remove(beat, of: pass) }
    guard pass.finished == nil, pass.settings.hasBudget else { return false }
    return try await share(pass, living.contains(configuration.worker) ? living : living + [configuration.worker], apply)
  }

  private func share(_ pass: SharedPass, _ living: [String], _ apply: @Sendable (Terms) -> Void) async throws -> Bool {
    let (own, before) = (configuration.worker, pass.shares.parts(of: configuration.worker))
    let settled = pass.shares.settled(by: own, living: living)
    let mine = settled.parts(of: own)
    // What is given back must not be used any more when others take it; what is taken may be used when it is written down.
    state.withLock { $0.parts = min(mine, before) }
    apply(terms)
    if settled == pass.shares { return !settled.isSettled(living: living) }
    let next = pass.changed { $0.shares = settled }
    guard try await table.write(next) == .done else { return true }
    state.withLock { state in
      state.parts = mine
      if next.revision > state.pass.revision { state.pass = next }
    }
    return !settled.isSettled(living: living)
  }

  /// Gives back what others could use: the part of the budgets, and the place among the workers.
  func sayGoodbye() async {
    if wasComplete { return }
    // One that lands after the goodbye would make others believe that the worker came back.
    while state.withLock(\.isBeating) { try? await configuration.clock.sleep(for: .milliseconds(20)) }
    let table = table.with(patience: Self.farewell)
    let (beat, hasParts) = state.withLock { state in
      (WorkerWatch.Beat(name: configuration.worker, nonce: state.nonce), state.parts > 0 && !state.board.isComplete)
    }
    if hasParts { _ = try? await table.change { $0.shares = $0.shares.without(beat.name) } }
    try? await table.remove(beat, of: state.withLock(\.pass))
  }
}
