internal import AWSAuth
internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableScan
internal import DualTableVerify
internal import DynamoDBClient
internal import MigrationControl
internal import Synchronization

extension ToolCommand {
  /// Compares the ids of both tables.
  static func verify(tool: String) -> ToolCommand {
    ToolCommand(
      name: "verify", abstract: "Shows that every id the old table yields is in the new one, live or deleted there.",
      discussion: "What seems to be missing is looked for again by consistent reads, so a service at work raises no false alarms. Ids that "
        + "only the new table has are the service's own: counted, no finding. It reads both tables and writes to neither, but for "
        + "--repair, which puts what is missing where nothing is.\n"
        + "Killed or stopped at any moment, the same command goes on where its scans stood.\n"
        + "With --control and without --state the run lies in the control table: start the same command on any number of machines, which "
        + "share its segments and its budgets, and come and go as they like; whoever is there at its end tells the result. Where the "
        + "mapping changes the partition key, each id is looked up by its key there, and what only the new table has isn't counted.\n"
        + "Exit status: 0 nothing is missing; 1 something is, differs or can't be converted, repaired or not; 2 could not tell; "
        + "3 stopped at a limit; 130 interrupted.",
      examples: [
        .init(
          "\(tool) verify --old users --new users-v2 --mapping users.yaml --assume-phase dualTable --keys-out missing.jsonl",
          "Compares both tables beside the service and lists the old keys of what is missing."),
        .init(
          "\(tool) verify --old users --new users-v2 --mapping users.yaml --offline --content --repair",
          "Compares the items too, and puts what is missing."),
        .init(
          "\(tool) verify --old users --new users-v2 --mapping users.yaml --control migrations --time-limit 14m",
          "Takes part in a verification that several machines share, for 14 minutes."),
      ],
      groups: [SharedSettings.tables, SharedSettings.places, VerifySettings.group, SharedSettings.output], run: VerifySettings.run)
  }
}

enum VerifySettings {
  static let keysOut = Setting.text(
    "keys-out", "file", "Where the old keys of what is missing, differs or can't be converted go, a line of JSON each.", .file)
  static let content = Setting.flag("content", "Compare the items too, not only their ids; reads all of both tables.")
  static let writtenAttribute = Setting.text(
    "written-attribute", "name",
    "With --content: the attribute of new items that each write of the service changes; who differs there was written since.")
  static let repair = Setting.flag("repair", "Put what is missing into the new table, where nothing is.")
  static let readUnits = Setting.budget("read-rcu", "Read units a second of either table, at most, or per cent of what is provisioned.")
  static let oldReadUnits = Setting.budget("old-read-rcu", "The same, for the old table only.")
  static let newReadUnits = Setting.budget("new-read-rcu", "The same, for the new table only.")
  static let openSegments = Setting.number("open-segments", "Segments worked on at once, in each table.", in: 1...4_096, default: "8")
  static let eventual = Setting.flag(
    "eventual", "Read the old table eventually consistently, at half the price; only once nothing has written to it for an hour.")
  static let memoryLimit = Setting.bytes(
    "memory-limit", "Memory for pages in flight and, in a run that several machines share, for ids.", from: 4 << 20, default: "64MB")
  static let group = SettingGroup(
    "the verification",
    [
      SharedSettings.control.declaration, VerifyPhase.assumePhase.declaration, VerifyPhase.offline.declaration, keysOut.declaration,
      content.declaration, writtenAttribute.declaration, repair.declaration, readUnits.declaration, oldReadUnits.declaration,
      newReadUnits.declaration, eventual.declaration, RunSettings.state.declaration,
      RunSettings.segments.declaration, openSegments.declaration, RunSettings.connections.declaration,
      BackfillSettings.timeLimit.declaration, memoryLimit.declaration,
    ])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping()
    let state = try context.stateDirectory(old: old, new: new).part("verify")
    let repairs = try settings.isOn(repair)
    let isShared = try SharedRun.isNamed(settings)
    if try settings.value(writtenAttribute) != nil, try !settings.isOn(content) {
      throw CommandError("--written-attribute is about items that differ, and only --content compares items; give both.")
    }
    let result = try await context.withClients(connections: try settings.value(RunSettings.connections) ?? 64) { clients in
      let sides = (old: TableSide(client: clients.old, table: old), new: TableSide(client: clients.new, table: new))
      let phase = try VerifyPhase(context, clients, old: sides.old, new: sides.new)
      try await phase.check(mapping)
      var configuration = Verification.Configuration(
        old: sides.old, new: sides.new, mapping: mapping, stateDirectory: state, seed: .random(in: .min ... .max))
      try read(settings, into: &configuration)
      if isShared, let table = try context.controlTable(clients, old: old, new: new) {
        configuration.shared = .init(table: table, worker: "run-\(clients.new.uniqueName())") { try await phase.check(mapping) }
        if !mapping.keepsPartitionKey {
          context.log.info(
            "The mapping changes the partition key: each id is looked up by its key, which takes half a read unit for each 4 KB of its item "
              + "where a scan takes them for 4 KB of items, and what only the new table has isn't counted.")
        }
      }
      let verification = configuration
      let result =
        if repairs {
          try await phase.withParticipant(context, clients) { participant in
            var verification = verification
            verification.repair = Repair(participant: participant)
            return try await verify(verification, context)
          }
        } else {
          try await verify(verification, context)
        }
      // Of several that share a run one has kept the result.
      guard let verdict = result.verdict, !isShared else { return result }
      // Had deletes begun to delete, what is missing says nothing.
      try await phase.check(mapping)
      try await phase.record(
        RunRecord(
          command: .verify, mapping: mapping.digest, finished: context.surroundings.wallClock.now(), isClean: verdict == .clean,
          counts: result.counts.map { RunRecord.Count($0.name, $0.value) }))
      return result
    }
    guard let result else { return context.interrupted() }
    if result.wasComplete { context.log.info("This verification was finished minutes ago; these are its counts.") }
    return try report(result, context)
  }

  private static func read(_ settings: Settings, into configuration: inout Verification.Configuration) throws(CommandError) {
    configuration.keysOut = try settings.value(keysOut)
    configuration.comparesContent = try settings.isOn(content)
    configuration.writtenAttribute = try settings.value(writtenAttribute)
    let budget = try settings.value(readUnits)
    let (oldBudget, newBudget) = (try settings.value(oldReadUnits), try settings.value(newReadUnits))
    configuration.oldReadBudget = oldBudget ?? budget
    configuration.newReadBudget = newBudget ?? budget
    configuration.segments = try settings.value(RunSettings.segments)
    configuration.openSegments = try settings.value(openSegments) ?? configuration.openSegments
    configuration.isConsistent = try !settings.isOn(eventual)
    configuration.timeLimit = try settings.value(BackfillSettings.timeLimit)
    if let memory = try settings.value(memoryLimit) {
      // As much again is for what is being read, converted and sent.
      (configuration.bytesInFlight, configuration.idBytes) = (memory.count / 4, memory.count / 2)
    }
  }

  private static func verify(_ configuration: Verification.Configuration, _ context: CommandContext) async throws -> VerifyResult {
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

  private static func figures(_ progress: VerifyProgress, _ pace: PassPace) -> ProgressReporter.Figures {
    guard let new = progress.new else { return sharedFigures(progress.old, pace) }
    var figures: ProgressReporter.Figures = [("elapsed", Figures.clock(progress.old.elapsed)), ("stage", progress.stage.rawValue)]
    switch progress.stage {
    case .scanning:
      figures += [
        ("old", "old \(PassPace.progress(progress.old))"), ("new", "new \(PassPace.progress(new))"),
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

  /// Of a run that several machines share: all of them together.
  private static func sharedFigures(_ status: PassCheckpoint.Status, _ pace: PassPace) -> ProgressReporter.Figures {
    let totals = status.totals
    var figures: ProgressReporter.Figures = [("elapsed", Figures.clock(status.elapsed)), ("items", PassPace.progress(status))]
    figures += pace.rates
    figures += [
      ("segments", "segments \(Figures.count(status.doneSegments)) / \(Figures.count(status.segments))"),
      ("missing", "missing \(Figures.count(totals[.missing]))"), ("rechecked", "rechecked \(Figures.count(totals[.rechecked]))"),
    ]
    if let eta = pace.eta(status) { figures.append(eta) }
    return figures
  }

  private static func report(_ result: VerifyResult, _ context: CommandContext) throws(CommandError) -> ToolStatus {
    let table = ResultTable(
      rows: result.counts.map { ($0.name, .count($0.value)) } + [
        ("seconds", .decimal(result.seconds)), ("readUnits", .decimal(result.readUnits)),
        ("peakMemoryBytes", .count(ResultTable.peakMemoryBytes)), ("more", .flag(result.stopped != nil)),
      ])
    context.terminal.result(try context.settings.isOn(SharedSettings.json) ? table.json : table.text)
    switch result.verdict {
    case nil where result.stopped == .interrupted: return context.interrupted()
    case nil:
      context.log.info("Stopped at the limit; run the same command again to go on.")
      return .limit
    case .clean: return .done
    case .findings:
      let listing = try context.settings.value(keysOut).map { "\($0) lists the old keys" } ?? "give --keys-out to have the old keys listed"
      context.log.warning("\(sentence(result)); \(listing).")
      if result.unlisted > 0 {
        context.log.warning("\(Figures.count(result.unlisted)) of them are counted and not listed: mend those that are, and verify again.")
      }
      return .findings
    case .undecided:
      context.log.error("\(Figures.count(result.undecided, "id")) could not be read again; run the command once more.")
      return .failed
    }
  }

  /// `2 ids are missing, 2 of them put there now, 1 item differs`.
  private static func sentence(_ result: VerifyResult) -> String {
    var parts: [String] = []
    func add(_ count: Int, _ noun: String, _ one: String, _ many: String) {
      if count > 0 { parts.append("\(Figures.count(count, noun)) \(count == 1 ? one : many)") }
    }
    add(result.missing, "id", "is missing", "are missing")
    if result.repaired > 0 { parts.append("\(Figures.count(result.repaired)) of them put there now, so verify once more") }
    add(result.differing, "item", "differs", "differ")
    add(result.unconvertible, "old item", "can't be converted", "can't be converted")
    return parts.joined(separator: ", ")
  }
}
