internal import DynamoDBModel

/// A table's resource policy, with the statement that denies every write to it, or without.
///
/// What else stands in the policy stays as it is, member by member: it is somebody's.
package struct FencePolicy: Sendable, Hashable {
  /// The name by which the statement is known again.
  package static let statementID = "DualTableFence"
  /// Every action by which a caller may write items; a transaction is judged by those of its parts.
  package static let actions = [
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete",
  ].map { "dynamodb:\($0)" }
  /// Bytes of a policy, at most.
  package static let longest = 20_480

  private let members: [JSONValue.Member]
  private let statements: [JSONValue]

  /// The policy of a table that has none.
  package init() { (members, statements) = ([.init("Version", .string("2012-10-17"))], []) }

  /// Reads a policy; nil where it can't be one.
  package init?(_ text: String) {
    guard let json = try? JSONValue(parsing: Array(text.utf8).span), let members = json.object else { return nil }
    self.members = members.filter { $0.name != "Statement" }
    // IAM takes a lone statement without its list.
    statements = json["Statement"].map { $0.array ?? [$0] } ?? []
  }

  private init(_ members: [JSONValue.Member], _ statements: [JSONValue]) { (self.members, self.statements) = (members, statements) }

  /// True if it denies every write to the table by everybody.
  ///
  /// Judged by what it says, not by how: a service may write a policy in other words than it was given.
  package func isFenced(_ arn: String) -> Bool {
    statements.contains { statement in
      let actions = Self.texts(statement["Action"])
      return statement["Sid"]?.string == Self.statementID && statement["Effect"]?.string == "Deny" && statement["Condition"] == nil
        && Self.texts(statement["Principal"]?["AWS"] ?? statement["Principal"]) == ["*"] && Self.texts(statement["Resource"]) == [arn]
        && Self.actions.allSatisfy { actions.contains($0) }
    }
  }

  /// The policy with the fence.
  package func fenced(_ arn: String) -> FencePolicy { FencePolicy(members, others + [Self.statement(arn)]) }

  /// The policy without the fence; nil if nothing is left of it.
  package var lifted: FencePolicy? { others.isEmpty ? nil : FencePolicy(members, others) }

  /// True if a statement has the fence's name.
  package var hasFence: Bool { others.count < statements.count }

  /// The policy's JSON.
  package var text: String { JSONValue.object(members + [.init("Statement", .array(statements))]).text }

  private var others: [JSONValue] { statements.filter { $0["Sid"]?.string != Self.statementID } }

  private static func texts(_ json: JSONValue?) -> [String] { json?.array?.compactMap(\.string) ?? json?.string.map { [$0] } ?? [] }

  private static func statement(_ arn: String) -> JSONValue {
    .object([
      .init("Sid", .string(statementID)), .init("Effect", .string("Deny")), .init("Principal", .string("*")),
      .init("Action", .array(actions.map { .string($0) })), .init("Resource", .string(arn)),
    ])
  }
}
