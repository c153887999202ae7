internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableScan
internal import DynamoDBModel

extension ToolCommand {
  /// Tells where a backfill stands.
  static func status(tool: String) -> ToolCommand {
    ToolCommand(
      name: "status", abstract: "Tells where a backfill stands, whether it runs or not.",
      discussion:
        "A run that is under way is asked through its state directory; of another one the directory tells, and of one that several "
        + "machines share the control table.\n"
        + "Exit status: 0 told; 2 there is no run.",
      examples: [
        .init("\(tool) status --old users --new users-v2", "Tells of the run whose state is in .dualtable/users-users-v2."),
        .init("\(tool) status --state /var/lib/migration --json", "The same of another directory, for machines."),
        .init(
          "\(tool) status --old users --new users-v2 --control migrations --keys-out letters.jsonl",
          "Tells of the run that several machines share, and lists its dead letters."),
      ],
      groups: [StateSettings.group, SharedRun.group, SharedSettings.places, SharedSettings.output]
    ) { context in
      if try SharedRun.isNamed(context.settings) {
        guard let json = try await SharedRun.show(context) else { return context.interrupted() }
        context.terminal.result(try context.settings.isOn(SharedSettings.json) ? json.text : lines(json))
        return .done
      }
      let directory = try StateSettings.directory(context)
      let answer = try ControlSocket.send(ControlRequest.status.line, to: directory)
      let found = try Backfill.look(at: directory)
      var members: [JSONValue.Member]
      if let answer {
        members = try JSONValue(parsing: Array(answer.utf8).span).object ?? []
      } else if let found {
        members = BackfillWatch.members(found.manifest.command, found.status) + [.init("running", .bool(false))]
      } else {
        throw CommandError("There is no run in \(directory); name another directory with --state.")
      }
      members.append(.init("changes", .array((found?.changes ?? []).map(change))))
      let json = JSONValue.object(members)
      context.terminal.result(try context.settings.isOn(SharedSettings.json) ? json.text : lines(json))
      return .done
    }
  }

  private static func change(_ change: PassChange) -> JSONValue {
    .object([.init("at", .string(Figures.moment(change.milliseconds))), .init("what", .string(change.what))])
  }

  /// A line a figure; what has parts is a line each below it.
  private static func lines(_ json: JSONValue) -> String {
    func text(_ value: JSONValue) -> String {
      switch value {
      case .string(let text): text
      case .number(let text): Int(text).map { Figures.count($0) } ?? text
      default: value.text
      }
    }
    let rows = (json.object ?? []).flatMap { member -> [[String]] in
      switch member.value {
      case .null: []
      case .object(let parts): parts.map { ["    \($0.name)", text($0.value)] }
      case .array(let parts): parts.map { ["  \($0["at"].map(text) ?? "")", $0["what"].map(text) ?? ""] }
      default: [["  \(member.name)", text(member.value)]]
      }
    }
    return Figures.columns(rows)
  }
}

/// Settings of commands that look for a run by its state directory.
enum StateSettings {
  private static let old = Setting.table("old", "The old table of the run, where --state doesn't name its directory.", isRequired: false)
  private static let new = Setting.table("new", "The new table of the run, likewise.", isRequired: false)

  static let group = SettingGroup("the run", [RunSettings.state.declaration, old.declaration, new.declaration])

  static func directory(_ context: CommandContext) throws(CommandError) -> String {
    if let state = try context.settings.value(RunSettings.state) { return state }
    return try context.stateDirectory(
      old: try context.settings.required(SharedSettings.old), new: try context.settings.required(SharedSettings.new)
    ).path
  }
}
