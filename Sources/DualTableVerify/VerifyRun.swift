internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport
internal import Synchronization

/// One run over its open state directory: scan, compare, recheck.
final class VerifyRun: Sendable {
  private struct Stand: Sendable {
    var stage = VerifyProgress.Stage.scanning
    var compared = 0
    var diff = PartitionDiff.Counts()
  }

  private let configuration: Verification.Configuration
  private let directory: StateDirectory
  private let old: PassCheckpoint
  private let new: PassCheckpoint
  private let store: VerifyStore
  private let recheck: RecheckPass
  private let digester: IDDigester
  private let partitions: Int
  private let stop: StopSignal
  private let elapsed: @Sendable () -> Duration
  private let stand = Mutex(Stand())

  private static let findings = "unconvertible.jsonl"

  init(_ configuration: Verification.Configuration, _ tables: Preflight, _ stop: StopSignal) throws(StateError) {
    self.configuration = configuration
    self.stop = stop
    directory = try StateDirectory(configuration.stateDirectory)
    let manifest = try Self.manifest(configuration, tables, directory)
    digester = IDDigester(seed: manifest.seed)
    partitions = manifest.partitions
    let thread = FileThread()
    elapsed = Self.elapsed(configuration.new.client.clock)
    old = try PassCheckpoint(
      directory, name: "old", plan: SegmentPlan(count: manifest.segments[0], seed: manifest.seed), lines: Self.findings,
      executor: thread, elapsed: elapsed)
    new = try PassCheckpoint(
      directory, name: "new", plan: SegmentPlan(count: manifest.segments[1], seed: manifest.seed), executor: thread, elapsed: elapsed)
    store = try VerifyStore(
      directory: directory.path, partitions: partitions, digester: digester, newSchema: configuration.mapping.newSchema, executor: thread)
    recheck = RecheckPass(configuration, store, stop)
  }

  /// Where the run stands.
  func progress() async -> VerifyProgress {
    let stand = stand.withLock { $0 }
    return VerifyProgress(
      stage: stand.stage, old: await old.status, new: await new.status, compared: stand.compared, partitions: partitions,
      suspects: stand.diff.suspects, rechecked: recheck.counts.rechecked)
  }

  /// Works to the end, or until `stop` asks.
  func run() async throws -> VerifyResult {
    let earlier = max(await old.status.elapsed, await new.status.elapsed)
    var isDone = try await scan()
    if isDone { isDone = try await compare() }
    if isDone { isDone = try await lookAgain() }
    var result = await result()
    result.seconds = (earlier + elapsed()) / .seconds(1)
    // A stop that came after the last read stops nothing anymore.
    result.stopped = isDone ? nil : stop.reason ?? .interrupted
    guard isDone else { return result }
    if let path = configuration.keysOut {
      try await store.writeFindings(to: path, unconvertible: "\(directory.path)/\(Self.findings)")
    }
    try directory.clear()
    return result
  }

  /// Scans both tables at once; true once both are through.
  private func scan() async throws -> Bool {
    try await withThrowingTaskGroup(of: ScanPass.End.self) { group in
      group.addTask {
        try await self.pass(self.old, self.configuration.old).run { _ in
          OldScanWorker(self.configuration, self.store, self.digester, partitions: self.partitions)
        } page: { worker, page in
          try await worker.scan(page)
        }
      }
      group.addTask {
        try await self.pass(self.new, self.configuration.new).run { _ in
          NewScanWorker(self.configuration, self.store, self.digester, partitions: self.partitions)
        } page: { worker, page in
          try await worker.scan(page)
        }
      }
      return try await group.reduce(true) { $0 && $1 == .complete }
    }
  }

  private func pass(_ checkpoint: PassCheckpoint, _ side: TableSide) -> ScanPass {
    ScanPass(checkpoint: checkpoint, openSegments: configuration.openSegments, loops: side.client.transport.loops, stop: stop)
  }

  /// Compares the partitions; true once all are.
  private func compare() async throws -> Bool {
    stand.withLock { $0.stage = .comparing }
    for partition in 0..<partitions where stop.reason == nil {
      let counts = try await store.compare(partition)
      stand.withLock { stand in
        stand.compared += 1
        stand.diff += counts
      }
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
    return result
  }

  private static func manifest(
    _ configuration: Verification.Configuration, _ tables: Preflight, _ directory: StateDirectory
  ) throws(StateError) -> RunManifest {
    let (old, new) = (configuration.old, configuration.new)
    // Spill files aren't synced with every page. A process may die at any time all the same, for the kernel keeps what was written; but
    // after a power cut they may lack what the checkpoint counts. So what an earlier boot left is worth nothing.
    let mode = "\(configuration.isConsistent ? "consistent" : "eventual"), boot \(try StateDirectory.bootID())"
    if let found = try directory.manifest(), found.mode != mode { try directory.clear() }
    func segments(_ table: Int?) -> Int {
      configuration.segments ?? SegmentPlan.count(tableBytes: table ?? 0, openSegments: configuration.openSegments)
    }
    let proposed = RunManifest(
      command: "verify", old: .init(name: old.table, endpoint: old.client.origin.description),
      new: .init(name: new.table, endpoint: new.client.origin.description), mapping: configuration.mapping.digest, mode: mode,
      segments: [segments(tables.old.tableSizeBytes), segments(tables.new.tableSizeBytes)],
      partitions: partitions(max(tables.old.itemCount ?? 0, tables.new.itemCount ?? 0)), seed: configuration.seed)
    return try directory.manifest(proposed: proposed, segmentsAsked: configuration.segments != nil)
  }

  /// So many that one fits into memory at once, as far as the tables' counts are right; 16 where they say nothing.
  private static func partitions(_ items: Int) -> Int { items == 0 ? 16 : min(128, 1 + items / 500_000) }

  private static func elapsed(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
    let began = clock.now
    return { began.duration(to: clock.now) }
  }
}
