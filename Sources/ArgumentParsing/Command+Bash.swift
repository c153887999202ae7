extension Command {
  /// Follows the words to the command they name, then completes the value of the option before the cursor, or an option or subcommand.
  var bashCompletion: String {
    let commands = tree()
    let below = commands.dropFirst().map { "'\($0.path.joined(separator: " "))'" }.joined(separator: " | ")
    return """
      # bash completion for \(name)
      _\(name)() {
        local path=\(name) index current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
        COMPREPLY=()
        # Bash makes three words of --option=value.
        if [[ "$current" == "=" ]]; then
          current=""
        elif [[ "$previous" == "=" ]]; then
          previous="${COMP_WORDS[COMP_CWORD-2]}"
        fi
        for ((index = 1; index < COMP_CWORD; index++)); do
          case "$path ${COMP_WORDS[index]}" in
            \(below.isEmpty ? "''" : below)) path="$path ${COMP_WORDS[index]}" ;;
          esac
        done
        case "$path $previous" in
      \(commands.flatMap { path, command in command.shownOptions.compactMap { Self.bashValue($0, path) } }.joined(separator: "\n"))
        esac
        case "$path" in
      \(commands.map { Self.bashWords($0.command, $0.path, isTool: $0.path.count == 1) }.joined(separator: "\n"))
        esac
      }
      complete -F _\(name) \(name)

      """
  }

  private static func bashValue(_ option: Option, _ path: [String]) -> String? {
    guard option.placeholder != nil else { return nil }
    let pattern = "    '\(path.joined(separator: " ")) --\(option.name)')"
    return "\(pattern) \(bashReply(option.kind))return ;;"
  }

  private static func bashReply(_ kind: ValueKind) -> String {
    switch kind {
    case .text: ""
    case .file: #"compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); "#
    case .directory: #"compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); "#
    case .oneOf(let words): "mapfile -t COMPREPLY < <(compgen -W '\(words.joined(separator: " "))' -- \"$current\"); "
    }
  }

  private static func bashWords(_ command: Command, _ path: [String], isTool: Bool) -> String {
    var words = command.subcommands.map(\.name) + (command.positionals.first?.kind.choices ?? [])
    if isTool { words += ["help", "--version"] }
    words += command.completedOptions.map { "--\($0.name)" }
    var reply = "mapfile -t COMPREPLY < <(compgen -W '\(words.joined(separator: " "))' -- \"$current\")"
    if case .file? = command.positionals.first?.kind {
      reply = "compopt -o filenames; \(reply.dropLast()); compgen -f -- \"$current\")"
    }
    return "    '\(path.joined(separator: " "))') \(reply) ;;"
  }
}
