extension Command {
  /// Reads a command line, given without the tool's own name.
  ///
  /// Options come in any order, as `--name value` or `--name=value`; a value that begins with a dash only in the second form; behind `--`
  /// nothing is an option. `--help` and `-h` anywhere before that ask for help, `--version` alone for the version.
  ///
  /// - Throws: `UsageError` for anything not declared, anything missing, and an option repeated that may not be.
  package func parse(_ arguments: [String]) throws(UsageError) -> ParsedCommandLine {
    if arguments.first == "help" { return try helpOnRequest(arguments.dropFirst()) }
    if arguments == ["--version"] { return .version }
    var rest = arguments[...]
    var path = [name]
    var command = self
    while !command.subcommands.isEmpty {
      guard let word = rest.first, word != "--help", word != "-h" else { return .help(text: command.helpText(path: path)) }
      // A command that holds others and has options does something itself.
      if word.hasPrefix("-"), !command.options.isEmpty { break }
      rest.removeFirst()
      if word.hasPrefix("-") {
        throw command.unknown(option: word, near: command.options.map(\.name) + ["help", "version"], path: path)
      }
      guard let next = command.subcommands.first(where: { $0.name == word }) else {
        throw command.unknown(command: word, path: path)
      }
      path.append(word)
      command = next
    }
    let end = rest.firstIndex(of: "--") ?? rest.endIndex
    if rest[..<end].contains(where: { $0 == "--help" || $0 == "-h" }) { return .help(text: command.helpText(path: path)) }
    return .run(try command.readOptions(rest, path: path))
  }

  private func helpOnRequest(_ names: ArraySlice<String>) throws(UsageError) -> ParsedCommandLine {
    var path = [name]
    var command = self
    for word in names {
      guard let next = command.subcommands.first(where: { $0.name == word }) else { throw command.unknown(command: word, path: path) }
      path.append(word)
      command = next
    }
    return .help(text: command.helpText(path: path))
  }

  private func readOptions(_ arguments: ArraySlice<String>, path: [String]) throws(UsageError) -> Invocation {
    var invocation = Invocation(path: Array(path.dropFirst()))
    var rest = arguments
    var onlyPositionals = false
    while let word = rest.popFirst() {
      if !onlyPositionals && word == "--" {
        onlyPositionals = true
      } else if onlyPositionals || !word.hasPrefix("-") || word == "-" {
        invocation.positionals.append(word)
      } else {
        try readOption(word, &rest, &invocation, path: path)
      }
    }
    try check(positionals: invocation.positionals, path: path)
    return invocation
  }

  private func readOption(
    _ word: String, _ rest: inout ArraySlice<String>, _ invocation: inout Invocation, path: [String]
  ) throws(UsageError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelled = String(parts[0])
    var value = parts.count == 2 ? String(parts[1]) : nil
    guard spelled.hasPrefix("--"), let option = options.first(where: { $0.name == spelled.dropFirst(2) }) else {
      throw unknown(option: spelled, near: shownOptions.map(\.name) + ["help"], path: path)
    }
    if option.placeholder == nil {
      if value != nil { throw UsageError("'--\(option.name)' takes no value; give it alone.", path: path) }
    } else if value == nil {
      guard let next = rest.first, !next.hasPrefix("-") || next == "-" else {
        let remedy = rest.first.map { $0 == "--" ? "" : ", or write '--\(option.name)=\($0)' if that is it" } ?? ""
        throw UsageError("Missing value for '\(option.synopsis)'; put one behind it\(remedy).", path: path)
      }
      value = rest.popFirst()
    }
    if !option.isRepeatable && invocation.has(option.name) {
      throw UsageError("'--\(option.name)' is given more than once; give it once.", path: path)
    }
    if let value { try check(value, of: option.synopsis, option.kind, path: path) }
    invocation.given.append((option.name, value))
  }

  private func check(positionals given: [String], path: [String]) throws(UsageError) {
    for (index, value) in given.enumerated() {
      guard let declared = index < positionals.count ? positionals[index] : positionals.last,
        index < positionals.count || declared.isRepeatable
      else { throw UsageError("Unexpected argument '\(value)'; leave it out, or put the option that it belongs to before it.", path: path) }
      try check(value, of: "<\(declared.name)>", declared.kind, path: path)
    }
    if let missing = positionals.dropFirst(given.count).first(where: { !$0.isOptional }) {
      let choices = missing.kind.choices.map { "; it is one of \(Self.list($0))" } ?? "; add it"
      throw UsageError("Missing argument '<\(missing.name)>'\(choices).", path: path)
    }
  }

  private func check(_ value: String, of what: String, _ kind: ValueKind, path: [String]) throws(UsageError) {
    guard let choices = kind.choices, !choices.contains(value) else { return }
    let remedy = nearestName(to: value, in: choices).map { "did you mean '\($0)'?" } ?? "it is one of \(Self.list(choices))."
    throw UsageError("'\(value)' isn't a value of '\(what)'; \(remedy)", path: path)
  }

  private func unknown(option: String, near names: [String], path: [String]) -> UsageError {
    let bare = String(option.drop { $0 == "-" })
    let remedy = nearestName(to: bare, in: names).map { "did you mean '--\($0)'?" } ?? "leave it out."
    return UsageError("Unknown option '\(option)'; \(remedy)", path: path)
  }

  private func unknown(command word: String, path: [String]) -> UsageError {
    let names = subcommands.map(\.name)
    let remedy =
      nearestName(to: word, in: names).map { "did you mean '\($0)'?" }
      ?? (names.isEmpty ? "'\(path.joined(separator: " "))' has none below it." : "there are \(Self.list(names)).")
    return UsageError("Unknown command '\(word)'; \(remedy)", path: path)
  }

  /// `a, b and c`.
  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) and \(last)"
  }
}
