internal import ArgumentParsing

extension ToolCommand {
  /// Prints a script that teaches a shell the tool's commands and options.
  static func completions(tool: String) -> ToolCommand {
    ToolCommand(
      name: "completions", abstract: "Prints a completion script for a shell.",
      examples: [
        .init("source <(\(tool) completions bash)", "Completes in this bash."),
        .init("\(tool) completions zsh > ~/.zfunc/_\(tool)", "Completes in every zsh whose fpath holds that folder."),
        .init("\(tool) completions fish > ~/.config/fish/completions/\(tool).fish", "Completes in every fish."),
      ], positionals: [Positional("shell", "Which shell.", .oneOf(Shell.allCases.map(\.rawValue)))]
    ) { context in
      guard let shell = context.settings.invocation.positionals.first.flatMap({ Shell(rawValue: $0) }) else {
        preconditionFailure("the parser takes only these shells")
      }
      // The script ends its last line itself.
      context.terminal.result(String(context.tool.completionScript(for: shell).dropLast()))
      return .done
    }
  }
}
