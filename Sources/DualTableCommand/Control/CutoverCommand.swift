internal import AWSAuth
internal import ArgumentParsing
internal import DualTableMapping
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// Takes a fleet from one phase to a neighboring one.
  static func cutover(tool: String) -> ToolCommand {
    ToolCommand(
      name: "cutover", abstract: "Takes the migration to the next phase, or back, once nothing stands in the way.",
      discussion: "Steps go old, dualRead, dualTable, newWithTombstones, new; back only from dualRead and from newWithTombstones. What the "
        + "step needs is looked at first. Then every participant has to acknowledge the phase that holds, and where writes must not meet, "
        + "none of the old kind is under way at the moment of the switch: those that come in it wait, for half a second or so. If not all "
        + "are ready, nothing changes.\n"
        + "Exit status: 0 the phase holds; 1 something stands in the way, and the phase is what it was; 2 could not; 130 interrupted.",
      examples: [
        .init(
          "\(tool) cutover --to dualRead --old users --new users-v2 --mapping users.yaml --control migrations",
          "Has every instance read both tables."),
        .init(
          "\(tool) cutover check --old users --new users-v2 --mapping users.yaml --control migrations",
          "Says whether the next step can be taken."
        ),
      ],
      groups: [Cutover.steps, ControlSettings.tables, SharedSettings.places, SharedSettings.output],
      subcommands: [cutoverCheck(tool: tool)], run: Cutover.run)
  }
}

enum Cutover {
  static let to = Setting<PhaseName>.choice("to", "phase", "The phase to go to.", isRequired: true)
  static let wait = Setting.duration(
    "wait", "How long participants have to acknowledge the phase that holds, and what they gave up on to be resolved.", default: "2m")
  static let fenceFirst = Setting.flag(
    "fence-first", "Deny every write to the old table before the switch, once all are ready; only to dualTable.")
  static let acceptUnresolved = Setting.flag(
    "accept-unresolved",
    "Don't wait for writes to the old table that were given up on: one may still show, and be undone later. Only to dualTable.")
  static let giveUp = Setting.text(
    "give-up", "file",
    "Old keys that stay behind, a line of JSON each as dead letters have them; a tombstone is put where their new key is known. Only to "
      + "newWithTombstones.", .file)
  static let steps = SettingGroup(
    "the step",
    [
      to.declaration, wait.declaration, fenceFirst.declaration, acceptUnresolved.declaration, giveUp.declaration,
      SharedSettings.yes.declaration,
    ])

  /// What a switch is to do, as the command line says it.
  struct Order: Sendable {
    let target: MigrationPhase
    let mapping: any TableMapping
    let patience: Duration
    let fenceFirst: Bool
    let acceptUnresolved: Bool
    let givenUp: GivenUpKeys?
    let isConfirmed: Bool
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let order = try order(context)
    let outcome = try await context.withMigration { migration in
      try await CutoverRun(order: order, migration: migration, context: context).perform()
    }
    guard let outcome else {
      context.log.info("Interrupted; what was announced is withdrawn within seconds by the participants; 'phase show' tells.")
      if order.fenceFirst { context.log.info("If the fence stands, it stays, and writes to the old table fail: 'fence --lift' ends it.") }
      return .interrupted
    }
    return try outcome.report(context)
  }

  private static func order(_ context: CommandContext) throws -> Order {
    let settings = context.settings
    let target = try settings.required(to).phase
    let mapping = try context.loadMapping()
    let (fences, accepts) = (try settings.isOn(fenceFirst), try settings.isOn(acceptUnresolved))
    if target != .dualTable {
      for (isOn, flag) in [(fences, fenceFirst), (accepts, acceptUnresolved)] where isOn {
        throw CommandError("--\(flag.declaration.name) is for the step from dualRead to dualTable only; leave it out.")
      }
    }
    var givenUp: GivenUpKeys?
    if let file = try settings.value(giveUp) {
      guard target == .newWithTombstones else {
        throw CommandError("--give-up is for the step from dualTable to newWithTombstones only; leave it out.")
      }
      guard let bytes = try context.surroundings.read(file) else { throw CommandError("There is no file \(file) of keys; check its name.") }
      givenUp = try GivenUpKeys(bytes, file: file, schema: mapping.oldSchema)
    }
    return Order(
      target: target, mapping: mapping, patience: try settings.value(wait) ?? .seconds(120), fenceFirst: fences, acceptUnresolved: accepts,
      givenUp: givenUp, isConfirmed: try settings.isOn(SharedSettings.yes))
  }
}
