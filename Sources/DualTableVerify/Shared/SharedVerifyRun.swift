internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport
internal import MigrationControl
internal import Synchronization

/// One process's part in a verification that lies in the control table.
final class SharedVerifyRun: VerificationRun {
  private let configuration: Verification.Configuration
  private let shared: Verification.Configuration.Shared
  private let tables: Preflight
  private let checkpoint: LeasedCheckpoint
  private let rechecker: Rechecker
  private let digester: IDDigester
  private let scansNew: Bool
  private let stop: StopSignal
  /// Each table's own pace.
  private let oldControl: PassControl
  private let newControl: PassControl

  /// How long a clean result is told again to whoever comes late; afterwards, or where there is something to mend, one begins anew.
  private static let afterglow: Int64 = 600_000

  /// Joins the run, or begins it.
  init(
    _ configuration: Verification.Configuration, _ shared: Verification.Configuration.Shared, _ tables: Preflight, _ stop: StopSignal
  ) async throws {
    self.configuration = configuration
    self.shared = shared
    self.tables = tables
    self.stop = stop
    scansNew = configuration.mapping.keepsPartitionKey
    let client = configuration.new.client
    let elapsed = Self.elapsed(client.clock)
    oldControl = PassControl(openSegments: configuration.openSegments, stop: stop, now: elapsed)
    newControl = PassControl(stop: stop, meter: oldControl.meter, now: elapsed)
    // Nobody compares digests with anybody: each process has its own key.
    digester = IDDigester(seed: configuration.seed)
    rechecker = Rechecker(configuration, digester, old: oldControl, new: newControl)
    let manifest = Self.manifest(configuration, tables, scansNew: scansNew)
    let last = try await shared.table.records().first { $0.command == .verify }
    let now = client.wallClock.now()
    checkpoint = try await LeasedCheckpoint(
      shared.table, proposed: manifest, segmentsAsked: configuration.segments != nil,
      settings: SharedPass.Settings(readBudget: configuration.oldReadBudget, newReadBudget: configuration.newReadBudget),
      .init(
        worker: shared.worker, patience: configuration.patience, stop: stop, clock: client.clock, now: elapsed,
        wallClock: client.wallClock, seed: configuration.seed,
        begins: { pass in
          let isNew = (pass.finished ?? now) + Self.afterglow > now && last?.isClean == true
          return !isNew || pass.manifest.mapping != manifest.mapping || pass.manifest.mode != manifest.mode
        }))
    try apply(checkpoint.terms)
  }

  /// Works until all is known, or until `stop` asks.
  func run() async throws -> VerifyResult {
    let end = try await withThrowingTaskGroup(of: ScanPass.End?.self) { group in
      group.addTask { try await self.pass() }
      group.addTask {
        try await self.checkpoint.run { try? self.apply($0) }
        return nil
      }
      defer { group.cancelAll() }
      while let ended = try await group.next() {
        if let ended { return ended }
      }
      preconditionFailure("the pass returns how it ended")
    }
    let status = checkpoint.status
    var result = VerifyResult(shared: status.totals, countsNew: scansNew, seconds: status.elapsed / .seconds(1))
    if case .stopped(let reason) = end { result.stopped = reason }
    guard let verdict = result.verdict else { return result }
    result.wasComplete = checkpoint.wasComplete
    if !checkpoint.wasComplete {
      // Had deletes begun to delete, what is missing says nothing.
      try await shared.checkPhase()
      try await checkpoint.conclude(
        RunRecord(
          command: .verify, mapping: configuration.mapping.digest, finished: configuration.new.client.wallClock.now(),
          isClean: verdict == .clean, counts: result.counts.map { RunRecord.Count($0.name, $0.value) }))
    }
    if let path = configuration.keysOut {
      try await SharedVerification(shared.table).writeFindings(of: checkpoint.pass, to: path, configuration.comparesContent)
    }
    return result
  }

  /// Where the run stands.
  func progress() -> VerifyProgress { VerifyProgress(stage: .comparing, old: checkpoint.status, partitions: 0) }

  /// Takes a sample for the report, if it is time for one.
  func sample(isLast: Bool) async {
    await checkpoint.sample(oldControl.meter, isLast: isLast) { [oldControl] sample in
      sample.readLimit = oldControl.read.status.limit
    }
  }

  private func pass() async throws -> ScanPass.End {
    let pass = ScanPass(
      checkpoint: checkpoint, openSegments: { [oldControl] in oldControl.openSegments }, loops: configuration.new.client.transport.loops,
      stop: stop)
    return try await pass.run { index in
      SegmentVerifier(
        self.configuration, self.digester, self.rechecker, scansNew: self.scansNew, index: index, old: self.oldControl,
        new: self.newControl)
    } page: { worker, page in
      try await worker.verify(page)
    }
  }

  /// Goes on by what holds for all workers; percentages are of what was provisioned when this one began.
  private func apply(_ terms: LeasedCheckpoint.Terms) throws(VerifyError) {
    let settings = terms.settings
    for (budget, control, name, table) in [
      (settings.readBudget, oldControl, configuration.old.table, tables.old),
      (settings.newReadBudget, newControl, configuration.new.table, tables.new),
    ] {
      let units = budget?.units(provisioned: table.provisionedThroughput?.readCapacityUnits ?? 0)
      if let budget, units == nil { throw VerifyError(.unsuitable, budget.refusal(name)) }
      control.read.setBudget(units.map { $0 * terms.share }, until: terms.until)
      if control.isPaused != settings.isPaused { control.setPaused(settings.isPaused) }
    }
    if let open = settings.openSegments { oldControl.openSegments = open }
  }

  private static func manifest(_ configuration: Verification.Configuration, _ tables: Preflight, scansNew: Bool) -> RunManifest {
    let (old, new) = (configuration.old, configuration.new)
    let mode = [
      configuration.comparesContent ? "content" : "ids", configuration.isConsistent ? "consistent" : "eventual",
      scansNew ? "scans" : SharedVerification.byKeys,
    ]
    let chosen = SegmentPlan.verifyCount(
      tableBytes: max(tables.old.tableSizeBytes ?? 0, tables.new.tableSizeBytes ?? 0),
      items: max(tables.old.itemCount ?? 0, tables.new.itemCount ?? 0), openSegments: configuration.openSegments)
    // The tables are the migration's; one process may say a name where another says an ARN.
    return RunManifest(
      command: "verify", old: .init(name: ControlTable.plainName(old.table), endpoint: old.client.origin.description),
      new: .init(name: ControlTable.plainName(new.table), endpoint: new.client.origin.description), mapping: configuration.mapping.digest,
      mode: mode.joined(separator: ", "), segments: [configuration.segments ?? chosen], seed: configuration.seed)
  }

  private static func elapsed(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
    let began = clock.now
    return { began.duration(to: clock.now) }
  }
}
