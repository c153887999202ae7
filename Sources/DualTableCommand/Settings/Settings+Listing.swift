internal import AWSAuth
internal import ArgumentParsing
internal import DynamoDBModel

extension Settings {
  /// One row of `--print-config`.
  struct Row: Sendable, Equatable {
    let name: String
    let value: String?
    let origin: String
  }

  /// What holds for each of `declarations`, and which credentials there are, secrets hidden.
  ///
  /// - Throws: where a value isn't what its setting takes.
  func listing(of declarations: [SettingDeclaration]) throws(CommandError) -> [Row] {
    var rows: [Row] = []
    for declaration in declarations {
      if let found = text(of: [declaration]) {
        guard declaration.accepts(found.text) else { throw refusal(of: found.text, found.origin, declaration) }
        rows.append(Row(name: declaration.name, value: Self.withoutUser(found.text), origin: "\(found.origin)"))
      } else if let row = try profileRow(declaration.name) {
        rows.append(row)
      } else {
        let fallback = declaration.option.placeholder == nil ? "false" : declaration.option.defaultText
        rows.append(Row(name: declaration.name, value: fallback, origin: fallback == nil ? "not set" : "default"))
      }
    }
    let profile = text(of: [SharedSettings.profile.declaration])
    for (variable, kind) in Self.variables {
      let value = environment[variable].flatMap { $0.isEmpty ? nil : $0 }
      if value == nil && kind.isRare { continue }
      let origin = kind.isKey && value != nil ? profile.map { "environment, but \($0.origin) counts" } : nil
      rows.append(
        Row(
          name: variable, value: value.map { kind.isSecret ? "(hidden)" : Self.withoutUser($0) },
          origin: origin ?? (value == nil ? "not set" : "environment")))
    }
    return rows
  }

  /// What a profile gives where no setting does: a region, or an endpoint.
  private func profileRow(_ name: String) throws(CommandError) -> Row? {
    for side in ["old-", "new-", ""] where [side + "region", side + "endpoint-url"].contains(name) {
      let declaration = [
        "old-": SharedSettings.oldProfile, "new-": SharedSettings.newProfile, "": SharedSettings.profile,
      ][side]?.declaration
      let named = declaration.flatMap { text(of: [$0])?.text }
      // One side's rows show what that side's own profile says; what holds for both stands in the rows of both.
      if named == nil && !side.isEmpty { return nil }
      do {
        let profile = try AWSProfile.chosen(named, environment: environment)
        let value = name.hasSuffix("region") ? profile["region"] : profile.endpointURL(of: "dynamodb")
        return value.map { Row(name: name, value: Self.withoutUser($0), origin: "profile \(profile.name)") }
      } catch {
        throw CommandError(error.message)
      }
    }
    return nil
  }

  private typealias Kind = (isKey: Bool, isSecret: Bool, isRare: Bool)

  /// AWS's variables that say who signs and who is trusted; the rare ones are listed where they are set.
  private static let variables: [(String, Kind)] = [
    ("AWS_ACCESS_KEY_ID", (true, false, false)), ("AWS_SECRET_ACCESS_KEY", (true, true, false)),
    ("AWS_SESSION_TOKEN", (true, true, false)), ("AWS_PROFILE", (false, false, true)), ("AWS_DEFAULT_PROFILE", (false, false, true)),
    ("AWS_CONFIG_FILE", (false, false, true)), ("AWS_SHARED_CREDENTIALS_FILE", (false, false, true)),
    ("AWS_ROLE_ARN", (false, false, true)), ("AWS_WEB_IDENTITY_TOKEN_FILE", (false, false, true)),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", (false, false, true)), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", (false, false, true)),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", (false, true, true)), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (false, false, true)),
    ("AWS_EC2_METADATA_DISABLED", (false, false, true)), ("AWS_CA_BUNDLE", (false, false, false)),
  ]

  /// The rows as a table of text.
  static func table(_ rows: [Row]) -> String {
    let lines = rows.map { row in row.value.map { "\(row.name) = \($0)" } ?? row.name }
    let width = min(lines.map(\.count).max() ?? 0, 60)
    return zip(lines, rows).map { line, row in
      line + String(repeating: " ", count: max(0, width - line.count) + 2) + "(\(row.origin))"
    }.joined(separator: "\n")
  }

  /// The rows as one JSON object.
  static func json(_ rows: [Row]) -> String {
    JSONValue.object(
      rows.map { row in
        .init(row.name, .object([.init("value", row.value.map { .string($0) } ?? .null), .init("origin", .string(row.origin))]))
      }
    ).text
  }

  /// A URL's user part may be a password; it is refused where it is used, and never shown.
  private static func withoutUser(_ text: String) -> String {
    guard let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@"), at > scheme.upperBound else { return text }
    return text[..<scheme.upperBound] + "(hidden)" + text[at...]
  }
}
