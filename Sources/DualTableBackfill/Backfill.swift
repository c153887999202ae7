internal import AWSAuth
internal import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import MigrationControl
internal import Synchronization

/// Takes every item of the old table across, through the mapping, by puts that only succeed where nothing is yet.
///
/// Killed at any instant, the next run with the same state directory goes on behind the last page whose items had all ended. Redoing a
/// page is harmless, since every put is conditional.
package struct Backfill: Sendable {
  let configuration: Configuration

  package init(_ configuration: Configuration) { self.configuration = configuration }

  /// Runs until the table is done, `stop` asks, or something stops every item.
  ///
  /// - Parameter progress: told where the run stands, about once a second.
  /// - Throws: `BackfillError`.
  package func run(
    stop: StopSignal, progress: @escaping @Sendable (BackfillProgress) -> Void
  ) async throws(BackfillError) -> BackfillResult {
    let tables: Preflight
    do throws(Preflight.Failure) {
      tables = try await Preflight(
        old: configuration.old, new: configuration.new, oldSchema: configuration.mapping.oldSchema,
        newSchema: configuration.mapping.newSchema)
    } catch {
      throw BackfillError(error.cause == nil ? .unsuitable : .service, error.message, cause: error.cause)
    }
    do {
      return try await run(tables, stop, progress)
    } catch let error as BackfillError {
      throw error
    } catch let error as StateError {
      throw BackfillError(.state, "\(error)", cause: error)
    } catch {
      throw BackfillError(.service, "The backfill stopped; what was done is kept, run it again to go on: \(error).", cause: error)
    }
  }

  private func run(
    _ tables: Preflight, _ stop: StopSignal, _ progress: @escaping @Sendable (BackfillProgress) -> Void
  ) async throws -> BackfillResult {
    let control = PassControl(
      openSegments: configuration.openSegments, stop: stop, now: stopwatch(configuration.old.client.clock))
    let steering = try Steering(configuration, control, tables)
    let keys = try configuration.source.file.map { (path) throws(StateError) in try KeyList(path) }
    let place = try await open(manifest(tables, keys), steering, control)
    defer { withExtendedLifetime(place) {} }
    let end = try await withThrowingTaskGroup(of: ScanPass.End?.self) { group in
      group.addTask { try await pass(place.checkpoint, control, keys) }
      group.addTask {
        try await report(place, control, steering, progress, on: configuration.old.client.clock)
        return nil
      }
      if let shared = place.shared {
        group.addTask {
          try await shared.run { steering.apply($0) }
          return nil
        }
      }
      if let participant = configuration.participant {
        group.addTask {
          // Ends with the group, once the operations under way have; before that only where nothing could ever begin.
          try await participant.run()
          return nil
        }
      }
      if let limit = configuration.timeLimit {
        group.addTask {
          await stop.request(.timeLimit, after: limit, on: configuration.old.client.clock)
          return nil
        }
      }
      while let finished = try await group.next() {
        guard let finished else { continue }
        group.cancelAll()
        // The participant takes its leave; that it may not is told here.
        try await group.waitForAll()
        return finished
      }
      preconditionFailure("the pass returns how it ended")
    }
    return try await result(place, end)
  }

  /// The name of the dead letters' file in a state directory.
  package static let deadLetters = "dead-letters.jsonl"

  /// Where the run in a state directory stood when it was last written down; nil where none has begun.
  package static func look(
    at directory: String
  ) throws(StateError) -> (manifest: RunManifest, status: PassCheckpoint.Status, changes: [PassChange])? {
    guard let manifest = try StateDirectory.manifest(at: directory), let count = manifest.segments.first else { return nil }
    let plan = SegmentPlan(count: count, seed: manifest.seed)
    guard let found = try PassCheckpoint.look(at: directory, name: "backfill", plan: plan, lines: deadLetters) else { return nil }
    return (manifest, found.status, found.changes)
  }

  private func pass(_ checkpoint: any CheckpointStore, _ control: PassControl, _ keys: KeyList?) async throws -> ScanPass.End {
    let budget = ItemBudget(configuration.maxItems, workers: configuration.openSegments)
    let pass = ScanPass(
      checkpoint: checkpoint, openSegments: { control.openSegments }, loops: configuration.new.client.transport.loops, stop: control.stop)
    return try await pass.run { index in
      try await SegmentWorker(configuration, index: index, control: control, keys: keys)
    } page: { worker, page in
      let outcome = try await worker.migrate(page, limit: budget.pageLimit)
      if let outcome, budget.spend(outcome.counts[.scanned]) { control.stop.request(.itemLimit) }
      return outcome
    }
  }

  /// Tells once a second where the run stands, and writes down what was changed.
  private func report(
    _ place: RunPlace, _ control: PassControl, _ steering: Steering, _ progress: @Sendable (BackfillProgress) -> Void,
    on clock: some Clock<Duration>
  ) async throws {
    @Sendable func complete(_ sample: inout RunSample) {
      sample.limit = configuration.limitedBy?()
      sample.readLimit = control.read.status.limit
      sample.writeLimit = control.write.status.limit
    }
    let wallClock = configuration.new.client.wallClock
    var seconds = 0
    while (try? await clock.sleep(for: .seconds(1))) != nil {
      for change in steering.takeChanges() { try await place.checkpoint.changed(change) }
      let status = BackfillProgress(
        pass: await place.checkpoint.status, read: control.read.status, write: control.write.status, times: control.times.current,
        openSegments: control.openSegments)
      steering.note(status)
      progress(status)
      await place.recorder?.sample(status.pass, at: wallClock.now(), complete)
      await place.shared?.sample(control.meter, complete)
      seconds += 1
      if seconds % 60 == 0 { await steering.lookAgain() }
    }
    await place.recorder?.sample(await place.checkpoint.status, at: wallClock.now(), isLast: true, complete)
    await place.shared?.sample(control.meter, isLast: true, complete)
    for change in steering.takeChanges() { try await place.checkpoint.changed(change) }
  }

  private func result(_ place: RunPlace, _ end: ScanPass.End) async throws -> BackfillResult {
    let status = await place.checkpoint.status
    var result = BackfillResult(
      counts: status.totals, seconds: status.elapsed / .seconds(1), stopped: nil,
      deadLetters: place.deadLetters, wasComplete: place.wasComplete, reasons: status.reasons)
    if case .stopped(let reason) = end { result.stopped = reason }
    guard result.addsUp else {
      throw BackfillError(
        .miscounted, "The counts don't add up to the \(result.counts[.scanned]) items scanned: please report this with the state directory."
      )
    }
    // Whoever dies before this leaves it to the next one that sees everything done.
    if !result.more, let shared = place.shared { try await shared.conclude(record(result)) }
    return result
  }

  private func manifest(_ tables: Preflight, _ keys: KeyList?) throws(StateError) -> RunManifest {
    let old = configuration.old, new = configuration.new
    var chosen =
      keys?.segments(openSegments: configuration.openSegments)
      ?? SegmentPlan.count(
        tableBytes: tables.old.tableSizeBytes ?? 0, newTableBytes: tables.new.tableSizeBytes ?? 0, openSegments: configuration.openSegments,
        writeUnits: tables.new.writeUnits, readUnits: tables.new.readUnits)
    if configuration.shared != nil {
      chosen = SegmentPlan.sharedCount(chosen, openSegments: configuration.openSegments, items: tables.old.itemCount ?? 0)
    }
    // A list of keys is what it holds, wherever it lies.
    var mode = try keys.map { (list) throws(StateError) in "keys \(try list.digest())" } ?? ""
    if configuration.isDryRun { mode = "dry run\(mode.isEmpty ? "" : ", \(mode)")" }
    return RunManifest(
      command: configuration.source.isRedrive ? "redrive" : "backfill",
      old: .init(name: old.table, endpoint: old.client.origin.description),
      new: .init(name: new.table, endpoint: new.client.origin.description), mapping: configuration.mapping.digest, mode: mode,
      segments: [configuration.segments ?? chosen], seed: configuration.seed)
  }

  private func stopwatch<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
    let began = clock.now
    return { began.duration(to: clock.now) }
  }
}

/// Counts a run's items down to its limit, over all workers.
private final class ItemBudget: Sendable {
  private let rest: Atomic<Int>
  private let isLimited: Bool
  private let workers: Int

  init(_ limit: Int?, workers: Int) {
    rest = Atomic(limit ?? 0)
    isLimited = limit != nil
    self.workers = workers
  }

  /// The most items that the next page may have, so that all workers together don't run far past the limit; nil: as many as it takes.
  var pageLimit: Int? { isLimited ? max(1, rest.load(ordering: .relaxed) / workers) : nil }

  /// Takes a page's items off; true once nothing is left.
  func spend(_ items: Int) -> Bool {
    isLimited && rest.subtract(items, ordering: .relaxed).newValue <= 0
  }
}
