internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import MigrationControl

/// Where a run keeps its progress, and what hangs on that.
struct RunPlace: Sendable {
  let checkpoint: any CheckpointStore
  /// The same where others work on the run, too.
  var shared: LeasedCheckpoint?
  /// Writes the run down over time; nil where there is no directory to do it in.
  var recorder: RunRecorder?
  /// By which the run is asked and steered.
  var socket: ControlSocket?
  /// Where dead letters are, in words.
  let deadLetters: String
  /// True if the run was done before this process looked at it.
  let wasComplete: Bool
}

extension Backfill {
  /// The name of the mapping's copy in a state directory, by which a redrive knows what the run went by.
  package static let mappingFile = "mapping.yaml"

  /// Opens the state directory, or joins the run in the control table.
  func open(_ proposed: RunManifest, _ steering: Steering, _ control: PassControl) async throws -> RunPlace {
    if let checkpoint = configuration.checkpoint {
      return RunPlace(checkpoint: checkpoint, deadLetters: "nowhere", wasComplete: await checkpoint.isComplete)
    }
    if let shared = configuration.shared { return try await join(shared, proposed, steering, control) }
    let directory = try StateDirectory(configuration.stateDirectory)
    let manifest = try directory.manifest(proposed: proposed, segmentsAsked: configuration.segments != nil)
    try keepMapping(directory)
    let executor = configuration.checkpointExecutor ?? FileThread()
    let checkpoint = try PassCheckpoint(
      directory, name: "backfill", plan: SegmentPlan(count: manifest.segments[0], seed: manifest.seed), lines: Self.deadLetters,
      executor: executor, elapsed: control.now)
    return RunPlace(
      checkpoint: checkpoint, recorder: RunRecorder(directory, meter: control.meter, executor: executor),
      socket: configuration.describe == nil ? nil : try ControlSocket(in: directory.path) { steering.answer($0) },
      deadLetters: "\(configuration.stateDirectory)/\(Self.deadLetters)", wasComplete: await checkpoint.isComplete)
  }

  private func join(
    _ shared: Configuration.Shared, _ proposed: RunManifest, _ steering: Steering, _ control: PassControl
  ) async throws -> RunPlace {
    var manifest = proposed
    // The tables are the migration's, under which the run lies; one process may say a name where another says an ARN.
    (manifest.old.name, manifest.new.name) = (ControlTable.plainName(manifest.old.name), ControlTable.plainName(manifest.new.name))
    let client = configuration.new.client
    let checkpoint = try await LeasedCheckpoint(
      shared.table, proposed: manifest, segmentsAsked: configuration.segments != nil,
      settings: SharedPass.Settings(readBudget: configuration.readBudget, writeBudget: configuration.writeBudget),
      .init(
        worker: shared.worker, mappingText: configuration.mappingText, patience: configuration.patience, stop: control.stop,
        clock: client.clock, now: control.now, wallClock: client.wallClock, seed: configuration.seed))
    steering.apply(checkpoint.terms)
    if let difference = otherBudgets(checkpoint.terms.settings) {
      shared.warn("The run in the control table \(shared.table.name) goes by \(difference); 'ctl set' changes it for all workers.")
    }
    return RunPlace(
      checkpoint: checkpoint, shared: checkpoint, deadLetters: "the control table \(shared.table.name)",
      wasComplete: checkpoint.wasComplete)
  }

  /// Where budgets that this process was started with aren't the run's: both, in words.
  private func otherBudgets(_ settings: SharedPass.Settings) -> String? {
    let differences = [
      ("--read-rcu", configuration.readBudget, settings.readBudget), ("--write-wcu", configuration.writeBudget, settings.writeBudget),
    ].compactMap { flag, own, run in
      own == nil || own == run ? nil : "\(run.map { "\(flag) \($0)" } ?? "no \(flag)"), not by this worker's \(own.map { "\($0)" } ?? "")"
    }
    return differences.isEmpty ? nil : differences.joined(separator: ", and by ")
  }

  private func keepMapping(_ directory: StateDirectory) throws(StateError) {
    let path = "\(directory.path)/\(Self.mappingFile)"
    guard let text = configuration.mappingText, !File.exists(path) else { return }
    try File.replace(path, with: text.span)
  }

  /// What the control table keeps of a complete run.
  func record(_ result: BackfillResult) -> RunRecord {
    RunRecord(
      command: .backfill, mapping: configuration.mapping.digest, finished: configuration.new.client.wallClock.now(),
      isClean: result.counts[.failed] == 0,
      counts: [.init(PassCounter.scanned.name, result.counts[.scanned])]
        + BackfillOutcome.counters.map { .init($0.counter.name, result.counts[$0.counter]) })
  }
}
