/// A shell that completion scripts are written for.
package enum Shell: String, Sendable, CaseIterable {
  case bash, zsh, fish
}

extension Command {
  /// A script that teaches `shell` to complete this tool's commands, options and values.
  package func completionScript(for shell: Shell) -> String {
    switch shell {
    case .bash: bashCompletion
    case .zsh: zshCompletion
    case .fish: fishCompletion
    }
  }

  /// What may follow a command: the names of its subcommands, or its options.
  var completedOptions: [Option] {
    shownOptions + [Option(flag: "help", "Show help information.")]
  }
}
