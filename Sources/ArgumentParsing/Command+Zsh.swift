extension Command {
  /// One function a command: `_arguments` for its options, `_describe` for its subcommands.
  var zshCompletion: String {
    """
    #compdef \(name)
    \(tree().map { Self.zshFunction($0.command, $0.path) }.joined(separator: "\n"))
    if [[ "$funcstack[1]" == "_\(name)" ]]; then
      _\(name) "$@"
    else
      compdef _\(name) \(name)
    fi

    """
  }

  private static func zshFunction(_ command: Command, _ path: [String]) -> String {
    let function = "_\(path.joined(separator: "_"))"
    var specs = command.shownOptions.map(zshOption)
    specs.append("'(-h --help)'{-h,--help}'[Show help information.]'")
    if path.count == 1 { specs.append("'--version[Show the version.]'") }
    if command.subcommands.isEmpty {
      specs += command.positionals.enumerated().map { index, positional in
        "'\(positional.isRepeatable ? "*" : "\(index + 1)"):\(zshText(positional.name)):\(zshAction(positional.kind))'"
      }
      return "\(function)() {\n  _arguments -s -S \\\n    \(specs.joined(separator: " \\\n    "))\n}"
    }
    specs += ["'1: :->command'", "'*:: :->arguments'"]
    let described = command.subcommands.map { "    '\($0.name):\(zshText($0.abstract))'" }.joined(separator: "\n")
    let branches = command.subcommands.map { "        \($0.name)) \(function)_\($0.name) ;;" }.joined(separator: "\n")
    return """
      \(function)() {
        local context state line
        typeset -A opt_args
        local -a commands=(
      \(described)
        )
        _arguments -C \\
          \(specs.joined(separator: " \\\n    "))
        case $state in
          command) _describe command commands ;;
          arguments)
            case $words[1] in
      \(branches)
            esac ;;
        esac
      }
      """
  }

  private static func zshOption(_ option: Option) -> String {
    let repeated = option.isRepeatable ? "*" : ""
    let help = "[\(zshText(option.help))]"
    guard let placeholder = option.placeholder else { return "'\(repeated)--\(option.name)\(help)'" }
    return "'\(repeated)--\(option.name)=\(help):\(zshText(placeholder)):\(zshAction(option.kind))'"
  }

  private static func zshAction(_ kind: ValueKind) -> String {
    switch kind {
    case .text: ""
    case .file: "_files"
    case .directory: "_files -/"
    case .oneOf(let words): "(\(words.joined(separator: " ")))"
    }
  }

  /// Text inside single quotes, where `_arguments` gives colons and brackets a meaning of their own.
  private static func zshText(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "'": escaped += #"'\''"#
      case ":", "[", "]", "\\": escaped += "\\\(character)"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
