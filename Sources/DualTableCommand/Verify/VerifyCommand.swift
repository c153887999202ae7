internal import ArgumentParsing
internal import DualTableScan
internal import DualTableVerify
internal import Synchronization

extension ToolCommand {
  /// Compares the ids of both tables.
  static func verify(tool: String) -> ToolCommand {
    ToolCommand(
      name: "verify", abstract: "Shows that every id the old table yields is in the new one, live or deleted there.",
      discussion: "What seems to be missing is looked for again by consistent reads, so a service at work raises no false alarms. Ids that "
        + "only the new table has are the service's own: counted, no finding.\n"
        + "Exit status: 0 nothing is missing; 1 something is, or can't be converted; 2 could not tell; 130 interrupted.",
      examples: [
        .init(
          "\(tool) verify --old users --new users-v2 --mapping users.yaml --keys-out missing.jsonl",
          "Compares both tables and lists the old keys of what is missing.")
      ],
      groups: [SharedSettings.tables, SharedSettings.places, VerifySettings.group, SharedSettings.output], run: VerifySettings.run)
  }
}

enum VerifySettings {
  static let keysOut = Setting.text(
    "keys-out", "file", "Where the old keys of what is missing or can't be converted go, a line of JSON each.", .file)
  static let openSegments = Setting.number("open-segments", "Segments worked on at once, in each table.", in: 1...4_096, default: "8")
  static let eventual = Setting.flag(
    "eventual", "Read the old table eventually consistently, at half the price; only once nothing has written to it for an hour.")
  static let group = SettingGroup(
    "the verification",
    [
      keysOut.declaration, eventual.declaration, RunSettings.state.declaration, RunSettings.segments.declaration, openSegments.declaration,
      RunSettings.connections.declaration,
    ])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping()
    let state = "\(try context.stateDirectory(old: old, new: new))/verify"
    let keysFile = try settings.value(keysOut)
    let isJSON = try settings.isOn(SharedSettings.json)
    let result = try await context.withClients(connections: try settings.value(RunSettings.connections) ?? 64) { clients in
      var configuration = Verification.Configuration(
        old: .init(client: clients.old, table: old), new: .init(client: clients.new, table: new), mapping: mapping,
        stateDirectory: state, seed: .random(in: .min ... .max))
      configuration.keysOut = keysFile
      configuration.segments = try settings.value(RunSettings.segments)
      configuration.openSegments = try settings.value(openSegments) ?? configuration.openSegments
      configuration.isConsistent = try !settings.isOn(eventual)
      let reporter = ProgressReporter("verify", context)
      let pace = Mutex(PassPace())
      return try await Verification(configuration).run(stop: context.surroundings.stop) { progress in
        let pace = pace.withLock { pace in
          pace.sample(progress.old)
          return pace
        }
        reporter.update(at: progress.old.elapsed, figures(progress, pace))
      }
    }
    guard let result else { return context.interrupted() }
    return report(result, isJSON: isJSON, keysOut: keysFile, context)
  }

  private static func figures(_ progress: VerifyProgress, _ pace: PassPace) -> ProgressReporter.Figures {
    var figures: ProgressReporter.Figures = [("elapsed", Figures.clock(progress.old.elapsed)), ("stage", progress.stage.rawValue)]
    switch progress.stage {
    case .scanning:
      figures += [
        ("old", "old \(PassPace.progress(progress.old))"), ("new", "new \(PassPace.progress(progress.new))"),
      ]
      figures += pace.rates
      if let eta = pace.eta(progress.old) { figures.append(eta) }
    case .comparing:
      figures += [
        ("compared", "compared \(progress.compared) / \(progress.partitions)"),
        ("suspects", "suspects \(Figures.count(progress.suspects))"),
      ]
    case .rechecking:
      figures += [("rechecked", "rechecked \(Figures.count(progress.rechecked)) / \(Figures.count(progress.suspects))")]
    }
    return figures
  }

  private static func report(_ result: VerifyResult, isJSON: Bool, keysOut: String?, _ context: CommandContext) -> ToolStatus {
    let table = ResultTable(rows: [
      ("oldIds", .count(result.oldIDs)), ("newIds", .count(result.newIDs)), ("missing", .count(result.missing)),
      ("extra", .count(result.extra)), ("tombstones", .count(result.tombstones)), ("unconvertible", .count(result.unconvertible)),
      ("filtered", .count(result.filtered)), ("rechecked", .count(result.rechecked)), ("undecided", .count(result.undecided)),
      ("seconds", .decimal(result.seconds)), ("peakMemoryBytes", .count(ResultTable.peakMemoryBytes)),
      ("more", .flag(result.stopped != nil)),
    ])
    context.terminal.result(isJSON ? table.json : table.text)
    guard let verdict = result.verdict else {
      return context.interrupted()
    }
    let listing = keysOut.map { "\($0) lists the old keys" } ?? "give --keys-out to have the old keys listed"
    switch verdict {
    case .clean: return .done
    case .findings:
      let count = result.missing + result.unconvertible
      context.log.warning("\(Figures.count(count, "old item")) \(count == 1 ? "has" : "have") no counterpart; \(listing).")
      return .findings
    case .undecided:
      context.log.error("\(Figures.count(result.undecided, "id")) could not be read again; run the command once more.")
      return .failed
    }
  }
}
