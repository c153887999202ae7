internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableScan
internal import Synchronization

extension ToolCommand {
  /// Copies every item to the new table, converted.
  static func backfill(tool: String) -> ToolCommand {
    ToolCommand(
      name: "backfill", abstract: "Scans the old table, converts each item and puts it into the new table where nothing is yet.",
      discussion:
        "Killed or stopped at any moment, the same command goes on where it stopped; on a finished run it prints the totals again.\n"
        + "Items that can't be migrated become dead letters, a line of JSON each, and the run goes on.\n"
        + "Exit status: 0 done; 1 done, with dead letters; 2 could not; 3 stopped at a limit; 130 interrupted.",
      examples: [
        .init(
          "\(tool) backfill --old users --new users-v2 --mapping users.yaml --offline", "Copies the table while nothing else writes to it."),
        .init(
          "\(tool) backfill --old users --new users-v2 --mapping users.yaml --assume-phase dualTable --time-limit 14m",
          "Copies beside a service that reads both tables and writes the new one, for 14 minutes."),
      ],
      groups: [SharedSettings.tables, SharedSettings.places, RunSettings.group, BackfillSettings.group, SharedSettings.output],
      run: BackfillSettings.run)
  }
}

enum BackfillSettings {
  /// The phase a whole service can be said to be in, where no control table knows.
  enum AssumedPhase: String, Sendable, CaseIterable {
    case dualTable
  }

  static let offline = Setting.flag("offline", "Nothing else writes to either table.")
  static let assumePhase = Setting<AssumedPhase>.choice(
    "assume-phase", "phase", "The whole service reads both tables and writes the new one.")
  static let eventual = Setting.flag(
    "eventual", "Read the old table eventually consistently, at half the price; only once nothing has written to it for an hour.")
  static let maxItems = Setting.number("max-items", "Stop after about so many items.", in: 1...Int.max)
  static let timeLimit = Setting.duration("time-limit", "Stop after so long.")
  static let payload = Setting<DeadLetterPayload>.choice(
    "dead-letter-payload", "what", "What a dead letter holds: the item's key, or all of it.", default: "keys")
  static let group = SettingGroup(
    "the backfill",
    [
      offline.declaration, assumePhase.declaration, eventual.declaration, maxItems.declaration, timeLimit.declaration, payload.declaration,
    ])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping()
    try checkPhase(settings)
    let state = try context.stateDirectory(old: old, new: new)
    let isJSON = try settings.isOn(SharedSettings.json)
    let result = try await context.withClients(connections: try settings.value(RunSettings.connections) ?? 64) { clients in
      var configuration = Backfill.Configuration(
        old: .init(client: clients.old, table: old), new: .init(client: clients.new, table: new), mapping: mapping,
        stateDirectory: state, seed: .random(in: .min ... .max))
      configuration.segments = try settings.value(RunSettings.segments)
      configuration.openSegments = try settings.value(RunSettings.openSegments) ?? configuration.openSegments
      configuration.isConsistent = try !settings.isOn(eventual)
      configuration.maxItems = try settings.value(maxItems)
      configuration.timeLimit = try settings.value(timeLimit)
      configuration.deadLetterPayload = try settings.value(payload) ?? configuration.deadLetterPayload
      let reporter = ProgressReporter("backfill", context)
      let pace = Mutex(PassPace())
      return try await Backfill(configuration).run(stop: context.surroundings.stop) { progress in
        let status = progress.pass
        let pace = pace.withLock { pace in
          pace.sample(status)
          return pace
        }
        reporter.update(at: status.elapsed, figures(status, pace))
      }
    }
    guard let result else { return context.interrupted() }
    return report(result, isJSON: isJSON, context)
  }

  private static func figures(_ status: PassCheckpoint.Status, _ pace: PassPace) -> ProgressReporter.Figures {
    var figures: ProgressReporter.Figures = [("elapsed", Figures.clock(status.elapsed)), ("items", PassPace.progress(status))]
    figures += pace.rates
    figures += [
      ("already", "already \(Figures.count(status.totals[.alreadyThere]))"), ("failed", "failed \(Figures.count(status.totals[.failed]))"),
    ]
    if let eta = pace.eta(status) { figures.append(eta) }
    return figures
  }

  private static func checkPhase(_ settings: Settings) throws(CommandError) {
    let isOffline = try settings.isOn(offline)
    let phase = try settings.value(assumePhase)
    if isOffline && phase != nil {
      throw CommandError("--offline says that nothing writes and --assume-phase that a service does; give one of them.")
    }
    if !isOffline && phase == nil {
      throw CommandError(
        "A backfill runs in phase dualTable, and there is no control table to ask; give --assume-phase dualTable if the whole service is "
          + "in it, or --offline if nothing writes to either table.")
    }
  }

  private static func report(_ result: BackfillResult, isJSON: Bool, _ context: CommandContext) -> ToolStatus {
    let counts = result.counts
    let outcomes: [(String, PassCounter)] = [
      ("scanned", .scanned), ("migrated", .migrated), ("alreadyThere", .alreadyThere), ("superseded", .superseded), ("deleted", .deleted),
      ("filtered", .filtered), ("failed", .failed),
    ]
    let table = ResultTable(
      rows: outcomes.map { ($0.0, .count(counts[$0.1])) } + [
        ("seconds", .decimal(result.seconds)), ("itemsPerSecond", .decimal(result.itemsPerSecond)),
        ("readUnits", .decimal(result.readUnits)), ("writeUnits", .decimal(result.writeUnits)),
        ("peakMemoryBytes", .count(ResultTable.peakMemoryBytes)), ("more", .flag(result.more)),
      ])
    context.terminal.result(isJSON ? table.json : table.text)
    if counts[.failed] > 0 {
      context.log.warning("\(Figures.count(counts[.failed], "item")) could not be migrated; \(result.deadLetters) says which and why.")
    }
    switch result.stopped {
    case .interrupted:
      return context.interrupted()
    case .timeLimit, .itemLimit:
      context.log.info("Stopped at the limit; run the same command again to go on.")
      return .limit
    case nil:
      if result.wasComplete { context.log.info("This run was finished before; these are its totals.") }
      return counts[.failed] > 0 ? .findings : .done
    }
  }
}
