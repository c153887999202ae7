package import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

/// Reads what a plan needs of both tables, and writes nothing.
package struct PlanReader: Sendable {
  private let old: TableSide
  private let new: TableSide
  private let mapping: any TableMapping

  package init(old: TableSide, new: TableSide, mapping: any TableMapping) {
    self.old = old
    self.new = new
    self.mapping = mapping
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
      let tags = try await ask("ListTagsOfResource", old, isNeeded: false, &denials) { () throws(DynamoDBError) in
        try await allTags(arn)
      }
      facts.tags = tags ?? []
    }
    let indexes = facts.new.map { $0.description.globalSecondaryIndexes + $0.description.localSecondaryIndexes } ?? []
    let sampled = try await ask("Scan", old, isNeeded: true, &denials) { () throws(DynamoDBError) in
      try await TableSample(count, of: old).items
    }
    facts.sample = sampled.map { SampleSummary($0, mapping: mapping, indexes: indexes) }
    try await probe(old, mapping.oldSchema, facts.old, &denials)
    if let found = facts.new {
      try await probe(new, mapping.newSchema, found, &denials)
      facts.newIsEmpty = try await ask("Scan", new, isNeeded: true, &denials) { () throws(DynamoDBError) in
        try await TableSample(1, of: new).items.isEmpty
      }
    }
    facts.denials = denials
    return facts
  }

  private func table(_ side: TableSide, _ denials: inout [PlanFacts.Denial]) async throws(DynamoDBError) -> PlanFacts.Table {
    let (client, name) = (side.client, side.table)
    let description = try await client.describeTable(DescribeTableInput(tableName: name)).table
    let expiry = try await ask("DescribeTimeToLive", side, isNeeded: true, &denials) { () throws(DynamoDBError) in
      ExpiryState(try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: name)).timeToLiveStatus)
    }
    let isRecoverable = try await ask("DescribeContinuousBackups", side, isNeeded: false, &denials) { () throws(DynamoDBError) in
      try await client.describeContinuousBackups(DescribeContinuousBackupsInput(tableName: name)).pointInTimeRecoveryEnabled
    }
    return PlanFacts.Table(description, expiry: expiry, isRecoverable: isRecoverable)
  }

  /// Asks for items under a key that nobody has, to see that it is allowed.
  private func probe(
    _ side: TableSide, _ schema: KeySchema, _ table: PlanFacts.Table, _ denials: inout [PlanFacts.Denial]
  ) async throws(DynamoDBError) {
    // A table that is keyed otherwise has a blocker already.
    guard table.description.keys == schema else { return }
    _ = try await ask("GetItem", side, isNeeded: true, &denials) { () throws(DynamoDBError) in
      try await side.client.getItem(GetItemInput(tableName: side.table, key: schema.probe))
    }
    _ = try await ask("BatchGetItem", side, isNeeded: true, &denials) { () throws(DynamoDBError) in
      try await side.client.batchGetItem(BatchGetItemInput(requestItems: [side.table: KeysAndAttributes(keys: [schema.probe])]))
    }
  }

  private func allTags(_ arn: String) async throws(DynamoDBError) -> [Tag] {
    var tags: [Tag] = []
    var token: String?
    repeat {
      let page = try await old.client.listTagsOfResource(ListTagsOfResourceInput(resourceArn: arn, nextToken: token))
      tags += page.tags
      token = page.nextToken
    } while token != nil
    return tags
  }

  /// What `read` gives; nil where it is denied, which is noted, and where the engine has no such operation.
  private func ask<Value>(
    _ operation: String, _ side: TableSide, isNeeded: Bool, _ denials: inout [PlanFacts.Denial],
    _ read: () async throws(DynamoDBError) -> Value
  ) async throws(DynamoDBError) -> Value? {
    do {
      return try await read()
    } catch {
      if error.code == .accessDenied {
        denials.append(PlanFacts.Denial(action: "dynamodb:\(operation)", table: side.table, isNeeded: isNeeded))
      } else if error.code != .unknownOperation {
        throw error
      }
      return nil
    }
  }
}
