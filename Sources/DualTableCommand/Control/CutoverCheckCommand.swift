internal import AWSAuth
internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// Says whether the next step can be taken.
  static func cutoverCheck(tool: String) -> ToolCommand {
    ToolCommand(
      name: "check", abstract: "Says whether the next step can be taken, as a list and an exit status; changes nothing.",
      discussion: "Keeps in the control table when the old table's time to live was first seen off, and nothing else.\n"
        + "Exit status: 0 nothing stands in the way; 1 something does; 2 could not tell; 130 interrupted.",
      examples: [
        .init(
          "\(tool) cutover check --old users --new users-v2 --mapping users.yaml --control migrations",
          "Lists what the next phase needs, and whether it is so.")
      ],
      groups: [CutoverCheck.group, ControlSettings.tables, SharedSettings.places, SharedSettings.output], run: CutoverCheck.run)
  }
}

enum CutoverCheck {
  static let to = Setting<PhaseName>.choice("to", "phase", "The phase to go to.", default: "the next one")
  static let quietFor = Setting.duration(
    "quiet-for", "How long no read may have found in the old table what the new one lacks.", default: "10m")
  static let group = SettingGroup("the step", [to.declaration, quietFor.declaration])

  private struct Checked: Sendable {
    let phase: MigrationPhase
    let target: MigrationPhase?
    let findings: FindingList
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let mapping = try context.loadMapping()
    let asked = try context.settings.value(to)?.phase
    let quiet = try context.settings.value(quietFor) ?? .seconds(600)
    let surroundings = context.surroundings
    let checked = try await context.withMigration { migration in
      let phase = try await migration.controlItem().phase
      guard let target = asked ?? phase.following else { return Checked(phase: phase, target: nil, findings: FindingList(findings: [])) }
      guard let step = MigrationStep(from: phase, to: target) else {
        throw CommandError(
          "No step leads from phase \(phase) to \(target); from there it goes to "
            + "\(phase.steps.map(\.description).joined(separator: " or back to ")).")
      }
      let facts = try await migration.facts(
        for: step, mapping: mapping.digest, now: surroundings.wallClock.now(), clock: surroundings.clock)
      let check = StepCheck(step, facts)
      let found = check.preconditions + check.advice(quiet: quiet) + (step.to > step.from ? try await indexes(migration, mapping) : [])
      return Checked(phase: phase, target: target, findings: FindingList(findings: found))
    }
    guard let checked else {
      context.log.info("Interrupted; run the same command again.")
      return .interrupted
    }
    return try report(checked, context)
  }

  /// Whether NEW's indexes are as planned: what a service asks of them should be there by the next phase.
  private static func indexes(_ migration: ControlledMigration, _ mapping: any TableMapping) async throws -> [Finding] {
    let new = try await migration.new.client.describeTable(DescribeTableInput(tableName: migration.new.table)).table
    let planned = (mapping as? CompiledMapping)?.indexes.new ?? []
    return IndexCheck(table: new, planned: planned, reserved: mapping.reservedAttribute).newFindings
  }

  private static func report(_ checked: Checked, _ context: CommandContext) throws -> ToolStatus {
    let findings = checked.findings
    if try context.settings.isOn(SharedSettings.json) {
      context.terminal.result(
        JSONValue.object([
          .init("phase", .string(checked.phase.description)), .init("to", checked.target.map { .string($0.description) } ?? .null),
          .init("mayGoOn", .bool(checked.target != nil && findings.blockers.isEmpty)), .init("findings", findings.json),
        ]).text)
    } else if let target = checked.target {
      let blockers = findings.blockers.count
      let verdict = blockers == 0 ? "yes" : "no, \(blockers) thing\(blockers == 1 ? "" : "s") in the way"
      context.terminal.result("From \(checked.phase) to \(target)? \(verdict)\n\(findings.text)")
    } else {
      context.terminal.result("The migration is in its last phase, \(checked.phase).")
    }
    return findings.status
  }
}
