package import DynamoDBClient
package import DynamoDBModel

/// What the service says of both tables, once they were found fit: they are there, distinct, and keyed as the mapping says.
package struct Preflight: Sendable {
  /// Why a run can't begin.
  package struct Failure: Error, Sendable {
    /// One sentence: cause and remedy.
    package let message: String
    /// The service's error; nil where tables and mapping don't fit together.
    package let cause: DynamoDBError?
  }

  package let old: TableDescription
  package let new: TableDescription

  /// Asks for both tables; nothing else is read and nothing written.
  ///
  /// - Parameters:
  ///   - oldSchema: how the mapping says that the old table is keyed.
  ///   - newSchema: likewise for the new one.
  package init(old: TableSide, new: TableSide, oldSchema: KeySchema, newSchema: KeySchema) async throws(Failure) {
    guard old.table != new.table || old.client.origin != new.client.origin || old.client.endpoint != new.client.endpoint else {
      throw Failure(message: "The old and the new table are both \(old.table): a migration needs two tables.", cause: nil)
    }
    self.old = try await Self.describe(old, as: "old", keyedBy: oldSchema)
    self.new = try await Self.describe(new, as: "new", keyedBy: newSchema)
  }

  private static func describe(
    _ side: TableSide, as role: String, keyedBy schema: KeySchema
  ) async throws(Failure) -> TableDescription {
    let table: TableDescription
    do {
      table = try await side.client.describeTable(DescribeTableInput(tableName: side.table)).table
    } catch {
      throw Failure(message: "The \(role) table \(side.table) can't be looked at: \(error).", cause: error)
    }
    let status = table.tableStatus
    guard status == .active || status == .updating else {
      throw Failure(
        message: "The \(role) table \(side.table) is \(status.rawValue), not ACTIVE: wait until it is, or name another.", cause: nil)
    }
    if let found = table.keys, found != schema {
      throw Failure(
        message: "The \(role) table \(side.table) is keyed by \(summary(found)), the mapping says \(summary(schema)): "
          + "mend the mapping or name the right table.", cause: nil)
    }
    return table
  }

  /// `id (S)` or `pk (S), sk (N)`.
  private static func summary(_ schema: KeySchema) -> String {
    schema.attributes.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: ", ")
  }
}

extension TableDescription {
  /// Write units a second that the table is split for: the larger of what is provisioned and what is warm; 0 where unknown.
  package var writeUnits: Int { max(provisionedThroughput?.writeCapacityUnits ?? 0, warmThroughput?.writeUnitsPerSecond ?? 0) }
  /// Read units a second, likewise.
  package var readUnits: Int { max(provisionedThroughput?.readCapacityUnits ?? 0, warmThroughput?.readUnitsPerSecond ?? 0) }
}
