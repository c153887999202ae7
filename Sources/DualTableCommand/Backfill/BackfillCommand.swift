internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import MigrationControl

extension ToolCommand {
  /// Copies every item to the new table, converted.
  static func backfill(tool: String) -> ToolCommand {
    ToolCommand(
      name: "backfill", abstract: "Scans the old table, converts each item and puts it into the new table where nothing is yet.",
      discussion:
        "Killed or stopped at any moment, the same command goes on where it stopped; on a finished run it prints the totals again.\n"
        + "Items that can't be migrated become dead letters, a line of JSON each, and the run goes on.\n"
        + "With --control and without --state the run lies in the control table: start the same command on any number of machines, which "
        + "share its segments and its budgets, and come and go as they like.\n"
        + "Exit status: 0 done; 1 done, with dead letters; 2 could not; 3 stopped at a limit; 130 interrupted.",
      examples: [
        .init(
          "\(tool) backfill --old users --new users-v2 --mapping users.yaml --offline", "Copies the table while nothing else writes to it."),
        .init(
          "\(tool) backfill --old users --new users-v2 --mapping users.yaml --assume-phase dualTable --time-limit 14m",
          "Copies beside a service that reads both tables and writes the new one, for 14 minutes."),
        .init(
          "\(tool) backfill --old users --new users-v2 --mapping users.yaml --offline --read-rcu 100 --write-wcu 80%",
          "Copies within 100 read units a second and 80 % of the new table's provisioned write units."),
      ],
      groups: [SharedSettings.tables, SharedSettings.places, RunSettings.group, group, SharedSettings.output], run: runBackfill)
  }

  private static let group = SettingGroup(
    "the backfill",
    BackfillSettings.phase
      + [
        BackfillSettings.eventual.declaration, BackfillSettings.maxItems.declaration, BackfillSettings.keys.declaration,
        BackfillSettings.dryRun.declaration,
      ] + BackfillSettings.pace)

  private static func runBackfill(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mapping = try context.loadMapping()
    let isControlled = try settings.value(SharedSettings.control) != nil
    try BackfillSettings.checkPhase(settings, isControlled: isControlled)
    let keys = try settings.value(BackfillSettings.keys)
    if let keys, !File.exists(keys) {
      throw CommandError("There is no file \(keys); give the one that --keys-out of verify wrote.")
    }
    let isDryRun = try settings.isOn(BackfillSettings.dryRun)
    // Neither a list's run nor a dry one is the table's.
    let place = try context.stateDirectory(old: old, new: new)
    let run = isDryRun ? place.part("dry-run") : place
    let state = keys == nil ? run : run.part("keys")
    let isShared = try SharedRun.isNamed(settings) && !isDryRun && keys == nil
    if isShared { try SharedRun.refuseOther(state.path) }
    let result = try await context.withClients(connections: try settings.value(RunSettings.connections) ?? 64) { clients in
      var configuration = Backfill.Configuration(
        old: .init(client: clients.old, table: old), new: .init(client: clients.new, table: new), mapping: mapping,
        stateDirectory: state, seed: .random(in: .min ... .max))
      try BackfillSettings.apply(settings, to: &configuration)
      configuration.mappingText = try context.mappingText()
      configuration.segments = try settings.value(RunSettings.segments)
      configuration.maxItems = try settings.value(BackfillSettings.maxItems)
      configuration.isDryRun = isDryRun
      if isDryRun { configuration.writeMode = .put }
      if let keys { configuration.source = .keys(keys) }
      configuration.participant = try await BackfillSettings.participant(
        context, clients, old: old, new: new, mapping: mapping.digest, allowed: [.dualTable])
      if isShared, let table = try context.controlTable(clients, old: old, new: new) {
        configuration.shared = .init(table: table, worker: "run-\(clients.new.uniqueName())") { context.log.warning($0) }
      }
      let watch = BackfillWatch("backfill", context)
      configuration.describe = { watch.describe($0) }
      configuration.limitedBy = { watch.limitedBy }
      let backfill = Backfill(configuration)
      let result = try await BackfillSettings.withMetrics(context, watch) {
        try await CommandContext.told { try await backfill.run(stop: context.surroundings.stop) { watch.update($0) } }
      }
      // What only looked, or took a part, says nothing of the whole; and of several that share a run one has said it.
      if !isDryRun && keys == nil && !isShared {
        try await BackfillSettings.record(result, .backfill, mapping: mapping.digest, context, clients, old: old, new: new)
      }
      return result
    }
    guard let result else { return context.interrupted() }
    return try BackfillReport.show(result, context)
  }
}
