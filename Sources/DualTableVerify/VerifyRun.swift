internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport
internal import Synchronization

/// One run over its open state directory: scan, compare, recheck.
final class VerifyRun: VerificationRun {
  private struct Stand: Sendable {
    var stage = VerifyProgress.Stage.scanning
    /// Partitions whose comparison has begun, and those whose has ended.
    var begun = 0
    var compared = 0
    var diff = PartitionDiff.Counts()
  }

  private let configuration: Verification.Configuration
  private let tables: Preflight
  private let directory: StateDirectory
  private let old: PassCheckpoint
  private let new: PassCheckpoint
  private let oldIDs: SpillStore
  private let newIDs: SpillStore
  private let findings: FindingStore
  private let recheck: RecheckPass
  private let recorder: RunRecorder
  private let digester: IDDigester
  private let partitions: Int
  private let stop: StopSignal
  /// Each table's own pace.
  private let oldControl: PassControl
  private let newControl: PassControl
  private let stand = Mutex(Stand())

  private static let unconvertible = "unconvertible.jsonl"

  /// Removes what a run keeps for itself, and the files `names`.
  private static func clear(_ directory: StateDirectory, of names: [String]) throws(StateError) {
    try directory.clear(passes: ["old", "new"]) { SpillFiles.isFile($0) || names.contains($0) }
  }

  init(_ configuration: Verification.Configuration, _ tables: Preflight, _ stop: StopSignal) throws(StateError) {
    self.configuration = configuration
    self.tables = tables
    self.stop = stop
    directory = try StateDirectory(configuration.stateDirectory)
    let isNew = try directory.manifest() == nil
    let manifest = try Self.manifest(configuration, tables, directory)
    digester = IDDigester(seed: manifest.seed)
    partitions = manifest.partitions
    let (oldDisk, newDisk) = (configuration.diskExecutor(), configuration.diskExecutor())
    let elapsed = Self.elapsed(configuration.new.client.clock)
    oldControl = PassControl(stop: stop, now: elapsed)
    newControl = PassControl(stop: stop, meter: oldControl.meter, now: elapsed)
    old = try PassCheckpoint(
      directory, name: "old", plan: SegmentPlan(count: manifest.segments[0], seed: manifest.seed), lines: Self.unconvertible,
      executor: oldDisk, elapsed: elapsed)
    new = try PassCheckpoint(
      directory, name: "new", plan: SegmentPlan(count: manifest.segments[1], seed: manifest.seed), executor: newDisk, elapsed: elapsed)
    oldIDs = try SpillStore(directory.path, .old, partitions: partitions, executor: oldDisk)
    newIDs = try SpillStore(directory.path, .new, partitions: partitions, executor: newDisk)
    findings = try FindingStore(
      directory.path, partitions: partitions, newSchema: configuration.mapping.newSchema, executor: oldDisk)
    recorder = RunRecorder(directory, isNew: isNew, meter: oldControl.meter, executor: oldDisk)
    recheck = RecheckPass(
      configuration, Rechecker(configuration, digester, old: oldControl, new: newControl), findings, stop)
  }

  /// Where the run stands.
  func progress() async -> VerifyProgress {
    let stand = stand.withLock { $0 }
    return VerifyProgress(
      stage: stand.stage, old: await old.status, new: await new.status, compared: stand.compared, partitions: partitions,
      suspects: stand.diff.suspects, rechecked: recheck.counts.rechecked)
  }

  /// Takes a sample for the report, if it is time for one.
  func sample(isLast: Bool) async {
    await recorder.sample(
      await old.status, new: await new.status, at: configuration.new.client.wallClock.now(), isLast: isLast
    ) { [oldControl] sample in
      sample.readLimit = oldControl.read.status.limit
    }
  }

  /// Works to the end, or until `stop` asks.
  func run() async throws -> VerifyResult {
    let earlier = max(await old.status.elapsed, await new.status.elapsed)
    try setBudgets()
    try await checkSpace()
    var isDone = try await scan()
    if isDone { isDone = try await compare() }
    if isDone { isDone = try await lookAgain() }
    var result = await result()
    result.seconds = (earlier + oldControl.now()) / .seconds(1)
    // A stop that came after the last read stops nothing anymore.
    result.stopped = isDone ? nil : stop.reason ?? .interrupted
    guard isDone else { return result }
    if let path = configuration.keysOut {
      try await findings.writeFindings(
        to: path, unconvertible: Self.unconvertible, listsSuperseded: configuration.comparesContent)
    }
    try VerifyOutcome(result, configuration).write(to: directory.path)
    try Self.clear(directory, of: [Self.unconvertible] + FindingStore.files)
    return result
  }

  private var records: SpillRecords { SpillRecords(hasContents: configuration.comparesContent) }

  /// Sees to it that the disk has room for the spill files, rather than to fail hours later.
  private func checkSpace() async throws {
    let items = max(tables.old.itemCount ?? 0, tables.new.itemCount ?? 0)
    let (oldIsRead, newIsRead) = (await old.isComplete, await new.isComplete)
    if items == 0 || oldIsRead && newIsRead { return }
    var worker = oldWorker(0)
    let needed = SpillEstimate(try await worker.sample(), items: items, partitions: partitions, records: records).bytes
    let held = try directory.length()
    let free = try configuration.freeBytes(directory.path)
    guard needed <= held + free else {
      throw StateError(
        .file,
        "The verification needs about \(Self.megabytes(needed - held)) on the disk of \(directory.path), which has "
          + "\(Self.megabytes(free)) left: free some space or choose another directory.")
    }
  }

  private static func megabytes(_ bytes: Int) -> String { "\((max(0, bytes) + 999_999) / 1_000_000) MB" }

  /// Scans both tables at once; true once both are through.
  private func scan() async throws -> Bool {
    try await withThrowingTaskGroup(of: ScanPass.End.self) { group in
      group.addTask {
        try await self.pass(self.old, self.configuration.old).run { index in
          self.oldWorker(index)
        } page: { worker, page in
          try await worker.scan(page)
        }
      }
      group.addTask {
        try await self.pass(self.new, self.configuration.new).run { index in
          NewScanWorker(
            self.configuration, self.newIDs, self.digester, partitions: self.partitions, index: index, control: self.newControl)
        } page: { worker, page in
          try await worker.scan(page)
        }
      }
      return try await group.reduce(true) { $0 && $1 == .complete }
    }
  }

  private func oldWorker(_ index: Int) -> OldScanWorker {
    OldScanWorker(configuration, oldIDs, digester, partitions: partitions, index: index, control: oldControl)
  }

  /// Sets what the operator allows; percentages are of what is provisioned now.
  private func setBudgets() throws(VerifyError) {
    for (budget, control, name, table) in [
      (configuration.oldReadBudget, oldControl, configuration.old.table, tables.old),
      (configuration.newReadBudget, newControl, configuration.new.table, tables.new),
    ] {
      guard let budget else { continue }
      guard let units = budget.units(provisioned: table.provisionedThroughput?.readCapacityUnits ?? 0) else {
        throw VerifyError(.unsuitable, budget.refusal(name))
      }
      control.read.setBudget(units)
    }
  }

  private func pass(_ checkpoint: PassCheckpoint, _ side: TableSide) -> ScanPass {
    ScanPass(checkpoint: checkpoint, openSegments: configuration.openSegments, loops: side.client.transport.loops, stop: stop)
  }

  /// Compares the partitions; true once all are.
  private func compare() async throws -> Bool {
    stand.withLock { $0.stage = .comparing }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<configuration.new.client.transport.loops.count {
        let comparer = PartitionComparer(directory.path, digester: digester, records: records, executor: configuration.diskExecutor())
        group.addTask { try await self.compare(with: comparer) }
      }
      while try await group.next() != nil {}
    }
    guard stand.withLock({ $0.compared == partitions }) else { return false }
    // A file that lost ids would make the rest look clean. More than were counted is fine: a page that was done again is there twice.
    let (oldIDs, newIDs) = (await old.status.totals[.ids], await new.status.totals[.ids])
    let found = stand.withLock { $0.diff }
    guard found.oldRecords >= oldIDs && found.newRecords >= newIDs else {
      throw StateError(.damaged, "The state directory \(directory.path) holds fewer ids than were scanned: remove it and verify again.")
    }
    return true
  }

  private func compare(with comparer: PartitionComparer) async throws {
    while stop.reason == nil {
      let partition = stand.withLock { stand in
        stand.begun += 1
        return stand.begun - 1
      }
      guard partition < partitions else { return }
      let counts = try await comparer.compare(partition)
      stand.withLock { stand in
        stand.compared += 1
        stand.diff += counts
      }
    }
  }

  /// Rechecks the suspects; true once all are.
  private func lookAgain() async throws -> Bool {
    stand.withLock { $0.stage = .rechecking }
    try await recheck.run()
    return recheck.counts.rechecked == stand.withLock { $0.diff.suspects }
  }

  private func result() async -> VerifyResult {
    let (old, new) = (await old.status, await new.status)
    let (rechecked, diff) = (recheck.counts, stand.withLock { $0.diff })
    var result = VerifyResult()
    result.oldIDs = old.totals[.ids]
    result.filtered = old.totals[.filtered]
    result.newIDs = new.totals[.ids]
    result.tombstones = new.totals[.tombstones]
    result.extra = diff.extra
    result.rechecked = rechecked.rechecked
    result.missing = rechecked.missing
    result.unconvertible = old.totals[.unconvertible] + rechecked.unconvertible
    result.undecided = rechecked.undecided
    result.repaired = rechecked.repaired
    result.superseded = rechecked.superseded
    result.differing = rechecked.differing
    result.readUnits = Double(old.totals[.readMilliunits] + new.totals[.readMilliunits]) / 1_000
    return result
  }

  private static func manifest(
    _ configuration: Verification.Configuration, _ tables: Preflight, _ directory: StateDirectory
  ) throws(StateError) -> RunManifest {
    let (old, new) = (configuration.old, configuration.new)
    // Spill files aren't synced with every page. A process may die at any time all the same, for the kernel keeps what was written; but
    // after a power cut they may lack what the checkpoint counts. So what an earlier boot left is worth nothing.
    let what = configuration.comparesContent ? "content" : "ids"
    let mode = "\(what), \(configuration.isConsistent ? "consistent" : "eventual"), boot \(try StateDirectory.bootID())"
    if let found = try directory.manifest(), found.mode != mode {
      try clear(directory, of: [unconvertible, RunSeries.file, VerifyOutcome.file] + FindingStore.files)
    }
    func segments(_ table: Int?) -> Int {
      configuration.segments ?? SegmentPlan.count(tableBytes: table ?? 0, openSegments: configuration.openSegments)
    }
    let proposed = RunManifest(
      command: "verify", old: .init(name: old.table, endpoint: old.client.origin.description),
      new: .init(name: new.table, endpoint: new.client.origin.description), mapping: configuration.mapping.digest, mode: mode,
      segments: [segments(tables.old.tableSizeBytes), segments(tables.new.tableSizeBytes)],
      partitions: Verification.partitions(items: max(tables.old.itemCount ?? 0, tables.new.itemCount ?? 0)), seed: configuration.seed)
    return try directory.manifest(proposed: proposed, segmentsAsked: configuration.segments != nil)
  }

  private static func elapsed(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
    let began = clock.now
    return { began.duration(to: clock.now) }
  }
}
