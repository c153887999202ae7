internal import AWSAuth
internal import ArgumentParsing
internal import DualTableMapping

/// The tool without its process: arguments in, exit status out.
struct Tool: Sendable {
  static let settingsFile = "dualtable.yaml"

  let name: String
  let commands: [ToolCommand]
  let surroundings: Surroundings
  let terminal: Terminal

  /// The tool's declaration.
  var declaration: Command {
    Command(
      name, "Moves a live DynamoDB table to a new table with a new item format.",
      discussion: "Settings come from flags, then environment variables (DUALTABLE_… and AWS's own), then \(Self.settingsFile) in the "
        + "current directory.",
      examples: commands.filter { !$0.groups.isEmpty }.prefix(2).compactMap(\.examples.first), subcommands: commands.map(\.declaration))
  }

  /// Runs a command line, given without the tool's name, and says how it ended.
  func run(_ arguments: [String]) async -> ToolStatus {
    var log = Log(terminal: terminal, clock: surroundings.wallClock)
    do {
      switch try declaration.parse(arguments) {
      case .help(let text): terminal.result(text)
      case .version: terminal.result("\(name) \(kitVersion)")
      case .run(let invocation):
        return try await run(command(at: invocation.path), invocation, &log)
      }
      return .done
    } catch {
      log.error("\(error)")
      return .failed
    }
  }

  private func command(at path: [String]) -> ToolCommand {
    var found: ToolCommand?
    for name in path { found = (found?.subcommands ?? commands).first { $0.name == name } }
    guard let found else { preconditionFailure("a command that was parsed is declared") }
    return found
  }

  private func run(_ command: ToolCommand, _ invocation: Invocation, _ log: inout Log) async throws -> ToolStatus {
    let known = commands.flatMap(\.tree).flatMap(\.settings)
    let file = try Settings.entries(
      try surroundings.read(Self.settingsFile), file: Self.settingsFile, known: known.map(\.name))
    let settings = Settings(invocation: invocation, environment: surroundings.environment, file: file, fileName: Self.settingsFile)
    log.level = try settings.value(SharedSettings.logLevel) ?? .info
    log.format = try settings.value(SharedSettings.logFormat) ?? .text
    let variables = known.map(\.variable) + ["DUALTABLE_TEST_PYTHON"]
    for slip in Settings.slips(in: surroundings.environment, known: variables) {
      log.warning("\(slip.variable) is set but isn't a setting; did you mean \(slip.meant)?")
    }
    if try settings.isOn(SharedSettings.printConfig) {
      let rows = try settings.listing(of: command.settings.filter { !$0.option.isHidden })
      terminal.result(try settings.isOn(SharedSettings.json) ? Settings.json(rows) : Settings.table(rows))
      return .done
    }
    let context = CommandContext(
      tool: declaration, settings: settings, terminal: terminal, log: log, surroundings: surroundings)
    return try await command.run(context)
  }
}
