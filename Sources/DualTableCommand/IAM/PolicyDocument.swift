internal import DualTableBackfill
internal import DynamoDBModel

/// A policy in IAM's language that allows permissions and nothing else.
struct PolicyDocument: Sendable {
  /// Characters of a managed policy at most, blanks left out.
  static let longest = 6_144

  /// What several tables have in common is one statement.
  private struct Statement {
    var resources: [Permission.Resource]
    var actions: [Permission.Action]
  }

  private let statements: [Statement]
  private let names: ResourceNames

  init(_ permissions: [Permission], names: ResourceNames) {
    var resources: [Permission.Action: [Permission.Resource]] = [:]
    for permission in permissions { resources[permission.action, default: []].append(permission.resource) }
    var statements: [Statement] = []
    for action in Permission.Action.allCases {
      guard let found = resources[action] else { continue }
      let wanted = Permission.Resource.allCases.filter { found.contains($0) }
      if let index = statements.firstIndex(where: { $0.resources == wanted }) {
        statements[index].actions.append(action)
      } else {
        statements.append(Statement(resources: wanted, actions: [action]))
      }
    }
    (self.statements, self.names) = (statements, names)
  }

  var json: JSONValue {
    .object([
      .init("Version", .string("2012-10-17")),
      .init(
        "Statement",
        .array(
          statements.map { statement in
            .object([
              .init("Sid", .string(statement.resources.map { $0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst() }.joined())),
              .init("Effect", .string("Allow")), .init("Action", .array(statement.actions.map { .string($0.name) })),
              .init("Resource", .array(statement.resources.map { .string(names[$0]) })),
            ])
          })),
    ])
  }

  /// What counts toward the limit: all characters but blanks.
  var size: Int { json.text.count { !$0.isWhitespace } }
}
