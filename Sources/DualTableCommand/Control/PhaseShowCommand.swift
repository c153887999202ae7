internal import AWSAuth
internal import ArgumentParsing
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// Shows a migration's control item, its participants and its runs.
  static func phaseShow(tool: String) -> ToolCommand {
    ToolCommand(
      name: "show", abstract: "Shows the phase, who takes part in it, and what the last runs came to.",
      discussion: "Looks twice, six seconds apart: a participant that didn't beat in between is silent, and after 45 minutes of silence a "
        + "switch counts it as dead. How long ago a beat was is by two clocks, the participant's and this machine's.\nExit status: 0 shown; 2 could not; 130 interrupted.",
      examples: [
        .init("\(tool) phase show --old users --new users-v2 --control migrations", "Shows where the migration of users stands.")
      ],
      groups: [ControlSettings.plainTables, SharedSettings.places, SharedSettings.output], run: PhaseShow.run)
  }
}

enum PhaseShow {
  /// One beat of a participant that has nothing to hurry for, and a second to spare.
  private static let look = ParticipantStateMachine.refresh + .seconds(1)

  /// Everything that the control table says of a migration.
  private struct Shown: Sendable {
    let migration: String
    let item: ControlItem
    let participants: [ParticipantItem]
    /// Those whose nonce stood still.
    let silent: [String]
    let records: [RunRecord]
    /// When it was looked, milliseconds since 1970.
    let now: Int64
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let isJSON = try context.settings.isOn(SharedSettings.json)
    let clock = context.surroundings.clock
    let shown = try await context.withMigration { migration in
      _ = try await migration.controlItem()
      let before = try await migration.control.participants()
      if !before.isEmpty { try await clock.sleep(for: look) }
      let participants = try await migration.control.participants()
      let silent = participants.filter { now in before.contains { $0.name == now.name && $0.nonce == now.nonce } }
      return Shown(
        migration: migration.control.migration, item: try await migration.controlItem(), participants: participants,
        silent: silent.map(\.name), records: try await migration.control.records(), now: context.surroundings.wallClock.now())
    }
    guard let shown else {
      context.log.info("Interrupted; run the same command again.")
      return .interrupted
    }
    context.terminal.result(isJSON ? json(shown).text : text(shown))
    return .done
  }

  // MARK: - JSON

  private static func json(_ shown: Shown) -> JSONValue {
    .object(
      [.init("migration", .string(shown.migration))] + shown.item.members + [
        .init("participants", .array(shown.participants.map { json($0, shown) })), .init("runs", .array(shown.records.map(json))),
      ])
  }

  private static func json(_ participant: ParticipantItem, _ shown: Shown) -> JSONValue {
    .object([
      .init("name", .string(participant.name)), .init("acknowledged", .bool(participant.acknowledged == shown.item.epoch)),
      .init("silent", .bool(shown.silent.contains(participant.name))),
      .init("lastBeat", participant.lastBeat.map { .string(Figures.moment($0)) } ?? .null),
      .init("unmanaged", .bool(participant.unmanaged)),
      .init("unresolvedUntil", participant.unresolvedUntil.map { .string(Figures.moment($0)) } ?? .null),
      .init("fallbacks", .number("\(participant.fallbacks)")),
      .init("lastFallback", participant.lastFallback.map { .string(Figures.moment($0)) } ?? .null),
    ])
  }

  private static func json(_ record: RunRecord) -> JSONValue {
    .object([
      .init("command", .string(record.command.rawValue)), .init("finished", .string(Figures.moment(record.finished))),
      .init("clean", .bool(record.isClean)), .init("mapping", .string(record.mapping)),
      .init("counts", .object(record.counts.map { .init($0.name, .number("\($0.value)")) })),
    ])
  }

  // MARK: - Text

  private static func text(_ shown: Shown) -> String {
    let item = shown.item
    var facts = [
      ["migration", shown.migration], ["phase", "\(item.phase.rawValue) \(item.phase)"], ["epoch", "\(item.epoch)"],
      ["mapping", String(item.mapping.prefix(12)) + "…"],
    ]
    if let next = item.next { facts.append(["switch", "to \(next.to), \(next.stage.rawValue)"]) }
    if let since = item.ttlOffSince { facts.append(["old time to live", "off since \(Figures.moment(since))"]) }
    var parts = [Figures.columns(facts)]
    parts.append(shown.participants.isEmpty ? "No participants." : Figures.columns([header] + shown.participants.map { row($0, shown) }))
    parts.append(shown.records.isEmpty ? "No runs yet." : Figures.columns([["RUN", "ENDED", "RESULT", "COUNTS"]] + shown.records.map(row)))
    return parts.joined(separator: "\n\n")
  }

  private static let header = ["PARTICIPANT", "ACKNOWLEDGED", "LAST BEAT", "UNRESOLVED UNTIL", "FALLBACKS", "LAST FALLBACK"]

  private static func row(_ participant: ParticipantItem, _ shown: Shown) -> [String] {
    [
      participant.name, participant.acknowledged == shown.item.epoch ? "yes" : "no",
      lastBeat(participant, shown),
      participant.unmanaged ? "writes by itself" : participant.unresolvedUntil.map(Figures.moment) ?? "-",
      Figures.count(participant.fallbacks), participant.lastFallback.map(Figures.moment) ?? "-",
    ]
  }

  /// `00:00:03 ago`, by the participant's clock and ours; `silent, 00:41:07 ago` where its nonce stood still.
  private static func lastBeat(_ participant: ParticipantItem, _ shown: Shown) -> String {
    let age = participant.lastBeat.map { "\(Figures.clock(.milliseconds(shown.now - $0))) ago" }
    return [shown.silent.contains(participant.name) ? "silent" : nil, age].compactMap { $0 }.joined(separator: ", ")
  }

  private static func row(_ record: RunRecord) -> [String] {
    [
      record.command.rawValue, Figures.moment(record.finished), record.isClean ? "clean" : "findings",
      record.counts.map { "\($0.name) \(Figures.count($0.value))" }.joined(separator: ", "),
    ]
  }
}
