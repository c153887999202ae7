internal import AWSAuth
internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableScan
internal import DualTableVerify
internal import DynamoDBModel
internal import MigrationControl

/// A run that several processes share: the commands that look at it, steer it or drop it by its control table.
enum SharedRun {
  static let keysOut = Setting.text(
    "keys-out", "file", "With --control: where the run's dead letters or findings go, a line of JSON each.", .file)
  static let verification = Setting.flag("verify", "With --control: the verification instead of the backfill.")

  private static let control = Setting.table("control", "The control table that the run lies in, with --old and --new.", isRequired: false)

  /// For commands that take a control table in place of a state directory.
  static let controlGroup = SettingGroup("a run that several machines share", [control.declaration, verification.declaration])
  static let group = SettingGroup(
    "a run that several machines share", [control.declaration, verification.declaration, keysOut.declaration])

  /// Whether the settings name a run in a control table; a state directory that is named goes before.
  static func isNamed(_ settings: Settings) throws(CommandError) -> Bool {
    guard try settings.value(SharedSettings.control) != nil else { return false }
    return try settings.value(RunSettings.state) == nil
  }

  /// What lies in a control table.
  enum Kind: String, Sendable {
    case backfill
    case verification = "verify"
  }

  /// What the settings name.
  private static func kind(_ settings: Settings) throws(CommandError) -> Kind {
    try settings.isOn(verification) ? .verification : .backfill
  }

  /// Lends `work` a run.
  static func with<Value: Sendable>(
    _ kind: Kind, _ context: CommandContext, _ work: @escaping @Sendable (LeaseTable) async throws -> Value
  ) async throws -> Value? {
    try await context.withMigration { migration in try await work(LeaseTable(migration.control, command: kind.rawValue)) }
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

  private static func none(_ kind: Kind, _ context: CommandContext) throws(CommandError) -> CommandError {
    CommandError(
      "There is no \(kind) in the control table \(try context.settings.required(SharedSettings.requiredControl)); start it with "
        + "--control, or check --old and --new.")
  }

  // MARK: - status

  /// Tells where the run stands, and writes its dead letters where they are asked for.
  static func show(_ context: CommandContext) async throws -> JSONValue? {
    let path = try context.settings.value(keysOut)
    let now = context.surroundings.wallClock.now()
    let kind = try kind(context.settings)
    return try await with(kind, context) { table -> JSONValue in
      guard let overview = try await table.overview() else { throw try none(kind, context) }
      if let path { try await write(table, overview.pass, to: path) }
      return json(kind, overview, now: now)
    }
  }

  private static func json(_ kind: Kind, _ overview: SharedPassOverview, now: Int64) -> JSONValue {
    let (pass, settings) = (overview.pass, overview.pass.settings)
    func text(_ budget: CapacityBudget?) -> JSONValue { budget.map { .string("\($0)") } ?? .null }
    let budgets: [JSONValue.Member] =
      switch kind {
      case .backfill: [.init("readBudget", text(settings.readBudget)), .init("writeBudget", text(settings.writeBudget))]
      case .verification: [.init("oldReadBudget", text(settings.readBudget)), .init("newReadBudget", text(settings.newReadBudget))]
      }
    let figures =
      switch kind {
      case .backfill: BackfillWatch.members(kind.rawValue, overview.status(at: now))
      case .verification: members(SharedVerification.result(overview, at: now), overview.status(at: now))
      }
    return .object(
      figures + [
        .init("running", .bool(pass.finished == nil && !overview.workers.isEmpty)), .init("workers", .number("\(overview.workers.count)")),
        .init("paused", .bool(settings.isPaused)), .init("stopped", .bool(settings.isStopped)),
      ] + budgets + [
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

  /// What is known of a verification, whether it is under way or not.
  private static func members(_ result: VerifyResult, _ status: PassCheckpoint.Status) -> [JSONValue.Member] {
    func count(_ name: String, _ value: Int) -> JSONValue.Member { .init(name, .number("\(value)")) }
    return [.init("command", .string("verify")), count("scanned", status.totals[.scanned])]
      + result.counts.map { count($0.name, $0.value) }
      + [
        .init("seconds", .number(Figures.decimal(result.seconds, places: 3))), count("segments", status.segments),
        count("doneSegments", status.doneSegments), count("heldSegments", status.heldSegments),
        .init("readUnits", .number(Figures.decimal(result.readUnits, places: 3))), .init("more", .bool(result.stopped != nil)),
      ]
  }

  // MARK: - redrive

  /// Brings the run's dead letters, and the mapping that it went by, to a directory of this machine.
  ///
  /// - Returns: the digest of that mapping.
  static func fetchLetters(to directory: StatePath, _ context: CommandContext) async throws -> String? {
    try await with(.backfill, context) { table in
      guard let pass = try await table.pass() else { throw try none(.backfill, context) }
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
    let kind = try kind(context.settings)
    let asked: Bool? = try await with(kind, context) { table in
      guard let pass = try await table.pass() else { throw try none(kind, context) }
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
    let kind = try kind(context.settings)
    let dropped: Bool? = try await with(kind, context) { table in
      guard let before = try await table.overview() else { throw try none(kind, context) }
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
      name: "drop",
      abstract: "Drops a backfill's or a verification's run from the control table: its leases, its counts, its dead letters or findings.",
      discussion: "A run that is there is gone on with, and one that is finished is told again; only once it is dropped another one "
        + "begins. The phase, its participants and the last results stay.\n"
        + "Exit status: 0 done; 2 could not, as while workers are at it; 130 interrupted.",
      examples: [
        .init("\(tool) phase drop --old users --new users-v2 --control migrations --yes", "Lets the next backfill begin anew.")
      ],
      groups: [
        ControlSettings.plainTables, SharedSettings.places,
        SettingGroup("the drop", [SharedRun.verification.declaration, SharedSettings.yes.declaration]),
        SharedSettings.output,
      ], run: SharedRun.drop)
  }
}
