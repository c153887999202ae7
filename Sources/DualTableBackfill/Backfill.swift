internal import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import Synchronization

/// Takes every item of the old table across, through the mapping, by puts that only succeed where nothing is yet.
///
/// Killed at any instant, the next run with the same state directory goes on behind the last page whose items had all ended. Redoing a
/// page is harmless, since every put is conditional.
package struct Backfill: Sendable {
  private let configuration: Configuration

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
    let directory = try StateDirectory(configuration.stateDirectory)
    let manifest = try directory.manifest(proposed: manifest(tables), segmentsAsked: configuration.segments != nil)
    let control = PassControl(stop: stop, now: stopwatch(configuration.old.client.clock))
    try setBudgets(of: control, tables)
    let plan = SegmentPlan(count: manifest.segments[0], seed: manifest.seed)
    let checkpoint = try PassCheckpoint(
      directory, name: "backfill", plan: plan, lines: Self.deadLetters, executor: configuration.checkpointExecutor ?? FileThread(),
      elapsed: control.now)
    let wasComplete = await checkpoint.isComplete
    let end = try await withThrowingTaskGroup(of: ScanPass.End?.self) { group in
      group.addTask { try await pass(checkpoint, control) }
      group.addTask {
        await report(checkpoint, control, progress, on: configuration.old.client.clock)
        return nil
      }
      if let limit = configuration.timeLimit {
        group.addTask {
          guard (try? await configuration.old.client.clock.sleep(for: limit)) != nil else { return nil }
          stop.request(.timeLimit)
          return nil
        }
      }
      while let finished = try await group.next() {
        guard let finished else { continue }
        group.cancelAll()
        return finished
      }
      preconditionFailure("the pass returns how it ended")
    }
    return try await result(checkpoint, end, wasComplete: wasComplete)
  }

  private static let deadLetters = "dead-letters.jsonl"

  private func pass(_ checkpoint: PassCheckpoint, _ control: PassControl) async throws -> ScanPass.End {
    let budget = ItemBudget(configuration.maxItems, workers: configuration.openSegments)
    let pass = ScanPass(
      checkpoint: checkpoint, openSegments: configuration.openSegments, loops: configuration.new.client.transport.loops, stop: control.stop)
    return try await pass.run { index in
      try await SegmentWorker(configuration, index: index, control: control)
    } page: { worker, page in
      let outcome = try await worker.migrate(page, limit: budget.pageLimit)
      if let outcome, budget.spend(outcome.counts[.scanned]) { control.stop.request(.itemLimit) }
      return outcome
    }
  }

  /// Sets what the operator allows; percentages are of what is provisioned now.
  private func setBudgets(of control: PassControl, _ tables: Preflight) throws {
    for (budget, pace, table, provisioned) in [
      (configuration.readBudget, control.read, configuration.old.table, tables.old.provisionedThroughput?.readCapacityUnits),
      (configuration.writeBudget, control.write, configuration.new.table, tables.new.provisionedThroughput?.writeCapacityUnits),
    ] {
      guard let budget else { continue }
      guard let units = budget.units(provisioned: provisioned ?? 0) else {
        throw BackfillError(
          .unsuitable, "The table \(table) is on demand, so nothing is provisioned to take \(budget) of: give a number of units a second.")
      }
      pace.setBudget(units)
    }
  }

  private func report(
    _ checkpoint: PassCheckpoint, _ control: PassControl, _ progress: @Sendable (BackfillProgress) -> Void, on clock: some Clock<Duration>
  ) async {
    while (try? await clock.sleep(for: .seconds(1))) != nil {
      progress(
        BackfillProgress(
          pass: await checkpoint.status, read: control.read.status, write: control.write.status, times: control.times.current,
          openSegments: configuration.openSegments))
    }
  }

  private func result(_ checkpoint: PassCheckpoint, _ end: ScanPass.End, wasComplete: Bool) async throws -> BackfillResult {
    let status = await checkpoint.status
    var result = BackfillResult(
      counts: status.totals, seconds: status.elapsed / .seconds(1), stopped: nil,
      deadLetters: "\(configuration.stateDirectory)/\(Self.deadLetters)", wasComplete: wasComplete)
    if case .stopped(let reason) = end { result.stopped = reason }
    guard result.addsUp else {
      throw BackfillError(
        .miscounted, "The counts don't add up to the \(result.counts[.scanned]) items scanned: please report this with the state directory."
      )
    }
    return result
  }

  private func manifest(_ tables: Preflight) -> RunManifest {
    let old = configuration.old, new = configuration.new
    let chosen = SegmentPlan.count(
      tableBytes: tables.old.tableSizeBytes ?? 0, openSegments: configuration.openSegments, writeUnits: tables.new.writeUnits,
      readUnits: tables.new.readUnits)
    return RunManifest(
      command: "backfill", old: .init(name: old.table, endpoint: old.client.origin.description),
      new: .init(name: new.table, endpoint: new.client.origin.description), mapping: configuration.mapping.digest,
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
