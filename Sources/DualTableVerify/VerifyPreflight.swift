internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel

/// Looks at both tables before anything is read: they are there, distinct, and keyed as the mapping says.
struct VerifyPreflight: Sendable {
  let old: TableDescription
  let new: TableDescription

  init(_ configuration: Verification.Configuration) async throws(VerifyError) {
    let (old, new) = (configuration.old, configuration.new)
    guard old.table != new.table || old.client.endpoint != new.client.endpoint else {
      throw VerifyError(.unsuitable, "the old and the new table are both \(old.table): name two tables")
    }
    self.old = try await Self.describe(old, as: "old", keyedBy: configuration.mapping.oldSchema)
    self.new = try await Self.describe(new, as: "new", keyedBy: configuration.mapping.newSchema)
  }

  private static func describe(
    _ side: Verification.Side, as role: String, keyedBy schema: KeySchema
  ) async throws(VerifyError) -> TableDescription {
    let table: TableDescription
    do {
      table = try await side.client.describeTable(DescribeTableInput(tableName: side.table)).table
    } catch {
      throw VerifyError(.service, "the \(role) table \(side.table) can't be looked at: \(error)", cause: error)
    }
    if table.tableStatus != .active && table.tableStatus != .updating {
      throw VerifyError(.unsuitable, "the \(role) table \(side.table) is \(table.tableStatus.rawValue): wait until it is ACTIVE")
    }
    if let found = table.keys, found != schema {
      throw VerifyError(
        .unsuitable,
        "the \(role) table \(side.table) is keyed by \(summary(found)) and the mapping says \(summary(schema)): name the table or the "
          + "mapping that fits")
    }
    return table
  }

  private static func summary(_ schema: KeySchema) -> String {
    schema.attributes.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: " and ")
  }
}
