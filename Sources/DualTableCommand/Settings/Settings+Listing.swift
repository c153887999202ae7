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
      } else {
        let fallback = declaration.option.placeholder == nil ? "false" : declaration.option.defaultText
        rows.append(Row(name: declaration.name, value: fallback, origin: fallback == nil ? "not set" : "default"))
      }
    }
    let variables = [
      ("AWS_ACCESS_KEY_ID", false), ("AWS_SECRET_ACCESS_KEY", true), ("AWS_SESSION_TOKEN", true), ("AWS_CA_BUNDLE", false),
    ]
    for (variable, isSecret) in variables {
      let value = environment[variable].flatMap { $0.isEmpty ? nil : $0 }
      rows.append(Row(name: variable, value: value.map { isSecret ? "(hidden)" : $0 }, origin: value == nil ? "not set" : "environment"))
    }
    return rows
  }

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
