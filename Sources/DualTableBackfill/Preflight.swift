internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel

/// Looks at both tables before anything is written: they are there, distinct, and keyed as the mapping says.
struct Preflight: Sendable {
  let old: TableDescription
  let new: TableDescription

  init(_ configuration: Backfill.Configuration) async throws(BackfillError) {
    let sides = (configuration.old, configuration.new)
    guard
      sides.0.table != sides.1.table || sides.0.client.origin != sides.1.client.origin || sides.0.client.endpoint != sides.1.client.endpoint
    else {
      throw BackfillError(.unsuitable, "The old and the new table are both \(sides.0.table): a migration needs two tables.")
    }
    old = try await Self.describe(sides.0, as: "old", keyedBy: configuration.mapping.oldSchema)
    new = try await Self.describe(sides.1, as: "new", keyedBy: configuration.mapping.newSchema)
  }

  private static func describe(
    _ side: Backfill.Side, as role: String, keyedBy schema: KeySchema
  ) async throws(BackfillError) -> TableDescription {
    let table: TableDescription
    do {
      table = try await side.client.describeTable(DescribeTableInput(tableName: side.table)).table
    } catch {
      throw BackfillError(service: error, "The \(role) table \(side.table) can't be looked at")
    }
    let status = table.tableStatus
    guard status == .active || status == .updating else {
      throw BackfillError(
        .unsuitable, "The \(role) table \(side.table) is \(status.rawValue), not ACTIVE: wait until it is, or name another.")
    }
    if let found = table.keys, found != schema {
      throw BackfillError(
        .unsuitable,
        "The \(role) table \(side.table) is keyed by \(found.summary), the mapping says \(schema.summary): mend the mapping or name the right table."
      )
    }
    return table
  }
}

extension BackfillError {
  /// An error of the service's, with what was tried when it came.
  init(service error: DynamoDBError, _ attempt: String) {
    self.init(.service, "\(attempt): \(error)", cause: error)
  }
}

extension KeySchema {
  /// `id (S)` or `pk (S), sk (N)`.
  fileprivate var summary: String { attributes.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: ", ") }
}

extension TableDescription {
  /// Write units a second that the table is split for: the larger of what is provisioned and what is warm; 0 where unknown.
  var writeUnits: Int { max(provisionedThroughput?.writeCapacityUnits ?? 0, warmThroughput?.writeUnitsPerSecond ?? 0) }
  /// Read units a second, likewise.
  var readUnits: Int { max(provisionedThroughput?.readCapacityUnits ?? 0, warmThroughput?.readUnitsPerSecond ?? 0) }
}
