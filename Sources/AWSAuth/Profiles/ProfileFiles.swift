/// The profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name.
struct ProfileFiles: Sendable {
  let configPath: String?
  let credentialsPath: String?
  /// By their names, without the word `profile`.
  private(set) var config: [String: INIFile.Section] = [:]
  private(set) var credentials: [String: INIFile.Section] = [:]
  private(set) var sessions: [String: INIFile.Section] = [:]
  private(set) var services: [String: INIFile.Section] = [:]

  /// Reads the files that are there.
  ///
  /// - Throws: `CredentialError` of code `malformed` naming file and line.
  init(environment: [String: String]) throws(CredentialError) {
    configPath = Self.path("AWS_CONFIG_FILE", "config", environment)
    credentialsPath = Self.path("AWS_SHARED_CREDENTIALS_FILE", "credentials", environment)
    if let configPath, let file = try Self.file(configPath) {
      // In the file's order: one name can be spelled in several ways, as in [default] and [profile default], and the last one counts.
      for key in file.names {
        let section = file.sections[key]
        if key == "default" { config[key] = section }
        for (word, keep) in Self.kinds where key.hasPrefix(word) {
          if let words = shellWords(key), words.count == 2 { self[keyPath: keep][words[1]] = section }
          break
        }
      }
    }
    if let credentialsPath { credentials = try Self.file(credentialsPath)?.sections ?? [:] }
  }

  /// Sections of the config file by what their names begin with.
  private static var kinds: [(String, WritableKeyPath<ProfileFiles, [String: INIFile.Section]>)] {
    [("profile", \.config), ("sso-session", \.sessions), ("services", \.services)]
  }

  /// The profile `name` as both files have it, the credentials file's options first; nil where neither has it.
  func profile(_ name: String) -> AWSProfile? {
    let options = [config[name], credentials[name]].compactMap(\.self)
    if options.isEmpty { return nil }
    let merged = options.reduce(into: INIFile.Section()) { all, section in all.merge(section) { $1 } }
    return AWSProfile(name: name, options: merged, services: merged["services"]?.text.flatMap { services[$0] } ?? [:])
  }

  /// Where the files are, for sentences.
  var places: String {
    let paths = [configPath, credentialsPath].compactMap(\.self)
    return paths.isEmpty ? "no files: HOME isn't set" : paths.joined(separator: " and ")
  }

  private static func path(_ variable: String, _ name: String, _ environment: [String: String]) -> String? {
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    guard let named = environment[variable], !named.isEmpty else { return home.map { "\($0)/.aws/\(name)" } }
    guard named.hasPrefix("~/") else { return named }
    return home.map { $0 + named.dropFirst() }
  }

  private static func file(_ path: String) throws(CredentialError) -> INIFile? {
    guard let bytes = try SmallFile.read(path) else { return nil }
    do {
      return try INIFile(bytes)
    } catch {
      throw CredentialError(.malformed, "\(path) can't be read: line \(error.line) \(error.why); mend it.")
    }
  }
}

extension INIFile.Value {
  /// The value's text, nil for a list of options.
  var text: String? { if case .text(let text) = self { text } else { nil } }
}
