internal import AWSAuth
internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableScan
internal import DynamoDBModel
internal import MigrationControl

/// A backfill that several processes share: the commands that look at it, steer it or drop it by its control table.
enum SharedRun {
  static let keysOut = Setting.text(
    "keys-out", "file", "With --control: where the run's dead letters go, a line of JSON each.", .file)

  private static let control = Setting.table("control", "The control table that the run lies in, with --old and --new.", isRequired: false)

  /// For commands that take a control table in place of a state directory.
  static let controlGroup = SettingGroup("a run that several machines share", [control.declaration])
  static let group = SettingGroup("a run that several machines share", [control.declaration, keysOut.declaration])

  /// Whether the settings name a run in a control table; a state directory that is named goes before.
  static func isNamed(_ settings: Settings) throws(CommandError) -> Bool {
    guard try settings.value(SharedSettings.control) != nil else { return false }
    return try settings.value(RunSettings.state) == nil
  }

  /// Lends `work` the run that the settings name.
  static func with<Value: Sendable>(
    _ context: CommandContext, _ work: @escaping @Sendable (LeaseTable) async throws -> Value
  ) async throws -> Value? {
    try await context.withMigration { migration in try await work(LeaseTable(migration.control, command: "backfill")) }
  }

  /// Refuses to begin anew in the control table where a run that isn't finished lies in a state directory.
  static func refuseOther(_ directory: String) throws {
    guard let (manifest, status, _) = try Backfill.look(at: directory), manifest.command == "backfill",
      status.doneSegments < status.segments
    else { return }
    throw CommandError(
      "A backfill of these tables is under way in \(directory); go on with it by --state \(directory), or remove that directory to "
        + "begin one in the control table, which any number of machines can share.")
  }

  static func none(_ context: CommandContext) throws(CommandError) -> CommandError {
    CommandError(
      "There is no backfill in the control table \(try context.settings.required(SharedSettings.requiredControl)); start it with "
        + "--control, or check --old and --new.")
  }

  // MARK: - status

  /// Tells where the run stands, and writes its dead letters where they are asked for.
  static func show(_ context: CommandContext) async throws -> JSONValue? {
    let path = try context.settings.value(keysOut)
    let now = context.surroundings.wallClock.now()
    return try await with(context) { table -> JSONValue in
      guard let overview = try await table.overview() else { throw try none(context) }
      if let path { try await write(table, overview.pass, to: path) }
      return json(overview, now: now)
    }
  }

  private static func json(_ overview: SharedPassOverview, now: Int64) -> JSONValue {
    let (pass, settings) = (overview.pass, overview.pass.settings)
    func text(_ budget: CapacityBudget?) -> JSONValue { budget.map { .string("\($0)") } ?? .null }
    return .object(
      BackfillWatch.members("backfill", overview.status(at: now)) + [
        .init("running", .bool(pass.finished == nil && !overview.workers.isEmpty)), .init("workers", .number("\(overview.workers.count)")),
        .init("paused", .bool(settings.isPaused)), .init("stopped", .bool(settings.isStopped)),
        .init("readBudget", text(settings.readBudget)), .init("writeBudget", text(settings.writeBudget)),
        .init(
          "scannedByWorker",
          .object(overview.countsByWorker.map { .init($0.worker, .number("\($0.counts[.scanned])")) })),
        .init(
          "changes",
          .array(
            pass.changes.map {
              .object([.init("at", .string(Figures.moment($0.milliseconds))), .init("what", .string($0.what))])
            })),
      ])
  }

  // MARK: - redrive

  /// Brings the run's dead letters, and the mapping that it went by, to a directory of this machine.
  ///
  /// - Returns: the digest of that mapping.
  static func fetchLetters(to directory: String, _ context: CommandContext) async throws -> String? {
    try await with(context) { table in
      guard let pass = try await table.pass() else { throw try none(context) }
      guard pass.finished != nil else {
        throw CommandError("The backfill isn't finished, so more dead letters may come; redrive them once it is.")
      }
      // Held while they are written: another redrive may be reading them.
      let held = try StateDirectory(directory)
      defer { withExtendedLifetime(held) {} }
      try await write(table, pass, to: "\(directory)/\(Backfill.deadLetters)")
      if let text = try await table.mapping(of: pass) { try File.replace("\(directory)/\(Backfill.mappingFile)", with: text.span) }
      return pass.manifest.mapping
    }
  }

  private static func write(_ table: LeaseTable, _ pass: SharedPass, to path: String) async throws {
    var file = try JSONLinesFile(path, checkpointed: 0)
    try await table.forEachLetters(of: pass) { (lines) throws(StateError) in try file.append(lines.span) }
    try file.sync()
  }

  // MARK: - ctl

  /// Asks all workers for something; each sees it within a second or two.
  static func ask(_ request: ControlRequest, _ context: CommandContext) async throws -> ToolStatus {
    let change = PassChange(milliseconds: context.surroundings.wallClock.now(), what: request.summary ?? "")
    let asked: Bool? = try await with(context) { table in
      guard let pass = try await table.pass() else { throw try none(context) }
      if pass.finished != nil { throw CommandError("The run is finished; there is nothing left to change.") }
      _ = try await table.change { pass in
        pass.settings.apply(request)
        pass.changes.append(change)
      }
      return true
    }
    guard asked != nil else { return context.interrupted() }
    context.terminal.result(
      try context.settings.isOn(SharedSettings.json) ? #"{"done":true}"# : "Done: \(change.what).")
    return .done
  }

  // MARK: - phase drop

  /// Removes the run with everything that it left in the control table.
  static func drop(_ context: CommandContext) async throws -> ToolStatus {
    guard try context.settings.isOn(SharedSettings.yes) else {
      throw CommandError("Leases, counts and dead letters of the run are gone then; give --yes to drop it.")
    }
    let clock = context.surroundings.clock
    let dropped: Bool? = try await with(context) { table in
      guard let before = try await table.overview() else { throw try none(context) }
      if !before.workers.isEmpty {
        try await clock.sleep(for: WorkerWatch.beat + .seconds(1))
        let after = try await table.overview()?.workers ?? []
        let beating = after.count { !before.workers.contains($0) }
        if beating > 0 {
          throw CommandError("The run has \(Figures.count(beating, "worker")) at it; stop them first, as with 'ctl stop'.")
        }
      }
      try await table.drop()
      return true
    }
    guard dropped != nil else { return context.interrupted() }
    context.terminal.result(try context.settings.isOn(SharedSettings.json) ? #"{"done":true}"# : "Dropped.")
    return .done
  }
}

extension ToolCommand {
  /// Forgets a run in the control table.
  static func phaseDrop(tool: String) -> ToolCommand {
    ToolCommand(
      name: "drop", abstract: "Drops a backfill's run from the control table: its leases, its counts and its dead letters.",
      discussion: "A run that is there is gone on with, and one that is finished is told again; only once it is dropped another one "
        + "begins. The phase, its participants and the last results stay.\n"
        + "Exit status: 0 done; 2 could not, as while workers are at it; 130 interrupted.",
      examples: [
        .init("\(tool) phase drop --old users --new users-v2 --control migrations --yes", "Lets the next backfill begin anew.")
      ],
      groups: [
        ControlSettings.plainTables, SharedSettings.places, SettingGroup("the drop", [SharedSettings.yes.declaration]),
        SharedSettings.output,
      ], run: SharedRun.drop)
  }
}
