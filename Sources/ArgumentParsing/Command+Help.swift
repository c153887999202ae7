extension Command {
  /// The help of this command, in columns of 80 characters.
  ///
  /// - Parameter path: the names that lead to it, the tool's own first.
  package func helpText(path: [String]) -> String {
    var sections = ["OVERVIEW: \(Self.wrap(abstract, indent: 0, first: 10))"]
    if !discussion.isEmpty {
      sections.append(discussion.split(separator: "\n").map { Self.wrap(String($0), indent: 0) }.joined(separator: "\n\n"))
    }
    sections.append(
      "USAGE: \(usage(path: path).split(separator: "\n").map { Self.wrap(String($0), indent: 7, first: 7) }.joined(separator: "\n       "))"
    )
    if !examples.isEmpty {
      let shown = examples.map { "  \($0.line)\n\(String(repeating: " ", count: 6))\(Self.wrap($0.says, indent: 6))" }
      sections.append("\(examples.count == 1 ? "EXAMPLE" : "EXAMPLES"):\n\(shown.joined(separator: "\n"))")
    }
    if !positionals.isEmpty {
      sections.append("ARGUMENTS:\n" + positionals.map { Self.row("<\($0.name)>", Self.describe($0.help, $0.kind, nil)) }.joined())
    }
    for group in groups {
      sections.append("\(group.title.uppercased()):\n" + group.options.filter { !$0.isHidden }.map(Self.row).joined())
    }
    var own = subcommands.isEmpty || path.count > 1 ? "" : Self.row("--version", "Show the version.")
    own += Self.row("-h, --help", "Show help information.")
    sections.append("\(groups.isEmpty ? "OPTIONS" : "OTHER OPTIONS"):\n\(own)")
    if !subcommands.isEmpty {
      sections.append("SUBCOMMANDS:\n" + subcommands.map { Self.row($0.name, $0.abstract) }.joined())
      sections.append("See '\(path[0]) help\(path.dropFirst().map { " \($0)" }.joined()) <subcommand>' for detailed help.")
    }
    let text = sections.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(separator: "\n\n")
    return text
  }

  /// `tool command --required <value> [<options>] <argument>`; a second line where a command that does something holds others.
  package func usage(path: [String]) -> String {
    if !subcommands.isEmpty && options.isEmpty { return "\(path.joined(separator: " ")) <subcommand>" }
    let below = subcommands.isEmpty ? "" : "\n\(path.joined(separator: " ")) <subcommand>"
    var parts = path + shownOptions.filter(\.isRequired).map(\.synopsis)
    if shownOptions.contains(where: { !$0.isRequired }) { parts.append("[<options>]") }
    parts += positionals.map(\.synopsis)
    return parts.joined(separator: " ") + below
  }

  private static func row(_ option: Option) -> String {
    row(option.synopsis, describe(option.help, option.kind, option.defaultText))
  }

  private static func describe(_ help: String, _ kind: ValueKind, _ defaultText: String?) -> String {
    var notes = kind.choices.map { ["values: \($0.joined(separator: ", "))"] } ?? []
    if let defaultText { notes.append("default: \(defaultText)") }
    return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
  }

  private static let column = 26

  /// A name and its help beside it, or below it where the name is long.
  private static func row(_ name: String, _ help: String) -> String {
    let wrapped = wrap(help, indent: column)
    if name.count + 4 > column { return "  \(name)\n\(String(repeating: " ", count: column))\(wrapped)\n" }
    return "  \(name)\(String(repeating: " ", count: column - 2 - name.count))\(wrapped)\n"
  }

  /// Breaks `text` between words so that lines end before column 80.
  ///
  /// - Parameters:
  ///   - indent: what lines but the first begin with.
  ///   - first: where the first line begins; by default at `indent` too.
  private static func wrap(_ text: String, indent: Int, first: Int? = nil) -> String {
    var wrapped = ""
    var at = first ?? indent
    var isLineStart = true
    for word in text.split(separator: " ") {
      if !isLineStart && at + 1 + word.count > 80 {
        wrapped += "\n" + String(repeating: " ", count: indent)
        at = indent
        isLineStart = true
      }
      if !isLineStart {
        wrapped += " "
        at += 1
      }
      wrapped += word
      at += word.count
      isLineStart = false
    }
    return wrapped
  }
}
