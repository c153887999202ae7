package import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

/// Reads what a plan needs of both tables, and writes nothing.
package struct PlanReader: Sendable {
  private let old: TableSide
  private let new: TableSide
  private let control: TableSide?
  private let mapping: any TableMapping
  private let permissions: [Permission]

  /// - Parameters:
  ///   - control: nil where there is no control table.
  ///   - permissions: to look for; denied, they stand in the way.
  package init(old: TableSide, new: TableSide, control: TableSide?, mapping: any TableMapping, permissions: [Permission]) {
    self.old = old
    self.new = new
    self.control = control
    self.mapping = mapping
    self.permissions = permissions
  }

  /// Reads everything; what the caller may not see is noted and left out.
  ///
  /// - Parameter sample: items of OLD to look at.
  /// - Throws: `BackfillError` where OLD isn't there, both tables are one, or the service can't be reached.
  package func read(sample count: Int) async throws(BackfillError) -> PlanFacts {
    guard old.table != new.table || old.client.origin != new.client.origin || old.client.endpoint != new.client.endpoint else {
      throw BackfillError(.unsuitable, "The old and the new table are both \(old.table): a migration needs two tables.")
    }
    var denials: [PlanFacts.Denial] = []
    let oldTable: PlanFacts.Table
    do {
      oldTable = try await table(old, &denials)
    } catch {
      throw BackfillError(.service, "The old table \(old.table) can't be looked at: \(error).", cause: error)
    }
    do {
      return try await facts(oldTable, count, denials)
    } catch {
      throw BackfillError(.service, "The plan can't be made: \(error).", cause: error)
    }
  }

  private func facts(
    _ oldTable: PlanFacts.Table, _ count: Int, _ denials: [PlanFacts.Denial]
  ) async throws(DynamoDBError) -> PlanFacts {
    var denials = denials
    var facts = PlanFacts(old: oldTable)
    do {
      facts.new = try await table(new, &denials)
    } catch {
      guard error.code == .resourceNotFound else { throw error }
    }
    if let arn = facts.old.description.tableArn {
      let tags = try await ask("ListTagsOfResource", old, &denials) { () throws(DynamoDBError) in
        try await allTags(arn)
      }
      facts.tags = tags ?? []
    }
    let indexes = facts.new.map { $0.description.globalSecondaryIndexes + $0.description.localSecondaryIndexes } ?? []
    let sampled = try await ask("Scan", old, &denials) { () throws(DynamoDBError) in
      try await TableSample(count, of: old).items
    }
    facts.sample = sampled.map { SampleSummary($0, mapping: mapping, indexes: indexes) }
    if facts.new != nil {
      facts.newIsEmpty = try await ask("Scan", new, &denials) { () throws(DynamoDBError) in
        try await TableSample(1, of: new).items.isEmpty
      }
    }
    let check = PermissionCheck(
      old: old, oldSchema: mapping.oldSchema, new: new, newSchema: mapping.newSchema, control: control,
      controlSchema: ControlTable.schema, facts: facts)
    facts.role = permissions.first?.role
    let missing = try await check.missing(permissions)
    facts.denials = missing + denials.filter { denial in !missing.contains { ($0.action, $0.table) == (denial.action, denial.table) } }
    return facts
  }

  private func table(_ side: TableSide, _ denials: inout [PlanFacts.Denial]) async throws(DynamoDBError) -> PlanFacts.Table {
    let (client, name) = (side.client, side.table)
    let description = try await client.describeTable(DescribeTableInput(tableName: name)).table
    let expiry = try await ask("DescribeTimeToLive", side, &denials) { () throws(DynamoDBError) in
      ExpiryState(try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: name)).timeToLiveStatus)
    }
    let isRecoverable = try await ask("DescribeContinuousBackups", side, &denials) { () throws(DynamoDBError) in
      try await client.describeContinuousBackups(DescribeContinuousBackupsInput(tableName: name)).pointInTimeRecoveryEnabled
    }
    return PlanFacts.Table(description, expiry: expiry, isRecoverable: isRecoverable)
  }

  private func allTags(_ arn: String) async throws(DynamoDBError) -> [Tag] {
    var tags: [Tag] = []
    var token: String?
    // A table has 50 of them, of which the service gives ten a page.
    for _ in 0..<50 {
      let page = try await old.client.listTagsOfResource(ListTagsOfResourceInput(resourceArn: arn, nextToken: token))
      tags += page.tags
      token = page.nextToken
      if token == nil { break }
    }
    return tags
  }

  /// What `read` gives; nil where it is denied, which is noted, and where the engine has no such operation.
  private func ask<Value>(
    _ operation: String, _ side: TableSide, _ denials: inout [PlanFacts.Denial],
    _ read: () async throws(DynamoDBError) -> Value
  ) async throws(DynamoDBError) -> Value? {
    do {
      return try await read()
    } catch {
      if error.code == .accessDenied {
        denials.append(PlanFacts.Denial(action: "dynamodb:\(operation)", table: side.table))
      } else if error.code != .unknownOperation {
        throw error
      }
      return nil
    }
  }
}
