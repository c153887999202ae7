internal import ArgumentParsing
internal import DualTableMapping

extension Settings {
  /// Reads the settings file, if there is one.
  ///
  /// - Parameters:
  ///   - bytes: the file's, nil where there is none.
  ///   - known: the names of every command's settings: a key of another command is fine, one of none is a slip.
  static func entries(_ bytes: [UInt8]?, file: String, known: [String]) throws(CommandError) -> [SettingsFile.Entry] {
    guard let bytes else { return [] }
    let entries: [SettingsFile.Entry]
    do {
      entries = try SettingsFile(yaml: bytes, file: file).entries
    } catch {
      throw CommandError(error.description)
    }
    for entry in entries {
      let place = "\(file), line \(entry.keyPlace.line)"
      guard known.contains(entry.key) else {
        let remedy = nearestName(to: entry.key, in: known).map { "did you mean '\($0)'?" } ?? "take it out."
        throw CommandError("'\(entry.key)' (\(place)) isn't a setting; \(remedy)")
      }
      if entry.value.isEmpty { throw CommandError("'\(entry.key)' (\(place)) has no value; give one, or take it out.") }
    }
    return entries
  }

  /// Variables that are nearly the kit's own, with the name that was probably meant.
  static func slips(in environment: [String: String], known: [String]) -> [(variable: String, meant: String)] {
    environment.keys.filter { $0.hasPrefix("DUALTABLE_") && !known.contains($0) }.sorted().compactMap { variable in
      let rest = String(variable.dropFirst("DUALTABLE_".count))
      return nearestName(to: rest, in: known.map { String($0.dropFirst("DUALTABLE_".count)) }).map { (variable, "DUALTABLE_\($0)") }
    }
  }
}
