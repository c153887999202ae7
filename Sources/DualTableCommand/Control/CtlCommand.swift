internal import ArgumentParsing
internal import DualTableScan
internal import DynamoDBModel

extension ToolCommand {
  /// Changes a run that is under way.
  static func ctl(tool: String) -> ToolCommand {
    ToolCommand(
      name: "ctl", abstract: "Changes a backfill that runs: its rates, its open segments; pauses it, lets it go on, stops it.",
      discussion:
        "Each change is written into the run's state with its time. Exit status: 0 done; 2 no run is under way, or it refused.",
      examples: [
        .init("\(tool) ctl set --old users --new users-v2 --write-wcu 200", "Lets the run write 200 units a second from now on."),
        .init("\(tool) ctl pause --state /var/lib/migration", "Holds back every further request."),
        .init(
          "\(tool) ctl stop --old users --new users-v2 --control migrations", "Stops all machines that share the run, until 'ctl resume'."),
      ],
      groups: [
        StateSettings.group,
        SettingGroup(
          "what to set",
          [BackfillSettings.readBudget.declaration, BackfillSettings.writeBudget.declaration, RunSettings.openSegments.declaration]),
        SharedRun.controlGroup, SharedSettings.places, SharedSettings.output,
      ],
      positionals: [Positional("action", "What to do.", .oneOf(["set", "pause", "resume", "stop"]))]
    ) { context in
      let request = try request(context)
      if try SharedRun.isNamed(context.settings) { return try await SharedRun.ask(request, context) }
      let directory = try StateSettings.directory(context)
      guard let answer = try ControlSocket.send(request.line, to: directory) else {
        throw CommandError("No run is under way in \(directory); start it, or name another directory with --state.")
      }
      if let refusal = try? JSONValue(parsing: Array(answer.utf8).span)["error"]?.string { throw CommandError(refusal) }
      context.terminal.result(
        try context.settings.isOn(SharedSettings.json) ? answer : "Done: \(request.summary ?? "").")
      return .done
    }
  }

  private static func request(_ context: CommandContext) throws(CommandError) -> ControlRequest {
    let settings = context.settings
    let read = try settings.value(BackfillSettings.readBudget)
    let write = try settings.value(BackfillSettings.writeBudget)
    let open = try settings.value(RunSettings.openSegments)
    switch context.settings.invocation.positionals.first {
    case "pause": return .pause
    case "resume": return .resume
    case "stop": return .stop
    default:
      guard read != nil || write != nil || open != nil else {
        throw CommandError("There is nothing to set; give --read-rcu, --write-wcu or --open-segments.")
      }
      return .change(read: read, write: write, openSegments: open)
    }
  }
}
