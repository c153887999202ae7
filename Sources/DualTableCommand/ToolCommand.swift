internal import AWSAuth
internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableScan
internal import HTTPTransport

/// A command of the tool: what it says about itself, what can be set, and what it does.
struct ToolCommand: Sendable {
  let name: String
  let abstract: String
  var discussion = ""
  let examples: [Command.Example]
  var groups: [SettingGroup] = []
  var positionals: [Positional] = []
  /// The commands below it; one that has any, and no settings, does nothing itself.
  var subcommands: [ToolCommand] = []
  var run: @Sendable (CommandContext) async throws -> ToolStatus = { _ in
    preconditionFailure("the parser answers a command that holds others with its help")
  }

  var settings: [SettingDeclaration] { groups.flatMap(\.declarations) }
  /// The command and all below it.
  var tree: [ToolCommand] { [self] + subcommands.flatMap(\.tree) }

  /// The command as arguments are parsed by.
  var declaration: Command {
    Command(
      name, abstract, discussion: discussion, examples: examples,
      groups: groups.map { .init($0.title, $0.declarations.map(\.option)) }, positionals: positionals,
      subcommands: subcommands.map(\.declaration))
  }
}

/// What a command works with.
struct CommandContext: Sendable {
  let tool: Command
  let settings: Settings
  let terminal: Terminal
  let log: Log
  let surroundings: Surroundings
}

/// What the tool gets from outside: the process's, or a test's.
struct Surroundings: Sendable {
  let environment: [String: String]
  /// The mapping of a custom executable, in place of a file.
  let mapping: (any TableMapping)?
  /// Asked to stop by the first signal.
  let stop: StopSignal
  /// Measures time and waits.
  let clock: any Clock<Duration>
  /// Dates signatures and logs.
  let wallClock: WallClock
  /// Makes what carries requests, with at most so many connections to one endpoint.
  let transport: @Sendable (_ connections: Int) -> any HTTPTransport
  /// Makes what carries requests for credentials; local ones go to this machine or beside it.
  let credentialTransport: @Sendable (_ isLocal: Bool) -> any HTTPTransport
  /// The bytes of a file, nil if there is none of that name.
  let read: @Sendable (String) throws(CommandError) -> [UInt8]?
  /// The next bytes of standard input, none at its end.
  let input: @Sendable () throws(CommandError) -> [UInt8]
}
