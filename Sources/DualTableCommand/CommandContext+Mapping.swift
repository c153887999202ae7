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
    return try mapping(at: path)
  }

  /// What the mapping file holds that the settings name; nil where the mapping is in the executable.
  func mappingText() throws(CommandError) -> [UInt8]? {
    if surroundings.mapping != nil { return nil }
    return try settings.value(SharedSettings.mapping).map { (path) throws(CommandError) in try mappingBytes(at: path) }
  }

  /// The mapping in a file.
  ///
  /// - Throws: `CommandError` if there is none, or with all findings of the file.
  func mapping(at path: String) throws(CommandError) -> CompiledMapping { try compile(try mappingBytes(at: path), path) }

  /// What a mapping file holds.
  func mappingBytes(at path: String) throws(CommandError) -> [UInt8] {
    guard let bytes = try surroundings.read(path) else { throw CommandError("There is no mapping file \(path); check its name.") }
    return bytes
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
