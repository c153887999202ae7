internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import MigrationControl
internal import Synchronization

extension ToolCommand {
  /// Takes the tombstones out of the new table.
  static func sweep(tool: String) -> ToolCommand {
    ToolCommand(
      name: "sweep", abstract: "Takes the tombstones out of the new table, once every participant has acknowledged phase new.",
      discussion: "Scans for the mark and deletes what still bears it. Killed or stopped at any moment, the same command goes on where it "
        + "stopped.\nExit status: 0 done; 1 not every participant has acknowledged phase new yet; 2 could not; 130 interrupted.",
      examples: [
        .init(
          "\(tool) sweep --old users --new users-v2 --mapping users.yaml --control migrations --yes",
          "Sweeps the table users-v2 after the migration.")
      ],
      groups: [SharedSettings.tables, SharedSettings.places, SweepSettings.group, SharedSettings.output], run: SweepSettings.run)
  }
}

enum SweepSettings {
  /// The phase a whole service can be said to be in, where no control table knows.
  enum AssumedPhase: String, Sendable, CaseIterable {
    case new
  }

  static let assumePhase = Setting<AssumedPhase>.choice(
    "assume-phase", "phase", "The whole service is in this phase, where no control table knows.")
  static let readBudget = Setting.budget("read-rcu", "Read units a second of the new table, or a percentage of what is provisioned.")
  static let group = SettingGroup(
    "the sweep",
    [
      SharedSettings.control.declaration, assumePhase.declaration, SharedSettings.yes.declaration, readBudget.declaration,
      BackfillSettings.writeBudget.declaration, RunSettings.state.declaration, RunSettings.segments.declaration,
      RunSettings.openSegments.declaration,
      RunSettings.connections.declaration,
    ])

  /// What the command came to.
  private enum Done: Sendable {
    case swept(SweepResult)
    /// Who has not acknowledged phase 5.
    case missing([ParticipantItem])
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping()
    let isAssumed = try settings.value(assumePhase) != nil
    let hasControl = try settings.value(SharedSettings.control) != nil
    guard isAssumed != hasControl else {
      throw CommandError(
        "A sweep runs in phase new, and --control or --assume-phase says that this is it; give one of them.")
    }
    guard try settings.isOn(SharedSettings.yes) else {
      throw CommandError("What is swept can't be told from what never was; give --yes if that is meant.")
    }
    let state = try context.stateDirectory(old: old, new: new).part("sweep")
    let done = try await context.withClients(connections: try settings.value(RunSettings.connections) ?? 64) { clients in
      if let control = try context.controlTable(clients, old: old, new: new) {
        let missing = try await CommandContext.told { try await unacknowledged(control) }
        if !missing.isEmpty { return Done.missing(missing) }
      }
      return Done.swept(try await sweep(clients, new, mapping, state, context))
    }
    switch done {
    case nil: return context.interrupted()
    case .missing(let participants)?:
      context.log.warning("Not every participant has acknowledged phase new yet: \(StepCheck.names(participants)); run it again then.")
      return .findings
    case .swept(let result)?: return try report(result, context)
    }
  }

  /// Who has not acknowledged phase 5.
  ///
  /// - Throws: `CommandError` in any other phase.
  private static func unacknowledged(_ control: ControlTable) async throws -> [ParticipantItem] {
    guard let item = try await control.controlItem() else { throw await ControlledMigration.unknown(control) }
    guard item.phase == .new else {
      throw CommandError(
        "The migration is in phase \(item.phase), in which tombstones keep deleted items from coming back; sweep in phase new.")
    }
    // From the last phase no step leads on, so this stays so.
    return try await control.participants().filter { $0.acknowledged != item.epoch }
  }

  private static func sweep(
    _ clients: Clients, _ new: String, _ mapping: any TableMapping, _ state: StatePath, _ context: CommandContext
  ) async throws -> SweepResult {
    let settings = context.settings
    var configuration = Sweep.Configuration(
      new: TableSide(client: clients.new, table: new), keys: mapping.newSchema, reserved: mapping.reservedAttribute,
      mapping: mapping.digest, stateDirectory: state, seed: .random(in: .min ... .max))
    configuration.segments = try settings.value(RunSettings.segments)
    configuration.openSegments = try settings.value(RunSettings.openSegments) ?? configuration.openSegments
    configuration.readBudget = try settings.value(readBudget)
    configuration.writeBudget = try settings.value(BackfillSettings.writeBudget)
    let reporter = ProgressReporter("sweep", context)
    let pace = Mutex(PassPace())
    return try await Sweep(configuration).run(stop: context.surroundings.stop) { status in
      let pace = pace.withLock { pace in
        pace.sample(status)
        return pace
      }
      var figures: ProgressReporter.Figures = [("elapsed", Figures.clock(status.elapsed)), ("items", PassPace.progress(status))]
      figures += pace.rates
      figures.append(("swept", "swept \(Figures.count(status.totals[.deleted]))"))
      if let eta = pace.eta(status) { figures.append(eta) }
      reporter.update(at: status.elapsed, figures)
    }
  }

  private static func report(_ result: SweepResult, _ context: CommandContext) throws -> ToolStatus {
    let table = ResultTable(rows: [
      ("scanned", .count(result.scanned)), ("tombstones", .count(result.tombstones)), ("swept", .count(result.swept)),
      ("readUnits", .decimal(result.readUnits)), ("writeUnits", .decimal(result.writeUnits)), ("seconds", .decimal(result.seconds)),
      ("more", .flag(result.stopped != nil)),
    ])
    context.terminal.result(try context.settings.isOn(SharedSettings.json) ? table.json : table.text)
    return result.stopped == nil ? .done : context.interrupted()
  }
}
