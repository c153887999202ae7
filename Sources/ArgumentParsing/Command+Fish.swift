extension Command {
  /// A function that follows the words to the command they name, and one `complete` an option or subcommand.
  var fishCompletion: String {
    let commands = tree()
    var lines = [
      "# fish completion for \(name)",
      "function __\(name)_path",
      "    set -l path \(name)",
      "    for word in (commandline -opc)[2..]",
      "        switch \"$path $word\"",
      "            case \(commands.dropFirst().map { "'\($0.path.joined(separator: " "))'" }.joined(separator: " "))",
      "                set path \"$path $word\"",
      "        end",
      "    end",
      "    echo $path",
      "end",
      "complete -c \(name) -f",
    ]
    for (path, command) in commands {
      let when = "complete -c \(name) -n 'test (__\(name)_path) = \"\(path.joined(separator: " "))\"'"
      lines += command.subcommands.map { "\(when) -a \($0.name) -d \(Self.fishText($0.abstract))" }
      if path.count == 1 { lines.append("\(when) -l version -d 'Show the version.'") }
      if let choices = command.positionals.first?.kind.choices { lines.append("\(when) -a '\(choices.joined(separator: " "))'") }
      if case .file? = command.positionals.first?.kind { lines.append("\(when) -F") }
      lines += command.shownOptions.map { "\(when) -l \($0.name)\(Self.fishValue($0)) -d \(Self.fishText($0.help))" }
      lines.append("\(when) -s h -l help -d 'Show help information.'")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func fishValue(_ option: Option) -> String {
    guard option.placeholder != nil else { return "" }
    switch option.kind {
    case .text: return " -x"
    case .file: return " -r -F"
    case .directory: return " -x -a '(__fish_complete_directories)'"
    case .oneOf(let words): return " -x -a '\(words.joined(separator: " "))'"
    }
  }

  private static func fishText(_ text: String) -> String {
    "'\(text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined())'"
  }
}
