internal import ArgumentParsing
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// The phase that a migration is in, in its control table.
  static func phase(tool: String) -> ToolCommand {
    ToolCommand(
      name: "phase", abstract: "Begins a migration in a control table, and shows where it stands.",
      examples: [
        .init(
          "\(tool) phase init --old users --new users-v2 --mapping users.yaml --control migrations",
          "Begins the migration in phase old, in a control table that is made if it isn't there.")
      ],
      subcommands: [phaseInit(tool: tool), phaseShow(tool: tool), phaseDrop(tool: tool)])
  }
}

enum ControlSettings {
  static let tables = SettingGroup(
    "tables", [SharedSettings.old, SharedSettings.new, SharedSettings.mapping, SharedSettings.requiredControl].map(\.declaration))
  /// For commands that need no mapping.
  static let plainTables = SettingGroup(
    "tables", [SharedSettings.old, SharedSettings.new, SharedSettings.requiredControl].map(\.declaration))
}

extension ControlItem {
  /// The members that JSON results have of it.
  var members: [JSONValue.Member] {
    [
      .init("phase", .string(phase.description)), .init("epoch", .number("\(epoch)")), .init("mapping", .string(mapping)),
      .init(
        "next",
        next.map { next in
          .object([
            .init("to", .string(next.to.description)), .init("stage", .string(next.stage.rawValue)),
            .init("acceptUnresolved", .bool(next.acceptUnresolved)), .init("fenced", .bool(next.fenced)),
          ])
        } ?? .null),
      .init("oldTimeToLiveOffSince", ttlOffSince.map { .string(Figures.moment($0)) } ?? .null),
    ]
  }
}
