internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import MigrationControl

extension ToolCommand {
  /// Takes up the dead letters again.
  static func redrive(tool: String) -> ToolCommand {
    ToolCommand(
      name: "redrive", abstract: "Takes up a backfill's dead letters again, after the mapping was mended.",
      discussion:
        "A mended mapping must give each item the keys that the first one gave it; an item to which it gives others stays a dead letter.\n"
        + "Killed or stopped at any moment, the same command goes on where it stopped. The verification that follows takes the mended "
        + "mapping, too.\n"
        + "Exit status: 0 done; 1 done, with dead letters; 2 could not; 3 stopped at a limit; 130 interrupted.",
      examples: [
        .init(
          "\(tool) redrive --old users --new users-v2 --mapping users.yaml --offline",
          "Takes up the dead letters of the backfill whose state is in .dualtable/users-users-v2.")
      ],
      groups: [
        SharedSettings.tables, SharedSettings.places, RunSettings.group,
        SettingGroup("the redrive", BackfillSettings.phase + [firstMapping.declaration] + BackfillSettings.pace), SharedSettings.output,
      ], run: runRedrive)
  }

  private static let firstMapping = Setting.text(
    "first-mapping", "file", "The mapping file that the backfill went by.", .file, default: "the copy in its state")

  private static func runRedrive(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let old = try settings.required(SharedSettings.old)
    let new = try settings.required(SharedSettings.new)
    let mended = try context.loadMapping()
    try BackfillSettings.checkPhase(settings, isControlled: try settings.value(SharedSettings.control) != nil)
    let isShared = try SharedRun.isNamed(settings)
    let place = try context.stateDirectory(old: old, new: new)
    let state = isShared ? place.part("shared") : place
    let digest: String
    if isShared {
      guard let found = try await SharedRun.fetchLetters(to: state, context) else { return context.interrupted() }
      digest = found
    } else {
      guard let (manifest, _, _) = try Backfill.look(at: state.path) else {
        throw CommandError("There is no backfill in \(state) whose dead letters could be taken up; name its directory with --state.")
      }
      digest = manifest.mapping
    }
    let first = try first(context, state, mended, digest)
    let result = try await context.withClients(connections: try settings.value(RunSettings.connections) ?? 64) { clients in
      // Held, so that no backfill writes dead letters meanwhile.
      let held = try StateDirectory(state)
      defer { withExtendedLifetime(held) {} }
      var configuration = Backfill.Configuration(
        old: .init(client: clients.old, table: old), new: .init(client: clients.new, table: new), mapping: mended,
        stateDirectory: state.part("redrive-\(mended.digest.prefix(12))"), seed: .random(in: .min ... .max))
      try BackfillSettings.apply(settings, to: &configuration)
      configuration.segments = try settings.value(RunSettings.segments)
      configuration.source = .deadLetters("\(state)/\(Backfill.deadLetters)", first: first)
      // The migration goes by the first mapping until a clean verification with the mended one.
      configuration.participant = try await BackfillSettings.participant(
        context, clients, old: old, new: new, mapping: first.digest, allowed: [.dualTable, .newWithTombstones])
      let watch = BackfillWatch("redrive", context)
      configuration.describe = { watch.describe($0) }
      configuration.limitedBy = { watch.limitedBy }
      let backfill = Backfill(configuration)
      let result = try await BackfillSettings.withMetrics(context, watch) {
        try await CommandContext.told { try await backfill.run(stop: context.surroundings.stop) { watch.update($0) } }
      }
      try await BackfillSettings.record(result, .redrive, mapping: mended.digest, context, clients, old: old, new: new)
      return result
    }
    guard let result else { return context.interrupted() }
    return try BackfillReport.show(result, context)
  }

  /// The mapping that the backfill went by.
  private static func first(
    _ context: CommandContext, _ state: StatePath, _ mended: any TableMapping, _ digest: String
  ) throws(CommandError) -> any TableMapping {
    if mended.digest == digest { return mended }
    let path = try context.settings.value(firstMapping) ?? "\(state)/\(Backfill.mappingFile)"
    let first: any TableMapping
    do {
      first = try context.mapping(at: path)
    } catch {
      throw CommandError("The mapping that the backfill went by can't be had from \(path); name it with --first-mapping.")
    }
    guard first.digest == digest else {
      throw CommandError("\(path) isn't the mapping that the backfill went by; name that one with --first-mapping.")
    }
    return first
  }
}
