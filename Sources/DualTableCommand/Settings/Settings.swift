internal import ArgumentParsing
internal import DualTableMapping

/// The values of settings, each from the first place that has it: flag, environment, `dualtable.yaml`.
struct Settings: Sendable {
  /// Where a value comes from.
  enum Origin: Sendable, Equatable, CustomStringConvertible {
    case flag(String)
    case variable(String)
    case file(String, line: Int)

    var description: String {
      switch self {
      case .flag(let name): "--\(name)"
      case .variable(let name): name
      case .file(let file, let line): "\(file), line \(line)"
      }
    }
  }

  let invocation: Invocation
  let environment: [String: String]
  let file: [SettingsFile.Entry]
  let fileName: String

  /// The text of the first of `declarations` that is set, in the nearest place where one is.
  ///
  /// Several declarations are one thing at different precision: `--old-region`, then `--region`. The place counts first, so that a flag
  /// for both sides beats a variable for one.
  func text(of declarations: [SettingDeclaration]) -> (text: String, origin: Origin, declaration: SettingDeclaration)? {
    for declaration in declarations where invocation.has(declaration.name) {
      return (invocation.value(of: declaration.name) ?? "true", .flag(declaration.name), declaration)
    }
    for declaration in declarations {
      for name in [declaration.variable] + declaration.variables {
        // An empty variable is how many a shell and manifest says "not set".
        if let text = environment[name], !text.isEmpty, !isIgnored(name) { return (text, .variable(name), declaration) }
      }
    }
    for declaration in declarations {
      if let entry = file.first(where: { $0.key == declaration.name }) {
        return (entry.value, .file(fileName, line: entry.keyPlace.line), declaration)
      }
    }
    return nil
  }

  /// The value of the first of `settings` that is set, nil if none is.
  ///
  /// - Throws: where its text isn't what the setting takes, naming the place.
  func value<Value>(_ settings: Setting<Value>...) throws(CommandError) -> Value? {
    guard let found = text(of: settings.map(\.declaration)) else { return nil }
    let setting = settings.first { $0.declaration.name == found.declaration.name }
    guard let value = setting?.read(found.text) else { throw refusal(of: found.text, found.origin, found.declaration) }
    return value
  }

  /// The value of a setting that must be set.
  func required<Value>(_ setting: Setting<Value>) throws(CommandError) -> Value {
    if let value = try value(setting) { return value }
    throw CommandError(
      "Missing '\(setting.declaration.option.synopsis)'; give it, or set \(setting.declaration.variable) or '\(setting.declaration.name)' in \(fileName)."
    )
  }

  /// True if a flag is set, and not to false.
  func isOn(_ flag: Setting<Bool>) throws(CommandError) -> Bool { try value(flag) ?? false }

  func refusal(of text: String, _ origin: Origin, _ declaration: SettingDeclaration) -> CommandError {
    let near = declaration.option.kind.choices.flatMap { nearestName(to: text, in: $0) }.map { " (did you mean '\($0)'?)" } ?? ""
    let place = origin == .flag(declaration.name) ? "--\(declaration.name)" : "\(declaration.name) (from \(origin))"
    return CommandError("'\(text)' isn't a value of \(place); give \(declaration.expects)\(near).")
  }

  /// AWS's own switch against endpoints left over in the environment.
  private func isIgnored(_ variable: String) -> Bool {
    variable.hasPrefix("AWS_ENDPOINT_URL") && environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() == "true"
  }
}
