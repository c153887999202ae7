package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Takes the tombstones out of the new table: scans for the mark, and deletes what still bears it.
///
/// Only for phase 5, once every participant has acknowledged it: before, a tombstone keeps what OLD has from coming back. Each delete is
/// conditional, so that an item put in a tombstone's place meanwhile stays. Killed at any instant, the next run goes on behind the last
/// page that was done.
package struct Sweep: Sendable {
  private let configuration: Configuration

  package init(_ configuration: Configuration) { self.configuration = configuration }

  /// Sweeps until the table is done, `stop` asks, or something stops every delete.
  ///
  /// - Parameter progress: told where the run stands, about once a second.
  /// - Throws: `BackfillError`.
  package func run(
    stop: StopSignal, progress: @escaping @Sendable (PassCheckpoint.Status) -> Void
  ) async throws(BackfillError) -> SweepResult {
    let table: TableDescription
    do {
      table = try await configuration.new.client.describeTable(DescribeTableInput(tableName: configuration.new.table)).table
    } catch {
      throw BackfillError(.service, "The new table \(configuration.new.table) can't be looked at: \(error).", cause: error)
    }
    guard table.keys == configuration.keys else {
      throw BackfillError(.unsuitable, "The new table \(configuration.new.table) isn't keyed as the mapping says: name the right one.")
    }
    do {
      return try await run(table, stop, progress, on: configuration.new.client.clock)
    } catch let error as BackfillError {
      throw error
    } catch let error as StateError {
      throw BackfillError(.state, "\(error)", cause: error)
    } catch {
      throw BackfillError(.service, "The sweep stopped; what was done is kept, run it again to go on: \(error).", cause: error)
    }
  }

  private func run<Time: Clock<Duration>>(
    _ table: TableDescription, _ stop: StopSignal, _ progress: @escaping @Sendable (PassCheckpoint.Status) -> Void, on clock: Time
  ) async throws -> SweepResult {
    let began = clock.now
    let control = PassControl(openSegments: configuration.openSegments, stop: stop) { began.duration(to: clock.now) }
    let provisioned = table.provisionedThroughput
    control.read.setBudget(try units(configuration.readBudget, of: provisioned?.readCapacityUnits))
    control.write.setBudget(try units(configuration.writeBudget, of: provisioned?.writeCapacityUnits))
    let directory = try StateDirectory(configuration.stateDirectory)
    let manifest = try directory.manifest(proposed: manifest(table), segmentsAsked: configuration.segments != nil)
    let checkpoint = try PassCheckpoint(
      directory, name: "sweep", plan: SegmentPlan(count: manifest.segments[0], seed: manifest.seed),
      executor: configuration.checkpointExecutor ?? FileThread(), elapsed: control.now)
    let end = try await withThrowingTaskGroup(of: ScanPass.End?.self) { group in
      group.addTask { try await pass(checkpoint, control) }
      group.addTask {
        while (try? await clock.sleep(for: .seconds(1))) != nil { progress(await checkpoint.status) }
        return nil
      }
      defer { group.cancelAll() }
      while let ended = try await group.next() {
        if let ended { return ended }
      }
      preconditionFailure("the pass returns how it ended")
    }
    let status = await checkpoint.status
    var result = SweepResult(
      scanned: status.totals[.scanned], tombstones: status.totals[.tombstones], swept: status.totals[.deleted],
      readUnits: Double(status.totals[.readMilliunits]) / 1_000, writeUnits: Double(status.totals[.writeMilliunits]) / 1_000,
      seconds: status.elapsed / .seconds(1))
    switch end {
    case .stopped(let reason): result.stopped = reason
    // The next sweep begins anew: there may be tombstones that this one came too early for.
    case .complete: try directory.clear(passes: ["sweep"])
    }
    return result
  }

  /// Units a second that the operator allows; a percentage is of what is provisioned now.
  private func units(_ budget: CapacityBudget?, of provisioned: Int?) throws(BackfillError) -> Double? {
    guard let budget else { return nil }
    guard let units = budget.units(provisioned: provisioned ?? 0) else {
      throw BackfillError(.unsuitable, budget.refusal(configuration.new.table))
    }
    return units
  }

  private func pass(_ checkpoint: PassCheckpoint, _ control: PassControl) async throws -> ScanPass.End {
    let pass = ScanPass(
      checkpoint: checkpoint, openSegments: configuration.openSegments, loops: configuration.new.client.transport.loops,
      stop: control.stop)
    return try await pass.run { _ in
      SweepWorker(configuration, control)
    } page: { worker, page in
      try await worker.sweep(page)
    }
  }

  private func manifest(_ table: TableDescription) -> RunManifest {
    let new = configuration.new
    let chosen = SegmentPlan.count(
      tableBytes: table.tableSizeBytes ?? 0, openSegments: configuration.openSegments, writeUnits: table.writeUnits,
      readUnits: table.readUnits)
    let name = RunManifest.Table(name: new.table, endpoint: new.client.origin.description)
    return RunManifest(
      command: "sweep", old: name, new: name, mapping: configuration.mapping, segments: [configuration.segments ?? chosen],
      seed: configuration.seed)
  }
}
