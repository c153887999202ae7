internal import DualTableMapping

extension CommandContext {
  /// The mapping to work with: the executable's own, or the file that the settings name.
  ///
  /// - Parameter builtIn: what holds where no file is named; nil where one must be.
  /// - Throws: `CommandError` with all findings of the file.
  func loadMapping(builtIn: String? = nil) throws(CommandError) -> any TableMapping {
    if let mapping = surroundings.mapping {
      guard let named = settings.text(of: [SharedSettings.mapping.declaration]) else { return mapping }
      throw CommandError("This executable has its mapping in it; leave the file out (from \(named.origin)).")
    }
    let file = try settings.value(SharedSettings.mapping)
    if file == nil, let builtIn { return try compile(Array(builtIn.utf8), "users.yaml") }
    let path = try settings.required(SharedSettings.mapping)
    guard let bytes = try surroundings.read(path) else { throw CommandError("There is no mapping file \(path); check --mapping.") }
    return try compile(bytes, path)
  }

  private func compile(_ yaml: [UInt8], _ file: String) throws(CommandError) -> CompiledMapping {
    do {
      let mapping = try CompiledMapping(yaml: yaml, file: file)
      for warning in mapping.warnings { log.warning(warning.description) }
      return mapping
    } catch {
      throw CommandError("The mapping can't be used:\n\(error.description)")
    }
  }
}
